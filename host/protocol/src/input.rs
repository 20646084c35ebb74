//! The lines that a front end writes. Each is one JSON object with a caller's id and a command or a query.

#[cfg(any(test, fuzzing))]
pub mod invariants;

use std::io::{self, BufRead, Read};

use codewalk_core::command::Command;
use codewalk_core::query::Query;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The maximum length of a line, in bytes. A longer line is discarded.
pub const MAX_LINE: u64 = 1024 * 1024;

/// The id that a caller gave its line: a string or a number, returned as it was written.
pub type CallerId = Box<RawValue>;

/// A line of input.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line, without its line end.
    Whole(Vec<u8>),
    /// A line longer than [`MAX_LINE`].
    TooLong,
}

/// A request of a front end.
#[derive(Debug, PartialEq)]
pub enum Request {
    /// A command. An answer to a confirmation includes the digest of that confirmation.
    Command(Command, Option<String>),
    /// A query.
    Query(Query),
}

/// A line that is not a valid request.
#[derive(Debug)]
pub struct InvalidLine {
    /// The caller's id, if the line contains a valid one.
    pub id: Option<CallerId>,
    /// The reason.
    pub why: String,
}

/// Reads the next line, or returns `None` at the end of file.
///
/// # Errors
/// If the reader fails.
pub fn read_line(reader: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    if reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() as u64 > MAX_LINE {
        reader.skip_until(b'\n')?;
        return Ok(Some(Line::TooLong));
    }
    Ok(Some(Line::Whole(line)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestLine<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow, default)]
    command: Option<&'a RawValue>,
    #[serde(borrow, default)]
    query: Option<&'a RawValue>,
}

/// The id of a line that is otherwise invalid.
#[derive(Deserialize)]
struct IdOfLine<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
}

/// Parses a line.
///
/// # Errors
/// If the line is not a valid request.
pub fn parse(line: &Line) -> Result<(CallerId, Request), InvalidLine> {
    let nameless = |why: String| InvalidLine { id: None, why };
    let Line::Whole(line) = line else {
        return Err(nameless(format!("longer than {MAX_LINE} bytes")));
    };
    let line = str::from_utf8(line).map_err(|error| nameless(format!("not UTF-8: {error}")))?;
    if !line.trim_start().starts_with('{') {
        return Err(nameless("not a JSON object".to_owned()));
    }
    let request: RequestLine<'_> = serde_json::from_str(line).map_err(|error| {
        let named = serde_json::from_str(line).ok();
        InvalidLine { id: named.and_then(|IdOfLine { id }| caller_id(id)), why: reason(&error) }
    })?;
    let Some(id) = caller_id(request.id) else {
        return Err(nameless("\"id\" must be a number, or a string without control characters".to_owned()));
    };
    let parsed = match (request.command, request.query) {
        (Some(command), None) => read_command(command),
        (None, Some(query)) => read_query(query),
        _ => Err(Unreadable("expected a \"command\" or a \"query\"".to_owned())),
    };
    match parsed {
        Ok(request) => Ok((id, request)),
        Err(Unreadable(why)) => Err(InvalidLine { id: Some(id), why }),
    }
}

/// Returns an id if it is valid. It is sent back as it was written, perhaps to a terminal.
fn caller_id(raw: &RawValue) -> Option<CallerId> {
    let is_name = raw.get().starts_with(|c: char| matches!(c, '"' | '-' | '0'..='9'));
    (is_name && !raw.get().contains(char::is_control)).then(|| raw.to_owned())
}

/// The reason why a command or a query cannot be read, as text.
struct Unreadable(String);

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self(reason(&error))
    }
}

/// Reads a command. Only this function checks the digest of an answer: the core identifies a confirmation,
/// and its content, by identifier.
fn read_command(raw: &RawValue) -> Result<Request, Unreadable> {
    let mut given: Value = serde_json::from_str(raw.get())?;
    let is_answer = matches!(given.get("type").and_then(Value::as_str), Some("answer" | "say"));
    let digest = given.as_object_mut().filter(|_| is_answer).and_then(|fields| fields.remove("digest"));
    let digest = match digest {
        None => None,
        Some(Value::String(digest)) => Some(digest),
        Some(_) => return Err(Unreadable("`digest` must be a string".to_owned())),
    };
    Ok(Request::Command(read(raw, &given)?, digest))
}

fn read_query(raw: &RawValue) -> Result<Request, Unreadable> {
    let given = serde_json::from_str(raw.get())?;
    read(raw, &given).map(Request::Query)
}

/// Reads a command or a query, and rejects unknown fields. `given` is the value as it arrived.
fn read<T: DeserializeOwned + Serialize>(raw: &RawValue, given: &Value) -> Result<T, Unreadable> {
    let read: T = serde_json::from_str(raw.get())?;
    check(given, &serde_json::to_value(&read)?)?;
    Ok(read)
}

/// Checks that every field of a value was understood, in the form in which it was given.
fn check(given: &Value, understood: &Value) -> Result<(), Unreadable> {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => {
            given.iter().try_for_each(|(name, value)| match understood.get(name) {
                Some(known) => check(value, known),
                None => Err(Unreadable(format!("unknown field `{name}`"))),
            })
        }
        (Value::Array(given), Value::Array(understood)) => {
            given.iter().zip(understood).try_for_each(|(given, understood)| check(given, understood))
        }
        (Value::Array(_), _) => Err(Unreadable("expected an object, found a list".to_owned())),
        _ => Ok(()),
    }
}

/// Returns the reason for an error, without its position within a part of the line.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

    use super::*;
    use proptest::prelude::*;

    fn parsed(line: &str) -> Result<(String, Request), (Option<String>, String)> {
        match parse(&Line::Whole(line.as_bytes().to_vec())) {
            Ok((id, asked)) => Ok((id.get().to_owned(), asked)),
            Err(InvalidLine { id, why }) => Err((id.map(|id| id.get().to_owned()), why)),
        }
    }

    #[test]
    fn an_id_is_returned_as_it_was_written() {
        for id in ["1", "-1.50", "12345678901234567890123456789", r#""a""#, r#""\u0041\n""#, r#""""#] {
            let line = format!(r#"{{"query": {{"type": "adapters"}}, "id": {id}}}"#);
            assert_eq!(parsed(&line), Ok((id.to_owned(), Request::Query(Query::Adapters))));
        }
    }

    #[test]
    fn invalid_lines_are_refused_with_their_id() {
        let query = r#"{"type": "adapters"}"#;
        for (line, id, why) in [
            ("", None, "not a JSON object"),
            ("so be it", None, "not a JSON object"),
            (&format!("[1, null, {query}]"), None, "not a JSON object"),
            ("{", None, "EOF"),
            (r#"{"id": 1} {"id": 2}"#, None, "trailing characters"),
            (r#"{"id": 1, "query": ["adapters"]}"#, Some("1"), "expected an object, found a list"),
            (&format!(r#"{{"query": {query}}}"#), None, "missing field `id`"),
            (&format!(r#"{{"id": null, "query": {query}}}"#), None, "must be a number"),
            (&format!(r#"{{"id": {{}}, "query": {query}}}"#), None, "must be a number"),
            // JSON allows these characters unescaped, but terminals treat them as commands.
            (&format!("{{\"id\": \"\u{7f}\", \"query\": {query}}}"), None, "control characters"),
            (&format!("{{\"id\": \"\u{9b}2J\", \"query\": {query}}}"), None, "control characters"),
            (&format!(r#"{{"id": 1, "id": 2, "query": {query}}}"#), None, "duplicate field"),
            (r#"{"id": 1}"#, Some("1"), "expected a \"command\""),
            (
                &format!(r#"{{"id": 1, "query": {query}, "command": {query}}}"#),
                Some("1"),
                "expected a \"command\"",
            ),
            (
                &format!(r#"{{"id": 1, "query": {query}, "origin": "me"}}"#),
                Some("1"),
                "unknown field `origin`",
            ),
            (r#"{"id": 1, "query": {"type": "everything"}}"#, Some("1"), "unknown variant `everything`"),
            (r#"{"id": 1, "query": {"type": "adapters", "limit": 1}}"#, Some("1"), "unknown field `limit`"),
            (r#"{"id": 1, "query": {"type": "sessions"}}"#, Some("1"), "missing field `limit`"),
            (
                r#"{"id": 1, "command": {"type": "say", "text": "x", "attended": true,
                    "permision": "plan"}}"#,
                Some("1"),
                "unknown field `permision`",
            ),
            (
                r#"{"id": 1, "command": {"type": "say", "text": "x", "attended": true,
                    "constraints": {"agnet": "demo"}}}"#,
                Some("1"),
                "unknown field `agnet`",
            ),
        ] {
            let (refused, message) = parsed(line).unwrap_err();
            assert_eq!(refused.as_deref(), id, "{line}: {message}");
            assert!(message.contains(why), "{line}: {message}");
        }
        for (command, why) in [
            (
                r#"{"type": "control", "session": "0197f5a2-0000-7000-8000-000000000000", "action": "stop",
                    "digest": ""}"#,
                "unknown",
            ),
            (r#"{"type": "say", "text": "yes", "attended": true, "digest": 1}"#, "must be a string"),
        ] {
            let (_, message) = parsed(&format!(r#"{{"id": 1, "command": {command}}}"#)).unwrap_err();
            assert!(message.contains(why), "{command}: {message}");
        }
        let Err(InvalidLine { id: None, why }) = parse(&Line::Whole(vec![b'"', 0xff, b'"'])) else {
            panic!()
        };
        assert!(why.contains("UTF-8"), "{why}");
    }

    #[test]
    fn a_line_that_is_too_long_is_discarded_and_the_next_one_is_read() {
        let limit = usize::try_from(MAX_LINE).unwrap();
        let longest = vec![b'x'; limit];
        let too_long = vec![b'y'; 3 * limit];
        let text = [&longest[..], b"\n", &too_long, b"\n", b"next\n", &too_long].concat();
        assert_eq!(
            read_all(&text, 4096),
            [Line::Whole(longest), Line::TooLong, Line::Whole(b"next".to_vec()), Line::TooLong]
        );
        assert!(parse(&Line::TooLong).is_err());
    }

    fn read_all(mut text: &[u8], buffer: usize) -> Vec<Line> {
        let mut reader = io::BufReader::with_capacity(buffer, &mut text);
        std::iter::from_fn(|| read_line(&mut reader).unwrap()).collect()
    }

    proptest! {
        #[test]
        fn lines_are_the_same_in_whatever_pieces_they_arrive(
            lines in prop::collection::vec("[^\n]{0,20}", 0..8),
            is_ended: bool,
            buffer in 1_usize..32,
        ) {
            let mut text = lines.join("\n");
            if is_ended || lines.last().is_some_and(String::is_empty) {
                text.push('\n');
            }
            let expected: Vec<Line> = text
                .split_inclusive('\n')
                .map(|line| Line::Whole(line.trim_end_matches('\n').as_bytes().to_vec()))
                .collect();
            prop_assert_eq!(read_all(text.as_bytes(), buffer), expected);
        }

        #[test]
        fn every_line_is_answered_or_rejected(lines: Vec<u8>, piece in 1_usize..32) {
            invariants::lines(&lines, piece);
        }

        #[test]
        fn a_command_round_trips(text: String, attended: bool, id: u32) {
            let command = serde_json::json!({"type": "say", "text": text, "attended": attended});
            let line = serde_json::json!({"id": id, "command": command}).to_string();
            let Ok((named, Request::Command(Command::Say(say), None))) = parsed(&line) else {
                panic!("{line}")
            };
            prop_assert_eq!((named, say.text, say.attended), (id.to_string(), text, attended));
        }
    }
}
