//! The errors of the executor, with what to do about them.

use std::io;
use std::path::PathBuf;

use codewalk_core::ids::SessionId;
use codewalk_core::port_reply::PortError;
use codewalk_supervisor::{SendError, StartError};

use crate::run_folder::RunFolder;

/// An error of the executor.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// The configuration has no such agent.
    #[error("unknown agent `{agent}`; known agents: {known}")]
    UnknownAgent {
        /// The name that was asked for.
        agent: String,
        /// The names that exist.
        known: String,
    },
    /// The project's folder cannot be used.
    #[error("cannot use folder {path} of project `{project}`: {source}; create it or choose another project")]
    Project {
        /// The name of the project.
        project: String,
        /// Its folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The agent's program is not installed.
    #[error("cannot start agent `{agent}`: program `{program}` not found; {hint}")]
    ProgramMissing {
        /// The agent's name.
        agent: String,
        /// The name or path of the program.
        program: String,
        /// What to install or to change.
        hint: &'static str,
    },
    /// The agent's program could not be executed.
    #[error("cannot start agent `{agent}`: {source}")]
    Spawn {
        /// The agent's name.
        agent: String,
        /// The cause.
        source: StartError,
    },
    /// codewalk cannot use the agent's program.
    #[error("cannot start agent `{agent}`: {program} {source}")]
    Unusable {
        /// The agent's name.
        agent: String,
        /// The program.
        program: PathBuf,
        /// What is wrong with it, and what to do.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The configuration of an agent has no program.
    #[error("agent `{agent}` has an empty command; name its program in the configuration")]
    EmptyCommand {
        /// The agent's name.
        agent: String,
    },
    /// The prompt would be read as an option.
    #[error(
        "the prompt starts with `-`, and agent `{agent}` could take it for an option; in its command, put \
         \"--\" before \"{{prompt}}\" or write \"--flag={{prompt}}\""
    )]
    PromptAsOption {
        /// The agent's name.
        agent: String,
    },
    /// The identifier to resume with is invalid.
    #[error("`{conversation}` is not a conversation that agent `{agent}` can resume; start a new session")]
    Conversation {
        /// The agent's name.
        agent: String,
        /// The identifier.
        conversation: String,
    },
    /// The agent cannot resume.
    #[error("agent `{agent}` cannot resume a conversation; start a new session")]
    CannotResume {
        /// The agent's name.
        agent: String,
    },
    /// The run folder cannot be created, read or written.
    #[error("cannot use run folder {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another process owns the session.
    #[error("session {session} belongs to another running codewalk; use that one, or end it first")]
    Owned {
        /// The session.
        session: SessionId,
    },
    /// The owner of a session did not reply to a request.
    #[error("the codewalk that runs session {session} does not reply; end it where it was started")]
    NoReply {
        /// The session.
        session: SessionId,
    },
    /// A request could not be sent to the owner of a session.
    #[error(
        "cannot ask the codewalk that runs session {session}: cannot use {path} ({source}); end it where \
         it was started"
    )]
    Requests {
        /// The session.
        session: SessionId,
        /// The folder of requests and replies.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Processes of the session could not be ended.
    #[error("cannot end processes of session {session}: {pids:?}; end them by hand")]
    Orphans {
        /// The session.
        session: SessionId,
        /// The processes.
        pids: Vec<u32>,
    },
    /// The agent of the session does not run here, or has just ended.
    #[error("the agent of session {session} is not running; resume the session to continue")]
    NotRunning {
        /// The session.
        session: SessionId,
    },
    /// The agent takes no further prompts.
    #[error("the agent of session {session} takes nothing after its first prompt")]
    NoConversation {
        /// The session.
        session: SessionId,
    },
    /// The request is not open.
    #[error("request `{request}` is no longer open")]
    NoRequest {
        /// The agent's identifier of the request.
        request: String,
    },
    /// The agent asks for something else under the same identifier.
    #[error("request `{request}` has been replaced by another one; see what the agent asks now")]
    Replaced {
        /// The agent's identifier of the request.
        request: String,
    },
    /// The answer does not fit the request.
    #[error("this does not answer request `{request}`: {expected}")]
    Unfit {
        /// The agent's identifier of the request.
        request: String,
        /// What would fit.
        expected: &'static str,
    },
    /// A message could not be sent.
    #[error("cannot send a message to the agent of session {session}: {source}")]
    Message {
        /// The session.
        session: SessionId,
        /// The cause.
        source: SendError,
    },
}

impl From<ExecutorError> for PortError {
    fn from(error: ExecutorError) -> Self {
        let message = error.to_string();
        match error {
            ExecutorError::UnknownAgent { .. }
            | ExecutorError::Project { .. }
            | ExecutorError::EmptyCommand { .. }
            | ExecutorError::PromptAsOption { .. }
            | ExecutorError::Conversation { .. }
            | ExecutorError::CannotResume { .. }
            | ExecutorError::NoConversation { .. }
            | ExecutorError::NoRequest { .. }
            | ExecutorError::Replaced { .. }
            | ExecutorError::Unfit { .. } => Self::InvalidRequest { message },
            ExecutorError::ProgramMissing { .. }
            | ExecutorError::Unusable { .. }
            | ExecutorError::Spawn { .. }
            | ExecutorError::Folder { .. }
            | ExecutorError::Owned { .. }
            | ExecutorError::NoReply { .. }
            | ExecutorError::Requests { .. }
            | ExecutorError::Orphans { .. }
            | ExecutorError::NotRunning { .. }
            | ExecutorError::Message { .. } => Self::Unavailable { message },
        }
    }
}

/// Adds what failed to an error of the system.
pub(crate) trait InFolder<T> {
    /// Adds the run folder.
    fn in_folder(self, folder: &RunFolder) -> Result<T, ExecutorError>;
}

impl<T> InFolder<T> for io::Result<T> {
    fn in_folder(self, folder: &RunFolder) -> Result<T, ExecutorError> {
        self.map_err(|source| ExecutorError::Folder { path: folder.path().to_owned(), source })
    }
}
