//! Rebuilds sessions that have run folders but are missing from the store, from their agents' output.
//!
//! Consents, approvals and summaries are lost; everything else is restored.

use std::path::Path;

use codewalk_core::command::Project;
use codewalk_core::entry::EntryKind;
use codewalk_core::event::{Event, EventKind, NewEvent, SessionEvent};
use codewalk_core::ids::{CallId, Id, SessionId};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::Session;
use codewalk_core::time::Timestamp;
use codewalk_executor::{Agents, Meta, OrphanStatus, Protocol, ReportBody, RunFolder};
use codewalk_store::{Store, StoreError};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::config::{Config, StorePlace, base_name};
use crate::orphans;

/// The capacity of the channel for reports.
const REPORTS: usize = 16;
/// The origin of rebuilt sessions.
const FRONT_END: &str = "rebuild";

/// Describes a store that was removed.
const GONE: &str = "is missing";

/// The result of a rebuild.
#[derive(Debug, Default)]
pub struct RebuildReport {
    /// How many sessions were rebuilt.
    pub sessions: usize,
    /// The sessions that were not rebuilt, each with the reason.
    pub skipped: Vec<(SessionId, String)>,
}

/// An empty or missing store although there are run folders.
#[derive(Debug)]
pub struct LostStore {
    how: &'static str,
    sessions: usize,
}

impl LostStore {
    /// Describes what is missing.
    pub fn message(&self, config: &Config) -> String {
        let (StorePlace::Sqlite(store) | StorePlace::Files(store)) = &config.store;
        let sessions = match self.sessions {
            1 => "1 session".to_owned(),
            sessions => format!("{sessions} sessions"),
        };
        format!("the store {store:?} {}, but {:?} contains {sessions}", self.how, config.paths.sessions())
    }
}

/// Returns whether the store was emptied or removed while there are run folders.
pub fn lost(config: &Config) -> Option<LostStore> {
    let how = match &config.store {
        StorePlace::Sqlite(path) => without_database(path),
        StorePlace::Files(path) => without_files(path),
    }?;
    let sessions = on_disk(config).len();
    (sessions > 0).then_some(LostStore { how, sessions })
}

fn without_database(path: &Path) -> Option<&'static str> {
    let length = |path: &Path| path.metadata().map_or(0, |file| file.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match path.try_exists().ok()? {
        false => Some(GONE),
        true => (length(path) == 0 && length(Path::new(&log)) == 0).then_some("is empty (0 bytes)"),
    }
}

fn without_files(path: &Path) -> Option<&'static str> {
    match std::fs::read_dir(path) {
        Ok(mut files) => files.next().is_none().then_some("is empty"),
        Err(error) => (error.kind() == std::io::ErrorKind::NotFound).then_some(GONE),
    }
}

/// Returns the sessions with run folders that the store does not have, oldest first.
pub fn unknown(config: &Config, store: &dyn Store) -> Result<Vec<SessionId>, StoreError> {
    let mut unknown = Vec::new();
    for id in on_disk(config) {
        if store.session(id)?.is_none() {
            unknown.push(id);
        }
    }
    Ok(unknown)
}

/// Rebuilds sessions.
pub async fn rebuild(
    config: &Config,
    store: &mut dyn Store,
    sessions: Vec<SessionId>,
) -> Result<RebuildReport, StoreError> {
    let (reports, _) = mpsc::channel(1);
    let agents = Agents::new(config.executor(), reports);
    let mut rebuilt = RebuildReport::default();
    for id in sessions {
        match of_one(config, &agents, store, id).await? {
            Ok(()) => rebuilt.sessions += 1,
            Err(why) => rebuilt.skipped.push((id, why)),
        }
    }
    Ok(rebuilt)
}

/// Rebuilds one session, or returns the reason why it cannot be rebuilt.
async fn of_one(
    config: &Config,
    agents: &Agents,
    store: &mut dyn Store,
    id: SessionId,
) -> Result<Result<(), String>, StoreError> {
    for number in runs(config, id) {
        let folder = RunFolder::of(&config.paths.sessions(), id, number);
        let meta = match folder.meta() {
            Ok(Some(meta)) => meta,
            Ok(None) => return Ok(Err(format!("the launch of run {number} was not recorded"))),
            Err(error) => {
                return Ok(Err(format!("cannot read the launch of run {number}: {error}")));
            }
        };
        match agents.recover(id, number, Some(meta.started())).await {
            Ok(OrphanStatus::Gone { .. }) => {}
            Ok(OrphanStatus::Owned) => return Ok(Err("it is still running".to_owned())),
            Err(error) => return Ok(Err(error.to_string())),
        }
        let ended = folder.exit().ok().flatten();
        let ended_at = Timestamp(ended.map_or(meta.started_at, |ended| ended.ended_at));
        let before = store.session(id)?;
        let begun = starting(agents, (id, number), &meta, before.as_ref()).await;
        match store.append(&[begun]) {
            Ok(_) => {}
            Err(error @ StoreError::Illegal { .. }) => return Ok(Err(error.to_string())),
            Err(error) => return Err(error),
        }
        if let Some(session) = store.session(id)? {
            let exit = ended.map(|ended| ended.exit());
            orphans::settle_at(agents, store, session, exit, Some(ended_at)).await?;
        }
    }
    Ok(Ok(()))
}

/// Returns the event that begins a run.
async fn starting(
    agents: &Agents,
    (id, run): (SessionId, u32),
    meta: &Meta,
    before: Option<&Session>,
) -> NewEvent {
    let prompt = prompt(agents, (id, run), meta).await;
    let path = meta.cwd.to_string_lossy().into_owned();
    let event = SessionEvent::RunStarting {
        run,
        utterance: None,
        text: before.map_or_else(|| prompt.clone(), |session| session.text.clone()),
        origin: Origin { channel: Channel::Terminal, name: FRONT_END.to_owned() },
        attended: false,
        agent: meta.agent.clone(),
        project: Project { name: base_name(&meta.cwd), path },
        prompt,
        permission: permission(&meta.argv),
        resume: before.and_then(|session| session.conversation.clone()),
        call: CallId(Id::from_u128(Uuid::now_v7().as_u128())),
    };
    NewEvent {
        version: before.map_or(0, |session| session.version) + 1,
        event: Event { at: Timestamp(meta.started_at), kind: EventKind::Session { session: id, event } },
    }
}

/// Finds an agent's first prompt: in the record of its launch, or in its arguments or its output.
async fn prompt(agents: &Agents, (id, run): (SessionId, u32), meta: &Meta) -> String {
    if !meta.prompt.is_empty() {
        return meta.prompt.clone();
    }
    if meta.protocol == Protocol::Lines {
        return meta.argv.last().cloned().unwrap_or_default();
    }
    let (sender, mut reports) = mpsc::channel(REPORTS);
    let agents = agents.clone();
    let reading = tokio::spawn(async move { agents.reread(id, run, sender).await });
    let mut found = None;
    while found.is_none()
        && let Some(report) = reports.recv().await
    {
        if let ReportBody::Entries { entries, .. } = report.body {
            found = entries.into_iter().find_map(|entry| match entry.kind {
                EntryKind::UserText { text } => Some(text.as_str().to_owned()),
                _ => None,
            });
        }
    }
    reading.abort();
    found.unwrap_or_default()
}

/// Finds the permission mode in an agent's arguments. An unknown mode is not granted again.
fn permission(argv: &[String]) -> PermissionMode {
    let mode = argv.iter().position(|arg| arg == "--permission-mode").and_then(|at| argv.get(at + 1));
    match mode.map(String::as_str) {
        Some("plan") => PermissionMode::Plan,
        Some("acceptEdits") => PermissionMode::AcceptEdits,
        Some("bypassPermissions") => PermissionMode::Bypass,
        _ => PermissionMode::Ask,
    }
}

/// Returns the sessions that have run folders, oldest first.
fn on_disk(config: &Config) -> Vec<SessionId> {
    let folders = std::fs::read_dir(config.paths.sessions()).into_iter().flatten().flatten();
    let mut ids: Vec<SessionId> = folders
        .filter_map(|folder| folder.file_name().to_str()?.parse().ok())
        .filter(|id| !runs(config, *id).is_empty())
        .collect();
    ids.sort();
    ids
}

/// Returns the numbers of a session's runs, in order.
fn runs(config: &Config, id: SessionId) -> Vec<u32> {
    let folder = config.paths.sessions().join(id.to_string()).join("runs");
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut numbers: Vec<u32> = folders
        .filter(|run| run.path().join("meta.json").exists())
        .filter_map(|run| run.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}
