//! `codewalk sessions`.

use std::fmt::Write;
use std::process::ExitCode;

use codewalk_core::command::ControlAction;
use codewalk_core::ids::SessionId;
use codewalk_core::session::Session;
use codewalk_core::text::shortened;
use codewalk_core::visible::visible_line;
use codewalk_store::{Store, StoreError};
use serde::Serialize;

use super::clock::Clock;
use super::result::{SCHEMA, SessionView, short_id};
use super::{SessionsCommand, control, log, print_json, print_line, rebuild, rows};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};
use crate::orphans;

/// How many sessions of a list are read whole, to say more of how they stand than their states do: those that are listed
/// unasked. To read each of thousands takes too long.
const READ_WHOLE: usize = 20;

pub(super) fn execute(config: &Config, command: SessionsCommand) -> Result<ExitCode, CommandError> {
    if let SessionsCommand::Rebuild { yes } = command {
        return rebuild::execute(config, yes);
    }
    let mut store = compose::open_store(config)?;
    let settled = compose::block_on(orphans::settle_all(config, store.as_mut()))?;
    let store = store.as_ref();
    match command {
        SessionsCommand::List { json, limit } => list(store, limit, json),
        SessionsCommand::Show { id, json } => show(store, &id, json),
        SessionsCommand::Log { id, json } => log::print(store, &found(store, &id)?, json),
        SessionsCommand::Stop { id } => {
            let session = found(store, &id)?;
            if settled.contains(&session.id) {
                control::was_settled(&session)
            } else {
                control::end(config, store, &session, ControlAction::Stop)
            }
        }
        SessionsCommand::Interrupt { id } => {
            control::end(config, store, &found(store, &id)?, ControlAction::Interrupt)
        }
        SessionsCommand::Rebuild { .. } => Ok(()),
        SessionsCommand::Resume(args) => {
            let session = found(store, &args.id)?;
            return control::go_on(config, session, args);
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct SessionsJson<'a> {
    schema: u32,
    r#type: &'static str,
    sessions: Vec<SessionView<'a>>,
    /// Whether there are older ones.
    more: bool,
}

#[derive(Serialize)]
struct SessionJson<'a> {
    schema: u32,
    r#type: &'static str,
    session: SessionView<'a>,
}

fn list(store: &dyn Store, limit: u32, json: bool) -> Result<(), CommandError> {
    let unreadable = |error: StoreError| compose::store_error(&error);
    for problem in store.problems().map_err(unreadable)? {
        unreadable(problem).with_hint("the list skips this session").say();
    }
    // To know whether there are any that are not listed.
    let one_more = limit.saturating_add(1);
    if json {
        let mut sessions = store.sessions(one_more, None).map_err(unreadable)?;
        let more = sessions.len() > limit as usize;
        sessions.truncate(limit as usize);
        let sessions = sessions.iter().map(SessionView::from).collect();
        return print_json(&SessionsJson { schema: SCHEMA, r#type: "sessions", sessions, more });
    }
    let mut sessions = store.briefs(one_more).map_err(unreadable)?;
    let more = sessions.len() > limit as usize;
    sessions.truncate(limit as usize);
    if sessions.is_empty() {
        return print_line("No sessions yet. Start one: codewalk run \"...\"");
    }
    let clock = Clock::here();
    // At once: standard output passes on each line by itself.
    let mut lines = String::new();
    for (place, session) in sessions.iter().enumerate() {
        let whole = (place < READ_WHOLE).then(|| store.session(session.id).ok().flatten()).flatten();
        let standing = whole.as_ref().map_or(session.state.as_str(), rows::in_a_word);
        let until = whole.as_ref().and_then(Session::limit).and_then(|limit| limit.until);
        let until = until.map_or_else(String::new, |until| format!(" (until {})", clock.local(until)));
        let stall = whole.as_ref().and_then(|session| session.stall.as_ref());
        let since = stall
            .map_or_else(String::new, |stall| format!(" (since {})", clock.of_core().since(stall.since())));
        // Into a string this cannot fail.
        let _ = writeln!(
            lines,
            "{}  {:<9}  {:>8}  {:<8}  {:<12}  {}{until}{since}",
            short_id(session.id),
            standing,
            clock.age(session.changed_at),
            shortened(&session.agent, 8),
            visible_line(&shortened(&session.project, 12)),
            visible_line(&shortened(&session.utterance, 60))
        );
    }
    if more {
        let _ = write!(lines, "Older sessions: codewalk sessions list --limit {}", limit.saturating_mul(5));
    }
    print_line(lines.trim_end())
}

/// Prints a session as JSON.
pub(super) fn print_session(session: &Session) -> Result<(), CommandError> {
    print_json(&SessionJson { schema: SCHEMA, r#type: "session", session: session.into() })
}

fn show(store: &dyn Store, id: &str, json: bool) -> Result<(), CommandError> {
    let session = found(store, id)?;
    if json {
        return print_session(&session);
    }
    let mut lines = rows::lines(&rows::of_session(&session, &Clock::here()));
    lines.extend(
        session.summary.as_ref().map(|summary| format!("\nsummary  {}", visible_line(&summary.text))),
    );
    print_line(&lines.join("\n"))
}

/// Finds a session by what a user typed.
pub(super) fn found(store: &dyn Store, id: &str) -> Result<Session, CommandError> {
    let none = || {
        CommandError::new(ErrorKind::Usage, format!("unknown session {:?}", shortened(id, 60)))
            .with_hint("list the sessions: codewalk sessions list")
    };
    let unreadable = |error: StoreError| compose::store_error(&error);
    if id == "last" {
        return store.sessions(1, None).map_err(unreadable)?.pop().ok_or_else(none);
    }
    let session = store.find(id).map_err(|error| match error {
        StoreError::NoSession { .. } => none(),
        StoreError::Ambiguous { candidates, .. } => ambiguous(store, id, &candidates),
        other => unreadable(other),
    })?;
    store.session(session).map_err(unreadable)?.ok_or_else(none)
}

/// Lists the sessions that may be meant, as `list` shows them.
fn ambiguous(store: &dyn Store, id: &str, candidates: &[SessionId]) -> CommandError {
    let clock = Clock::here();
    let line = |candidate: &SessionId| {
        let session = store.session(*candidate).ok().flatten()?;
        let (standing, age) = (rows::in_a_word(&session), clock.age(session.changed_at));
        let project = visible_line(&shortened(&session.project.name, 12));
        let wish = visible_line(&shortened(&session.text, 60));
        Some(format!("{candidate}  {standing:<9}  {age:>8}  {project:<12}  {wish}"))
    };
    let lines: Vec<String> = candidates.iter().map(|id| line(id).unwrap_or_else(|| id.to_string())).collect();
    let message = format!("{:?} matches several sessions:\n  {}", shortened(id, 60), lines.join("\n  "));
    CommandError::new(ErrorKind::Usage, message).with_hint("type more of the ID")
}
