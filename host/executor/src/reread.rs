//! Rereads the output of a run whose owner has died: some of it may not have been read or stored.

use std::sync::Arc;

use codewalk_core::ids::SessionId;
use codewalk_core::session::artifacts::MAX_ARTIFACTS;
use codewalk_core::session::{Artifact, Observation};
use tokio::sync::mpsc;

use crate::log::reader::{LineStep, Reader};
use crate::log::tail::Amount;
use crate::log::watch::Watches;
use crate::project::Project;
use crate::protocol::{SharedProtocol, Step};
use crate::protocols;
use crate::report::Report;
use crate::run_folder::RunFolder;
use crate::tally::Tally;

/// Reports all entries of a run, and returns the observations that still matter.
pub(crate) async fn reread(
    (session, run): (SessionId, u32),
    folder: &RunFolder,
    reports: mpsc::Sender<Report>,
) -> std::io::Result<Vec<Observation>> {
    let Some(meta) = folder.meta()? else { return Ok(Vec::new()) };
    let protocol = protocols::open(meta.protocol, Project::of_run(&meta.cwd), run > 1);
    // Nothing is watched, so nothing is waited for.
    let watches = Arc::new(Watches::default());
    let protocol = SharedProtocol::new(protocol);
    let mut reader = Reader::open((session, run), folder, protocol, (0, Some(0)), &watches, reports).await?;
    let mut findings = Findings::default();
    loop {
        let news = reader.read().await?;
        findings.take(news.steps);
        if news.amount == Amount::Nothing {
            break;
        }
    }
    findings.take(reader.finish().await);
    Ok(findings.observations())
}

/// The observations that still matter: totals and last results, and no open requests.
#[derive(Default)]
pub(crate) struct Findings {
    identified: Option<Observation>,
    used: Option<Observation>,
    turn_ended: Option<Observation>,
    /// The limit that made the last turn fail.
    limited: Option<Observation>,
    model: Option<Observation>,
    /// Failures, in their order.
    wrong: Vec<Observation>,
    /// Set if the last result was an empty error.
    empty_error: Option<Observation>,
    artifacts: Vec<Artifact>,
    tally: Tally,
}

impl Findings {
    pub(crate) fn take(&mut self, steps: Vec<LineStep>) {
        for LineStep { step, .. } in steps {
            let Step::Observed(observation) = step else { continue };
            match observation {
                Observation::ConversationIdentified { .. } => self.identified = Some(observation),
                Observation::UsageReported(_) => self.used = Some(observation),
                Observation::TurnEnded { .. } => {
                    self.turn_ended = Some(observation);
                    (self.limited, self.empty_error) = (None, None);
                }
                Observation::EmptyErrorReported => self.empty_error = Some(observation),
                Observation::UsageLimitReached { .. } => self.limited = Some(observation),
                Observation::ModelReported { .. } => self.model = Some(observation),
                Observation::ToolCallDenied(_) | Observation::SubagentFailed(_) => {
                    self.wrong.push(observation)
                }
                Observation::ArtifactRecorded(artifact) => {
                    if self.tally.add(&artifact) && !self.artifacts.contains(&artifact) {
                        self.artifacts.push(artifact);
                    }
                }
                Observation::RequestOpened { .. }
                | Observation::RequestWithdrawn { .. }
                | Observation::ArtifactsCounted { .. }
                | Observation::FilesChangedConcurrently { .. }
                | Observation::FoldersNotSearched(_)
                | Observation::AgentContinued
                | Observation::PromptsUndelivered(_)
                | Observation::RequestRefused { .. }
                | Observation::AgentStalled(_)
                | Observation::StallEnded
                | Observation::ProcessExited(_)
                | Observation::Orphaned { .. } => {}
            }
        }
    }

    pub(crate) fn observations(self) -> Vec<Observation> {
        let artifacts = self.tally.count();
        let is_more = usize::try_from(artifacts).is_ok_and(|count| count > MAX_ARTIFACTS);
        let counted = is_more.then_some(Observation::ArtifactsCounted { artifacts });
        let artifacts = self.artifacts.into_iter().map(Observation::ArtifactRecorded).chain(counted);
        let once = [self.identified, self.model, self.used, self.turn_ended, self.empty_error, self.limited];
        once.into_iter().flatten().chain(self.wrong).chain(artifacts).collect()
    }
}
