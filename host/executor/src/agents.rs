//! The executor and the log monitor: agents as processes of this machine.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codewalk_core::call::{AgentProcess, Exit, Launch, Observation, PortError};
use codewalk_core::command::Decision;
use codewalk_core::ids::SessionId;
use codewalk_core::ports::{Executor, LogMonitor};
use codewalk_core::time::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::changes::Snapshot;
use crate::claude::conversation::Conversation;
use crate::error::ExecutorError;
use crate::live_agent::{Follower, Running, now};
use crate::log::reader::Reader;
use crate::log::tail::Amount;
use crate::log::watch::Watches;
use crate::neighbours::Neighbours;
use crate::process::tree::{self, Leader};
use crate::process::{self, Invocation};
use crate::project::Project;
use crate::protocols;
use crate::report::{Report, ReportBody};
use crate::requests::{self, Relayed, Request, RequestReply};
use crate::reread;
use crate::run_folder::{Meta, Protocol, RunFolder, SessionLock};
use crate::settings::{AgentSpec, ExecutorConfig};
use crate::stall::Vigil;
use crate::version::{Version, Versions};

/// Starts agents, tells them what they are to be told, and reports what they do.
///
/// What an agent that was started here prints is followed from the start. Clones share everything.
#[derive(Clone, Debug)]
pub struct Agents {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: ExecutorConfig,
    reports: mpsc::Sender<Report>,
    watches: Arc<Watches>,
    running: Mutex<HashMap<SessionId, Arc<Running>>>,
    /// Runs of other owners that are followed.
    followed: Mutex<HashMap<(SessionId, u32), JoinHandle<()>>>,
    versions: Versions,
}

/// What became of a run that has no known end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// Its owner lives, here or in another process.
    Owned,
    /// Its owner is gone, and so is the agent: it was stopped where it still ran.
    Gone {
        /// How it ended, where the owner had still recorded that.
        exit: Option<Exit>,
    },
}

impl Agents {
    /// Takes its settings and where to report what agents do.
    #[must_use]
    pub fn new(settings: ExecutorConfig, reports: mpsc::Sender<Report>) -> Self {
        let versions = Versions::new(settings.versions.clone());
        let shared = Shared {
            settings,
            reports,
            watches: Arc::default(),
            running: Mutex::default(),
            followed: Mutex::default(),
            versions,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Returns the agents whose programs are not there, and what to do about it.
    #[must_use]
    pub fn missing(&self) -> BTreeMap<String, String> {
        let agents = self.shared.settings.agents.iter();
        let missing =
            agents.filter_map(|(name, spec)| Some((name.clone(), spec.locate(name).err()?.to_string())));
        missing.collect()
    }

    /// Finds out what became of a run whose end is not known, and stops its agent where nobody owns it any more.
    ///
    /// # Errors
    /// Where the run folder cannot be read, or the agent cannot be ended.
    pub async fn recover(
        &self,
        session: SessionId,
        run: u32,
        started: Option<AgentProcess>,
    ) -> Result<Recovered, ExecutorError> {
        let sessions = &self.shared.settings.sessions;
        let folder = RunFolder::of(sessions, session, run);
        let Some(_lock) = SessionLock::try_take(sessions, session).map_err(unusable(&folder))? else {
            return Ok(Recovered::Owned);
        };
        end_orphans(session, &folder, started).await
    }

    /// Returns the process of a run; none where its owner did not come to record it.
    #[must_use]
    pub fn started(&self, session: SessionId, run: u32) -> Option<AgentProcess> {
        let folder = RunFolder::of(&self.shared.settings.sessions, session, run);
        Some(folder.meta().ok()??.started())
    }

    /// Reads from its beginning what a run printed whose owner is gone: reports the entries to `reports` and returns what the
    /// agent did that still counts.
    ///
    /// # Errors
    /// Where its files cannot be read.
    pub async fn reread(
        &self,
        session: SessionId,
        run: u32,
        reports: mpsc::Sender<Report>,
    ) -> Result<Vec<Observation>, ExecutorError> {
        let folder = RunFolder::of(&self.shared.settings.sessions, session, run);
        reread::reread((session, run), &folder, reports).await.map_err(unusable(&folder))
    }

    /// Asks the owner of a session for something; where there is none any more, ends what is left of its agent.
    ///
    /// # Errors
    /// Where the run folder cannot be used, the agent cannot be ended, or the owner does not reply.
    pub async fn relay(
        &self,
        (session, run): (SessionId, u32),
        started: Option<AgentProcess>,
        request: &Request,
    ) -> Result<Relayed, ExecutorError> {
        let Shared { settings, watches, .. } = &*self.shared;
        requests::ask((session, run), started, request, &settings.sessions, watches).await
    }

    /// Replies to a request of another process.
    pub fn reply(&self, (session, run): (SessionId, u32), id: Uuid, reply: &RequestReply) {
        requests::reply(&RunFolder::of(&self.shared.settings.sessions, session, run), id, reply);
    }

    async fn launch(&self, launch: &Launch) -> Result<AgentProcess, ExecutorError> {
        let Shared { settings, reports, watches, .. } = &*self.shared;
        let path = Path::new(&launch.project.path);
        let project = Project::open(path).map_err(|source| ExecutorError::Project {
            project: launch.project.name.clone(),
            path: path.to_owned(),
            source,
        })?;
        let version = self.version(&launch.agent).await?;
        let invocation = protocols::of(settings, launch, &project, version)?;
        let (session, run) = (launch.session, launch.run);
        let folder = RunFolder::of(&settings.sessions, session, run);
        let lock = SessionLock::try_take(&settings.sessions, session).map_err(unusable(&folder))?;
        let lock = lock.ok_or(ExecutorError::Owned { session })?;
        let before = RunFolder::of(&settings.sessions, session, run.saturating_sub(1));
        if before.path().exists() {
            end_orphans(session, &before, None).await?;
        }
        let neighbours = Neighbours::from_now_on(&settings.sessions, &folder);
        let snapshot = Snapshot::begin(project.path()).await;
        folder.create(invocation.protocol == Protocol::Claude).map_err(unusable(&folder))?;
        let decoding = (invocation.protocol, project.clone());
        let reader = Reader::open((session, run), &folder, decoding, 0, watches, reports.clone()).await;
        let reader = reader.map_err(unusable(&folder))?;
        let (started, running) = self.execute(launch, &invocation, &project, &folder).await?;
        let reports = reports.clone();
        let vigil = Vigil::new(settings.silent_after);
        self.follow(Follower { running, reader, project, snapshot, neighbours, reports, vigil, _lock: lock });
        Ok(started)
    }

    /// Finds out which version of Claude Code an agent is, where it is one and says so.
    async fn version(&self, agent: &str) -> Result<Option<Version>, ExecutorError> {
        let Shared { settings, versions, .. } = &*self.shared;
        let Some(spec @ AgentSpec::Claude { env, .. }) = settings.agents.get(agent) else { return Ok(None) };
        let program = spec.locate(agent)?;
        match versions.of(&program, env, &settings.removed_env).await {
            Err(source) => Err(ExecutorError::NotClaude { agent: agent.to_owned(), program, source }),
            Ok(Some(version)) if version < Version::OLDEST => {
                Err(ExecutorError::TooOld { agent: agent.to_owned(), program, version })
            }
            Ok(version) => Ok(version),
        }
    }

    fn follow(&self, mut follower: Follower) {
        let shared = Arc::clone(&self.shared);
        let (session, run) = (follower.running.session(), follower.running.run());
        lock_of(&shared.running).insert(session, Arc::clone(&follower.running));
        let folder = RunFolder::of(&shared.settings.sessions, session, run);
        let watches = Arc::clone(&shared.watches);
        let serving = tokio::spawn(requests::serve((session, run), folder, watches, shared.reports.clone()));
        tokio::spawn(async move {
            let exit = follower.follow().await;
            serving.abort();
            // Given up before anyone is told: whoever is may want to resume the session.
            lock_of(&shared.running).remove(&session);
            drop(follower);
            let body = ReportBody::Observed(Observation::ProcessExited(exit));
            // An error means that nobody listens any more; the exit is recorded.
            let _ = shared.reports.send(Report { session, run, body }).await;
        });
    }

    /// Starts the process and records it; leaves nothing behind where that fails.
    async fn execute(
        &self,
        launch: &Launch,
        invocation: &Invocation,
        project: &Project,
        folder: &RunFolder,
    ) -> Result<(AgentProcess, Arc<Running>), ExecutorError> {
        let session = launch.session;
        let removed = &self.shared.settings.removed_env;
        let spawned = process::spawn(invocation, folder, project.path(), session, removed);
        let (child, fifo) = spawned.map_err(|source| {
            folder.discard();
            ExecutorError::Spawn { agent: launch.agent.clone(), program: invocation.program.clone(), source }
        })?;
        let pid = child.id();
        let started = AgentProcess { pid, started_at: tree::start_time(pid).unwrap_or(Timestamp(now())) };
        let program = invocation.program.to_string_lossy().into_owned();
        let meta = Meta {
            schema: 1,
            agent: launch.agent.clone(),
            protocol: invocation.protocol,
            argv: [program].into_iter().chain(invocation.args.iter().cloned()).collect(),
            cwd: project.path().to_owned(),
            pid,
            started_at: started.started_at.0,
        };
        let talk = fifo.map(|fifo| {
            (Conversation::new(project.clone(), launch.resume.is_some()), fifo, launch.prompt.as_str())
        });
        let begun = match folder.write_meta(&meta) {
            Ok(()) => Running::begin((session, launch.run), child, folder.clone(), talk),
            Err(error) => Err((child, error)),
        };
        match begun {
            Ok(running) => Ok((started, running)),
            Err((child, source)) => {
                give_up(child, started, session).await;
                Err(unusable(folder)(source))
            }
        }
    }

    fn running(&self, session: SessionId) -> Result<Arc<Running>, ExecutorError> {
        let running = lock_of(&self.shared.running).get(&session).map(Arc::clone);
        running.ok_or(ExecutorError::NotRunning { session })
    }

    async fn follow_other(&self, session: SessionId, run: u32, offset: u64) -> Result<(), ExecutorError> {
        if self.running(session).is_ok_and(|running| running.run() == run) {
            return Ok(());
        }
        let Shared { settings, reports, watches, followed, .. } = &*self.shared;
        let folder = RunFolder::of(&settings.sessions, session, run);
        let (protocol, project) = match folder.meta().map_err(unusable(&folder))? {
            Some(meta) => (meta.protocol, Project::of_run(&meta.cwd)),
            // The owner ended before it could write them.
            None => (Protocol::Lines, Project::of_run(Path::new("/"))),
        };
        let reader =
            Reader::open((session, run), &folder, (protocol, project), offset, watches, reports.clone())
                .await;
        let reader = reader.map_err(unusable(&folder))?;
        let follow = tokio::spawn(follow_other(reader, folder));
        if let Some(before) = lock_of(followed).insert((session, run), follow) {
            before.abort();
        }
        Ok(())
    }
}

impl Executor for Agents {
    async fn start(&self, launch: &Launch) -> Result<AgentProcess, PortError> {
        Ok(self.launch(launch).await?)
    }

    async fn send(&self, session: SessionId, prompt: &str) -> Result<(), PortError> {
        Ok(self.running(session)?.send(prompt)?)
    }

    async fn answer(
        &self,
        session: SessionId,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<(), PortError> {
        Ok(self.running(session)?.answer(request, digest, decision)?)
    }

    async fn interrupt(&self, session: SessionId) -> Result<(), PortError> {
        Ok(self.running(session)?.interrupt()?)
    }

    async fn stop(&self, session: SessionId) -> Result<(), PortError> {
        Ok(self.running(session)?.stop().await?)
    }
}

impl LogMonitor for Agents {
    /// Reports the entries of a run that was not started here, until its end is recorded. Its error stream is
    /// reported from the beginning or not at all.
    async fn watch(&self, session: SessionId, run: u32, offset: u64) -> Result<(), PortError> {
        Ok(self.follow_other(session, run, offset).await?)
    }

    async fn unwatch(&self, session: SessionId, run: u32) -> Result<(), PortError> {
        if let Some(follow) = lock_of(&self.shared.followed).remove(&(session, run)) {
            follow.abort();
        }
        Ok(())
    }
}

/// Reports what a run of another owner prints until its end is recorded.
async fn follow_other(mut reader: Reader, folder: RunFolder) {
    loop {
        let ended = matches!(folder.exit(), Ok(Some(_)));
        match reader.read().await {
            Ok(news) if ended && news.amount == Amount::Nothing => break,
            Ok(news) => reader.changed(news.amount).await,
            Err(error) => {
                tracing::error!(folder = %folder.path().display(), %error, "cannot read what an agent printed");
                break;
            }
        }
    }
    reader.finish().await;
}

/// Ends an agent that nobody comes to know of. Whoever looks for it when this is told finds nothing, not even its number.
pub(crate) async fn give_up(mut child: Child, started: AgentProcess, session: SessionId) {
    tree::terminate(Some(Leader::AgentProcess(started)), session).await;
    let _ = child.try_wait();
}

/// Ends what is left of a run without an owner. The caller holds the session's lock.
pub(crate) async fn end_orphans(
    session: SessionId,
    folder: &RunFolder,
    started: Option<AgentProcess>,
) -> Result<Recovered, ExecutorError> {
    if let Some(record) = folder.exit().map_err(unusable(folder))? {
        return Ok(Recovered::Gone { exit: Some(record.exit()) });
    }
    let started = match started {
        Some(started) => Some(started),
        None => folder.meta().map_err(unusable(folder))?.map(|meta| meta.started()),
    };
    let orphans = tree::orphans(session, started);
    if !orphans.is_empty() && !tree::terminate(started.map(Leader::AgentProcess), session).await {
        return Err(ExecutorError::Orphans { session, pids: tree::orphans(session, started) });
    }
    Ok(Recovered::Gone { exit: None })
}

fn unusable(folder: &RunFolder) -> impl Fn(std::io::Error) -> ExecutorError {
    |source| ExecutorError::Folder { path: folder.path().to_owned(), source }
}

fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
