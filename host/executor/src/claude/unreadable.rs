//! Lines that cannot be read, but show what they are: the agent must not wait for an answer to one of them.

use codewalk_core::entry::{EntryKind, Text};
use serde_json::{Value, json};

use super::json::{Cursor, Str};
use super::{tools, wire};
use crate::text::clean;

/// How much of such a line is looked at: what it is comes first.
const LOOKED_AT: usize = 1024;

/// What such a line is.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The agent asks for something.
    Request {
        /// Its identifier of the request.
        id: String,
        /// What it asks for, as far as that is known.
        what: String,
        /// Which tool it is about, where it may be about one; empty where it names none.
        tool: Option<String>,
    },
    /// A turn ended.
    Result,
}

impl Unreadable {
    /// Tells people of it.
    pub(crate) fn entry(&self, why: &str) -> EntryKind {
        let text = match self {
            Self::Request { what, .. } => format!("{what} cannot be read and was refused: {why}"),
            Self::Result => format!("The result of a turn cannot be read: {why}"),
        };
        EntryKind::Error { text: Text::Whole { text: clean(text.into()) } }
    }
}

/// Recognises a line that cannot be read by its beginning.
pub(crate) fn recognise(line: &[u8]) -> Option<Unreadable> {
    let beginning = &line[..line.len().min(LOOKED_AT)];
    let (mut kind, mut id, mut subtype, mut tool) = (None, None, None, None);
    // Where it cannot be read on, what was read before counts.
    let _ = Cursor::new(beginning).object(|cursor, key| {
        match key {
            b"type" => kind = cursor.text()?,
            b"request_id" => id = wire::value(cursor.written(Cursor::skip)?),
            b"request" => cursor.object(|cursor, key| {
                match key {
                    b"subtype" => subtype = cursor.text()?,
                    b"tool_name" => tool = cursor.text()?,
                    _ => cursor.skip()?,
                }
                Some(())
            })?,
            _ => cursor.skip()?,
        }
        Some(())
    });
    let said = |text: Option<Str<'_>>| text.map(|text| tools::shown_name(&text.decode())).unwrap_or_default();
    if kind.is_some_and(|kind| kind.is("result")) {
        return Some(Unreadable::Result);
    }
    let id = id.filter(|_| kind.is_some_and(|kind| kind.is("control_request")))?;
    let (tool, subtype) = (said(tool), said(subtype));
    let what = match (tool.as_str(), subtype.as_str()) {
        (tool, _) if !tool.is_empty() => format!("A request to allow {tool}"),
        (_, subtype) if !subtype.is_empty() => format!("A request ({subtype})"),
        _ => "A request".to_owned(),
    };
    let tool = matches!(subtype.as_str(), "" | "can_use_tool").then_some(tool);
    let id = wire::request_key(&json!({"request_id": id}));
    Some(Unreadable::Request { id, what, tool })
}

/// Returns the result of a turn whose result cannot be read.
pub(crate) fn failed_result(why: &str) -> Value {
    json!({"type": "result", "is_error": true, "errors": [format!("the result cannot be read: {why}")]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_shows_what_it_is_before_it_breaks() {
        for (line, what) in [
            (
                r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","tool_name":"Write","input":{"content":"xx"#,
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
            match recognise(line.as_bytes()) {
                Some(Unreadable::Request { id, what: told, .. }) => {
                    assert_eq!((id.as_str(), told.as_str()), ("r1", what))
                }
                other => panic!("{line}: {other:?}"),
            }
        }
        assert!(matches!(recognise(br#"{"type":"result","result":"xx"#), Some(Unreadable::Result)));
    }

    #[test]
    fn a_request_that_is_numbered_is_known_by_its_number() {
        match recognise(br#"{"type":"control_request","request_id":7,"request":{"subtype":"#) {
            Some(Unreadable::Request { id, .. }) => assert_eq!(id, "number:7"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_only_speaks_of_a_request_is_none() {
        for line in [
            "",
            "xx",
            r#"{"type":"assistant","message":{"type":"control_request","request_id":"r1"#,
            r#"{"type":"control_request","request":{"request_id":"r1","#,
            r#"["type":"control_request","request_id":"r1""#,
            r#"{"type":"control_request","request_id":"r1"#,
        ] {
            assert!(recognise(line.as_bytes()).is_none(), "{line}");
        }
    }
}
