//! The executor and the log monitor: runs agents as processes on this machine.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codewalk_core::command::Decision;
use codewalk_core::ids::SessionId;
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Executor, Launch, LogMonitor};
use codewalk_core::session::{AgentProcess, Observation};
use codewalk_core::time::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::changes::Snapshot;
use crate::clock::now;
use crate::error::{ExecutorError, InFolder};
use crate::live_agent::{Follower, LiveAgent};
use crate::log::reader::Reader;
use crate::log::tail::Amount;
use crate::log::watch::Watches;
use crate::neighbours::Neighbours;
use crate::process::leader;
use crate::process::{self, Invocation};
use crate::project::Project;
use crate::protocol::{Protocol, SharedProtocol};
use crate::protocols::{self, Versions};
use crate::recovery::{OrphanStatus, end_orphans, give_up};
use crate::report::{Report, ReportBody, Request, RequestReply};
use crate::requests::{self, Relayed};
use crate::reread;
use crate::run_folder::{Meta, RunFolder, SessionLock};
use crate::settings::ExecutorConfig;
use crate::stall::Vigil;

/// Starts agents, sends them prompts and decisions, and reports what they do.
///
/// The output of agents started here is followed from the start. Clones share all state.
#[derive(Clone, Debug)]
pub struct Agents {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: ExecutorConfig,
    reports: mpsc::Sender<Report>,
    watches: Arc<Watches>,
    running: Mutex<HashMap<SessionId, Arc<LiveAgent>>>,
    /// The followed runs of other owners.
    followed: Mutex<HashMap<(SessionId, u32), JoinHandle<()>>>,
    versions: Versions,
}

impl Agents {
    /// Creates an executor that sends its reports to a channel.
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

    /// Returns the agents whose programs are not installed, and what to do about each.
    #[must_use]
    pub fn missing(&self) -> BTreeMap<String, String> {
        let agents = self.shared.settings.agents.iter();
        let missing =
            agents.filter_map(|(name, spec)| Some((name.clone(), spec.locate(name).err()?.to_string())));
        missing.collect()
    }

    /// Finds out the state of a run without a recorded end. Ends its agent if its owner is gone.
    ///
    /// # Errors
    /// If the run folder cannot be read or the agent cannot be ended.
    pub async fn recover(
        &self,
        session: SessionId,
        run: u32,
        started: Option<AgentProcess>,
    ) -> Result<OrphanStatus, ExecutorError> {
        let sessions = &self.shared.settings.sessions;
        let folder = RunFolder::of(sessions, session, run);
        let Some(_lock) = SessionLock::try_take(sessions, session).in_folder(&folder)? else {
            return Ok(OrphanStatus::Owned);
        };
        end_orphans(session, &folder, started).await
    }

    /// Returns the process of a run, or `None` if its owner did not record it.
    #[must_use]
    pub fn started(&self, session: SessionId, run: u32) -> Option<AgentProcess> {
        let folder = RunFolder::of(&self.shared.settings.sessions, session, run);
        Some(folder.meta().ok()??.started())
    }

    /// Reads the output of a run whose owner is gone from its beginning. Reports its entries to `reports` and
    /// returns the observations that still matter.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub async fn reread(
        &self,
        session: SessionId,
        run: u32,
        reports: mpsc::Sender<Report>,
    ) -> Result<Vec<Observation>, ExecutorError> {
        let folder = RunFolder::of(&self.shared.settings.sessions, session, run);
        reread::reread((session, run), &folder, reports).await.in_folder(&folder)
    }

    /// Sends a request to the owner of a session. If it has no owner any longer, ends what is left of its
    /// agent.
    ///
    /// # Errors
    /// If the run folder cannot be used, the agent cannot be ended, or the owner does not reply.
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
        let Shared { settings, reports, watches, versions, .. } = &*self.shared;
        let path = Path::new(&launch.project.path);
        let project = Project::open(path).map_err(|source| ExecutorError::Project {
            project: launch.project.name.clone(),
            path: path.to_owned(),
            source,
        })?;
        let agent = protocols::find(settings, &launch.agent)?;
        let version = agent.version(versions).await?;
        let invocation = agent.invocation(launch, &project, version)?;
        let (session, run) = (launch.session, launch.run);
        let folder = RunFolder::of(&settings.sessions, session, run);
        let lock = SessionLock::try_take(&settings.sessions, session).in_folder(&folder)?;
        let lock = lock.ok_or(ExecutorError::Owned { session })?;
        let before = RunFolder::of(&settings.sessions, session, run.saturating_sub(1));
        if before.path().exists() {
            end_orphans(session, &before, None).await?;
        }
        let neighbours = Neighbours::from_now_on(&settings.sessions, &folder);
        let snapshot = Snapshot::begin(project.path()).await;
        folder.create(invocation.takes_input).in_folder(&folder)?;
        let kind = agent.protocol();
        let protocol = SharedProtocol::new(protocols::open(kind, project.clone(), launch.resume.is_some()));
        let reader =
            Reader::open((session, run), &folder, protocol.clone(), 0, watches, reports.clone()).await;
        let reader = reader.in_folder(&folder)?;
        let (started, agent) = self.execute(launch, (kind, protocol), &invocation, &project, &folder).await?;
        let reports = reports.clone();
        let vigil = Vigil::new(settings.silent_after);
        self.follow(Follower { agent, reader, project, snapshot, neighbours, reports, vigil, _lock: lock });
        Ok(started)
    }

    fn follow(&self, mut follower: Follower) {
        let shared = Arc::clone(&self.shared);
        let (session, run) = (follower.agent.session(), follower.agent.run());
        lock_of(&shared.running).insert(session, Arc::clone(&follower.agent));
        let folder = RunFolder::of(&shared.settings.sessions, session, run);
        let watches = Arc::clone(&shared.watches);
        let serving = tokio::spawn(requests::serve((session, run), folder, watches, shared.reports.clone()));
        tokio::spawn(async move {
            let exit = follower.follow().await;
            serving.abort();
            // Released before the exit is reported: the session may be resumed then.
            lock_of(&shared.running).remove(&session);
            drop(follower);
            let body = ReportBody::Observed(Observation::ProcessExited(exit));
            // If that fails the host is gone; the exit is recorded.
            let _ = shared.reports.send(Report { session, run, body }).await;
        });
    }

    /// Starts the process and records it. Leaves nothing behind if that fails.
    async fn execute(
        &self,
        launch: &Launch,
        (kind, protocol): (Protocol, SharedProtocol),
        invocation: &Invocation,
        project: &Project,
        folder: &RunFolder,
    ) -> Result<(AgentProcess, Arc<LiveAgent>), ExecutorError> {
        let session = launch.session;
        let spawned = process::spawn(invocation, folder, project.path(), session);
        let (child, fifo) = spawned.map_err(|source| {
            folder.discard();
            ExecutorError::Spawn { agent: launch.agent.clone(), program: invocation.program.clone(), source }
        })?;
        let pid = child.id();
        let started = AgentProcess { pid, started_at: leader::start_time(pid).unwrap_or(Timestamp(now())) };
        let program = invocation.program.to_string_lossy().into_owned();
        let meta = Meta {
            schema: 1,
            agent: launch.agent.clone(),
            protocol: kind,
            argv: [program].into_iter().chain(invocation.args.iter().cloned()).collect(),
            prompt: launch.prompt.clone(),
            cwd: project.path().to_owned(),
            pid,
            started_at: started.started_at.0,
        };
        let input = fifo.map(|fifo| (fifo, launch.prompt.as_str()));
        let begun = match folder.write_meta(&meta) {
            Ok(()) => LiveAgent::begin((session, launch.run), child, folder.clone(), protocol, input),
            Err(error) => Err((child, error)),
        };
        match begun {
            Ok(running) => Ok((started, running)),
            Err((child, source)) => {
                give_up(child, started, session).await;
                Err(source).in_folder(folder)
            }
        }
    }

    fn running(&self, session: SessionId) -> Result<Arc<LiveAgent>, ExecutorError> {
        let running = lock_of(&self.shared.running).get(&session).map(Arc::clone);
        running.ok_or(ExecutorError::NotRunning { session })
    }

    async fn follow_other(&self, session: SessionId, run: u32, offset: u64) -> Result<(), ExecutorError> {
        if self.running(session).is_ok_and(|running| running.run() == run) {
            return Ok(());
        }
        let Shared { settings, reports, watches, followed, .. } = &*self.shared;
        let folder = RunFolder::of(&settings.sessions, session, run);
        let (protocol, project) = match folder.meta().in_folder(&folder)? {
            Some(meta) => (meta.protocol, Project::of_run(&meta.cwd)),
            // The owner ended before it could record them.
            None => (Protocol::Lines, Project::of_run(Path::new("/"))),
        };
        let protocol = SharedProtocol::new(protocols::open(protocol, project, run > 1));
        let reader = Reader::open((session, run), &folder, protocol, offset, watches, reports.clone()).await;
        let reader = reader.in_folder(&folder)?;
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
    /// Reports the entries of a run that was not started here, until its end is recorded. The error stream is
    /// reported from its beginning or not at all.
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

/// Reports the output of a run of another owner until its end is recorded.
async fn follow_other(mut reader: Reader, folder: RunFolder) {
    loop {
        let ended = matches!(folder.exit(), Ok(Some(_)));
        match reader.read().await {
            Ok(news) if ended && news.amount == Amount::Nothing => break,
            Ok(news) => reader.changed(news.amount).await,
            Err(error) => {
                let folder = folder.path().display();
                tracing::error!(%folder, %error, "cannot read the output of an agent");
                break;
            }
        }
    }
    reader.finish().await;
}

fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
