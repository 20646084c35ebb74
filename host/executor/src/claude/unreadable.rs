//! Recognizes broken lines for which the agent waits for an answer.

use codewalk_core::entry::{EntryKind, Text};
use serde_json::{Value, json};

use super::json::{Cursor, Str};
use super::{tools, wire};
use crate::text::clean;

/// How many bytes of the end of such a line are inspected.
const LOOKED_AT: usize = 4 * 1024;

/// The kind of a broken line.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// A request.
    Request {
        /// The agent's identifier of the request.
        id: String,
        /// A description, from the readable part.
        what: String,
        /// The tool, if the request may be about one. Empty if it has no name.
        tool: Option<String>,
    },
    /// The result of a turn.
    Result,
}

impl Unreadable {
    /// Returns the entry for people.
    pub(crate) fn entry(&self, why: &str) -> EntryKind {
        let text = match self {
            Self::Request { what, .. } => format!("{what} cannot be read and was refused: {why}"),
            Self::Result => format!("The result of a turn cannot be read: {why}"),
        };
        EntryKind::Error { text: Text::Whole { text: clean(text.into()) } }
    }
}

/// The readable fields of a broken line.
#[derive(Default)]
struct Known<'a> {
    kind: Option<Str<'a>>,
    id: Option<Value>,
    subtype: Option<Str<'a>>,
    tool: Option<Str<'a>>,
}

/// Recognizes a broken line by its beginning and its end. The end of an overlong line is passed separately.
pub(crate) fn recognise(line: &[u8], end: &[u8]) -> Option<Unreadable> {
    let beginning = known(line);
    let end = if end.is_empty() { &line[line.len().saturating_sub(LOOKED_AT)..] } else { end };
    // If the beginning is sufficient, the end is not trusted.
    let needs_end = beginning.kind.is_none() || beginning.id.is_none();
    let end = if needs_end { last_fields(end) } else { Known::default() };
    let kind = beginning.kind.or(end.kind);
    if kind.is_some_and(|kind| kind.is("result")) {
        return Some(Unreadable::Result);
    }
    let id = beginning.id.or(end.id).filter(|_| kind.is_some_and(|kind| kind.is("control_request")))?;
    let said = |text: Option<Str<'_>>| text.map(|text| tools::shown_name(&text.decode())).unwrap_or_default();
    let (tool, subtype) = (said(beginning.tool), said(beginning.subtype));
    let what = match (tool.as_str(), subtype.as_str()) {
        (tool, _) if !tool.is_empty() => format!("A request to allow {tool}"),
        (_, subtype) if !subtype.is_empty() => format!("A request ({subtype})"),
        _ => "A request".to_owned(),
    };
    let tool = matches!(subtype.as_str(), "" | "can_use_tool").then_some(tool);
    let id = wire::request_key(&json!({"request_id": id}));
    Some(Unreadable::Request { id, what, tool })
}

/// Reads the first fields of an object, up to the broken part.
fn known(json: &[u8]) -> Known<'_> {
    let mut known = Known::default();
    let _ = Cursor::new(json).object(|cursor, key| known.member(cursor, key));
    known
}

impl<'a> Known<'a> {
    fn member(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Option<()> {
        match key {
            b"type" => self.kind = cursor.text()?,
            b"request_id" => self.id = wire::identifier(cursor.written(Cursor::skip)?),
            b"request" => cursor.object(|cursor, key| {
                match key {
                    b"subtype" => self.subtype = cursor.text()?,
                    b"tool_name" => self.tool = cursor.text()?,
                    _ => cursor.skip()?,
                }
                Some(())
            })?,
            _ => cursor.skip()?,
        }
        Some(())
    }
}

/// Reads the last fields of an object whose beginning is broken.
fn last_fields(end: &[u8]) -> Known<'_> {
    // Any known field may be the first readable one.
    let begins = memchr::memchr_iter(b'"', end).filter(|at| {
        let is_key = |key: &[u8]| end[*at..].starts_with(key);
        is_key(b"\"request_id\"") || is_key(b"\"type\"")
    });
    let mut all = Known::default();
    for at in begins {
        let (mut known, mut cursor) = (Known::default(), Cursor::new(&end[at..]));
        let read = cursor.members(|cursor, key| known.member(cursor, key));
        if read.is_some() && cursor.end().is_some() {
            all = Known { kind: all.kind.or(known.kind), id: all.id.or(known.id), ..all };
        }
    }
    all
}

/// Returns a failed result in place of a result that cannot be read.
pub(crate) fn failed_result(why: &str) -> Value {
    json!({"type": "result", "is_error": true, "errors": [format!("the result cannot be read: {why}")]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_request_is_recognized_by_its_beginning() {
        for (line, what) in [
            (
                concat!(
                    r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
                    r#""tool_name":"Write","input":{"content":"xx"#,
                ),
                "A request to allow Write",
            ),
            (
                r#"{"request_id":"r1","type":"control_request","request":{"subtype":"dance","#,
                "A request (dance)",
            ),
            (
                r#" {"type":"control_request","request_id":"r1","request":{"tool_name":"\u001b[2J","#,
                "A request to allow <U+001B>[2J",
            ),
            (r#"{"type":"control_request","request_id":"r1","#, "A request"),
            (r#"{"type":"control_request","request_id":"r1"}}}"#, "A request"),
        ] {
            match recognise(line.as_bytes(), b"") {
                Some(Unreadable::Request { id, what: told, .. }) => {
                    assert_eq!((id.as_str(), told.as_str()), ("r1", what))
                }
                other => panic!("{line}: {other:?}"),
            }
        }
        assert!(matches!(recognise(br#"{"type":"result","result":"xx"#, b""), Some(Unreadable::Result)));
    }

    #[test]
    fn a_numbered_request_is_identified_by_its_number() {
        match recognise(br#"{"type":"control_request","request_id":7,"request":{"subtype":"#, b"") {
            Some(Unreadable::Request { id, .. }) => assert_eq!(id, "number:7"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_may_be_identified_at_its_end() {
        let broken = r#"{"request":{"subtype":"can_use_tool","tool_name":"Bash","input":{"command":}},"#;
        let far = format!("{broken}\"padding\":\"{}\",", "x".repeat(3_000));
        for begin in [broken, &far] {
            for end in [
                r#""type":"control_request","request_id":"r1"}"#,
                r#""request_id":"r1","uuid":"u","type":"control_request"}"#,
                r#""request_id":"r1","other":{"request_id":"r2"},"type":"control_request"} "#,
            ] {
                match recognise(format!("{begin}{end}").as_bytes(), b"") {
                    Some(Unreadable::Request { id, what, .. }) => {
                        assert_eq!((id.as_str(), what.as_str()), ("r1", "A request to allow Bash"), "{end}");
                    }
                    other => panic!("{begin}{end}: {other:?}"),
                }
            }
        }
        // The end of an overlong line is passed separately.
        let begin = br#"{"type":"control_request","request":{"tool_name":"Write","input":{"content":"xx"#;
        let end = br#"xx \"request_id\":\"r0\" xx"}},"request_id":"r1"}"#;
        assert!(matches!(recognise(begin, end), Some(Unreadable::Request { id, .. }) if id == "r1"));
    }

    #[test]
    fn a_line_that_only_mentions_a_request_is_not_one() {
        for line in [
            "",
            "xx",
            r#"{"type":"assistant","message":{"type":"control_request","request_id":"r1"#,
            r#"{"type":"control_request","request":{"request_id":"r1","#,
            r#"["type":"control_request","request_id":"r1""#,
            r#"{"type":"control_request","request_id":"r1"#,
        ] {
            assert!(recognise(line.as_bytes(), b"").is_none(), "{line}");
        }
    }
}
