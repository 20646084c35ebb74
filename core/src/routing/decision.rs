//! From a router's proposal to a plan: names are checked, flags take precedence, equal intents become a
//! question.

use crate::command::{ControlAction, Utterance};
use crate::consent::Plan;
use crate::ids::SessionId;
use crate::intent::{Intent, MAX_CANDIDATES, Proposal};
use crate::origin::Origin;
use crate::permission::{self, PermissionMode};
use crate::routing::questions;
use crate::state::State;

/// The hint if neither the text nor the current folder determines the project.
pub const NO_PROJECT: &str = "the project is unclear; name one, or start codewalk in its folder";

/// The hint for a question about anything else than sessions.
pub const NOT_ABOUT_SESSIONS: &str =
    "cannot answer this; codewalk answers questions about its sessions, for example: what is running?";

/// The decision on an utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Ask for consent to a plan, or to one of several that are equally likely.
    Consent(Vec<Plan>),
    /// Answer a question about one session, or all.
    Answer(Option<SessionId>),
    /// Report that the utterance was not understood, with a hint.
    NotUnderstood(String),
}

/// Decides on a proposal. A router never consents to anything.
pub fn decide(state: &State, origin: &Origin, utterance: &Utterance, proposal: &Proposal) -> Decision {
    let resolver = Resolver { state, origin, utterance };
    if utterance.question {
        return resolver.question(&proposal.intent);
    }
    let equal =
        proposal.candidates.iter().take(MAX_CANDIDATES).filter(|c| c.confidence >= proposal.confidence);
    let others = equal.filter_map(|candidate| match resolver.resolve(&candidate.intent) {
        Ok(Resolved::Plan(plan)) => Some(plan),
        Ok(Resolved::Question(_)) | Err(_) => None,
    });
    let (first, hint) = match resolver.resolve(&proposal.intent) {
        Ok(Resolved::Plan(plan)) => (Some(plan), String::new()),
        Ok(Resolved::Question(session)) => return Decision::Answer(session),
        // An equally likely hint of the router explains its proposal better.
        Err(hint) => (None, hint_beside(proposal).unwrap_or(hint)),
    };
    let is_clear = first.is_some();
    let mut plans: Vec<Plan> = Vec::new();
    for plan in first.into_iter().chain(others) {
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    prefer_own(state, origin, &mut plans);
    prefer_current(state, utterance, &mut plans);
    // A router may also propose two equal intents as alternatives to a hint: the question is the same.
    if is_clear || plans.len() > 1 { Decision::Consent(plans) } else { Decision::NotUnderstood(hint) }
}

/// Returns the hint that a router proposes as equally likely to a launch.
fn hint_beside(proposal: &Proposal) -> Option<String> {
    let equal = proposal.candidates.iter().filter(|candidate| candidate.confidence >= proposal.confidence);
    let mut hints = equal.filter_map(|candidate| match &candidate.intent {
        Intent::CannotParse { hint } => Some(hint.clone()),
        _ => None,
    });
    hints.next().filter(|_| matches!(proposal.intent, Intent::Launch { .. }))
}

/// The minimum confidence, in percent. Below it, only a person can consent.
const SURE: u8 = 50;

/// Returns whether a proposal is only a guess.
pub fn is_guess(proposal: &Proposal) -> bool {
    proposal.confidence < SURE && !matches!(proposal.intent, Intent::CannotParse { .. })
}

/// Returns the hint for a guess if no person can confirm it.
pub fn hint_of_guess(guess: &Proposal) -> String {
    let hint = guess.candidates.iter().find_map(|candidate| match &candidate.intent {
        Intent::CannotParse { hint } => Some(hint.clone()),
        _ => None,
    });
    hint.unwrap_or_else(|| "say more precisely what should be done, and where".to_owned())
}

/// Prefers the agent at this origin. If the first plan is about a session, and exactly one plan is about an
/// active session of this origin, drops the others.
fn prefer_own(state: &State, origin: &Origin, plans: &mut Vec<Plan>) {
    let is_own = |plan: &Plan| {
        let session = plan.session().and_then(|id| state.session(id));
        session.is_some_and(|session| session.origin == *origin && !session.state.has_ended())
    };
    if plans.first().is_some_and(|plan| plan.session().is_some())
        && plans.iter().filter(|plan| is_own(plan)).count() == 1
    {
        plans.retain(is_own);
    }
}

/// Sorts sessions of the current project before others, with a new session between them unless it is first
/// already.
fn prefer_current(state: &State, utterance: &Utterance, plans: &mut [Plan]) {
    let Some(current) = utterance.default_project.as_deref() else { return };
    let begins_anew = plans.first().is_some_and(|plan| plan.session().is_none());
    plans.sort_by_key(|plan| match plan.session().and_then(|id| state.session(id)) {
        None if begins_anew => 0,
        Some(session) if session.project.name == current => 1,
        None => 2,
        Some(_) => 3,
    });
}

enum Resolved {
    Plan(Plan),
    Question(Option<SessionId>),
}

struct Resolver<'a> {
    state: &'a State,
    origin: &'a Origin,
    utterance: &'a Utterance,
}

impl Resolver<'_> {
    fn resolve(&self, intent: &Intent) -> Result<Resolved, String> {
        match intent {
            Intent::Launch { agent, project, prompt } => {
                self.launch(agent, project.as_deref(), prompt).map(Resolved::Plan)
            }
            Intent::FollowUp { session, prompt } => {
                let session = self.session(session)?;
                self.check_constraints(session)?;
                self.takes_more(session)?;
                Ok(Resolved::Plan(Plan::FollowUp { session, prompt: self.prompt(prompt) }))
            }
            Intent::Control { session, action } => {
                let session = self.session(session)?;
                self.check_constraints(session)?;
                self.control(session, *action).map(Resolved::Plan)
            }
            Intent::Query { session: None, .. } => Ok(Resolved::Question(None)),
            Intent::Query { session: Some(session), .. } => {
                Ok(Resolved::Question(Some(self.session(session)?)))
            }
            Intent::CannotParse { hint } => Err(hint.clone()),
        }
    }

    /// A question that no router takes for one about sessions must have a word about them.
    fn question(&self, intent: &Intent) -> Decision {
        let is_other = matches!(intent, Intent::Launch { .. } | Intent::CannotParse { .. });
        if is_other && !questions::is_about_sessions(&self.utterance.text, self.state) {
            return Decision::NotUnderstood(NOT_ABOUT_SESSIONS.to_owned());
        }
        Decision::Answer(self.mentioned(intent))
    }

    /// Returns the session of an intent, whatever the action.
    fn mentioned(&self, intent: &Intent) -> Option<SessionId> {
        match intent {
            Intent::FollowUp { session, .. }
            | Intent::Control { session, .. }
            | Intent::Query { session: Some(session), .. } => self.session(session).ok(),
            Intent::Launch { .. } | Intent::Query { session: None, .. } | Intent::CannotParse { .. } => None,
        }
    }

    fn launch(&self, agent: &str, project: Option<&str>, prompt: &str) -> Result<Plan, String> {
        let context = self.state.context();
        let constraints = &self.utterance.constraints;
        let agent = constraints.agent.as_deref().unwrap_or(agent);
        if !context.agents.iter().any(|a| a.name == agent) {
            let known: Vec<&str> = context.agents.iter().map(|a| a.name.as_str()).collect();
            return Err(format!("unknown agent {agent:?}; known agents: {}", known.join(", ")));
        }
        let Some(name) =
            constraints.project.as_deref().or(project).or(self.utterance.default_project.as_deref())
        else {
            return Err(NO_PROJECT.to_owned());
        };
        let Some(project) = context.projects.iter().find(|p| p.name == name) else {
            let known: Vec<&str> = context.projects.iter().map(|p| p.name.as_str()).collect();
            return Err(format!("unknown project {name:?}; known projects: {}", known.join(", ")));
        };
        Ok(Plan::Launch {
            agent: agent.to_owned(),
            project: project.clone(),
            prompt: self.prompt(prompt),
            permission: self.permission_of(agent)?,
        })
    }

    /// Returns the mode of a launch. An agent without approvals cannot be held to a mode.
    fn permission_of(&self, agent: &str) -> Result<PermissionMode, String> {
        // Nobody can choose that an agent which asks is not held to a mode.
        let requested = match self.utterance.permission {
            PermissionMode::Unenforced => PermissionMode::Ask,
            requested => requested,
        };
        let permission = requested.narrowed(permission::ceiling(self.origin.channel));
        match permission {
            _ if !self.state.context().single_prompt.contains(agent) => Ok(permission),
            PermissionMode::Plan | PermissionMode::AcceptEdits => Err(permission::not_enforceable(agent)),
            _ => Ok(PermissionMode::Unenforced),
        }
    }

    fn control(&self, session: SessionId, action: ControlAction) -> Result<Plan, String> {
        let has_ended = self.state.session(session).is_some_and(|s| s.state.has_ended());
        match action {
            ControlAction::Interrupt | ControlAction::Stop if has_ended => {
                Err("that session has already ended".to_owned())
            }
            ControlAction::Resume if !has_ended => Err("that session is still running".to_owned()),
            ControlAction::Resume => self.takes_more(session).map(|()| Plan::Control { session, action }),
            _ => Ok(Plan::Control { session, action }),
        }
    }

    /// Checks that a session accepts another prompt, so that the user is not asked about an impossible one.
    fn takes_more(&self, session: SessionId) -> Result<(), String> {
        self.state.session(session).map_or(Ok(()), |session| self.state.takes_more(session))
    }

    fn session(&self, id: &str) -> Result<SessionId, String> {
        id.parse()
            .ok()
            .filter(|id| self.state.session(*id).is_some())
            .ok_or_else(|| "the session is unclear; name its project".to_owned())
    }

    fn check_constraints(&self, session: SessionId) -> Result<(), String> {
        let constraints = &self.utterance.constraints;
        let Some(session) = self.state.session(session) else {
            return Ok(());
        };
        let differs = |wanted: &Option<String>, is: &str| wanted.as_deref().is_some_and(|w| w != is);
        if differs(&constraints.agent, &session.agent) || differs(&constraints.project, &session.project.name)
        {
            return Err(format!(
                "this seems to be for the {} session in {}, which the flags exclude; omit the flags",
                session.agent, session.project.name
            ));
        }
        Ok(())
    }

    /// An empty prompt would start an agent without a task, so the user's text replaces it.
    fn prompt(&self, prompt: &str) -> String {
        let prompt = if prompt.trim().is_empty() { &self.utterance.text } else { prompt };
        prompt.to_owned()
    }
}
