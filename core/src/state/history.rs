//! The fold of a session: how each event changes it.

use crate::command::Decision;
use crate::event::{SessionEvent, SummaryEvent};
use crate::ids::{CallId, SessionId};
use crate::origin::Actor;
use crate::permission::PermissionMode;
use crate::session::{
    AgentMessage, Delivery, Denial, Limit, MAX_FAILED_HELPERS, MAX_REFUSED, PendingRequest, Refusal,
    RequestKind, Run, Session, SessionState, Usage, artifacts, denials,
};
use crate::terminal_text::shortened;
use crate::time::Timestamp;

use super::lifecycle::{self, IllegalTransition};

/// The maximum length of a plan in a denial, in characters.
const PLAN_CHARS: usize = 120;

/// Applies an event to a session, or creates the session.
///
/// # Errors
/// Fails if the event cannot follow; the session is then unchanged.
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
    session.deliveries.extend(delivery(session, event));
    session.state = state;
    session.changed_at = at;
    session.version += 1;
    match event {
        SessionEvent::RunStarting { run, prompt, permission, origin, attended, call, .. } => {
            session.stall = None;
            // A late reply to the previous run.
            session.deliveries.clear();
            session.origin = origin.clone();
            session.attended = *attended;
            session.runs.push(begin_run(*run, prompt, *permission, at, *call));
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
        SessionEvent::RequestDecided { request, decision, by, .. } => {
            let rule = allowed_rule(session, request, decision);
            let at = session.pending.iter().position(|p| p.id == *request);
            let pending = at.map(|at| session.pending.remove(at));
            if let (Some(pending), Some(run)) = (pending, session.runs.last_mut()) {
                run.rules.extend(rule);
                decided(run, &pending.kind, decision, by);
            }
        }
        SessionEvent::RequestWithdrawn { request } => session.pending.retain(|p| p.id != *request),
        SessionEvent::ArtifactRecorded { artifact } => artifacts::add(&mut session.artifacts, artifact),
        SessionEvent::AgentStalled { stall } => session.stall = Some(stall.clone()),
        // The end of a turn also ends its retries.
        SessionEvent::StallEnded | SessionEvent::TurnEnded { .. } => session.stall = None,
        SessionEvent::RunEnded { .. } => {
            session.pending.clear();
            session.stall = None;
            session.summary_timer = None;
            session.summary_call = None;
        }
        SessionEvent::Delivered { call } | SessionEvent::DeliveryFailed { call, .. } => {
            session.deliveries.retain(|delivery| delivery.call != *call);
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
        apply_to_run(run, at, event);
    }
    Ok(None)
}

/// Returns the delivery that an event starts.
fn delivery(session: &Session, event: &SessionEvent) -> Option<Delivery> {
    let (call, message) = match event {
        SessionEvent::PromptSent { prompt, call, .. } => {
            (call, AgentMessage::Prompt { prompt: prompt.clone() })
        }
        SessionEvent::RequestDecided { request, decision, call, .. } => {
            let digest = session.pending.iter().find(|pending| pending.id == *request)?.digest.clone();
            (call, AgentMessage::Decision { request: request.clone(), digest, decision: decision.clone() })
        }
        SessionEvent::InterruptRequested { call, .. } => (call, AgentMessage::Interrupt),
        SessionEvent::StopRequested { call, .. } | SessionEvent::AgentStarted { stop: call, .. } => {
            (call, AgentMessage::Stop)
        }
        _ => return None,
    };
    call.map(|call| Delivery { call, message })
}

/// Returns the rule that a decision allows for the rest of the run.
fn allowed_rule(session: &Session, request: &str, decision: &Decision) -> Option<String> {
    let Decision::Allow { rule: Some(number), .. } = decision else { return None };
    match &session.pending.iter().find(|pending| pending.id == request)?.kind {
        RequestKind::Approval { rules, .. } => rules.get(*number).cloned(),
        RequestKind::Questions { .. } | RequestKind::Plan { .. } => None,
    }
}

/// Applies an event about the summary of a session.
pub fn apply_summary(session: &mut Session, at: Timestamp, event: &SummaryEvent) {
    session.version += 1;
    match event {
        SummaryEvent::SummaryScheduled { timer } => session.summary_timer = Some(*timer),
        SummaryEvent::SummaryRequested { call } => {
            session.summary_timer = None;
            session.summary_call = Some(*call);
            session.summarized_at = Some(at);
        }
        SummaryEvent::SummaryProduced { reply } => {
            session.summary_call = None;
            session.summary = Some(reply.answer.clone());
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
        state: SessionState::Starting,
        pending: Vec::new(),
        deliveries: Vec::new(),
        stall: None,
        conversation: resume.clone(),
        runs: vec![begin_run(*run, prompt, *permission, at, *call)],
        artifacts: Vec::new(),
        summary: None,
        summary_call: None,
        summary_timer: None,
        summarized_at: None,
        changed_at: at,
        version: 1,
    })
}

fn begin_run(number: u32, prompt: &str, permission: PermissionMode, at: Timestamp, call: CallId) -> Run {
    Run {
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

fn apply_to_run(run: &mut Run, at: Timestamp, event: &SessionEvent) {
    match event {
        SessionEvent::AgentStarted { started, .. } => {
            run.process = Some(*started);
            run.start_call = None;
        }
        SessionEvent::TurnEnded { failure } => {
            run.turn_failure = failure.clone();
            run.has_empty_error = false;
            run.limit = None;
            run.turns = run.turns.saturating_add(1);
        }
        SessionEvent::EmptyErrorReported => run.has_empty_error = true,
        SessionEvent::UsageLimitReached { until, reason } => {
            run.limit = Some(Limit { until: *until, reason: reason.clone() });
        }
        SessionEvent::ModelReported { name } => run.model = Some(name.clone()),
        SessionEvent::ToolCallDenied { denial } => denials::add(&mut run.denied, denial.clone()),
        SessionEvent::SubagentFailed { helper } if run.failed_helpers.len() < MAX_FAILED_HELPERS => {
            run.failed_helpers.push(helper.clone());
        }
        SessionEvent::UsageReported { usage } => run.usage = *usage,
        SessionEvent::ArtifactRecorded { artifact } => artifacts::add(&mut run.artifacts, artifact),
        SessionEvent::ArtifactsCounted { artifacts } => run.artifact_count = *artifacts,
        SessionEvent::RequestRefused { what, why } if run.refused.len() < MAX_REFUSED => {
            run.refused.push(Refusal { what: what.clone(), why: why.clone() });
        }
        SessionEvent::FilesChangedConcurrently { files } => run.changed_meanwhile = *files,
        SessionEvent::FoldersNotSearched { folders } => run.not_searched = Some(folders.clone()),
        SessionEvent::PromptsUndelivered { undelivered } => run.undelivered = Some(undelivered.clone()),
        SessionEvent::InterruptRequested { by, .. } => run.stopped_by = Some(by.clone()),
        SessionEvent::StopRequested { by, .. } => {
            (run.stopped_by, run.is_stopping) = (Some(by.clone()), true);
        }
        // Only the ended turn was interrupted.
        SessionEvent::AgentContinued if !run.is_stopping => run.stopped_by = None,
        // A new prompt cancels the interruption.
        SessionEvent::PromptSent { .. } => (run.stopped_by, run.is_stopping) = (None, false),
        SessionEvent::RunEnded { exit, outcome } => {
            run.ended_at = Some(at);
            run.exit = *exit;
            run.outcome = Some(outcome.clone());
            run.start_call = None;
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
        | SessionEvent::Delivered { .. }
        | SessionEvent::DeliveryFailed { .. }
        | SessionEvent::SubagentFailed { .. } => {}
    }
}

/// Records the denial of a request, or removes it if the request was allowed.
fn decided(run: &mut Run, kind: &RequestKind, decision: &Decision, by: &Actor) {
    let is_denied = matches!(decision, Decision::Deny { .. });
    match kind {
        RequestKind::Approval { tool, subject, .. } if is_denied => {
            denials::add(
                &mut run.denied,
                Denial { tool: tool.clone(), subject: subject.clone(), by: Some(by.clone()) },
            );
        }
        RequestKind::Approval { tool, subject, .. } => {
            run.denied.retain(|denial| denial.tool != *tool || denial.subject != *subject);
        }
        // In plan mode, the plan itself was the whole task.
        RequestKind::Plan { .. }
            if is_denied && run.permission == PermissionMode::Plan && matches!(by, Actor::Policy { .. }) => {}
        RequestKind::Plan { plan } if is_denied => {
            let subject = shortened(plan, PLAN_CHARS);
            denials::add(
                &mut run.denied,
                Denial { tool: denials::PLAN.to_owned(), subject, by: Some(by.clone()) },
            );
        }
        // An accepted plan replaces earlier ones.
        RequestKind::Plan { .. } => run.denied.retain(|denial| denial.tool != denials::PLAN),
        // An unanswered question denies nothing.
        RequestKind::Questions { .. } => {}
    }
}
