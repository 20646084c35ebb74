//! The next steps for a session.

use codewalk_core::origin::Actor;
use codewalk_core::session::{Outcome, Run, Session, SessionState, denials};
use codewalk_protocol::words::short_id;

use super::clock::Clock;

/// What to look at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The details, after a run.
    Show,
    /// The output of its agent, after the details.
    Log,
}

/// Returns the next step for a session, as a command.
pub fn step(session: &Session, look: Look) -> String {
    let id = short_id(session.id);
    let resume = format!("codewalk sessions resume {id}");
    let see = match look {
        Look::Show => format!("show details: codewalk sessions show {id}"),
        Look::Log => format!("show the output: codewalk sessions log {id}"),
    };
    // A session without a conversation ID from its agent cannot be resumed.
    let can_go_on = session.conversation.is_some();
    match session.state {
        SessionState::Starting | SessionState::Running => {
            format!("send a prompt: {resume} \"...\"; stop it: codewalk sessions stop {id}")
        }
        SessionState::Waiting => {
            format!("answer it where it was started; stop it: codewalk sessions stop {id}")
        }
        SessionState::Completed => match session.run().filter(|run| !run.denied.is_empty()) {
            None => see,
            Some(run) if was_asked_nowhere(run) && can_go_on => {
                format!("resume it at a terminal, where it can ask: {resume}")
            }
            Some(run) if was_asked_nowhere(run) => {
                "run it at a terminal, where it can ask, or with --permission accept-edits".to_owned()
            }
            Some(_) if can_go_on => format!("tell it what it may do: {resume} \"...\""),
            Some(_) => see,
        },
        SessionState::Failed if session.limit().is_some() && can_go_on => {
            let until = session.limit().and_then(|limit| limit.until);
            let until = until.map_or_else(String::new, |until| format!(" ({})", Clock::here().local(until)));
            format!("when the limit resets{until}: {resume}")
        }
        SessionState::Failed | SessionState::Cancelled | SessionState::Lost if can_go_on => {
            format!("resume it: {resume}")
        }
        SessionState::Failed | SessionState::Cancelled | SessionState::Lost => see,
    }
}

/// Returns the remedy for a failure, and the step after that.
pub fn step_after_failure(session: &Session) -> String {
    match remedy(session) {
        Some(remedy) => format!("{remedy}; then {}", step(session, Look::Show)),
        None => step(session, Look::Show),
    }
}

/// Returns the remedy for the failure of the last run, if known.
pub fn remedy(session: &Session) -> Option<&'static str> {
    match session.run()?.outcome.as_ref()? {
        Outcome::Failed { reason } => super::remedy::of(reason),
        _ => None,
    }
}

/// Returns whether an action was denied because no terminal was attached.
fn was_asked_nowhere(run: &Run) -> bool {
    run.denied
        .iter()
        .any(|denial| matches!(&denial.by, Some(Actor::Policy { name }) if name == denials::NOT_ATTENDED))
}

#[cfg(test)]
mod tests {
    use codewalk_core::event::SessionEvent;
    use codewalk_core::time::Timestamp;

    use super::super::samples::{approval, created, denied, ended, failed, identified, person, session};
    use super::*;

    fn steps(events: Vec<SessionEvent>) -> [String; 2] {
        let with = session([identified()].into_iter().chain(events.clone()));
        [step(&with, Look::Show), step(&session(events), Look::Show)]
    }

    #[test]
    fn each_outcome_has_a_next_step_with_and_without_a_conversation() {
        let show = "show details: codewalk sessions show 00000abc";
        let resume = "resume it: codewalk sessions resume 00000abc";
        let completed = ended(Outcome::Completed);
        assert_eq!(steps(vec![completed.clone()]), [show, show]);
        for end in [failed("broken"), ended(Outcome::Cancelled { by: person() }), ended(Outcome::Lost)] {
            assert_eq!(steps(vec![end]), [resume, show]);
        }
        let by_person = denied("make", None).into_iter().chain([completed.clone()]).collect();
        let tell = "tell it what it may do: codewalk sessions resume 00000abc \"...\"";
        assert_eq!(steps(by_person), [tell, show]);
        let too_long = denied("make", Some("nobody can be shown 9 bytes of it"));
        assert_eq!(steps(too_long.into_iter().chain([completed.clone()]).collect()), [tell, show]);
        let by_rule = denied("make", Some(denials::NOT_ATTENDED)).into_iter().chain([completed]).collect();
        let [resumable, other] = steps(by_rule);
        assert_eq!(resumable, "resume it at a terminal, where it can ask: codewalk sessions resume 00000abc");
        assert!(other.contains("--permission accept-edits"), "{other}");
    }

    #[test]
    fn a_usage_limit_is_shown_with_its_reset_time() {
        let until = Timestamp(1_796_051_100_000);
        for (until, end) in
            [(None, String::new()), (Some(until), format!(" ({})", Clock::here().local(until)))]
        {
            let limited = ended(Outcome::Limited { until, reason: "You've hit your limit".to_owned() });
            let [resumable, _] = steps(vec![limited]);
            assert_eq!(resumable, format!("when the limit resets{end}: codewalk sessions resume 00000abc"));
        }
    }

    #[test]
    fn a_running_session_accepts_a_prompt_and_a_waiting_one_an_answer() {
        assert!(
            step(&session([]), Look::Log).starts_with("send a prompt: codewalk sessions resume 00000abc")
        );
        assert!(step(&session([approval("make")]), Look::Log).starts_with("answer it where it was started"));
    }

    #[test]
    fn a_failure_with_a_known_cause_starts_with_the_remedy() {
        let failed_with = |reason| step_after_failure(&session([identified(), created("a"), failed(reason)]));
        assert_eq!(
            failed_with("API Error: Repeated 529 Overloaded errors"),
            "wait a few minutes; then resume it: codewalk sessions resume 00000abc"
        );
        assert_eq!(failed_with("broken"), "resume it: codewalk sessions resume 00000abc");
    }
}
