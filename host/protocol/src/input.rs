//! What a front end may write: lines that are each one JSON object, with a caller's id and a command or a query.

#[cfg(any(test, fuzzing))]
pub mod invariants;

use std::io::{self, BufRead, Read};

use codewalk_core::command::Command;
use codewalk_core::query::Query;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

/// The longest line, in bytes. Of a longer one nothing is kept.
const MAX_LINE: u64 = 1024 * 1024;

/// The id a caller gave its line: a string or a number, given back as it was written.
pub type CallerId = Box<RawValue>;

/// A line as it was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// All of it, without its end.
    Whole(Vec<u8>),
    /// It was longer than [`MAX_LINE`].
    TooLong,
}

/// What a line asks for.
#[derive(Debug, PartialEq)]
pub enum Asked {
    /// That something is done; an answer to a confirmation says what was shown of that, by its digest.
    Command(Command, Option<String>),
    /// What there is.
    Query(Query),
}

/// Why a line asks for nothing.
#[derive(Debug)]
pub struct Refusal {
    /// The caller's id, where there is one.
    pub id: Option<CallerId>,
    /// Why.
    pub why: String,
}

/// Starts to read lines, on a thread of its own; the channel closes at the end of file.
pub fn start(mut reader: impl BufRead + Send + 'static) -> io::Result<mpsc::Receiver<Line>> {
    let (sender, lines) = mpsc::channel(1);
    // The thread sits in a read that nothing ends: it goes with the process.
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        while let Ok(Some(line)) = read_line(&mut reader) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(lines)
}

/// Reads the next line; none at the end of file.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<Line>> {
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
struct Request<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow, default)]
    command: Option<&'a RawValue>,
    #[serde(borrow, default)]
    query: Option<&'a RawValue>,
}

/// What is left of a request where the rest makes no sense.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
}

/// Reads what a line asks for.
pub fn parse(line: &Line) -> Result<(CallerId, Asked), Refusal> {
    let nameless = |why: String| Refusal { id: None, why };
    let Line::Whole(line) = line else {
        return Err(nameless(format!("longer than {MAX_LINE} bytes")));
    };
    let line = str::from_utf8(line).map_err(|error| nameless(format!("not UTF-8: {error}")))?;
    if !line.trim_start().starts_with('{') {
        return Err(nameless("not a JSON object".to_owned()));
    }
    let request: Request<'_> = serde_json::from_str(line).map_err(|error| {
        let named = serde_json::from_str(line).ok();
        Refusal { id: named.and_then(|Named { id }| caller_id(id)), why: reason(&error) }
    })?;
    let Some(id) = caller_id(request.id) else {
        return Err(nameless("\"id\" must be a number, or a string without control characters".to_owned()));
    };
    let asked = match (request.command, request.query) {
        (Some(command), None) => read_command(command),
        (None, Some(query)) => read_query(query),
        _ => Err("expected a \"command\" or a \"query\"".to_owned()),
    };
    match asked {
        Ok(asked) => Ok((id, asked)),
        Err(why) => Err(Refusal { id: Some(id), why }),
    }
}

/// Takes what can be an id. It is said back as it was written, perhaps to a terminal.
fn caller_id(raw: &RawValue) -> Option<CallerId> {
    let is_name = raw.get().starts_with(|c: char| matches!(c, '"' | '-' | '0'..='9'));
    (is_name && !raw.get().contains(char::is_control)).then(|| raw.to_owned())
}

/// Reads a command. The digest of an answer to a confirmation is for this front end alone: the core knows a confirmation by an
/// identifier that stands for its content.
fn read_command(raw: &RawValue) -> Result<Asked, String> {
    let mut given: Value = serde_json::from_str(raw.get()).map_err(|error| reason(&error))?;
    let is_answer = matches!(given.get("type").and_then(Value::as_str), Some("answer" | "say"));
    let digest = given.as_object_mut().filter(|_| is_answer).and_then(|fields| fields.remove("digest"));
    let digest = match digest {
        None => None,
        Some(Value::String(digest)) => Some(digest),
        Some(_) => return Err("`digest` must be a string".to_owned()),
    };
    Ok(Asked::Command(read(raw, &given)?, digest))
}

fn read_query(raw: &RawValue) -> Result<Asked, String> {
    let given = serde_json::from_str(raw.get()).map_err(|error| reason(&error))?;
    read(raw, &given).map(Asked::Query)
}

/// Reads a command or a query, and nothing that has more in it than was understood; `given` is what is to be understood.
fn read<T: DeserializeOwned + Serialize>(raw: &RawValue, given: &Value) -> Result<T, String> {
    let wrong = |error: serde_json::Error| reason(&error);
    let read: T = serde_json::from_str(raw.get()).map_err(wrong)?;
    check(given, &serde_json::to_value(&read).map_err(wrong)?)?;
    Ok(read)
}

/// Checks that what was given has nothing in it that is not in what was understood, and has its form.
fn check(given: &Value, understood: &Value) -> Result<(), String> {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => {
            given.iter().try_for_each(|(name, value)| match understood.get(name) {
                Some(known) => check(value, known),
                None => Err(format!("unknown field `{name}`")),
            })
        }
        (Value::Array(given), Value::Array(understood)) => {
            given.iter().zip(understood).try_for_each(|(given, understood)| check(given, understood))
        }
        (Value::Array(_), _) => Err("expected an object, found a list".to_owned()),
        _ => Ok(()),
    }
}

/// Returns what is wrong, without the position in a part of the line.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

    use super::*;
    use proptest::prelude::*;

    fn parsed(line: &str) -> Result<(String, Asked), (Option<String>, String)> {
        match parse(&Line::Whole(line.as_bytes().to_vec())) {
            Ok((id, asked)) => Ok((id.get().to_owned(), asked)),
            Err(Refusal { id, why }) => Err((id.map(|id| id.get().to_owned()), why)),
        }
    }

    #[test]
    fn an_id_comes_back_as_it_was_written() {
        for id in ["1", "-1.50", "12345678901234567890123456789", r#""a""#, r#""\u0041\n""#, r#""""#] {
            let line = format!(r#"{{"query": {{"type": "adapters"}}, "id": {id}}}"#);
            assert_eq!(parsed(&line), Ok((id.to_owned(), Asked::Query(Query::Adapters))));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_id_it_has() {
        let query = r#"{"type": "adapters"}"#;
        for (line, id, why) in [
            ("", None, "not a JSON object"),
            ("so be it", None, "not a JSON object"),
            (&format!("[1, null, {query}]"), None, "not a JSON object"),
            ("{", None, "EOF"),
            (r#"{"id": 1} {"id": 2}"#, None, "trailing characters"),
            (r#"{"id": 1, "query": ["adapters"]}"#, Some("1"), "expected an object, found a list"),
            (&format!(r#"{{"query": {query}}}"#), None, "missing field `id`"),
            (&format!(r#"{{"id": null, "query": {query}}}"#), None, "neither"),
            (&format!(r#"{{"id": {{}}, "query": {query}}}"#), None, "neither"),
            // JSON has these as they are; terminals take them for commands.
            (&format!("{{\"id\": \"\u{7f}\", \"query\": {query}}}"), None, "control characters"),
            (&format!("{{\"id\": \"\u{9b}2J\", \"query\": {query}}}"), None, "control characters"),
            (&format!(r#"{{"id": 1, "id": 2, "query": {query}}}"#), None, "duplicate field"),
            (r#"{"id": 1}"#, Some("1"), "needs"),
            (&format!(r#"{{"id": 1, "query": {query}, "command": {query}}}"#), Some("1"), "needs"),
            (
                &format!(r#"{{"id": 1, "query": {query}, "origin": "me"}}"#),
                Some("1"),
                "unknown field `origin`",
            ),
            (r#"{"id": 1, "query": {"type": "everything"}}"#, Some("1"), "unknown variant `everything`"),
            (r#"{"id": 1, "query": {"type": "adapters", "limit": 1}}"#, Some("1"), "unknown field `limit`"),
            (r#"{"id": 1, "query": {"type": "sessions"}}"#, Some("1"), "missing field `limit`"),
            (
                r#"{"id": 1, "command": {"type": "say", "text": "x", "attended": true, "permision": "plan"}}"#,
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
                r#"{"type": "control", "session": "0197f5a2-0000-7000-8000-000000000000", "action": "stop", "digest": ""}"#,
                "unknown",
            ),
            (r#"{"type": "say", "text": "yes", "attended": true, "digest": 1}"#, "no string"),
        ] {
            let (_, message) = parsed(&format!(r#"{{"id": 1, "command": {command}}}"#)).unwrap_err();
            assert!(message.contains(why), "{command}: {message}");
        }
        let Err(Refusal { id: None, why }) = parse(&Line::Whole(vec![b'"', 0xff, b'"'])) else { panic!() };
        assert!(why.contains("UTF-8"), "{why}");
    }

    #[test]
    fn of_a_line_that_is_too_long_nothing_is_kept_and_the_next_one_is_read() {
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
        fn lines_are_the_same_however_they_arrive(
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
        fn whatever_is_written_is_answered_or_refused(lines: Vec<u8>, piece in 1_usize..32) {
            invariants::lines(&lines, piece);
        }

        #[test]
        fn a_command_reads_back_as_it_was_written(text: String, attended: bool, id: u32) {
            let command = serde_json::json!({"type": "say", "text": text, "attended": attended});
            let line = serde_json::json!({"id": id, "command": command}).to_string();
            let Ok((named, Asked::Command(Command::Say(said), None))) = parsed(&line) else { panic!("{line}") };
            prop_assert_eq!((named, said.text, said.attended), (id.to_string(), text, attended));
        }
    }
}
