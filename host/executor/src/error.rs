//! Why an agent could not be started or told something, and what to do about it.

use std::io;
use std::path::PathBuf;

use codewalk_core::call::PortError;
use codewalk_core::ids::SessionId;

use crate::version::{Version, VersionError};

/// Why the executor did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// The configuration names no such agent.
    #[error("there is no agent named `{agent}`; the configuration names {known}")]
    UnknownAgent {
        /// The name that was asked for.
        agent: String,
        /// The names that exist.
        known: String,
    },
    /// The project's folder cannot be used.
    #[error(
        "the folder {path} of the project `{project}` cannot be used: {source}; create it or choose another project"
    )]
    Project {
        /// The name of the project.
        project: String,
        /// Its folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The agent's program is not there.
    #[error("the agent `{agent}` cannot be started: there is no program `{program}`; {hint}")]
    ProgramMissing {
        /// The agent's name.
        agent: String,
        /// What was looked for.
        program: String,
        /// What to install or to change.
        hint: &'static str,
    },
    /// The agent's program could not be executed.
    #[error("the agent `{agent}` cannot be started: executing {program} failed: {source}")]
    Spawn {
        /// The agent's name.
        agent: String,
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The agent's program is too old.
    #[error(
        "the agent `{agent}` cannot be started: {program} is Claude Code {version}, and codewalk needs {} or newer; update it with `claude update` or `npm install -g @anthropic-ai/claude-code`",
        Version::OLDEST
    )]
    TooOld {
        /// The agent's name.
        agent: String,
        /// The program.
        program: PathBuf,
        /// Its version.
        version: Version,
    },
    /// The agent's program does not say that it is Claude Code.
    #[error(
        "the agent `{agent}` cannot be started: {program} is not Claude Code, or it cannot be used: {source}; see: codewalk doctor"
    )]
    NotClaude {
        /// The agent's name.
        agent: String,
        /// The program.
        program: PathBuf,
        /// What it says instead.
        source: VersionError,
    },
    /// The configuration of an agent has no program.
    #[error("the agent `{agent}` has an empty command; write its program into the configuration")]
    EmptyCommand {
        /// The agent's name.
        agent: String,
    },
    /// The prompt would be read as an option.
    #[error(
        "the prompt begins with `-`, and the agent `{agent}` could take it for an option; in its command put \"--\" before \"{{prompt}}\", or write \"--flag={{prompt}}\""
    )]
    PromptAsOption {
        /// The agent's name.
        agent: String,
    },
    /// The identifier to resume with is none.
    #[error("`{conversation}` is no conversation that `{agent}` could resume; start a new session")]
    Conversation {
        /// The agent's name.
        agent: String,
        /// What was given.
        conversation: String,
    },
    /// The agent cannot resume.
    #[error("the agent `{agent}` cannot resume a conversation; start a new session")]
    CannotResume {
        /// The agent's name.
        agent: String,
    },
    /// The run folder could not be made or written.
    #[error("the run folder {path} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process owns the session.
    #[error("session {session} belongs to another codewalk that is running; go there, or end it first")]
    Owned {
        /// The session.
        session: SessionId,
    },
    /// The owner of a session was asked for something and did not reply.
    #[error("the codewalk that runs session {session} does not reply; end it where it was started")]
    NoReply {
        /// The session.
        session: SessionId,
    },
    /// The owner of a session could not be asked for something.
    #[error(
        "the codewalk that runs session {session} cannot be asked: {path} cannot be used ({source}); end it where it was started"
    )]
    Requests {
        /// The session.
        session: SessionId,
        /// Where requests and replies are put.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Processes of the session could not be ended.
    #[error("processes of session {session} cannot be ended: {pids:?}; end them by hand")]
    Orphans {
        /// The session.
        session: SessionId,
        /// The processes.
        pids: Vec<u32>,
    },
    /// The session's agent does not run here, or has just ended.
    #[error("the agent of session {session} is not running; resume the session to go on")]
    NotRunning {
        /// The session.
        session: SessionId,
    },
    /// The agent holds no conversation.
    #[error("the agent of session {session} takes nothing after its first prompt")]
    NoConversation {
        /// The session.
        session: SessionId,
    },
    /// The request is not open.
    #[error("request `{request}` is not open any more")]
    NoRequest {
        /// The agent's identifier of the request.
        request: String,
    },
    /// The agent asks for something else under the same identifier.
    #[error("request `{request}` has been replaced by another one; look at what the agent asks now")]
    Replaced {
        /// The agent's identifier of the request.
        request: String,
    },
    /// The answer does not fit the request.
    #[error("that is no answer to request `{request}`: {expected}")]
    Unfit {
        /// The agent's identifier of the request.
        request: String,
        /// What would fit.
        expected: &'static str,
    },
    /// The process could not be signalled.
    #[error("the agent of session {session} cannot be signalled: {source}")]
    Signal {
        /// The session.
        session: SessionId,
        /// Why not.
        source: io::Error,
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
            | ExecutorError::TooOld { .. }
            | ExecutorError::Spawn { .. }
            | ExecutorError::Folder { .. }
            | ExecutorError::Owned { .. }
            | ExecutorError::NoReply { .. }
            | ExecutorError::Requests { .. }
            | ExecutorError::Orphans { .. }
            | ExecutorError::NotRunning { .. }
            | ExecutorError::NotClaude { .. }
            | ExecutorError::Signal { .. } => Self::Unavailable { message },
        }
    }
}
