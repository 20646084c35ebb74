//! The executor and the log monitor: runs agents as processes on this machine.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codewalk_core::command::Decision;
use codewalk_core::ids::{CallId, SessionId};
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Executor, Launch, LogMonitor};
use codewalk_core::session::{AgentProcess, Observation};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::changes::Snapshot;
use crate::clock::now;
use crate::error::{ExecutorError, InFolder};
use crate::live_agent::{End, Follower, LiveAgent, RunEnd, watch_supervisor};
use crate::log::reader::{LineStep, Reader};
use crate::log::tail::Amount;
use crate::log::watch::Watches;
use crate::neighbours::Neighbours;
use crate::project::Project;
use crate::protocol::{Protocol, SharedProtocol};
use crate::protocols::{self, Versions};
use crate::recovery::{OrphanStatus, end_orphans};
use crate::report::{Report, ReportBody, Request, RequestReply};
use crate::requests::{self, Relayed};
use crate::reread;
use crate::run_folder::{BeforeRecord, RunFolder, SessionLock};
use crate::settings::ExecutorConfig;
use crate::stall::Vigil;
use crate::starting;

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

    pub(crate) fn settings(&self) -> &ExecutorConfig {
        &self.shared.settings
    }

    pub(crate) fn watches(&self) -> &Arc<Watches> {
        &self.shared.watches
    }

    pub(crate) fn reports(&self) -> mpsc::Sender<Report> {
        self.shared.reports.clone()
    }

    async fn launch(&self, call: CallId, launch: &Launch) -> Result<AgentProcess, ExecutorError> {
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
        if folder.never_started().in_folder(&folder)? {
            folder.discard();
        }
        let neighbours = Neighbours::since(&settings.sessions, &folder, now());
        let snapshot = Snapshot::begin(project.path()).await;
        let kind = agent.protocol();
        let record = starting::record(launch, kind, &invocation, &project, settings);
        folder.create(&record, &launch.prompt).in_folder(&folder)?;
        let protocol = SharedProtocol::new(protocols::open(kind, project.clone(), launch.resume.is_some()));
        let at = BeforeRecord {
            version: BeforeRecord::VERSION,
            call: call.to_string(),
            root: snapshot.root().to_owned(),
            at: neighbours.moment(),
        };
        let begun = async {
            folder.write_before(&at).in_folder(&folder)?;
            let reader = Reader::open(
                (session, run),
                &folder,
                protocol.clone(),
                (0, Some(0)),
                watches,
                reports.clone(),
            );
            let reader = reader.await.in_folder(&folder)?;
            let first = invocation.takes_input.then_some((call, launch.prompt.as_str()));
            let handover = starting::handover(session, &invocation, &protocol, first)?;
            let started = starting::start(settings, &folder, &launch.agent, handover).await?;
            let end = RunEnd::new(folder.clone(), watch_supervisor(&folder).in_folder(&folder)?);
            let agent = LiveAgent::new((session, run), &folder, protocol, invocation.takes_input, &end);
            Ok((started, reader, agent.in_folder(&folder)?, end))
        };
        let (started, reader, agent, end) = match begun.await {
            Ok(begun) => begun,
            Err(error) => {
                starting::give_up(&folder).await;
                return Err(error);
            }
        };
        let (snapshot, reports) = (Some(snapshot), reports.clone());
        let vigil = Vigil::new(settings.silent_after);
        let follower =
            Follower { agent, end, reader, project, snapshot, neighbours, reports, vigil, _lock: lock };
        self.follow(follower, Vec::new(), folder);
        Ok(started)
    }

    /// Follows a run to its end, whether it was started or found.
    pub(crate) fn follow(&self, mut follower: Follower, earlier: Vec<LineStep>, folder: RunFolder) {
        let shared = Arc::clone(&self.shared);
        let (session, run) = (follower.agent.session(), follower.agent.run());
        lock_of(&shared.running).insert(session, Arc::clone(&follower.agent));
        let watches = Arc::clone(&shared.watches);
        let serving =
            tokio::spawn(requests::serve((session, run), folder.clone(), watches, shared.reports.clone()));
        tokio::spawn(async move {
            let end = follower.follow(earlier).await;
            serving.abort();
            let observation = match end {
                End::Recorded(record) => Observation::ProcessExited(record.exit()),
                End::Lost => {
                    if let Err(error) = end_orphans(session, &folder, None).await {
                        tracing::error!(%error, "cannot end what is left of a lost run");
                    }
                    Observation::Orphaned { exit: None }
                }
            };
            // Released before the end is reported: the session may be resumed then.
            lock_of(&shared.running).remove(&session);
            drop(follower);
            // If that fails the host is gone; the end is recorded.
            let _ =
                shared.reports.send(Report { session, run, body: ReportBody::Observed(observation) }).await;
        });
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
        let stderr = (offset == 0).then_some(0);
        let reader =
            Reader::open((session, run), &folder, protocol, (offset, stderr), watches, reports.clone()).await;
        let reader = reader.in_folder(&folder)?;
        let follow = tokio::spawn(follow_other(reader, folder));
        if let Some(before) = lock_of(followed).insert((session, run), follow) {
            before.abort();
        }
        Ok(())
    }
}

impl Executor for Agents {
    async fn start(&self, call: CallId, launch: &Launch) -> Result<AgentProcess, PortError> {
        Ok(self.launch(call, launch).await?)
    }

    async fn send(&self, call: CallId, session: SessionId, prompt: &str) -> Result<(), PortError> {
        Ok(self.running(session)?.send(call, prompt)?)
    }

    async fn answer(
        &self,
        call: CallId,
        session: SessionId,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<(), PortError> {
        Ok(self.running(session)?.answer(call, request, digest, decision)?)
    }

    async fn interrupt(&self, call: CallId, session: SessionId) -> Result<(), PortError> {
        Ok(self.running(session)?.interrupt(call)?)
    }

    async fn stop(&self, call: CallId, session: SessionId) -> Result<(), PortError> {
        Ok(self.running(session)?.stop(call).await?)
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
        let ended = matches!(folder.exit(), Ok(Some(_))) || folder.is_lost();
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
