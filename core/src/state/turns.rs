//! Earlier turns at a front end.

/// How many earlier turns a router receives.
pub const MAX_TURNS: usize = 20;

/// The speaker of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The user.
    User,
    /// codewalk.
    Codewalk,
}

/// An earlier message at the same front end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The speaker.
    pub speaker: Speaker,
    /// The text.
    pub text: String,
}
