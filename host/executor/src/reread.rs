//! Reading again what a run printed whose owner has died: it may have died before it had read or kept all of it.

use std::sync::Arc;

use codewalk_core::call::{Artifact, Observation};
use codewalk_core::ids::SessionId;
use codewalk_core::session::artifacts::MAX_ARTIFACTS;
use tokio::sync::mpsc;

use crate::claude::conversation::{Conversation, Message, Output};
use crate::log::reader::Reader;
use crate::log::tail::Amount;
use crate::log::watch::Watches;
use crate::project::Project;
use crate::report::Report;
use crate::run_folder::{Protocol, RunFolder};
use crate::tally::Tally;

/// Reports all entries of a run from its beginning, and returns what its agent did that still counts.
pub(crate) async fn reread(
    (session, run): (SessionId, u32),
    folder: &RunFolder,
    reports: mpsc::Sender<Report>,
) -> std::io::Result<Vec<Observation>> {
    let Some(meta) = folder.meta()? else { return Ok(Vec::new()) };
    let project = Project::of_run(&meta.cwd);
    let mut conversation =
        (meta.protocol == Protocol::Claude).then(|| Conversation::new(project.clone(), run > 1));
    // What is not watched at all is never waited for.
    let watches = Arc::new(Watches::default());
    let decoding = (meta.protocol, project);
    let mut reader = Reader::open((session, run), folder, decoding, 0, &watches, reports).await?;
    let mut findings = Findings::default();
    loop {
        let news = reader.read().await?;
        findings.take(&mut conversation, news.messages);
        if news.amount == Amount::Nothing {
            break;
        }
    }
    findings.take(&mut conversation, reader.finish().await);
    Ok(findings.observations())
}

/// What is left of all that a run did: totals and last words; nothing that somebody would have to answer.
#[derive(Default)]
struct Findings {
    identified: Option<Observation>,
    used: Option<Observation>,
    turn_ended: Option<Observation>,
    /// The limit that the last turn failed at.
    limited: Option<Observation>,
    model: Option<Observation>,
    /// What went wrong, in its order.
    wrong: Vec<Observation>,
    /// That the last result was an empty error.
    empty_error: Option<Observation>,
    made: Vec<Artifact>,
    tally: Tally,
}

impl Findings {
    fn take(&mut self, conversation: &mut Option<Conversation>, messages: Vec<Message>) {
        let Some(conversation) = conversation else { return };
        for output in messages.into_iter().flat_map(|message| conversation.line(message)) {
            let Output::Observed(observation) = output else { continue };
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
                    if self.tally.add(&artifact) && !self.made.contains(&artifact) {
                        self.made.push(artifact);
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

    fn observations(self) -> Vec<Observation> {
        let artifacts = self.tally.count();
        let is_more = usize::try_from(artifacts).is_ok_and(|count| count > MAX_ARTIFACTS);
        let counted = is_more.then_some(Observation::ArtifactsCounted { artifacts });
        let made = self.made.into_iter().map(Observation::ArtifactRecorded).chain(counted);
        let once = [self.identified, self.model, self.used, self.turn_ended, self.empty_error, self.limited];
        once.into_iter().flatten().chain(self.wrong).chain(made).collect()
    }
}
