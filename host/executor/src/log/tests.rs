//! Tests of the reader on growing files, and of the entries of output however it arrives.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use codewalk_core::entry::{Entry, EntryKind, Text};
use codewalk_core::ids::{Id, SessionId};
use proptest::prelude::*;
use tokio::sync::mpsc;

use super::decode;
use super::reader::Reader;
use super::tail::Amount;
use super::watch::Watches;
use crate::lines::LineSplitter;
use crate::project::Project;
use crate::protocol::{Protocol, SharedProtocol};
use crate::protocols;
use crate::report::{Report, ReportBody};
use crate::run_folder::RunFolder;
use crate::testing;

const SESSION: SessionId = SessionId(Id::from_u128(7));
const DEADLINE: Duration = Duration::from_secs(10);

fn project() -> Project {
    Project::of_run(Path::new("/home/dev/lab/proj"))
}

/// All recordings, with hostile lines between them.
static OUTPUT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut all = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let hostile: [Vec<u8>; 7] = [
        vec![0; 5000],
        b"\xff\xfe not UTF-8 \xc3".to_vec(),
        b"{\"type\":\"assistant\",\"message\":{\"content\":\"bad \xff text\"}}".to_vec(),
        "plain text, no JSON \u{1b}[31m".into(),
        format!(r#"{{"type":"assistant","message":{{"content":"{}"}}}}"#, "ä".repeat(100_000)).into_bytes(),
        b"\r".to_vec(),
        b"{\"type\":\"assistant\",\"message\":{\"content\":".to_vec(),
    ];
    for (file, hostile) in files.iter().zip(hostile.iter().cycle()) {
        all.extend(std::fs::read(file).unwrap());
        all.extend(hostile);
        all.push(b'\n');
    }
    all.extend(b"the last line has no end");
    all
});

fn entries(chunks: &[&[u8]], protocol: Protocol) -> Vec<(u64, u64, EntryKind)> {
    let mut splitter = LineSplitter::new(0);
    let mut lines: Vec<_> = chunks.iter().flat_map(|chunk| splitter.push(chunk)).collect();
    lines.extend(splitter.finish());
    let mut protocol = protocols::open(protocol, project(), false);
    let of_line = |line: &crate::lines::Line<'_>| {
        let kinds = decode(&mut *protocol, line).entries;
        kinds.into_iter().map(|kind| (line.offset, line.length, kind)).collect::<Vec<_>>()
    };
    lines.iter().flat_map(of_line).collect()
}

#[test]
fn every_line_with_content_becomes_an_entry() {
    let found = entries(&[&OUTPUT], Protocol::Claude);
    let texts: Vec<_> = found
        .iter()
        .filter_map(|(_, _, kind)| match kind {
            EntryKind::Output { stderr: false, text } | EntryKind::AgentText { text } => Some(text),
            _ => None,
        })
        .collect();
    for expected in [
        "\u{fffd}".repeat(5000).as_str(),
        "\u{fffd}\u{fffd} not UTF-8 \u{fffd}",
        "bad \u{fffd} text",
        "plain text, no JSON \u{fffd}[31m",
        "{\"type\":\"assistant\",\"message\":{\"content\":",
        "the last line has no end",
    ] {
        assert!(texts.iter().any(|text| text.as_str() == expected), "{expected:.40}");
    }
    let long = Text::Cut { beginning: "ä".repeat(512) };
    assert!(texts.contains(&&long));
}

#[test]
fn a_line_of_200_kilobytes_is_still_understood_by_the_protocol() {
    let line = format!(r#"{{"type":"result","result":"{}"}}"#, "x".repeat(200_000));
    let mut splitter = LineSplitter::new(0);
    let line = format!("{line}\n");
    let lines = splitter.push(line.as_bytes());
    assert!(protocols::open(Protocol::Claude, project(), false).decode(&lines[0]).is_some());
}

#[test]
fn an_overlong_line_is_reported_but_not_decoded() {
    let huge = vec![b'['; crate::lines::MAX_LINE + 1];
    let found = entries(&[&huge, b"\nnext"], Protocol::Claude);
    let (0, length, EntryKind::Error { text: Text::Cut { beginning } }) = &found[0] else {
        panic!("{found:?}")
    };
    assert_eq!(*length, huge.len() as u64);
    let told = "A line was skipped: it has 65 MiB, and only lines of up to 64 MiB are read. It begins: [[[";
    assert!(beginning.starts_with(told) && beginning.len() <= 1024, "{beginning}");
    assert_eq!(found.len(), 2);
}

#[test]
fn plain_lines_are_not_taken_for_a_protocol_and_empty_ones_are_skipped() {
    let found = entries(&[b"{\"type\":\"result\"}\r\n\n  \nx"], Protocol::Lines);
    let texts: Vec<_> = found
        .iter()
        .map(|(offset, _, kind)| match kind {
            EntryKind::Output { text, .. } => (*offset, text.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, [(0, "{\"type\":\"result\"}"), (23, "x")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn output_in_any_pieces_gives_the_same_entries(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..200),
        lines in any::<bool>(),
    ) {
        let protocol = if lines { Protocol::Lines } else { Protocol::Claude };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(OUTPUT.len())).collect();
        cuts.extend([0, OUTPUT.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &OUTPUT[pair[0]..pair[1]]).collect();
        prop_assert_eq!(entries(&chunks, protocol), entries(&[&OUTPUT], protocol));
    }
}

struct Fixture {
    _sessions: tempfile::TempDir,
    folder: RunFolder,
    watches: Arc<Watches>,
    reports: mpsc::Receiver<Report>,
    sender: mpsc::Sender<Report>,
}

fn fixture() -> Fixture {
    let sessions = tempfile::tempdir().unwrap();
    let folder = RunFolder::of(sessions.path(), SESSION, 1);
    testing::create_output(&folder);
    let (sender, reports) = mpsc::channel(100);
    Fixture { _sessions: sessions, folder, watches: Arc::default(), reports, sender }
}

impl Fixture {
    async fn reader(&self, offset: u64) -> Reader {
        let protocol = SharedProtocol::new(protocols::open(Protocol::Lines, project(), false));
        let reports = self.sender.clone();
        let offsets = (offset, (offset == 0).then_some(0));
        Reader::open((SESSION, 1), &self.folder, protocol, offsets, &self.watches, reports).await.unwrap()
    }

    fn append(&self, path: &Path, bytes: &[u8]) {
        std::fs::File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
    }

    fn reported(&mut self) -> Vec<(bool, u64, Vec<Entry>)> {
        let mut all = Vec::new();
        while let Ok(report) = self.reports.try_recv() {
            assert_eq!((report.session, report.run), (SESSION, 1));
            match report.body {
                ReportBody::Entries { entries, stderr, next_offset, .. } => {
                    all.push((stderr, next_offset, entries))
                }
                other => panic!("{other:?}"),
            }
        }
        all
    }
}

fn entry(offset: u64, text: &str, stderr: bool) -> Entry {
    let length = text.len() as u64;
    let text = Text::Whole { text: text.to_owned() };
    Entry { run: 1, offset, length, kind: EntryKind::Output { stderr, text } }
}

#[tokio::test]
async fn appended_output_is_reported_with_the_next_offset() {
    let mut fixture = fixture();
    let mut reader = fixture.reader(0).await;
    assert_eq!(reader.read().await.unwrap().amount, Amount::Nothing);
    let (stdout, stderr) = (fixture.folder.stdout(), fixture.folder.stderr());
    fixture.append(&stdout, b"one\ntwo\nthr");
    fixture.append(&stderr, b"oh\n");
    tokio::time::timeout(DEADLINE, reader.changed(Amount::Nothing)).await.unwrap();
    assert_eq!(reader.read().await.unwrap().amount, Amount::Some);
    assert_eq!(reader.last_stderr(), Some("oh"));
    fixture.append(&stdout, b"ee");
    reader.read().await.unwrap();
    reader.finish().await;
    assert_eq!(
        fixture.reported(),
        [
            (false, 8, vec![entry(0, "one", false), entry(4, "two", false)]),
            (true, 3, vec![entry(0, "oh", true)]),
            (false, 13, vec![entry(8, "three", false)]),
        ]
    );
}

#[tokio::test]
async fn reading_resumes_at_an_offset_without_the_error_stream() {
    let mut fixture = fixture();
    fixture.append(&fixture.folder.stdout(), b"one\ntwo\n");
    fixture.append(&fixture.folder.stderr(), b"oh\n");
    fixture.reader(4).await.read().await.unwrap();
    assert_eq!(fixture.reported(), [(false, 8, vec![entry(4, "two", false)])]);
}
