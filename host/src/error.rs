//! Errors of the program as a user sees them: what went wrong, and what to do.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use codewalk_core::visible::{visible, visible_line};
use serde::Serialize;

use crate::screen::hanging;

/// What kind of error it is; each has its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The agent failed.
    Agent,
    /// Nothing was done: the agent was not allowed what it asked for.
    Denied,
    /// Something that the agent asked for was not allowed; the rest was done.
    PartlyDenied,
    /// The command line makes no sense.
    Usage,
    /// It was not consented to.
    Declined,
    /// The wish was not understood.
    NotUnderstood,
    /// The configuration cannot be used.
    Configuration,
    /// No adapter answered, or one cannot be loaded.
    Adapter,
    /// The store cannot be used.
    Store,
    /// A fault of codewalk.
    Internal,
    /// It took longer than `--timeout`.
    Timeout,
    /// The user interrupted it.
    Interrupted,
}

impl ErrorKind {
    /// Returns the exit status of the program.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Agent | Self::Denied => 1,
            Self::Usage => 2,
            Self::Declined | Self::NotUnderstood => 3,
            Self::Configuration | Self::Adapter | Self::Store => 4,
            Self::PartlyDenied => 5,
            Self::Internal => 70,
            Self::Timeout => 124,
            Self::Interrupted => 130,
        }
    }
}

/// An error as a user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommandError {
    /// What kind it is.
    pub kind: ErrorKind,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The adapter whose words the hint is; none where it is codewalk's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint_by: Option<String>,
}

impl CommandError {
    /// Makes an error without a hint.
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string(), hint: None, hint_by: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Names the adapter whose words the hint is.
    #[must_use]
    pub fn hinted_by(mut self, adapter: &str) -> Self {
        self.hint_by = Some(adapter.to_owned());
        self
    }

    /// Says it on standard error, if anybody listens there.
    pub fn say(&self) {
        let _ = writeln!(std::io::stderr(), "{self}");
    }

    /// Returns the exit status as the process returns it.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind.exit_status())
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Paths and the words of agents and adapters are in these texts.
        let shown = |text: &str| hanging(&visible(text), "error: ".len());
        write!(f, "error: {}", shown(&self.message))?;
        match (&self.hint, &self.hint_by) {
            (Some(hint), Some(by)) => write!(f, "\n hint: {} says: {}", visible_line(by), visible_line(hint)),
            (Some(hint), None) => write!(f, "\n hint: {}", shown(hint)),
            (None, _) => Ok(()),
        }
    }
}

impl std::error::Error for CommandError {}
