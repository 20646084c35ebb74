//! Takes over runs that an earlier host started: they are followed as if they had been started here.
//!
//! The protocol of a found run is restored: it is given the messages that were sent to the agent, and then
//! reads the output from its beginning. It answers the agent by calls that are named after the line they
//! answer, so an answer that was sent before is not sent again.

use std::collections::BTreeSet;
use std::io;

use codewalk_core::ids::CallId;
use codewalk_core::orchestrator::FoundRun;
use codewalk_core::session::{AgentMessage, Observation, Session};
use codewalk_supervisor::Delivery;

use crate::agents::Agents;
use crate::changes::Snapshot;
use crate::error::{ExecutorError, InFolder};
use crate::live_agent::{Follower, LiveAgent, RunEnd, watch_supervisor};
use crate::log::reader::{LineStep, Reader, replay};
use crate::neighbours::Neighbours;
use crate::project::Project;
use crate::protocol::{SharedProtocol, Step};
use crate::protocols;
use crate::recovery::end_orphans;
use crate::reread::Findings;
use crate::run_folder::{BeforeRecord, Meta, RunFolder, SessionLock};
use crate::stall::Vigil;

/// How much of the output of a run is stored: the offsets of the first lines that are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredOutput {
    /// Of standard output.
    pub stdout: u64,
    /// Of standard error.
    pub stderr: u64,
}

impl Agents {
    /// Takes over the last run of a session, if it has a run folder. Follows it to its end, which may have
    /// come: output that is not stored is reported, and so is what the session does not know yet.
    ///
    /// # Errors
    /// If another process owns the session, or the run folder cannot be used.
    pub async fn take_over(
        &self,
        session: &Session,
        stored: StoredOutput,
    ) -> Result<Option<FoundRun>, ExecutorError> {
        let Some(run) = session.run().map(|run| run.number) else { return Ok(None) };
        let folder = RunFolder::of(&self.settings().sessions, session.id, run);
        if !folder.path().exists() {
            return Ok(None);
        }
        let lock = SessionLock::try_take(&self.settings().sessions, session.id).in_folder(&folder)?;
        let lock = lock.ok_or(ExecutorError::Owned { session: session.id })?;
        if !folder.has_supervisor() {
            // Started by an earlier version; it depends on its owner.
            end_orphans(session.id, &folder, session.run().and_then(|run| run.process)).await?;
            return Ok(None);
        }
        let delivered = delivered(&folder).in_folder(&folder)?;
        let mut found = FoundRun { session: session.id, run, process: None, delivered };
        if folder.never_started().in_folder(&folder)? {
            return Ok(Some(found));
        }
        let Some(meta) = folder.meta().in_folder(&folder)? else {
            // Its supervisor starts the agent now, for a host that is gone.
            end_orphans(session.id, &folder, None).await?;
            return Ok(Some(found));
        };
        found.process = Some(meta.started());
        let (follower, earlier) = self.follower(session, &folder, &meta, stored, lock).await?;
        self.follow(follower, earlier, folder);
        Ok(Some(found))
    }

    async fn follower(
        &self,
        session: &Session,
        folder: &RunFolder,
        meta: &Meta,
        stored: StoredOutput,
        lock: SessionLock,
    ) -> Result<(Follower, Vec<LineStep>), ExecutorError> {
        let Some(run) = session.run() else { return Err(ExecutorError::NotRunning { session: session.id }) };
        let id = (session.id, run.number);
        let project = Project::open(&meta.cwd).unwrap_or_else(|_| Project::of_run(&meta.cwd));
        let protocol = protocols::open(meta.protocol, project.clone(), run.number > 1);
        let protocol = SharedProtocol::new(protocol);
        // A record that cannot be read costs the artifacts that only the files show.
        let before = folder.before().ok().flatten();
        restore(folder, &protocol, meta, before.as_ref()).in_folder(folder)?;
        let replayed = replay(folder, &protocol, stored.stdout).await.in_folder(folder)?;
        let earlier = earlier(session, replayed);
        let offsets = (stored.stdout, Some(stored.stderr));
        let (watches, reports) = (self.watches(), self.reports());
        let reader = Reader::open(id, folder, protocol.clone(), offsets, watches, reports.clone()).await;
        let reader = reader.in_folder(folder)?;
        let end = RunEnd::new(folder.clone(), watch_supervisor(folder).in_folder(folder)?);
        let agent = LiveAgent::new(id, folder, protocol, meta.protocol.takes_input(), &end);
        let agent = agent.in_folder(folder)?;
        let since = before.as_ref().map_or(meta.started_at, |before| before.at);
        let neighbours = Neighbours::since(&self.settings().sessions, folder, since);
        let snapshot = before.map(|before| Snapshot::of_moment(before.root, before.at));
        let vigil = Vigil::new(self.settings().silent_after);
        let follower =
            Follower { agent, end, reader, project, snapshot, neighbours, reports, vigil, _lock: lock };
        Ok((follower, earlier))
    }
}

/// Returns the calls whose messages have arrived.
fn delivered(folder: &RunFolder) -> io::Result<BTreeSet<CallId>> {
    let deliveries = folder.supervised().deliveries()?.into_iter();
    let arrived = deliveries.filter(|(_, delivery)| *delivery == Delivery::Delivered);
    Ok(arrived.filter_map(|(call, _)| call.as_str().parse().ok()).collect())
}

/// Tells a new protocol what was sent to the agent.
fn restore(
    folder: &RunFolder,
    protocol: &SharedProtocol,
    meta: &Meta,
    before: Option<&BeforeRecord>,
) -> io::Result<()> {
    let mut protocol = protocol.lock();
    if let Some(before) = before
        && meta.protocol.takes_input()
    {
        // Its lines were handed over to the supervisor.
        protocol.prompt(&before.call, &meta.prompt);
    }
    folder.supervised().inputs(|call, input| {
        // Other messages are answers of the protocol itself.
        if call.as_str().parse::<CallId>().is_ok() {
            protocol.restore(&String::from_utf8_lossy(input));
        }
    })
}

/// Returns the steps of output that is stored which may not have been carried out.
fn earlier(session: &Session, replayed: Vec<LineStep>) -> Vec<LineStep> {
    let (mut earlier, mut others) = (Vec::new(), Vec::new());
    let mut requests: Vec<(String, Observation)> = Vec::new();
    for LineStep { call, step } in replayed {
        match step {
            Step::Write(_) | Step::Observed(Observation::ArtifactRecorded(_)) => {
                earlier.push(LineStep { call, step });
            }
            Step::Observed(observation) => match &observation {
                Observation::RequestOpened { request, .. } => requests.push((request.clone(), observation)),
                Observation::RequestWithdrawn { request } => requests.retain(|(open, _)| open != request),
                _ => others.push(LineStep { call, step: Step::Observed(observation) }),
            },
            Step::Progress(_) | Step::Retrying { .. } => {}
        }
    }
    let mut findings = Findings::default();
    findings.take(others);
    let requests = requests.into_iter().map(|(_, request)| request);
    let news = findings.observations().into_iter().chain(requests);
    let news = news.filter(|observation| is_news(session, observation));
    earlier.extend(news.map(|news| LineStep { call: String::new(), step: Step::Observed(news) }));
    earlier
}

/// Returns whether an observation says what the session does not know yet.
#[must_use]
pub fn is_news(session: &Session, observation: &Observation) -> bool {
    let Some(run) = session.run() else { return false };
    match observation {
        Observation::ConversationIdentified { conversation } => {
            session.conversation.as_ref() != Some(conversation)
        }
        Observation::UsageReported(usage) => run.usage != *usage,
        Observation::TurnEnded { failure } => run.turn_failure != *failure,
        Observation::ModelReported { name } => run.model.as_ref() != Some(name),
        Observation::UsageLimitReached { until, .. } => {
            run.limit.as_ref().is_none_or(|limit| limit.until != *until)
        }
        Observation::ToolCallDenied(denial) => !run.denied.contains(denial),
        Observation::SubagentFailed(helper) => !run.failed_helpers.contains(helper),
        Observation::EmptyErrorReported => !run.has_empty_error,
        Observation::ArtifactsCounted { artifacts } => run.artifact_count != *artifacts,
        Observation::ArtifactRecorded(artifact) => !run.artifacts.contains(artifact),
        Observation::RequestOpened { request, digest, .. } => {
            let is_decided = session.deliveries.iter().any(|delivery| {
                matches!(&delivery.message, AgentMessage::Decision { request: decided, digest: of, .. }
                    if decided == request && of == digest)
            });
            let is_open = session.pending.iter().any(|open| open.id == *request && open.digest == *digest);
            !is_decided && !is_open
        }
        _ => true,
    }
}
