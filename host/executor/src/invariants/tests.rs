//! Recordings of real agents, broken in many ways.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::ids::{Id, SessionId};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use tokio::sync::mpsc;

use super::*;
use crate::log::reader::Reader;
use crate::log::tail::Amount;
use crate::protocol::SharedProtocol;
use crate::report::{Report, ReportBody};
use crate::run_folder::RunFolder;
use crate::testing;

/// The recorded outputs.
static RECORDINGS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.to_string_lossy().ends_with(".stdout.jsonl")).collect();
    files.sort();
    assert!(files.len() > 10);
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
});

/// A recording.
#[derive(Clone, Copy, Debug)]
struct Recording(Index);

impl Recording {
    fn raw(self) -> Vec<u8> {
        self.0.get(&RECORDINGS).clone()
    }
}

fn recording() -> impl Strategy<Value = Recording> {
    any::<Index>().prop_map(Recording)
}

/// A fault in an output.
#[derive(Clone, Debug)]
enum Fault {
    /// The rest is missing.
    Cut,
    /// The next line break is missing.
    Joined,
    /// A run of NULs, as after a power failure.
    Nuls(usize),
    /// An unpaired surrogate in the next text.
    LoneSurrogate(&'static str),
    /// Some of [`GARBAGE`].
    Garbage(&'static [u8]),
    /// The next line is repeated.
    Duplicate,
    /// The next line is much longer.
    Long,
    /// The next value is deeply nested.
    Deep(usize),
    /// The next number is out of range.
    Huge(&'static str),
    /// The next member is renamed.
    Renamed(&'static str),
}

/// Invalid UTF-8, terminal commands and line ends.
const GARBAGE: &[&[u8]] = &[b"\xff\xfe", b"\xc3", b"\x1b[2J\x1b]0;x\x07", b"\r\r\n", b"\xe2\x80\xae", b"\n"];

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Cut),
        Just(Fault::Joined),
        (1usize..5000).prop_map(Fault::Nuls),
        prop::sample::select(&["\\ud800", "\\udfff", "\\ud83d\\u0041", "\\ud800\\\\"][..])
            .prop_map(Fault::LoneSurrogate),
        prop::sample::select(GARBAGE).prop_map(Fault::Garbage),
        Just(Fault::Duplicate),
        Just(Fault::Long),
        (1usize..400).prop_map(Fault::Deep),
        prop::sample::select(
            &["1e999", "-1e308", "99999999999999999999", "18446744073709551615", "-1", "0.1"][..]
        )
        .prop_map(Fault::Huge),
        prop::sample::select(&["type", "message", "content", "uuid", "costUSD", "inputTokens"][..])
            .prop_map(Fault::Renamed),
    ]
}

/// Breaks output at a position.
fn broken(mut raw: Vec<u8>, fault: &Fault, at: usize) -> Vec<u8> {
    let find = |raw: &[u8], byte: u8| raw[at..].iter().position(|b| *b == byte).map(|found| at + found);
    let line_end = find(&raw, b'\n').unwrap_or(raw.len());
    let line_begin = raw[..at].iter().rposition(|b| *b == b'\n').map_or(0, |before| before + 1);
    match fault {
        Fault::Cut => raw.truncate(at),
        Fault::Joined => drop(raw.drain(line_end..(line_end + 1).min(raw.len()))),
        Fault::Nuls(count) => drop(raw.splice(at..at, vec![0; *count])),
        Fault::Garbage(bytes) => drop(raw.splice(at..at, bytes.iter().copied())),
        Fault::Duplicate => {
            let line = [&raw[line_begin..line_end], b"\n"].concat();
            raw.splice(line_begin..line_begin, line);
        }
        Fault::LoneSurrogate(escape) => {
            if let Some(text) = find(&raw, b'"') {
                raw.splice(text + 1..text + 1, escape.bytes());
            }
        }
        Fault::Long => {
            if let Some(text) = find(&raw, b'"') {
                raw.splice(text + 1..text + 1, vec![b'x'; 200_000]);
            }
        }
        Fault::Deep(depth) => {
            if let Some(value) = find(&raw, b':') {
                raw.splice(value + 1..value + 1, vec![b'['; *depth]);
            }
        }
        Fault::Huge(number) => {
            let Some(begin) = raw[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) else {
                return raw;
            };
            let length = raw[begin..].iter().take_while(|b| b.is_ascii_digit()).count();
            raw.splice(begin..begin + length, number.bytes());
        }
        Fault::Renamed(name) => {
            let Some(begin) = find(&raw, b'"') else { return raw };
            let length = raw[begin + 1..].iter().take_while(|b| **b != b'"').count();
            raw.splice(begin + 1..begin + 1 + length, name.bytes());
        }
    }
    raw
}

/// A recording with its faults.
#[derive(Clone, Debug)]
struct Broken(Recording, Vec<(Fault, Index)>);

impl Broken {
    fn raw(&self) -> Vec<u8> {
        self.1.iter().fold(self.0.raw(), |raw, (fault, at)| {
            let at = at.index(raw.len() + 1);
            broken(raw, fault, at)
        })
    }
}

fn broken_recording() -> impl Strategy<Value = Broken> {
    (recording(), prop::collection::vec((fault(), any::<Index>()), 1..6)).prop_map(|(of, by)| Broken(of, by))
}

/// Returns the entries of raw output with the offsets of their lines.
fn entries(raw: &[u8]) -> Vec<Entry> {
    let of_line = |line: &Line<'_>| {
        let entry = |kind| Entry { run: 1, offset: line.offset, length: line.length, kind };
        log::decode(&mut *open(Protocol::Claude), line).entries.into_iter().map(entry).collect::<Vec<_>>()
    };
    lines(&[raw]).iter().flat_map(of_line).collect()
}

/// Removes what depends on earlier lines: the tasks of sub-agents, and whether a failed turn ever started.
fn of_lines(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.retain_mut(|entry| match &mut entry.kind {
        EntryKind::Error { text } => !text.as_str().starts_with("sub-agent "),
        EntryKind::TurnEnd { succeeded } => {
            *succeeded = true;
            true
        }
        _ => true,
    });
    entries
}

fn moved(entries: Vec<Entry>, by: usize) -> impl Iterator<Item = Entry> {
    entries.into_iter().map(move |entry| Entry { offset: entry.offset + by as u64, ..entry })
}

/// Writes JSON with the members of each object in reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev();
            let members: Vec<_> = members
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), reversed(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(reversed).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn broken_output_is_sanitized_bounded_and_the_same_in_any_pieces(
        broken in broken_recording(), piece in 1usize..5000, lines in any::<bool>(),
    ) {
        output(&broken.raw(), piece, if lines { Protocol::Lines } else { Protocol::Claude });
    }

    #[test]
    fn broken_output_leads_only_to_observations_that_can_be_shown(broken in broken_recording()) {
        conversation(&broken.raw());
    }

    #[test]
    fn whole_output_is_unaffected_by_broken_output_before_or_after_it(
        before in recording(), broken in broken_recording(), after in recording(),
    ) {
        let (before, broken, after) = (before.raw(), broken.raw(), after.raw());
        let raw = [&before[..], &broken, b"\n", &after].concat();
        let found = entries(&raw);
        let good = entries(&before);
        prop_assert_eq!(&found[..good.len()], &good[..]);
        let good: Vec<Entry> = moved(entries(&after), before.len() + broken.len() + 1).collect();
        prop_assert!(found.ends_with(&good));
    }

    #[test]
    fn a_repeated_result_is_not_charged_again(recording in recording(), line in any::<Index>()) {
        let raw = recording.raw();
        let mut lines: Vec<&[u8]> = raw.split_inclusive(|byte| *byte == b'\n').collect();
        let line = line.index(lines.len());
        lines.insert(line, lines[line]);
        prop_assert_eq!(conversation(&lines.concat()).0, conversation(&raw).0);
    }

    #[test]
    fn reading_can_resume_at_any_reported_offset(
        broken in broken_recording(),
        cuts in prop::collection::vec(any::<Index>(), 0..6),
        stops in any::<u8>(),
    ) {
        let raw = broken.raw();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(raw.len() + 1)).collect();
        cuts.extend([0, raw.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &raw[pair[0]..pair[1]]).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        prop_assert_eq!(of_lines(runtime.block_on(followed(&pieces, stops))), of_lines(entries(&raw)));
    }
}

/// Reads output while it is written piece by piece. `stops` says after which pieces the reader is replaced.
async fn followed(pieces: &[&[u8]], stops: u8) -> Vec<Entry> {
    let session = SessionId(Id::from_u128(7));
    let sessions = tempfile::tempdir().unwrap();
    let folder = RunFolder::of(sessions.path(), session, 1);
    testing::create_output(&folder);
    let mut file = std::fs::File::options().append(true).open(folder.stdout()).unwrap();
    let watches = Arc::default();
    let (sender, mut reports) = mpsc::channel(10_000);
    let open = |offset| {
        let protocol = SharedProtocol::new(open(Protocol::Claude));
        Reader::open(
            (session, 1),
            &folder,
            protocol,
            (offset, (offset == 0).then_some(0)),
            &watches,
            sender.clone(),
        )
    };
    let (mut all, mut position) = (Vec::new(), 0);
    let mut reader = open(0).await.unwrap();
    for (n, piece) in pieces.iter().enumerate() {
        file.write_all(piece).unwrap();
        while reader.read().await.unwrap().amount != Amount::Nothing {}
        if n + 1 == pieces.len() {
            reader.finish().await;
        }
        while let Ok(Report { body, .. }) = reports.try_recv() {
            let ReportBody::Entries { entries, stderr: false, next_offset, .. } = body else {
                panic!("{body:?}")
            };
            assert!(next_offset > position, "it only goes on");
            assert!(entries.iter().all(|entry| (position..next_offset).contains(&entry.offset)));
            position = next_offset;
            all.extend(entries);
        }
        if stops & (1 << (n % 8)) != 0 {
            reader = open(position).await.unwrap();
        }
    }
    all
}

#[test]
fn the_order_of_members_changes_nothing() {
    for raw in RECORDINGS.iter() {
        let turned: Vec<String> = lines(&[raw])
            .iter()
            .map(|line| reversed(&serde_json::from_slice(&line.bytes).unwrap()) + "\n")
            .collect();
        let kinds = |raw: &[u8]| entries(raw).into_iter().map(|entry| entry.kind).collect::<Vec<EntryKind>>();
        assert_eq!(kinds(turned.concat().as_bytes()), kinds(raw));
        assert_eq!(conversation(turned.concat().as_bytes()), conversation(raw));
    }
}

#[test]
fn truncated_recordings_contain_no_more_than_their_whole_lines() {
    let raw = &RECORDINGS[0];
    let whole = entries(raw);
    for cut in 0..raw.len() {
        let end = raw[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let found = entries(&raw[..cut]);
        let known = whole.iter().filter(|entry| entry.offset < end as u64).count();
        assert_eq!(found[..known], whole[..known]);
        assert!(found[known..].iter().all(|entry| entry.offset == end as u64), "only the line that was cut");
    }
}

#[test]
fn broken_records_are_rejected_and_others_survive_a_round_trip() {
    let meta = br#"{"schema":1,"agent":"a","protocol":"claude","argv":["x","\u001b"],"cwd":"/","pid":4711,
        "started_at":7}"#;
    let exit = br#"{"code":0,"signal":null,"ended_at":18446744073709551615}"#;
    assert!(record::<Meta>(meta).is_ok() && record::<ExitRecord>(exit).is_ok());
    for whole in [&meta[..], exit] {
        records(whole);
        for cut in 0..whole.len() {
            assert!(record::<Meta>(&whole[..cut]).is_err() && record::<ExitRecord>(&whole[..cut]).is_err());
        }
        assert!(record::<Meta>(&[whole, &[0; 10]].concat()).is_err(), "a run of NULs after it");
    }
    assert!(record::<ExitRecord>(br#"{"code":9999999999,"signal":null,"ended_at":1}"#).is_err());
}

proptest! {
    #[test]
    fn no_record_panics(bytes in concat!(
        r#"(\{|\}|\[|\]|:|,|"code"|"signal"|"ended_at"|"pid"|null|1e9|-1|"#,
        r#"99999999999999999999|"a"){0,30}"#,
    )) {
        records(bytes.as_bytes());
    }
}
