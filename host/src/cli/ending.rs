//! The end of a run in words: denials and outcome, then artifacts, then next steps.

use std::io::IsTerminal;

use codewalk_core::session::{Outcome, Run, Session};
use codewalk_core::terminal_text::{single_line, visible_line};

use super::artifacts::{denied, left, not_searched, undelivered, usage_line};
use super::next::{self, Look};
use super::progress::Progress;
use super::words::NAME;
use crate::error::CommandError;

/// Returns the result of a run; denials come first.
pub fn result(session: Option<&Session>, summary: Option<String>) -> Option<String> {
    let run = session.filter(|session| session.state.has_ended()).and_then(Session::run);
    let denied = run.map(denied).filter(|denied| !denied.is_empty());
    let denied = denied.map(|lines| format!("Denied:\n  {}", lines.join("\n  ")));
    let parts: Vec<String> = [denied, summary, run.and_then(undelivered)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// Prints the artifacts and usage of the last run. Those of earlier runs have already been printed.
pub fn tell_details(session: &Session, progress: Progress) {
    let Some(run) = session.run() else { return };
    if let Some(line) = unseen(run, progress) {
        progress.important(&line);
    }
    for line in left(run) {
        progress.line(&format!("{NAME}actions{NAME:#} {}", visible_line(&line)));
    }
    if let Some(used) = usage_line(run.usage) {
        progress.line(&format!("{NAME}usage{NAME:#}   {used}"));
    }
}

/// Returns the warning that is printed even in quiet mode: more files may have changed.
fn unseen(run: &Run, progress: Progress) -> Option<String> {
    let line = (progress == Progress::Essential).then(|| not_searched(run))??;
    Some(format!("{NAME}actions{NAME:#} {}", visible_line(&line)))
}

/// Prints the next step after success.
pub fn tell_next(session: &Session, progress: Progress) {
    progress.line(&format!("{NAME}next{NAME:#}    {}", next::step(session, Look::Show)));
}

/// Removes from an error what the result next to it already says, if a person reads both.
pub fn without_repetition(
    error: &CommandError,
    session: Option<&Session>,
    summary: Option<&str>,
) -> CommandError {
    let is_read_together = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let mut error = error.clone();
    if let (Some(session), Some(summary)) = (session, summary)
        && is_read_together
        && let Some(Outcome::Failed { reason }) = session.run().and_then(|run| run.outcome.as_ref())
        && single_line(summary).contains(single_line(reason).trim_end_matches('.'))
    {
        error.message = format!("{} failed", session.agent);
    }
    error
}

#[cfg(test)]
mod tests {
    use codewalk_core::session::UnsearchedFolders;

    use super::*;

    #[test]
    fn the_warning_about_more_changes_is_printed_once() {
        let mut session = crate::cli::samples::session([]);
        let run = session.runs.last_mut().unwrap();
        assert_eq!(unseen(run, Progress::Essential), None);
        run.not_searched = Some(UnsearchedFolders { folders: vec!["data".to_owned()], more: 0 });
        let text = unseen(run, Progress::Essential).unwrap();
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(text, "actions possibly more: too many files to check for changes in data");
        for others in [Progress::Quiet, Progress::Beside, Progress::Shown] {
            assert_eq!(unseen(run, others), None, "{others:?}");
        }
    }
}
