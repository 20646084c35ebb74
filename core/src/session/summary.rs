//! Summaries of sessions.

/// A summary of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Summary {
    /// The text.
    pub text: String,
    /// The number of entries it covers, counted from the first.
    pub covers: u64,
}
