//! A session in rows: all that a person is told of it, in one place.

use codewalk_core::permission::PermissionMode;
use codewalk_core::session::{Outcome, PendingRequest, Run, Session};
use codewalk_core::summarization;
use codewalk_core::text::{printable, single_line};

use super::clock::{Clock, duration};
use super::left::{artifacts, denied, left, named, usage_line};
use super::next;
use super::result::exit_code;

/// What a row is about, and what it says.
pub type Row = (String, String);

/// Returns the rows of a session.
pub fn of_session(session: &Session, clock: &Clock) -> Vec<Row> {
    let mut rows = vec![
        row("session", session.id.to_string()),
        row("wish", printable(&session.text)),
        row("agent", single_line(&session.agent)),
        row("project", single_line(&session.project.path)),
        row("state", standing(session)),
    ];
    rows.extend(several("waits", named(&session.pending, usize::MAX, |asked| waiting(asked, clock))));
    rows.extend(session.ended_because().map(|why| row("because", printable(&why))));
    rows.extend(next::remedy(session).map(|remedy| row("remedy", remedy.to_owned())));
    for run in &session.runs {
        rows.extend(of_run(session, run, clock));
    }
    // Older sessions do not say which run left what.
    if session.runs.iter().all(|run| run.artifacts.is_empty()) {
        rows.extend(several("left", artifacts(&session.artifacts)));
    }
    if session.runs.len() > 1 {
        let used = usage_line(session.usage());
        rows.extend(used.map(|used| row("used", format!("{used}, by all runs together"))));
    }
    rows.push(row("next", next::step(session)));
    rows
}

fn of_run(session: &Session, run: &Run, clock: &Clock) -> Vec<Row> {
    let state = run.outcome.as_ref().map_or(session.state, Outcome::state).as_str();
    let code = exit_code(run).map_or_else(String::new, |code| format!(", exit status {code}"));
    let mut rows = vec![
        row(&format!("run {}", run.number), format!("{state}{code}")),
        row("started", clock.local(run.started_at)),
    ];
    rows.extend(run.ended_at.map(|end| {
        let lasted = duration(end.since(run.started_at));
        row("ended", format!("{}, after {lasted}", clock.local(end)))
    }));
    rows.push(row("mode", mode(run.permission).to_owned()));
    rows.extend(usage_line(run.usage).map(|used| row("used", used)));
    rows.extend(several("denied", denied(run)));
    rows.extend(several("left", left(run)));
    rows
}

/// Returns how a session stands, in some words.
pub fn standing(session: &Session) -> String {
    let state = session.state.as_str();
    let completed = session.run().filter(|run| run.outcome == Some(Outcome::Completed));
    match completed.filter(|run| !run.denied.is_empty()) {
        None => state.to_owned(),
        Some(run) if run.has_done_something() => format!("{state}, but it was denied something"),
        Some(_) => format!("{state}, but it was denied what it asked for"),
    }
}

fn waiting(asked: &PendingRequest, clock: &Clock) -> String {
    let question = summarization::question(&asked.kind);
    format!("for you since {} ({}): {question}", clock.local(asked.since), clock.since(asked.since))
}

const fn mode(permission: PermissionMode) -> &'static str {
    match permission {
        PermissionMode::Plan => "plan: it may only plan",
        PermissionMode::Ask => "ask: it asks before it changes anything",
        PermissionMode::AcceptEdits => "accept-edits: it may edit files in the project unasked",
        PermissionMode::Bypass => "bypass: it may do everything unasked",
    }
}

fn row(about: &str, says: String) -> Row {
    (about.to_owned(), says)
}

fn several(about: &str, lines: Vec<String>) -> impl Iterator<Item = Row> {
    lines.into_iter().map(move |line| row(about, line))
}

/// Returns rows as lines; those after the first one of a row stand below it.
pub fn lines(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|(about, says)| format!("{about:<8} {}", says.replace('\n', "\n         "))).collect()
}
