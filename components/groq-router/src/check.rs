//! Turns the model's answer into a proposal. Each name must be in the request; each text is bounded.

use chat_completions::text;

use crate::answer::{Action, Intent as ModelIntent, RouterReply};
use crate::{
    Candidate, Control, ControlAction, FollowUp, Intent, Launch, PortError, Proposal, Query, Request,
};

/// The maximum number of alternatives.
const MAX_CANDIDATES: usize = 5;
/// The maximum length of a prompt, in bytes; the same as for an utterance.
const MAX_PROMPT: usize = 64 * 1024;
/// The maximum length of a reason or hint, in bytes.
const MAX_LINE: usize = 300;
/// How many bytes of an unknown name an error quotes.
const MAX_NAME: usize = 60;

/// Returns the model's answer as a proposal for a request.
pub(crate) fn proposal(request: &Request, answer: RouterReply) -> Result<Proposal, PortError> {
    let RouterReply { intent, confidence, candidates, reason } = answer;
    let checker = Checker { request };
    let intent = checker.intent(intent)?;
    let mut others = Vec::new();
    let mut dropped = None;
    for candidate in candidates.unwrap_or_default() {
        match checker.intent(candidate.intent) {
            // Models often repeat the intent as the first candidate.
            Ok(other) if other == intent || others.len() == MAX_CANDIDATES => {}
            Ok(other) => others.push(Candidate { intent: other, confidence: candidate.confidence.0 }),
            Err(error) => dropped = Some(error),
        }
    }
    others.sort_by_key(|other| std::cmp::Reverse(other.confidence));
    let reason = text::line(&reason.unwrap_or_default(), MAX_LINE);
    let reason = match dropped {
        Some(PortError::InvalidResponse(why)) if others.is_empty() => with_dropped(&reason, &why),
        _ => reason,
    };
    Ok(Proposal { intent, confidence: confidence.0, candidates: others, reason })
}

/// Returns the model's reason, and why there are no alternatives.
fn with_dropped(reason: &str, why: &str) -> String {
    let why = format!("no alternative is left: {why}");
    let room = MAX_LINE.saturating_sub(why.len() + "; ".len());
    match text::cut(reason.trim_end_matches('.'), room) {
        reason if reason.is_empty() => why,
        reason => format!("{reason}; {why}"),
    }
}

struct Checker<'a> {
    request: &'a Request,
}

impl Checker<'_> {
    fn intent(&self, intent: ModelIntent) -> Result<Intent, PortError> {
        Ok(match intent {
            ModelIntent::Launch { agent, project, prompt } => Intent::Launch(Launch {
                agent: self.agent(agent)?,
                project: project.map(|project| self.project(project)).transpose()?,
                prompt: self.words(prompt)?,
            }),
            ModelIntent::FollowUp { session, prompt } => {
                Intent::FollowUp(FollowUp { session: self.session(session)?, prompt: self.words(prompt)? })
            }
            ModelIntent::Query { session, question } => Intent::Query(Query {
                session: session.map(|session| self.session(session)).transpose()?,
                question: self.words(question)?,
            }),
            ModelIntent::Control { session, action } => Intent::Control(Control {
                session: self.session(session)?,
                action: match action {
                    Action::Interrupt => ControlAction::Interrupt,
                    Action::Stop => ControlAction::Stop,
                    Action::Resume => ControlAction::Resume,
                },
            }),
            ModelIntent::CannotParse { hint } => Intent::CannotParse(hint_or_usual(hint)),
        })
    }

    /// Returns the named agent, or the default.
    fn agent(&self, named: Option<String>) -> Result<String, PortError> {
        let Request { agents, constraints, .. } = self.request;
        match named {
            Some(name) if agents.iter().any(|agent| agent.name == name) => Ok(name),
            Some(name) => Err(unknown("agent", &name)),
            None => constraints
                .agent
                .clone()
                .or_else(|| agents.iter().find(|agent| agent.default).map(|agent| agent.name.clone()))
                .ok_or_else(|| unknown("agent", "the default one")),
        }
    }

    fn project(&self, name: String) -> Result<String, PortError> {
        let is_known = self.request.projects.iter().any(|project| project.name == name);
        if is_known { Ok(name) } else { Err(unknown("project", &name)) }
    }

    fn session(&self, id: String) -> Result<String, PortError> {
        let is_known = self.request.sessions.iter().any(|session| session.id == id);
        if is_known { Ok(id) } else { Err(unknown("session", &id)) }
    }

    /// Returns the user's own words, unless the model wrote a different prompt.
    fn words(&self, written: Option<String>) -> Result<String, PortError> {
        let own = &self.request.utterance;
        match written.map(|written| text::block(&written)) {
            Some(words) if words.len() > MAX_PROMPT => Err(PortError::InvalidResponse(format!(
                "the model's prompt is {} bytes long, at most {MAX_PROMPT} are accepted",
                words.len()
            ))),
            Some(words) if !words.trim().is_empty() && words.trim() != text::block(own).trim() => Ok(words),
            _ => Ok(own.clone()),
        }
    }
}

fn hint_or_usual(hint: Option<String>) -> String {
    let hint = text::line(&hint.unwrap_or_default(), MAX_LINE);
    if hint.is_empty() { "Say what should be done, and in which project.".to_owned() } else { hint }
}

fn unknown(what: &str, name: &str) -> PortError {
    PortError::InvalidResponse(format!(
        "the model named the {what} \"{}\", which does not exist",
        text::line(name, MAX_NAME)
    ))
}
