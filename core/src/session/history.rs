//! How a session changes with each of its events.

use crate::call::Usage;
use crate::command::Decision;
use crate::event::{SessionEvent, SummaryEvent};
use crate::ids::SessionId;
use crate::session::lifecycle::{self, IllegalTransition};
use crate::session::{
    Limit, MAX_FAILED_HELPERS, MAX_REFUSED, PendingRequest, Refusal, RequestKind, Run, Session, artifacts,
    denials,
};
use crate::time::Timestamp;

/// Applies an event to a session, or begins the session with it.
///
/// # Errors
/// Where the event cannot follow; the session is unchanged then.
pub fn apply(
    session: Option<&mut Session>,
    id: SessionId,
    at: Timestamp,
    event: &SessionEvent,
) -> Result<Option<Session>, IllegalTransition> {
    let state = lifecycle::next(session.as_deref(), event)?;
    let Some(session) = session else {
        return Ok(begin(id, at, event));
    };
    session.state = state;
    session.changed_at = at;
    session.version += 1;
    match event {
        SessionEvent::RunStarting { run, prompt, permission, origin, attended, call, .. } => {
            session.stall = None;
            session.origin = origin.clone();
            session.attended = *attended;
            session.runs.push(Run::begin(*run, prompt, *permission, at, *call));
        }
        SessionEvent::ConversationIdentified { conversation } => {
            session.conversation = Some(conversation.clone())
        }
        SessionEvent::RequestOpened { request, digest, kind } => {
            session.stall = None;
            session.pending.push(PendingRequest {
                id: request.clone(),
                digest: digest.clone(),
                kind: kind.clone(),
                since: at,
            });
        }
        SessionEvent::RequestDecided { request, decision, by } => {
            let rule = allowed_rule(session, request, decision);
            let asked = session.pending.iter().position(|p| p.id == *request);
            let asked = asked.map(|at| session.pending.remove(at));
            if let (Some(asked), Some(run)) = (asked, session.runs.last_mut()) {
                run.rules.extend(rule);
                denials::decided(run, &asked.kind, decision, by);
            }
        }
        SessionEvent::RequestWithdrawn { request } => session.pending.retain(|p| p.id != *request),
        SessionEvent::ArtifactRecorded { artifact } => artifacts::add(&mut session.artifacts, artifact),
        SessionEvent::AgentStalled { stall } => session.stall = Some(stall.clone()),
        // With its turn, its tries have ended.
        SessionEvent::StallEnded | SessionEvent::TurnEnded { .. } => session.stall = None,
        SessionEvent::RunEnded { .. } => {
            session.pending.clear();
            session.stall = None;
            session.summary_timer = None;
            session.summary_call = None;
        }
        SessionEvent::AgentStarted { .. }
        | SessionEvent::PromptSent { .. }
        | SessionEvent::EmptyErrorReported
        | SessionEvent::UsageLimitReached { .. }
        | SessionEvent::RequestRefused { .. }
        | SessionEvent::ToolCallDenied { .. }
        | SessionEvent::SubagentFailed { .. }
        | SessionEvent::ModelReported { .. }
        | SessionEvent::UsageReported { .. }
        | SessionEvent::ArtifactsCounted { .. }
        | SessionEvent::FilesChangedConcurrently { .. }
        | SessionEvent::FoldersNotSearched { .. }
        | SessionEvent::AgentContinued
        | SessionEvent::PromptsUndelivered { .. }
        | SessionEvent::InterruptRequested { .. }
        | SessionEvent::StopRequested { .. } => {}
    }
    if let Some(run) = session.runs.last_mut() {
        run.apply(at, event);
    }
    Ok(None)
}

/// Returns the rule that a decision lets hold for the rest of the run.
fn allowed_rule(session: &Session, request: &str, decision: &Decision) -> Option<String> {
    let Decision::Allow { rule: Some(number), .. } = decision else { return None };
    match &session.pending.iter().find(|pending| pending.id == request)?.kind {
        RequestKind::Approval { rules, .. } => rules.get(*number).cloned(),
        RequestKind::Questions { .. } | RequestKind::Plan { .. } => None,
    }
}

/// Applies what happened to the summary of a session.
pub fn apply_summary(session: &mut Session, at: Timestamp, event: &SummaryEvent) {
    session.version += 1;
    match event {
        SummaryEvent::SummaryScheduled { timer } => session.summary_timer = Some(*timer),
        SummaryEvent::SummaryRequested { call } => {
            session.summary_timer = None;
            session.summary_call = Some(*call);
            session.summarized_at = Some(at);
        }
        SummaryEvent::SummaryProduced { answered } => {
            session.summary_call = None;
            session.summary = Some(answered.answer.clone());
        }
        SummaryEvent::SummaryFailed { .. } => session.summary_call = None,
    }
}

fn begin(id: SessionId, at: Timestamp, event: &SessionEvent) -> Option<Session> {
    let SessionEvent::RunStarting {
        run,
        utterance,
        text,
        origin,
        attended,
        agent,
        project,
        prompt,
        permission,
        resume,
        call,
    } = event
    else {
        return None;
    };
    Some(Session {
        id,
        utterance: *utterance,
        text: text.clone(),
        origin: origin.clone(),
        attended: *attended,
        agent: agent.clone(),
        project: project.clone(),
        state: crate::session::SessionState::Starting,
        pending: Vec::new(),
        stall: None,
        conversation: resume.clone(),
        runs: vec![Run::begin(*run, prompt, *permission, at, *call)],
        artifacts: Vec::new(),
        summary: None,
        summary_call: None,
        summary_timer: None,
        summarized_at: None,
        changed_at: at,
        version: 1,
    })
}

impl Run {
    fn begin(
        number: u32,
        prompt: &str,
        permission: crate::permission::PermissionMode,
        at: Timestamp,
        call: crate::ids::CallId,
    ) -> Self {
        Self {
            number,
            prompt: prompt.to_owned(),
            permission,
            process: None,
            usage: Usage::default(),
            artifacts: Vec::new(),
            artifact_count: 0,
            changed_meanwhile: 0,
            not_searched: None,
            undelivered: None,
            denied: Vec::new(),
            refused: Vec::new(),
            started_at: at,
            ended_at: None,
            exit: None,
            outcome: None,
            turn_failure: None,
            has_empty_error: false,
            limit: None,
            model: None,
            turns: 0,
            failed_helpers: Vec::new(),
            stopped_by: None,
            is_stopping: false,
            start_call: Some(call),
            rules: Vec::new(),
        }
    }

    fn apply(&mut self, at: Timestamp, event: &SessionEvent) {
        match event {
            SessionEvent::AgentStarted { started } => {
                self.process = Some(*started);
                self.start_call = None;
            }
            SessionEvent::TurnEnded { failure } => {
                self.turn_failure = failure.clone();
                self.has_empty_error = false;
                self.limit = None;
                self.turns = self.turns.saturating_add(1);
            }
            SessionEvent::EmptyErrorReported => self.has_empty_error = true,
            SessionEvent::UsageLimitReached { until, reason } => {
                self.limit = Some(Limit { until: *until, reason: reason.clone() });
            }
            SessionEvent::ModelReported { name } => self.model = Some(name.clone()),
            SessionEvent::ToolCallDenied { denial } => denials::add(&mut self.denied, denial.clone()),
            SessionEvent::SubagentFailed { helper } if self.failed_helpers.len() < MAX_FAILED_HELPERS => {
                self.failed_helpers.push(helper.clone());
            }
            SessionEvent::UsageReported { usage } => self.usage = *usage,
            SessionEvent::ArtifactRecorded { artifact } => artifacts::add(&mut self.artifacts, artifact),
            SessionEvent::ArtifactsCounted { artifacts } => self.artifact_count = *artifacts,
            SessionEvent::RequestRefused { what, why } if self.refused.len() < MAX_REFUSED => {
                self.refused.push(Refusal { what: what.clone(), why: why.clone() });
            }
            SessionEvent::FilesChangedConcurrently { files } => self.changed_meanwhile = *files,
            SessionEvent::FoldersNotSearched { folders } => self.not_searched = Some(folders.clone()),
            SessionEvent::PromptsUndelivered { undelivered } => self.undelivered = Some(undelivered.clone()),
            SessionEvent::InterruptRequested { by } => self.stopped_by = Some(by.clone()),
            SessionEvent::StopRequested { by } => {
                (self.stopped_by, self.is_stopping) = (Some(by.clone()), true);
            }
            // Only the turn that has ended was to end.
            SessionEvent::AgentContinued if !self.is_stopping => self.stopped_by = None,
            // Whoever goes on talking to the agent has taken the interruption back.
            SessionEvent::PromptSent { .. } => (self.stopped_by, self.is_stopping) = (None, false),
            SessionEvent::RunEnded { exit, outcome } => {
                self.ended_at = Some(at);
                self.exit = *exit;
                self.outcome = Some(outcome.clone());
                self.start_call = None;
            }
            SessionEvent::RunStarting { .. }
            | SessionEvent::ConversationIdentified { .. }
            | SessionEvent::RequestOpened { .. }
            | SessionEvent::RequestDecided { .. }
            | SessionEvent::RequestWithdrawn { .. }
            | SessionEvent::AgentStalled { .. }
            | SessionEvent::StallEnded
            | SessionEvent::RequestRefused { .. }
            | SessionEvent::AgentContinued
            | SessionEvent::SubagentFailed { .. } => {}
        }
    }
}
