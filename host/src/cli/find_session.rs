//! Finds the session that a user names.

use codewalk_core::ids::SessionId;
use codewalk_core::session::Session;
use codewalk_core::terminal_text::{shortened, visible_line};
use codewalk_store::{Store, StoreError};

use super::clock::Clock;
use super::rows;
use crate::error::{CommandError, ErrorKind};

/// Finds a session by its ID, the start or end of one, or `last`.
pub fn find_session(store: &dyn Store, id: &str) -> Result<Session, CommandError> {
    let none = || {
        CommandError::new(ErrorKind::Usage, format!("unknown session {:?}", shortened(id, 60)))
            .with_hint("list the sessions: codewalk sessions list")
    };
    if id == "last" {
        return store.sessions(1, None)?.pop().ok_or_else(none);
    }
    let session = store.find(id).map_err(|error| match error {
        StoreError::NoSession { .. } => none(),
        StoreError::Ambiguous { candidates, .. } => ambiguous(store, id, &candidates),
        other => other.into(),
    })?;
    store.session(session)?.ok_or_else(none)
}

/// Lists the matching sessions in the form of `list`.
fn ambiguous(store: &dyn Store, id: &str, candidates: &[SessionId]) -> CommandError {
    let clock = Clock::here();
    let line = |candidate: &SessionId| {
        let session = store.session(*candidate).ok().flatten()?;
        let (standing, age) = (rows::in_a_word(&session), clock.age(session.changed_at));
        let project = visible_line(&shortened(&session.project.name, 12));
        let request = visible_line(&shortened(&session.text, 60));
        Some(format!("{candidate}  {standing:<9}  {age:>8}  {project:<12}  {request}"))
    };
    let lines: Vec<String> = candidates.iter().map(|id| line(id).unwrap_or_else(|| id.to_string())).collect();
    let message = format!("{:?} matches several sessions:\n  {}", shortened(id, 60), lines.join("\n  "));
    CommandError::new(ErrorKind::Usage, message).with_hint("type more of the ID")
}
