//! Control of agents: starting, prompting and ending them, and answering their requests.

use super::calls::Call;
use super::decider::{Asker, Decider};
use crate::command::{ControlAction, Decision, MAX_UTTERANCE, Project, Utterance};
use crate::event::SessionEvent;
use crate::ids::{SessionId, UtteranceId};
use crate::origin::{Actor, Origin};
use crate::permission::PermissionMode;
use crate::ports::Launch;
use crate::session::{RequestKind, Run, Session, SessionState};
use crate::state::no_conversation;

/// The prompt for an agent that is resumed without one.
pub const RESUME_PROMPT: &str = "Continue where you left off.";
const NO_SESSION: &str = "there is no such session";

/// Checks that a text can be sent to an agent unchanged: the same checks that [`Decider::say`] and the
/// routers apply to utterances.
fn check_prompt(prompt: &str) -> Result<(), String> {
    if prompt.trim().is_empty() {
        return Err("the prompt is empty; omit it to let the agent continue".to_owned());
    }
    if prompt.len() > MAX_UTTERANCE {
        return Err(format!(
            "the prompt is {} bytes long, at most {MAX_UTTERANCE} are accepted; put the rest in a file",
            prompt.len()
        ));
    }
    if prompt.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(
            "the prompt contains control characters or escape sequences; type it, or paste it as plain text"
                .to_owned(),
        );
    }
    Ok(())
}

/// Returns the launch of a session's run that is being started.
pub(super) fn restarted_launch(session: &Session, run: &Run) -> Launch {
    Launch {
        session: session.id,
        run: run.number,
        agent: session.agent.clone(),
        project: session.project.clone(),
        prompt: run.prompt.clone(),
        permission: run.permission,
        // The agent has not identified its conversation yet, so it is the one to resume.
        resume: session.conversation.clone(),
    }
}

impl Decider<'_> {
    pub(super) fn launch(
        &mut self,
        id: UtteranceId,
        (origin, utterance): (&Origin, &Utterance),
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
                utterance: Some(id),
                text: prompt.to_owned(),
                origin: origin.clone(),
                attended: utterance.attended,
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

    /// Sends a prompt to a session's agent, and resumes the session if it has ended.
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

    /// Sends a prompt to a running agent.
    pub(super) fn tell(&mut self, id: SessionId, prompt: &str, by: &Actor) -> Result<(), String> {
        let session = self.state.session(id).ok_or(NO_SESSION)?;
        self.state.takes_more(session)?;
        check_prompt(prompt)?;
        match session.state {
            SessionState::Starting => Err("that session is still starting; try again in a moment".to_owned()),
            SessionState::Running | SessionState::Waiting => {
                let call = Some(self.call(Call::Send { session: id, prompt: prompt.to_owned() }));
                let (prompt, by) = (prompt.to_owned(), by.clone());
                self.session_event(id, SessionEvent::PromptSent { prompt, by, call });
                Ok(())
            }
            SessionState::Completed | SessionState::Failed | SessionState::Cancelled | SessionState::Lost => {
                Err("that session has ended; resume it to continue".to_owned())
            }
        }
    }

    fn resume(&mut self, session: &Session, prompt: &str, asker: &Asker<'_>) -> Result<(), String> {
        let conversation = session.conversation.clone().ok_or_else(|| no_conversation(session))?;
        let last = session.run().ok_or("that session has no run")?;
        let run = last.number.saturating_add(1);
        // The stricter of two modes applies: that of the last run or that of the new request.
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
                // The command names no permission mode, so the default applies.
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
                let call = Some(self.call(Call::Interrupt { session: id }));
                self.session_event(id, SessionEvent::InterruptRequested { by, call });
                Ok(())
            }
            // An agent that is still starting has no process to stop: it is stopped as soon as it runs.
            (SessionState::Starting, _) => {
                self.session_event(id, SessionEvent::StopRequested { by, call: None });
                Ok(())
            }
            (SessionState::Running | SessionState::Waiting, _) => {
                let call = Some(self.call(Call::Stop { session: id }));
                self.session_event(id, SessionEvent::StopRequested { by, call });
                Ok(())
            }
            _ => Err("that session has already ended".to_owned()),
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
            return self.refuse(
                origin,
                "that answer is for an earlier request; the agent now asks for something else",
            );
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
            return self.refuse(origin, "that answer does not match the agent's request");
        }
        let by = Actor::of(origin);
        self.decide(session, (request, &pending.digest), decision.clone(), by.clone());
        match decision {
            Decision::Deny { end_turn: true, .. } => {
                // The denial itself ends the turn.
                self.session_event(session, SessionEvent::InterruptRequested { by, call: None });
            }
            Decision::Allow { tell: Some(prompt), .. } if !prompt.trim().is_empty() => {
                // The executor sends the prompt with the answer, so that no other prompt comes between them.
                self.session_event(
                    session,
                    SessionEvent::PromptSent { prompt: prompt.clone(), by, call: None },
                );
            }
            _ => {}
        }
    }

    pub(super) fn decide(
        &mut self,
        session: SessionId,
        (request, digest): (&str, &str),
        decision: Decision,
        by: Actor,
    ) {
        let (request, digest) = (request.to_owned(), digest.to_owned());
        let answer = Call::Decide { session, request: request.clone(), digest, decision: decision.clone() };
        let call = Some(self.call(answer));
        self.session_event(session, SessionEvent::RequestDecided { request, decision, by, call });
    }
}
