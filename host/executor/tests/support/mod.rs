//! A host for tests: agents in a temporary folder, and everything they report.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may fail like the test")]
#![allow(dead_code, reason = "each test binary uses its own part of it")]

pub mod claude;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codewalk_core::command::{Decision, Project};
use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::ids::{CallId, Id, SessionId};
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Executor, Launch};
use codewalk_core::session::{AgentProcess, Artifact, Exit, Observation, RequestKind, Usage};
use codewalk_executor::{AgentSpec, Agents, ExecutorConfig, Report, ReportBody, RunFolder};
use codewalk_supervisor::Limits;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Longer than anything takes on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The program that supervises agents.
pub const SUPERVISOR: &str = env!("CARGO_BIN_EXE_codewalk-demo-agent");

/// Returns a new call.
pub fn call() -> CallId {
    CallId(Id::from_u128(Uuid::now_v7().as_u128()))
}

pub struct Host {
    pub agents: Agents,
    pub settings: ExecutorConfig,
    pub project: PathBuf,
    /// Everything that was reported so far.
    pub seen: Vec<Report>,
    reports: mpsc::Receiver<Report>,
    _folder: tempfile::TempDir,
}

pub fn command(argv: &[&str]) -> AgentSpec {
    AgentSpec::Command { argv: argv.iter().map(|arg| (*arg).to_owned()).collect(), env: BTreeMap::new() }
}

pub fn sh(script: &str) -> AgentSpec {
    command(&["sh", "-c", script])
}

impl Host {
    /// A host with one agent, `it`, and an empty project.
    pub fn new(spec: AgentSpec) -> Self {
        Self::with(spec, |_| {})
    }

    pub fn with(spec: AgentSpec, adjust: impl FnOnce(&mut ExecutorConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        std::fs::create_dir(&project).unwrap();
        let mut settings = ExecutorConfig {
            sessions: folder.path().join("sessions"),
            agents: BTreeMap::from([("it".to_owned(), spec)]),
            supervisor: Some(SUPERVISOR.into()),
            limits: Limits { free_disk: 0, ..Limits::default() },
            ..ExecutorConfig::default()
        };
        adjust(&mut settings);
        let (sender, reports) = mpsc::channel(16);
        let agents = Agents::new(settings.clone(), sender);
        Self { agents, settings, project, seen: Vec::new(), reports, _folder: folder }
    }

    /// Restarts with other settings.
    pub fn replace(&mut self, settings: ExecutorConfig) {
        let (sender, reports) = mpsc::channel(16);
        self.agents = Agents::new(settings.clone(), sender);
        (self.settings, self.reports) = (settings, reports);
    }

    /// Another codewalk on the same sessions.
    pub fn other(&self) -> (Agents, mpsc::Receiver<Report>) {
        let (sender, reports) = mpsc::channel(16);
        (Agents::new(self.settings.clone(), sender), reports)
    }

    pub fn launch(&self, prompt: &str) -> Launch {
        Launch {
            session: SessionId(Id::from_u128(Uuid::now_v7().as_u128())),
            run: 1,
            agent: "it".to_owned(),
            project: Project { name: "project".to_owned(), path: self.project.display().to_string() },
            prompt: prompt.to_owned(),
            permission: PermissionMode::Ask,
            resume: None,
        }
    }

    pub fn folder(&self, launch: &Launch) -> RunFolder {
        RunFolder::of(&self.settings.sessions, launch.session, launch.run)
    }

    pub async fn start(&self, launch: &Launch) -> AgentProcess {
        Executor::start(&self.agents, call(), launch).await.unwrap()
    }

    pub async fn start_error(&self, launch: &Launch) -> PortError {
        Executor::start(&self.agents, call(), launch).await.unwrap_err()
    }

    /// Runs an agent to its end without answering anything.
    pub async fn run(&mut self, prompt: &str) -> (Launch, Exit) {
        let launch = self.launch(prompt);
        self.start(&launch).await;
        let exit = self.exited().await;
        (launch, exit)
    }

    /// Waits for a report.
    pub async fn until<T>(&mut self, mut wanted: impl FnMut(&Report) -> Option<T>) -> T {
        loop {
            let Ok(Some(report)) = tokio::time::timeout(DEADLINE, self.reports.recv()).await else {
                panic!("it was never reported; but this was: {:#?}", self.seen);
            };
            let found = wanted(&report);
            self.seen.push(report);
            if let Some(found) = found {
                return found;
            }
        }
    }

    pub async fn observed<T>(&mut self, mut wanted: impl FnMut(&Observation) -> Option<T>) -> T {
        self.until(|report| match &report.body {
            ReportBody::Observed(observation) => wanted(observation),
            ReportBody::Entries { .. } | ReportBody::Requested { .. } => None,
        })
        .await
    }

    pub async fn exited(&mut self) -> Exit {
        self.observed(|observation| match observation {
            Observation::ProcessExited(exit) => Some(*exit),
            _ => None,
        })
        .await
    }

    /// Answers the last request with that identifier.
    pub async fn answer(
        &self,
        session: SessionId,
        request: &str,
        decision: &Decision,
    ) -> Result<(), PortError> {
        let asked = self.observations().filter_map(|observation| match observation {
            Observation::RequestOpened { request: id, digest, .. } if id == request => Some(digest.as_str()),
            _ => None,
        });
        let digest = asked.last().unwrap_or_default().to_owned();
        Executor::answer(&self.agents, call(), session, request, &digest, decision).await
    }

    pub async fn asked(&mut self) -> (String, RequestKind) {
        self.observed(|observation| match observation {
            Observation::RequestOpened { request, kind, .. } => Some((request.clone(), kind.clone())),
            _ => None,
        })
        .await
    }

    pub async fn said(&mut self, text: &str) {
        self.until(|report| match &report.body {
            ReportBody::Entries { entries, .. } => {
                entries.iter().any(|entry| words(entry).is_some_and(|said| said.contains(text))).then_some(())
            }
            ReportBody::Observed(_) | ReportBody::Requested { .. } => None,
        })
        .await;
    }

    /// Returns whether nothing is left to be reported now.
    pub fn is_silent(&mut self) -> bool {
        self.reports.try_recv().is_err()
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.seen.iter().flat_map(|report| match &report.body {
            ReportBody::Entries { entries, .. } => entries.as_slice(),
            ReportBody::Observed(_) | ReportBody::Requested { .. } => &[],
        })
    }

    /// The plain lines of output so far.
    pub fn lines(&self) -> Vec<&str> {
        self.entries().filter_map(words).collect()
    }

    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.seen.iter().filter_map(|report| match &report.body {
            ReportBody::Observed(observation) => Some(observation),
            ReportBody::Entries { .. } | ReportBody::Requested { .. } => None,
        })
    }

    pub fn made(&self) -> Vec<&Artifact> {
        let made = self.observations().filter_map(|observation| match observation {
            Observation::ArtifactRecorded(artifact) => Some(artifact),
            _ => None,
        });
        made.collect()
    }

    pub fn failures(&self) -> Vec<Option<&str>> {
        let ends = self.observations().filter_map(|observation| match observation {
            Observation::TurnEnded { failure } => Some(failure.as_deref()),
            _ => None,
        });
        ends.collect()
    }

    pub fn usage(&self) -> Option<Usage> {
        self.observations()
            .filter_map(|o| if let Observation::UsageReported(usage) = o { Some(*usage) } else { None })
            .last()
    }
}

fn words(entry: &Entry) -> Option<&str> {
    match &entry.kind {
        EntryKind::Output { text, .. } | EntryKind::AgentText { text } => Some(text.as_str()),
        _ => None,
    }
}

/// Waits for a condition.
pub async fn eventually(what: impl Debug, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Returns whether a process lives. A zombie does not.
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

pub fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

/// Creates an executable script.
pub fn script(path: &Path, text: &str) -> String {
    std::fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// Creates an executable script that claims to be Claude Code.
pub fn claude_script(path: &Path, text: &str) -> String {
    script(path, &format!("[ \"$1\" = --version ] && exec echo '2.1.330 (Claude Code)'\n{text}"))
}

/// Runs git in a folder with a neutral identity.
pub fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "init.defaultBranch=main"];
    let done =
        std::process::Command::new("git").arg("-C").arg(folder).args(identity).args(args).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}
