//! Invariants of the lines that a front end writes.
//!
//! [`lines`] panics if one is broken. Property tests and a fuzz target call it.

#![allow(clippy::expect_used, reason = "a broken invariant panics")]

use super::*;

/// Longer than the reason for any refused line, not counting the text it repeats.
const REASON: usize = 1024;

/// Checks that bytes that arrive in pieces of any length are split into their lines, and that each line is
/// either understood, or rejected with its id and a reason.
pub fn lines(bytes: &[u8], piece: usize) {
    let mut reader = io::BufReader::with_capacity(piece.max(1), bytes);
    let read: Vec<Line> = std::iter::from_fn(|| read_line(&mut reader).expect("bytes can be read")).collect();
    let written = bytes.split_inclusive(|byte| *byte == b'\n');
    let written: Vec<&[u8]> = written.map(|line| line.strip_suffix(b"\n").unwrap_or(line)).collect();
    assert_eq!(read.len(), written.len());
    for (line, written) in read.iter().zip(written) {
        match line {
            Line::Whole(whole) => assert_eq!(whole, written),
            Line::TooLong => assert!(written.len() as u64 > MAX_LINE),
        }
        match parse(line) {
            Ok((id, asked)) => understood(&id, &asked, written),
            Err(InvalidLine { id, why }) => {
                if let Some(id) = id {
                    check_id(&id, written);
                }
                assert!(!why.is_empty() && why.len() <= REASON + written.len(), "{why:?}");
            }
        }
    }
}

/// Checks that a request can be written and read back unchanged.
fn understood(id: &CallerId, request: &Request, written: &[u8]) {
    check_id(id, written);
    let (command, query) = match request {
        Request::Command(command, digest) => {
            let mut command = serde_json::to_value(command).expect("it can be written");
            if let Some(digest) = digest {
                command["digest"] = digest.as_str().into();
            }
            (Some(command), None)
        }
        Request::Query(query) => (None, Some(query)),
    };
    let again = serde_json::to_vec(&Again { id, command, query }).expect("it can be written");
    let (same_id, same) = parse(&Line::Whole(again)).expect("and is understood then");
    assert_eq!((same_id.get(), &same), (id.get(), request));
}

#[derive(Serialize)]
struct Again<'a> {
    id: &'a RawValue,
    command: Option<Value>,
    query: Option<&'a Query>,
}

/// Checks that an id is a string or a number in the line, and fits into a line of output.
fn check_id(id: &CallerId, written: &[u8]) {
    let id = id.get();
    assert!(serde_json::from_str::<&RawValue>(id).is_ok_and(|raw| raw.get() == id), "{id}");
    assert!(!id.starts_with(['[', '{', 't', 'f', 'n']) && !id.contains(char::is_control), "{id}");
    assert!(str::from_utf8(written).is_ok_and(|line| line.contains(id)), "{id}");
}
