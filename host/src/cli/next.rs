//! What a person can do next about a session.

use codewalk_core::command::Actor;
use codewalk_core::session::{Outcome, Run, Session, SessionState};

use super::result::short_id;

/// Returns the step that fits how a session stands, as a command.
pub fn step(session: &Session) -> String {
    let id = short_id(session.id);
    let resume = format!("codewalk sessions resume {id}");
    let show = format!("see what it did: codewalk sessions log {id}");
    // An agent that did not say how its conversation can be continued cannot be resumed.
    let can_go_on = session.conversation.is_some();
    match session.state {
        SessionState::Starting | SessionState::Running => {
            format!("tell it something: {resume} \"...\"; end it: codewalk sessions stop {id}")
        }
        SessionState::Waiting => {
            format!("answer where it was started; end it: codewalk sessions stop {id}")
        }
        SessionState::Completed => match session.run().filter(|run| !run.denied.is_empty()) {
            None => show,
            Some(run) if was_asked_nowhere(run) && can_go_on => {
                format!("let it ask at a terminal: {resume}")
            }
            Some(run) if was_asked_nowhere(run) => {
                "start it at a terminal, where it can ask, or with --permission accept-edits".to_owned()
            }
            Some(_) if can_go_on => format!("tell it what it may do: {resume} \"...\""),
            Some(_) => show,
        },
        SessionState::Failed | SessionState::Cancelled | SessionState::Lost if can_go_on => {
            format!("go on with it: {resume}")
        }
        SessionState::Failed | SessionState::Cancelled | SessionState::Lost => show,
    }
}

/// Returns what to do about a failure, and then.
pub fn step_after_failure(session: &Session) -> String {
    match remedy(session) {
        Some(remedy) => format!("{remedy}; then {}", step(session)),
        None => step(session),
    }
}

/// Returns what to do about the failure of the last run, where that is known.
pub fn remedy(session: &Session) -> Option<&'static str> {
    match session.run()?.outcome.as_ref()? {
        Outcome::Failed { reason } => super::remedy::of(reason),
        _ => None,
    }
}

/// Returns whether a rule denied something because nobody could be asked, or too much was asked.
fn was_asked_nowhere(run: &Run) -> bool {
    run.denied.iter().any(|denial| matches!(denial.by, Actor::Policy { .. }))
}
