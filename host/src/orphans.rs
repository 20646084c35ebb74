//! Sessions whose owner has died: what is left of their agents is ended, what they printed is read to its
//! end, and their own end is recorded.

use codewalk_core::event::StoredEvent;
use codewalk_core::ids::SessionId;
use codewalk_core::orchestrator::{Input, Reply};
use codewalk_core::session::{AgentProcess, Exit, Observation, Session, SessionState};
use codewalk_core::state::{Owner, State, StateContext};
use codewalk_core::time::Timestamp;
use codewalk_executor::{Agents, OrphanStatus, Report, ReportBody, RunFolder, is_news};
use codewalk_store::{RawFile, Store, StoreError};
use tokio::sync::mpsc;

use crate::clock::{envelope, now};
use crate::config::Config;
use crate::error::CommandError;

/// How long after a session's last sign of life, in milliseconds, its owner may still take its lock or record
/// how it ended.
const OWNERS_GRACE: u64 = 30_000;

/// How many reports may wait to be kept.
const REPORTS: usize = 16;

/// Finds the sessions whose owner has died, and settles them. Returns which.
pub async fn settle_all(config: &Config, store: &mut dyn Store) -> Result<Vec<SessionId>, CommandError> {
    let unfinished = store.unfinished()?;
    if unfinished.is_empty() {
        return Ok(Vec::new());
    }
    let mut settled = Vec::new();
    let (reports, _) = mpsc::channel(1);
    let agents = Agents::new(config.executor(), reports);
    for session in unfinished {
        let Some(run) = session.run() else { continue };
        let folder = RunFolder::of(&config.paths.sessions(), session.id, run.number);
        let exited_at = folder.exit().ok().flatten().map(|exit| Timestamp(exit.ended_at));
        if is_left_to_owner(&session, exited_at, now()) {
            continue;
        }
        match agents.recover(session.id, run.number, run.process).await {
            Ok(OrphanStatus::Owned) => {}
            Ok(OrphanStatus::Gone { exit }) => {
                settled.push(session.id);
                settle(&agents, store, session, exit).await?;
            }
            // One broken folder must not keep the others from being used.
            Err(error) => {
                tracing::warn!(%error, session = %session.id, "what became of a session is not known");
            }
        }
    }
    Ok(settled)
}

/// Returns whether an owner may just be about to take a session: it has begun to start it, and has no lock
/// yet.
pub fn is_owners(session: &Session) -> bool {
    is_left_to_owner(session, None, now())
}

/// Returns whether an owner may just be about to take a session, or to say how its agent ended.
fn is_left_to_owner(session: &Session, exited_at: Option<Timestamp>, now: Timestamp) -> bool {
    let is_begun = session.state == SessionState::Starting && is_recent(session.changed_at, now);
    is_begun || exited_at.is_some_and(|at| is_recent(at, now))
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    // A clock that was set back must not make it recent for as long as it was set back.
    now.0.abs_diff(at.0) < OWNERS_GRACE
}

/// Records what a session did and how it ended, unless its owner already did. Returns the new events, or none
/// if another process was faster.
pub async fn settle(
    agents: &Agents,
    store: &mut dyn Store,
    session: Session,
    exit: Option<Exit>,
) -> Result<Vec<StoredEvent>, StoreError> {
    settle_at(agents, store, session, exit, None).await
}

/// Does the same, as of the given time.
pub async fn settle_at(
    agents: &Agents,
    store: &mut dyn Store,
    session: Session,
    exit: Option<Exit>,
    at: Option<Timestamp>,
) -> Result<Vec<StoredEvent>, StoreError> {
    let id = session.id;
    let Some(run) = session.run().map(|run| run.number) else { return Ok(Vec::new()) };
    let mut inputs: Vec<Input> = started(agents, &session).into_iter().collect();
    let observations = read_to_the_end(agents, store, &session, run).await?;
    let last = Observation::Orphaned { exit };
    let observed =
        observations.into_iter().filter(|observation| is_news(&session, observation)).chain([last]);
    inputs.extend(observed.map(|observation| Input::Observed { session: id, run, observation }));
    let mut state = State::new(StateContext::default());
    state.adopt(session, Owner::Here);
    let mut recorded = Vec::new();
    for input in inputs {
        let mut envelope = envelope(input);
        envelope.now = at.unwrap_or(envelope.now);
        let step = state.decide(&envelope);
        match store.append(&state.numbered(&step.events)) {
            Ok(new) => recorded.extend(new),
            Err(StoreError::Conflict { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        for event in &step.events {
            if let Err(error) = state.apply(event) {
                tracing::error!(%error, "a decided event does not apply");
            }
        }
    }
    Ok(recorded)
}

/// Returns the start of an agent that ran, if its owner did not get to record it.
fn started(agents: &Agents, session: &Session) -> Option<Input> {
    let run = session.run().filter(|_| session.state == SessionState::Starting)?;
    let started: AgentProcess = agents.started(session.id, run.number)?;
    Some(Input::PortReplied { call: run.start_call?, reply: Reply::Started(Ok(started)) })
}

/// Stores the agent output that was not stored yet, and returns what the agent did.
async fn read_to_the_end(
    agents: &Agents,
    store: &mut dyn Store,
    session: &Session,
    run: u32,
) -> Result<Vec<Observation>, StoreError> {
    let (sender, mut reports) = mpsc::channel(REPORTS);
    let reading = tokio::spawn({
        let (agents, session) = (agents.clone(), session.id);
        async move { agents.reread(session, run, sender).await }
    });
    while let Some(Report { session, run, body }) = reports.recv().await {
        if let ReportBody::Entries { entries, stderr, next_offset, .. } = body {
            let file = if stderr { RawFile::Stderr } else { RawFile::Stdout };
            match store.append_entries(session, run, file, &entries, next_offset) {
                // Queries for these entries report the error. It must not prevent the end of this session
                // from being recorded, or other sessions from being used.
                Err(error @ StoreError::Corrupt { .. }) => {
                    tracing::warn!(%error, %session, "what a lost session printed cannot be kept");
                }
                kept => kept?,
            }
        }
    }
    match reading.await {
        Ok(Ok(observations)) => Ok(observations),
        Ok(Err(error)) => {
            tracing::warn!(%error, session = %session.id, "what a lost session printed cannot be read");
            Ok(Vec::new())
        }
        Err(error) => {
            tracing::error!(%error, session = %session.id, "reading what a lost session printed broke off");
            Ok(Vec::new())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use codewalk_core::state::history;

    use super::*;
    use crate::cli::samples::{BEGIN, session, starting};

    #[test]
    fn what_is_in_the_future_is_not_recent_for_as_long_as_the_clock_was_set_back() {
        let now = Timestamp(BEGIN);
        for (at, recent) in [
            (BEGIN, true),
            (BEGIN + OWNERS_GRACE - 1, true),
            (BEGIN - OWNERS_GRACE + 1, true),
            (BEGIN + OWNERS_GRACE, false),
            (BEGIN - OWNERS_GRACE, false),
            (BEGIN + 3_600_000, false),
            (0, false),
        ] {
            assert_eq!(is_recent(Timestamp(at), now), recent, "{at}");
        }
    }

    #[test]
    fn a_session_is_left_to_its_owner_while_that_may_take_it_or_say_how_it_ended() {
        let now = Timestamp(BEGIN + OWNERS_GRACE);
        let just = Timestamp(now.0 - 1_000);
        let begun = |at| history::apply(None, session([]).id, at, &starting(1)).unwrap().unwrap();
        assert!(is_left_to_owner(&begun(just), None, now));
        assert!(!is_left_to_owner(&begun(Timestamp(BEGIN)), None, now), "it took too long");
        let mut running = session([]);
        running.changed_at = just;
        assert!(!is_left_to_owner(&running, None, now), "it was taken already");
        assert!(is_left_to_owner(&running, Some(just), now));
        assert!(!is_left_to_owner(&running, Some(Timestamp(BEGIN)), now), "the owner has died since");
    }
}
