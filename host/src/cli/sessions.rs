//! `codewalk sessions`.

use std::fmt::Write;
use std::process::ExitCode;

use codewalk_core::command::{Command, ControlAction};
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::{Session, SessionBrief};
use codewalk_core::terminal_text::{shortened, visible_line};
use codewalk_protocol::words::short_id;
use codewalk_store::Store;
use serde::Serialize;

use super::args::{OutputFormat, ResumeArgs, SessionsCommand};
use super::clock::Clock;
use super::find_session::find_session;
use super::print::{SCHEMA, print_json, print_line};
use super::progress::Progress;
use super::result::{SessionView, print_session};
use super::{control, log, permission, rebuild, rows, run};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};
use crate::orphans;

/// How many ended sessions of a list are read completely, for a more precise state. Reading thousands of them
/// would take too long.
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
        SessionsCommand::Log { id, json } => log::print(store, &find_session(store, &id)?, json),
        SessionsCommand::Stop { id } => {
            let session = find_session(store, &id)?;
            if settled.contains(&session.id) {
                control::report_settled(&session)
            } else {
                control::end(config, store, &session, ControlAction::Stop)
            }
        }
        SessionsCommand::Interrupt { id } => {
            control::end(config, store, &find_session(store, &id)?, ControlAction::Interrupt)
        }
        SessionsCommand::Rebuild { .. } => Ok(()),
        SessionsCommand::Resume(args) => {
            let session = find_session(store, &args.id)?;
            return resume(config, session, args);
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct SessionsJson<'a> {
    schema: u32,
    r#type: &'static str,
    sessions: Vec<SessionView<'a>>,
    /// Whether there are older sessions.
    more: bool,
}

fn list(store: &dyn Store, limit: u32, json: bool) -> Result<(), CommandError> {
    for problem in store.problems()? {
        CommandError::from(problem).with_hint("the list skips this session").say();
    }
    // Read one more, to know whether there are older sessions.
    let one_more = limit.saturating_add(1);
    if json {
        let mut sessions = store.sessions(one_more, None)?;
        let more = sessions.len() > limit as usize;
        sessions.truncate(limit as usize);
        let sessions = sessions.iter().map(SessionView::from).collect();
        return print_json(&SessionsJson { schema: SCHEMA, r#type: "sessions", sessions, more });
    }
    let mut sessions = store.briefs(one_more)?;
    let more = sessions.len() > limit as usize;
    sessions.truncate(limit as usize);
    if sessions.is_empty() {
        return print_line("No sessions yet. Start one: codewalk run \"...\"");
    }
    let clock = Clock::here();
    // Print in one write, because standard output is flushed after each line.
    let mut lines = String::new();
    for (place, session) in sessions.iter().enumerate() {
        let whole = is_read_whole(place, session).then(|| store.session(session.id).ok().flatten()).flatten();
        lines.push_str(&listed(session, whole.as_ref(), &clock));
        lines.push('\n');
    }
    if more {
        let _ = write!(lines, "Older sessions: codewalk sessions list --limit {}", limit.saturating_mul(5));
    }
    print_line(lines.trim_end())
}

/// Returns whether a session of a list is read completely: only then is it known that its agent is silent.
const fn is_read_whole(place: usize, session: &SessionBrief) -> bool {
    place < READ_WHOLE || !session.state.has_ended()
}

/// Returns a session as a line of the list.
fn listed(session: &SessionBrief, whole: Option<&Session>, clock: &Clock) -> String {
    let standing = whole.map_or(session.state.as_str(), rows::in_a_word);
    let until = whole.and_then(Session::limit).and_then(|limit| limit.until);
    let until = until.map_or_else(String::new, |until| format!(" (until {})", clock.local(until)));
    let stall = whole.and_then(|session| session.stall.as_ref());
    let since =
        stall.map_or_else(String::new, |stall| format!(" (since {})", clock.of_core().since(stall.since())));
    format!(
        "{}  {:<9}  {:>8}  {:<8}  {:<12}  {}{until}{since}",
        short_id(session.id),
        standing,
        clock.age(session.changed_at),
        shortened(&session.agent, 8),
        visible_line(&shortened(&session.project, 12)),
        visible_line(&shortened(rows::request(&session.utterance), 60))
    )
}

fn show(store: &dyn Store, id: &str, json: bool) -> Result<(), CommandError> {
    let session = find_session(store, id)?;
    if json {
        return print_session(&session);
    }
    let mut lines = rows::lines(&rows::of_session(&session, &Clock::here()));
    lines.extend(
        session.summary.as_ref().map(|summary| format!("\nsummary  {}", visible_line(&summary.text))),
    );
    print_line(&lines.join("\n"))
}

/// Resumes a session, or sends a prompt to its running agent.
fn resume(config: &Config, session: Session, args: ResumeArgs) -> Result<ExitCode, CommandError> {
    if session.state.has_ended() {
        return run::resume(config, session, args);
    }
    let Some(prompt) = args.prompt else {
        let id = short_id(session.id);
        return Err(CommandError::new(ErrorKind::Usage, format!("session {id} is still running"))
            .with_hint(format!("send it a prompt: codewalk sessions resume {id} \"...\"")));
    };
    // A running agent keeps its permission.
    let (attended, requested) = (session.attended, args.permission.map(PermissionMode::from));
    let permission = requested.unwrap_or_default();
    control::tell(config, Command::Prompt { session: session.id, prompt, attended, permission })?;
    if let Some(other) = requested.and_then(|requested| permission::other_than(&session, requested)) {
        Progress::for_format(args.output_format).important(&other);
    }
    if args.output_format == OutputFormat::Text {
        print_line(&format!("sent to {}", control::named(&session)))?;
    } else {
        print_session(&session)?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use codewalk_core::event::SessionEvent;
    use codewalk_core::session::{Outcome, Stall};
    use codewalk_core::time::Timestamp;

    use super::super::clock::tests::clock;
    use super::super::samples::{BEGIN, ended, identified, session};
    use super::*;

    #[test]
    fn a_running_session_is_read_whatever_its_place_in_the_list() {
        let (running, over) = (session([identified()]).brief(), session([ended(Outcome::Completed)]).brief());
        assert!(is_read_whole(0, &over) && is_read_whole(1_000, &running));
        assert!(!is_read_whole(1_000, &over), "that would take too long");
    }

    #[test]
    fn a_session_without_progress_is_listed_with_the_time_since() {
        let begin = Timestamp(BEGIN);
        let silent = Stall::Silent { since: begin };
        let retrying = Stall::Retrying { since: begin, reason: "it failed".to_owned() };
        let limited = Outcome::Limited { until: Some(begin), reason: "limit".to_owned() };
        for (event, state, end) in [
            (SessionEvent::AgentStalled { stall: silent }, "silent", "no other (since 23:43 (7 minutes))"),
            (
                SessionEvent::AgentStalled { stall: retrying },
                "retrying",
                "no other (since 23:43 (7 minutes))",
            ),
            (ended(limited), "limited", "no other (until 2023-11-14 23:43:20)"),
        ] {
            let whole = session([identified(), event]);
            let line = listed(&whole.brief(), Some(&whole), &clock(BEGIN + 7 * 60_000));
            assert!(line.starts_with(&format!("00000abc  {state:<9}    6m ago")), "{line}");
            assert!(line.ends_with(end), "{line}");
        }
    }
}
