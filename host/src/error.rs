//! Errors as the user sees them: what failed, and what to do about it.

use std::error::Error;
use std::fmt;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use codewalk_core::terminal_text::{visible, visible_line};
use codewalk_store::StoreError;
use serde::Serialize;

use crate::screen::hanging;

/// The kind of an error, which determines the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The agent failed.
    Agent,
    /// Nothing was done, because everything the agent requested was denied.
    Denied,
    /// A part of the agent's requests was denied; it did the rest.
    PartlyDenied,
    /// The command line is invalid.
    Usage,
    /// The user declined.
    Declined,
    /// The request was not understood.
    NotUnderstood,
    /// The configuration is invalid.
    Configuration,
    /// No adapter answered, or one cannot be loaded.
    Adapter,
    /// The store failed.
    Store,
    /// A bug in codewalk.
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

/// An error as the user sees it.
#[derive(Clone, Debug, Serialize)]
pub struct CommandError {
    /// The kind.
    pub kind: ErrorKind,
    /// What failed, on what, and why.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The adapter that wrote the hint; `None` if the hint is from codewalk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint_by: Option<String>,
    /// Whether it reports a decision of the user at the terminal, and so not an error.
    #[serde(skip)]
    pub is_decision: bool,
    /// The cause, whose text is part of the message.
    #[serde(skip)]
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl CommandError {
    /// Creates an error without a hint.
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self {
            kind,
            message: message.to_string(),
            hint: None,
            hint_by: None,
            is_decision: false,
            source: None,
        }
    }

    /// Creates an error with the text of its cause.
    pub fn caused_by(kind: ErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self::new(kind, &source).with_source(source)
    }

    /// Creates an error with the cause of a failure: "WHAT: CAUSE".
    pub fn because(
        kind: ErrorKind,
        what: impl fmt::Display,
        cause: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self::new(kind, format!("{what}: {cause}")).with_source(cause)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Names the adapter that wrote the hint.
    #[must_use]
    pub fn hinted_by(mut self, adapter: &str) -> Self {
        self.hint_by = Some(adapter.to_owned());
        self
    }

    /// Marks it as a decision of the user, which is shown without the word "error".
    #[must_use]
    pub const fn by_user(mut self) -> Self {
        self.is_decision = true;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Prints it to standard error.
    pub fn say(&self) {
        let _ = writeln!(std::io::stderr(), "{self}");
    }

    /// Returns the exit code for the process.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind.exit_status())
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages and hints contain paths, and text from agents and adapters.
        let shown = |text: &str| hanging(&visible(text), "error: ".len());
        if self.is_decision {
            write!(f, "{}", hanging(&visible(&self.message), 0))?;
        } else {
            write!(f, "error: {}", shown(&self.message))?;
        }
        match (&self.hint, &self.hint_by) {
            (Some(hint), Some(by)) => write!(f, "\n hint: {} says: {}", visible_line(by), visible_line(hint)),
            (Some(hint), None) => write!(f, "\n hint: {}", shown(hint)),
            (None, _) => Ok(()),
        }
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::caused_by(ErrorKind::Store, error)
    }
}

impl From<serde_json::Error> for CommandError {
    fn from(error: serde_json::Error) -> Self {
        Self::because(ErrorKind::Internal, "cannot write JSON", error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_the_cause_that_its_message_repeats() {
        let cause = std::io::Error::other("disk on fire");
        let error = CommandError::because(ErrorKind::Usage, "cannot read it", cause);
        assert_eq!(error.message, "cannot read it: disk on fire");
        assert!(error.source().is_some_and(|source| source.is::<std::io::Error>()));
    }

    #[test]
    fn a_decision_of_the_user_is_not_called_an_error() {
        let declined = CommandError::new(ErrorKind::Declined, "declined: you said no");
        assert_eq!(declined.to_string(), "error: declined: you said no");
        assert_eq!(declined.by_user().to_string(), "declined: you said no");
    }

    #[test]
    fn a_store_error_keeps_its_source() {
        let error = CommandError::from(StoreError::NoSession { text: "abc".to_owned() });
        assert_eq!(error.kind, ErrorKind::Store);
        let source = error.source().and_then(|source| source.downcast_ref::<StoreError>());
        assert!(matches!(source, Some(StoreError::NoSession { .. })), "{error:?}");
        assert!(!serde_json::to_string(&error).unwrap().contains("source"));
    }
}
