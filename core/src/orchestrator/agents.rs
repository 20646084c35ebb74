//! Sessions: starting them, telling their agents something, and what those do.

use super::Decider;
use crate::call::{AgentProcess, Call, Launch, MAX_UTTERANCE, Observation, PortError};
use crate::command::{Actor, ControlAction, Decision, Origin, Project, Utterance};
use crate::consent::Plan;
use crate::event::SessionEvent;
use crate::ids::{CallId, SessionId, UtteranceId};
use crate::permission::PermissionMode;
use crate::session::{
    MAX_DENIED, MAX_FAILED_HELPERS, MAX_REFUSED, Outcome, RequestKind, Session, SessionState, artifacts,
    denials, history, lifecycle,
};
use crate::state::no_conversation;

/// How many requests of one agent may wait for a person at once.
const MAX_PENDING: usize = 100;
/// What an agent is told that is resumed without a word.
pub const RESUME_PROMPT: &str = "Continue where you left off.";
const NO_SESSION: &str = "there is no such session";

/// Who asks for a follow-up, and how far they let the agent go.
pub(super) struct Asker<'a> {
    pub(super) origin: &'a Origin,
    pub(super) attended: bool,
    pub(super) permission: PermissionMode,
    pub(super) by: &'a Actor,
}

/// Checks that a text can be told to an agent as it is, as [`Decider::say`] and the routers do with what is said.
fn check_prompt(prompt: &str) -> Result<(), String> {
    if prompt.trim().is_empty() {
        return Err("there is nothing to tell it; leave the text out to let it continue".to_owned());
    }
    if prompt.len() > MAX_UTTERANCE {
        return Err(format!(
            "that is {} bytes long; at most {MAX_UTTERANCE} are taken: put the rest in a file",
            prompt.len()
        ));
    }
    if prompt.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(
            "the text holds control characters or escape sequences; type it, or paste it as plain text"
                .to_owned(),
        );
    }
    Ok(())
}

impl Decider<'_> {
    pub(super) fn launch(
        &mut self,
        utterance: UtteranceId,
        (origin, said): (&Origin, &Utterance),
        agent: &str,
        project: &Project,
        prompt: &str,
        permission: PermissionMode,
    ) -> SessionId {
        let session = SessionId(self.ids.fresh());
        let call = self.call(Call::Start(Launch {
            session,
            run: 1,
            agent: agent.to_owned(),
            project: project.clone(),
            prompt: prompt.to_owned(),
            permission,
            resume: None,
        }));
        self.session_event(
            session,
            SessionEvent::RunStarting {
                run: 1,
                utterance: Some(utterance),
                text: prompt.to_owned(),
                origin: origin.clone(),
                attended: said.attended,
                agent: agent.to_owned(),
                project: project.clone(),
                prompt: prompt.to_owned(),
                permission,
                resume: None,
                call,
            },
        );
        session
    }

    /// Tells a session's agent something; an agent that has ended is started again where it left off.
    pub(super) fn follow_up(&mut self, id: SessionId, prompt: &str, asker: &Asker<'_>) -> Result<(), String> {
        let session = self.state.session(id).ok_or(NO_SESSION)?;
        if session.state.has_ended() {
            self.state.takes_more(session)?;
            self.state.can_start(&session.agent)?;
            check_prompt(prompt)?;
            return self.resume(session, prompt, asker);
        }
        self.tell(id, prompt, asker.by)
    }

    /// Tells an agent that runs something.
    pub(super) fn tell(&mut self, id: SessionId, prompt: &str, by: &Actor) -> Result<(), String> {
        let session = self.state.session(id).ok_or(NO_SESSION)?;
        self.state.takes_more(session)?;
        check_prompt(prompt)?;
        match session.state {
            SessionState::Starting => Err("that session is still starting; try again in a moment".to_owned()),
            SessionState::Running | SessionState::Waiting => {
                self.session_event(
                    id,
                    SessionEvent::PromptSent { prompt: prompt.to_owned(), by: by.clone() },
                );
                self.call(Call::Send { session: id, prompt: prompt.to_owned() });
                Ok(())
            }
            SessionState::Completed | SessionState::Failed | SessionState::Cancelled | SessionState::Lost => {
                Err("that session has ended; resume it to go on".to_owned())
            }
        }
    }

    fn resume(&mut self, session: &Session, prompt: &str, asker: &Asker<'_>) -> Result<(), String> {
        let conversation = session.conversation.clone().ok_or_else(|| no_conversation(session))?;
        let last = session.run().ok_or("that session has no run")?;
        let run = last.number.saturating_add(1);
        // Neither what the session could do nor what is asked for now is widened by the other.
        let permission = last.permission.for_resume().narrowed(asker.permission);
        let call = self.call(Call::Start(Launch {
            session: session.id,
            run,
            agent: session.agent.clone(),
            project: session.project.clone(),
            prompt: prompt.to_owned(),
            permission,
            resume: Some(conversation.clone()),
        }));
        self.session_event(
            session.id,
            SessionEvent::RunStarting {
                run,
                utterance: session.utterance,
                text: session.text.clone(),
                origin: asker.origin.clone(),
                attended: asker.attended,
                agent: session.agent.clone(),
                project: session.project.clone(),
                prompt: prompt.to_owned(),
                permission,
                resume: Some(conversation),
                call,
            },
        );
        Ok(())
    }

    pub(super) fn control(
        &mut self,
        origin: &Origin,
        session: SessionId,
        action: ControlAction,
        flag: Option<&str>,
    ) {
        let by = flag.map_or_else(|| Actor::of(origin), |name| Actor::Flag { name: name.to_owned() });
        let done = match action {
            ControlAction::Resume => {
                // The command says nothing about permissions: the default holds.
                let attended = self.state.session(session).is_some_and(|s| s.attended);
                let asker = Asker { origin, attended, permission: PermissionMode::default(), by: &by };
                self.follow_up(session, RESUME_PROMPT, &asker)
            }
            ControlAction::Interrupt | ControlAction::Stop => self.stop_or_interrupt(session, action, &by),
        };
        if let Err(message) = done {
            self.refuse(origin, &message);
        }
    }

    pub(super) fn stop_or_interrupt(
        &mut self,
        id: SessionId,
        action: ControlAction,
        by: &Actor,
    ) -> Result<(), String> {
        let session = self.state.session(id).ok_or(NO_SESSION)?;
        let by = by.clone();
        match (session.state, action) {
            (SessionState::Running | SessionState::Waiting, ControlAction::Interrupt) => {
                self.session_event(id, SessionEvent::InterruptRequested { by });
                self.call(Call::Interrupt { session: id });
                Ok(())
            }
            // An agent that is only starting has nothing to end yet: it is stopped as soon as it runs.
            (SessionState::Starting, _) => {
                self.session_event(id, SessionEvent::StopRequested { by });
                Ok(())
            }
            (SessionState::Running | SessionState::Waiting, _) => {
                self.session_event(id, SessionEvent::StopRequested { by });
                self.call(Call::Stop { session: id });
                Ok(())
            }
            _ => Err("that session has ended already".to_owned()),
        }
    }

    pub(super) fn decide_request(
        &mut self,
        origin: &Origin,
        session: SessionId,
        (request, digest): (&str, &str),
        decision: &Decision,
    ) {
        let state = self.state;
        let pending = state.session(session).and_then(|s| s.pending.iter().find(|p| p.id == request));
        let Some(pending) = pending else {
            return self.refuse(origin, "that request is no longer open");
        };
        // An agent may withdraw a request and ask for something else under the same identifier.
        if pending.digest != digest && !matches!(decision, Decision::Deny { .. }) {
            return self.refuse(origin, "that answer is about something else than what the agent asks now");
        }
        let fits = match (&pending.kind, decision) {
            (_, Decision::Deny { .. }) => true,
            (RequestKind::Approval { rules, .. }, Decision::Allow { rule, .. }) => {
                rule.is_none_or(|rule| rule < rules.len())
            }
            (RequestKind::Plan { .. }, Decision::Allow { rule, .. }) => rule.is_none(),
            (RequestKind::Questions { questions }, Decision::Answers { answers }) => {
                questions.len() == answers.len()
            }
            (RequestKind::Questions { .. }, Decision::Allow { .. })
            | (RequestKind::Approval { .. } | RequestKind::Plan { .. }, Decision::Answers { .. }) => false,
        };
        if !fits {
            return self.refuse(origin, "that is no answer to what the agent asks");
        }
        let by = Actor::of(origin);
        self.decided(session, (request, &pending.digest), decision.clone(), by.clone());
        match decision {
            Decision::Deny { end_turn: true, .. } => {
                // The denial itself ends the turn.
                self.session_event(session, SessionEvent::InterruptRequested { by });
            }
            Decision::Allow { tell: Some(prompt), .. } if !prompt.trim().is_empty() => {
                // The agent is told with the answer itself, so that nothing comes between them.
                self.session_event(session, SessionEvent::PromptSent { prompt: prompt.clone(), by });
            }
            _ => {}
        }
    }

    fn decided(
        &mut self,
        session: SessionId,
        (request, digest): (&str, &str),
        decision: Decision,
        by: Actor,
    ) {
        let (request, digest) = (request.to_owned(), digest.to_owned());
        self.session_event(
            session,
            SessionEvent::RequestDecided { request: request.clone(), decision: decision.clone(), by },
        );
        self.call(Call::Answer { session, request, digest, decision });
    }

    pub(super) fn started(&mut self, call: CallId, result: &Result<AgentProcess, PortError>) {
        let state = self.state;
        let starting = state.sessions().into_iter().find(|s| {
            s.state == SessionState::Starting && s.run().is_some_and(|run| run.start_call == Some(call))
        });
        let Some(session) = starting else { return };
        let stopped_by = session.run().and_then(|run| run.stopped_by.clone());
        match (result, stopped_by) {
            (Ok(started), stopped_by) => {
                self.session_event(session.id, SessionEvent::AgentStarted { started: *started });
                if stopped_by.is_some() {
                    // Its end was asked for before there was anything to end.
                    self.call(Call::Stop { session: session.id });
                }
            }
            (Err(_), Some(by)) => self.ended(session, None, Outcome::Cancelled { by }),
            (Err(error), None) => self.ended(session, None, Outcome::Failed { reason: error.to_string() }),
        }
    }

    pub(super) fn observed(&mut self, id: SessionId, run_number: u32, observation: &Observation) {
        let state = self.state;
        let Some(session) = state.session(id) else { return };
        let Some(run) = session.run().filter(|run| run.number == run_number && run.outcome.is_none()) else {
            return;
        };
        let event = match observation {
            Observation::ArtifactRecorded(artifact) if !artifacts::is_news(&run.artifacts, artifact) => {
                return;
            }
            Observation::ToolCallDenied(_) if run.denied.len() >= MAX_DENIED => return,
            Observation::RequestRefused { .. } if run.refused.len() >= MAX_REFUSED => return,
            Observation::ArtifactsCounted { artifacts } if run.artifact_count == *artifacts => return,
            Observation::EmptyErrorReported if run.has_empty_error => return,
            Observation::SubagentFailed(_) if run.failed_helpers.len() >= MAX_FAILED_HELPERS => return,
            Observation::ProcessExited(exit) => {
                return self.ended(session, Some(*exit), lifecycle::outcome(run, *exit));
            }
            // Nobody waits for a summary then: there is one when somebody asks.
            Observation::Orphaned { exit } => {
                let outcome = exit.map_or(Outcome::Lost, |exit| lifecycle::outcome(run, exit));
                self.session_event(id, SessionEvent::RunEnded { exit: *exit, outcome });
                return self.withdraw_questions(session);
            }
            Observation::RequestOpened { request, digest, kind } => {
                return self.asked(session, (request, digest), kind);
            }
            Observation::ConversationIdentified { conversation } => {
                SessionEvent::ConversationIdentified { conversation: conversation.clone() }
            }
            Observation::RequestWithdrawn { request } => {
                SessionEvent::RequestWithdrawn { request: request.clone() }
            }
            Observation::TurnEnded { failure } => SessionEvent::TurnEnded { failure: failure.clone() },
            Observation::EmptyErrorReported => SessionEvent::EmptyErrorReported,
            Observation::ArtifactsCounted { artifacts } => {
                SessionEvent::ArtifactsCounted { artifacts: *artifacts }
            }
            Observation::UsageLimitReached { until, reason } => {
                SessionEvent::UsageLimitReached { until: *until, reason: reason.clone() }
            }
            Observation::AgentStalled(stall) => SessionEvent::AgentStalled { stall: stall.clone() },
            Observation::StallEnded => SessionEvent::StallEnded,
            Observation::RequestRefused { what, why } => {
                SessionEvent::RequestRefused { what: what.clone(), why: why.clone() }
            }
            Observation::ToolCallDenied(denial) => SessionEvent::ToolCallDenied { denial: denial.clone() },
            Observation::SubagentFailed(helper) => SessionEvent::SubagentFailed { helper: helper.clone() },
            Observation::ModelReported { name } if run.model.as_ref() == Some(name) => return,
            Observation::ModelReported { name } => SessionEvent::ModelReported { name: name.clone() },
            Observation::UsageReported(usage) => SessionEvent::UsageReported { usage: *usage },
            Observation::ArtifactRecorded(artifact) => {
                SessionEvent::ArtifactRecorded { artifact: artifact.clone() }
            }
            Observation::FilesChangedConcurrently { files } => {
                SessionEvent::FilesChangedConcurrently { files: *files }
            }
            Observation::FoldersNotSearched(folders) => {
                SessionEvent::FoldersNotSearched { folders: folders.clone() }
            }
            Observation::AgentContinued => SessionEvent::AgentContinued,
            Observation::PromptsUndelivered(undelivered) => {
                SessionEvent::PromptsUndelivered { undelivered: undelivered.clone() }
            }
        };
        if lifecycle::next(Some(session), &event).is_ok() {
            self.session_event(id, event);
        }
    }

    fn asked(&mut self, session: &Session, (request, digest): (&str, &str), kind: &RequestKind) {
        let asked = SessionEvent::RequestOpened {
            request: request.to_owned(),
            digest: digest.to_owned(),
            kind: kind.clone(),
        };
        if lifecycle::next(Some(session), &asked).is_err() {
            return;
        }
        self.session_event(session.id, asked);
        if !session.attended {
            self.deny(session.id, (request, digest), "Nobody is there to allow it.", denials::NOT_ATTENDED);
        } else if session.pending.len() >= MAX_PENDING {
            self.deny(
                session.id,
                (request, digest),
                "Too many requests are open.",
                "too many requests are open",
            );
        }
    }

    fn deny(&mut self, session: SessionId, request: (&str, &str), message: &str, policy: &str) {
        let by = Actor::Policy { name: policy.to_owned() };
        self.decided(session, request, Decision::deny(message), by);
    }

    fn ended(&mut self, session: &Session, exit: Option<crate::call::Exit>, outcome: Outcome) {
        let event = SessionEvent::RunEnded { exit, outcome };
        let mut after = session.clone();
        if history::apply(Some(&mut after), session.id, self.at, &event).is_err() {
            return;
        }
        self.session_event(session.id, event);
        self.withdraw_questions(session);
        self.summarize(&after);
    }

    /// Declines what is still asked about a session whose run is over: a yes would now do something else.
    fn withdraw_questions(&mut self, session: &Session) {
        let state = self.state;
        let is_about = |plan: &Plan| plan.session() == Some(session.id);
        for asked in state.confirmations().filter(|asked| asked.plans.iter().any(is_about)) {
            let reason = format!("{} has ended meanwhile; say it again if it still holds", session.agent);
            self.decline(asked.utterance, Some(asked.id), &reason);
        }
    }
}
