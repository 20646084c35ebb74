//! Follows the two output files of a run.

use std::sync::Arc;
use std::time::Duration;

use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::ids::SessionId;
use tokio::sync::{Semaphore, mpsc};

use super::tail::{Amount, Tail};
use super::watch::{Watch, Watches};
use super::{decode, plain_text};
use crate::lines::Line;
use crate::protocol::{Progress, SharedProtocol, Step};
use crate::report::{Report, ReportBody, Room};
use crate::run_folder::RunFolder;

/// Output within this time is reported together.
const BATCH: Duration = Duration::from_millis(5);

/// Reads the output of a run and reports its entries.
#[derive(Debug)]
pub(crate) struct Reader {
    session: SessionId,
    run: u32,
    protocol: SharedProtocol,
    stdout: Tail,
    /// `None` if it is not read.
    stderr: Option<Tail>,
    watch: Watch,
    reports: mpsc::Sender<Report>,
    rooms: Arc<Semaphore>,
    buffer: Vec<u8>,
    last_stderr: Option<String>,
}

/// A step that a line causes.
#[derive(Debug)]
pub(crate) struct LineStep {
    /// Names the step. The same line always causes the same steps.
    pub call: String,
    /// The step.
    pub step: Step,
}

impl LineStep {
    fn of(line: &Line<'_>, steps: Vec<Step>) -> impl Iterator<Item = Self> {
        let offset = line.offset;
        steps.into_iter().enumerate().map(move |(n, step)| Self { call: format!("out-{offset}-{n}"), step })
    }
}

/// The result of one round of reading.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// The steps caused by the lines.
    pub steps: Vec<LineStep>,
    /// The amount of new output.
    pub amount: Amount,
}

impl Reader {
    /// Opens the files of a run and reads on from these offsets. Without an offset the error stream is not
    /// read.
    pub(crate) async fn open(
        (session, run): (SessionId, u32),
        folder: &RunFolder,
        protocol: SharedProtocol,
        (offset, error_offset): (u64, Option<u64>),
        watches: &Arc<Watches>,
        reports: mpsc::Sender<Report>,
    ) -> std::io::Result<Self> {
        // Watch before the files are opened, so that no change is missed.
        let watch = watches.folder(folder.path());
        let stdout = Tail::open(&folder.stdout(), offset).await?;
        let stderr = match error_offset {
            Some(offset) => Some(Tail::open(&folder.stderr(), offset).await?),
            None => None,
        };
        let (buffer, last_stderr) = (Vec::new(), None);
        let rooms = Room::of_run();
        Ok(Self { session, run, protocol, stdout, stderr, watch, reports, rooms, buffer, last_stderr })
    }

    /// Reads new output and reports it.
    pub(crate) async fn read(&mut self) -> std::io::Result<News> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let (lines, stdout) = self.stdout.read(&mut buffer).await?;
        let steps = self.report_stdout(&lines).await;
        let (lines, stderr) = match &mut self.stderr {
            Some(stderr) => stderr.read(&mut buffer).await?,
            None => Default::default(),
        };
        self.report_stderr(&lines).await;
        self.buffer = buffer;
        let amount = stdout.max(stderr);
        if amount != Amount::Nothing {
            self.watch.active();
        }
        Ok(News { steps, amount })
    }

    /// Reports the last lines, which have no line end, once the agent has ended.
    pub(crate) async fn finish(&mut self) -> Vec<LineStep> {
        let last = self.stdout.finish();
        let steps = self.report_stdout(last.as_slice()).await;
        let last = self.stderr.as_mut().and_then(Tail::finish);
        self.report_stderr(last.as_slice()).await;
        steps
    }

    /// Waits until there may be more to read. Output that arrives shortly after the last is read together
    /// with it.
    pub(crate) async fn changed(&mut self, last: Amount) {
        match last {
            Amount::Nothing => self.watch.changed().await,
            Amount::Some => tokio::time::sleep(BATCH).await,
            Amount::Full => {}
        }
    }

    /// Returns the last line of the error stream, which often says why an agent ended.
    pub(crate) fn last_stderr(&self) -> Option<&str> {
        self.last_stderr.as_deref()
    }

    async fn report_stdout(&mut self, lines: &[Line<'_>]) -> Vec<LineStep> {
        let (steps, entries) = self.decode(lines);
        let next_offset = self.stdout.offset();
        self.report(entries, false, next_offset).await;
        steps
    }

    fn decode(&self, lines: &[Line<'_>]) -> (Vec<LineStep>, Vec<Entry>) {
        let (mut steps, mut entries) = (Vec::<LineStep>::new(), Vec::new());
        let mut protocol = self.protocol.lock();
        for line in lines {
            let decoded = decode(&mut **protocol, line);
            self.collect(&mut entries, line, decoded.entries);
            let progress = Step::Progress(decoded.progress);
            if decoded.progress != Progress::Unknown && steps.last().map(|last| &last.step) != Some(&progress)
            {
                steps.push(LineStep { call: String::new(), step: progress });
            }
            steps.extend(LineStep::of(line, decoded.steps));
        }
        (steps, entries)
    }

    async fn report_stderr(&mut self, lines: &[Line<'_>]) {
        let mut entries = Vec::new();
        for line in lines {
            let kinds = plain_text(line, true);
            if let Some(EntryKind::Output { text, .. }) = kinds.first() {
                self.last_stderr = Some(text.as_str().to_owned());
            }
            self.collect(&mut entries, line, kinds);
        }
        let next_offset = self.stderr.as_ref().map_or(0, Tail::offset);
        self.report(entries, true, next_offset).await;
    }

    fn collect(&self, entries: &mut Vec<Entry>, line: &Line<'_>, kinds: Vec<EntryKind>) {
        let entry = |kind| Entry { run: self.run, offset: line.offset, length: line.length, kind };
        entries.extend(kinds.into_iter().map(entry));
    }

    async fn report(&self, entries: Vec<Entry>, stderr: bool, next_offset: u64) {
        if !entries.is_empty() {
            let room = Room::take(&self.rooms, entries.len(), bytes(&entries)).await;
            let body = ReportBody::Entries { entries, stderr, next_offset, room };
            // If this fails, the host is gone; the files still have the output.
            let _ = self.reports.send(Report { session: self.session, run: self.run, body }).await;
        }
    }
}

/// Reads the standard output of a run up to an offset again. Reports nothing, and returns the steps that the
/// lines caused.
pub(crate) async fn replay(
    folder: &RunFolder,
    protocol: &SharedProtocol,
    end: u64,
) -> std::io::Result<Vec<LineStep>> {
    let (mut tail, mut buffer, mut steps) = (Tail::open(&folder.stdout(), 0).await?, Vec::new(), Vec::new());
    while tail.offset() < end {
        let (lines, amount) = tail.read(&mut buffer).await?;
        if amount == Amount::Nothing {
            break;
        }
        let mut protocol = protocol.lock();
        for line in lines.iter().filter(|line| line.offset < end) {
            steps.extend(LineStep::of(line, decode(&mut **protocol, line).steps));
        }
    }
    Ok(steps)
}

/// Returns the size of the texts of entries, in bytes.
fn bytes(entries: &[Entry]) -> usize {
    let texts = entries.iter().map(|entry| match &entry.kind {
        EntryKind::UserText { text }
        | EntryKind::AgentText { text }
        | EntryKind::Thinking { text }
        | EntryKind::Error { text }
        | EntryKind::Output { text, .. } => text.as_str().len(),
        EntryKind::ToolCall { subject: text, .. } | EntryKind::ToolResult { output: text, .. } => {
            text.as_str().len()
        }
        EntryKind::TurnEnd { .. } => 0,
    });
    texts.sum()
}
