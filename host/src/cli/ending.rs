//! The end of a run as a person is told it: what was denied and how it ended, then what it did, then what can be done next.

use std::io::IsTerminal;

use codewalk_core::session::{Outcome, Session};
use codewalk_core::text::single_line;
use codewalk_core::visible::visible_line;

use super::left::{denied, left, undelivered, usage_line};
use super::next::{self, Look};
use super::progress::{NAME, Progress};
use crate::error::CommandError;

/// Returns the result of a run: what it was denied comes before what is made of the rest.
pub fn result(session: Option<&Session>, told: Option<String>) -> Option<String> {
    let run = session.filter(|session| session.state.has_ended()).and_then(Session::run);
    let denied = run.map(denied).filter(|denied| !denied.is_empty());
    let denied = denied.map(|lines| format!("Denied:\n  {}", lines.join("\n  ")));
    let parts: Vec<String> = [denied, told, run.and_then(undelivered)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// Tells what the last run of a session did: that of the runs before it was told before.
pub fn tell_details(session: &Session, progress: Progress) {
    let Some(run) = session.run() else { return };
    for line in left(run) {
        progress.line(&format!("{NAME}left{NAME:#}    {}", visible_line(&line)));
    }
    if let Some(used) = usage_line(run.usage) {
        progress.line(&format!("{NAME}used{NAME:#}    {used}"));
    }
}

/// Tells what can be done next where all went well.
pub fn tell_next(session: &Session, progress: Progress) {
    progress.line(&format!("{NAME}next{NAME:#}    {}", next::step(session, Look::Show)));
}

/// Leaves out of an error what the result beside it says already, where a person reads both.
pub fn said_once(error: &CommandError, session: Option<&Session>, told: Option<&str>) -> CommandError {
    let is_read_together = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let mut error = error.clone();
    if let (Some(session), Some(told)) = (session, told)
        && is_read_together
        && let Some(Outcome::Failed { reason }) = session.run().and_then(|run| run.outcome.as_ref())
        && single_line(told).contains(single_line(reason).trim_end_matches('.'))
    {
        error.message = format!("{} failed", session.agent);
    }
    error
}
