//! What one may ask of codewalk: the commands of front ends, and who gives them.

use crate::ids::{ConfirmationId, SessionId};
use crate::permission::PermissionMode;

/// Which kind of front end something came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Channel {
    /// A person at a terminal.
    Terminal,
    /// A program or a script.
    Script,
    /// The built-in demonstration.
    Demo,
}

/// Where a command came from: one front end of one process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Origin {
    /// Its kind.
    pub channel: Channel,
    /// Its name, unique among the front ends that are open, e.g. `run-4711`.
    pub name: String,
}

/// On whose word something was done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Actor {
    /// A person, at a front end.
    Person {
        /// Which front end.
        origin: Origin,
    },
    /// A flag that a person gave with the command.
    Flag {
        /// The flag as it is typed, e.g. `--yes`.
        name: String,
    },
    /// A rule that stands in the code or the configuration.
    Policy {
        /// What the rule says.
        name: String,
    },
}

impl Actor {
    /// Returns on whose word a command from `origin` acts: the demonstration speaks for itself, never for a person.
    #[must_use]
    pub fn of(origin: &Origin) -> Self {
        match origin.channel {
            Channel::Demo => Self::Policy { name: "the demonstration answers itself".to_owned() },
            Channel::Terminal | Channel::Script => Self::Person { origin: origin.clone() },
        }
    }
}

/// A folder the user works in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Project {
    /// The name the user knows it by.
    pub name: String,
    /// The absolute path of its folder.
    pub path: String,
}

/// What the user fixed beforehand by flags; it wins over whatever a router proposes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
pub struct Constraints {
    /// The agent to use, by name.
    pub agent: Option<String>,
    /// The project to work in, by name.
    pub project: Option<String>,
}

/// Something the user said, with all that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Utterance {
    /// The words, unchanged.
    pub text: String,
    /// What is fixed by flags.
    #[cfg_attr(feature = "serde", serde(default))]
    pub constraints: Constraints,
    /// The name of the project to use where neither flags nor words name one.
    #[cfg_attr(feature = "serde", serde(default))]
    pub default_project: Option<String>,
    /// How much the agent may do without asking.
    #[cfg_attr(feature = "serde", serde(default))]
    pub permission: PermissionMode,
    /// The flag that consents beforehand, as it was typed: to a new session that the user chose, see [`beforehand`].
    ///
    /// [`beforehand`]: crate::routing::beforehand
    #[cfg_attr(feature = "serde", serde(default))]
    pub consent_flag: Option<String>,
    /// Whether a person is there to be asked. Where not, what is not consented to is declined.
    pub attended: bool,
    /// Whether it is a question: it is answered, and nothing else is made of it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub question: bool,
    /// The confirmation it answers: the one that was shown whole when it was said. Without one it answers none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub answers: Option<ConfirmationId>,
    /// Whether it was pasted: then it is neither an answer nor an order to stop, whatever it holds.
    #[cfg_attr(feature = "serde", serde(default))]
    pub pasted: bool,
}

/// An answer to a launch confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Answer {
    /// Do it.
    Yes,
    /// Leave it.
    No,
    /// Take the reading with this number, from 1, where several are offered.
    Choose {
        /// The number.
        number: usize,
    },
    /// Tell the agent this instead, and ask again.
    Edit {
        /// The new prompt.
        prompt: String,
    },
}

/// An answer to a tool approval or to an agent's question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Decision {
    /// The tool may run.
    Allow {
        /// Which of the rules that the agent offers holds from now on, from 0.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        rule: Option<usize>,
        /// What the agent is told with it, as a prompt.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        tell: Option<String>,
    },
    /// It may not.
    Deny {
        /// What the agent is told.
        message: String,
        /// Whether its turn is to end as well.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
        end_turn: bool,
    },
    /// The answers to the agent's questions, in their order.
    Answers {
        /// One for each question.
        answers: Vec<String>,
    },
}

impl Decision {
    /// Allows this, and nothing else.
    #[must_use]
    pub const fn allow() -> Self {
        Self::Allow { rule: None, tell: None }
    }

    /// Denies this, and lets the agent go on.
    #[must_use]
    pub fn deny(message: impl Into<String>) -> Self {
        Self::Deny { message: message.into(), end_turn: false }
    }
}

/// What can be done to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ControlAction {
    /// End its agent's present turn. With nothing more to do the agent then ends: the session is cancelled, and can be
    /// resumed.
    Interrupt,
    /// End its agent.
    Stop,
    /// Start its agent again where it left off.
    Resume,
}

/// What a front end may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Command {
    /// The user said something; an answer where it names the confirmation that it answers.
    Say(Utterance),
    /// Answer a confirmation by its identifier.
    Answer {
        /// Which confirmation.
        confirmation: ConfirmationId,
        /// The answer.
        answer: Answer,
    },
    /// Answer a tool approval or an agent's question by its identifier and the digest of what was shown.
    Decide {
        /// The session that waits.
        session: SessionId,
        /// The agent's identifier of the request.
        request: String,
        /// The digest of what was shown. Only a denial needs none.
        #[cfg_attr(feature = "serde", serde(default))]
        digest: String,
        /// The answer.
        decision: Decision,
    },
    /// Interrupt or stop a session.
    Control {
        /// Which session.
        session: SessionId,
        /// What to do.
        action: ControlAction,
        /// On which flag's word, where it was not the person's own, e.g. `--timeout`.
        #[cfg_attr(feature = "serde", serde(default))]
        flag: Option<String>,
    },
    /// Tell a session's agent something more; one that has ended is resumed as a new run.
    Prompt {
        /// Which session.
        session: SessionId,
        /// What its agent is told.
        prompt: String,
        /// Whether a person is there to be asked what a new run asks for.
        #[cfg_attr(feature = "serde", serde(default))]
        attended: bool,
        /// How much a new run may do without asking; never more than the run before it, nor a bypass.
        #[cfg_attr(feature = "serde", serde(default))]
        permission: PermissionMode,
    },
}

impl Command {
    /// Returns the session it is about, where it names one.
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Say(_) | Self::Answer { .. } => None,
            Self::Decide { session, .. } | Self::Control { session, .. } | Self::Prompt { session, .. } => {
                Some(*session)
            }
        }
    }
}
