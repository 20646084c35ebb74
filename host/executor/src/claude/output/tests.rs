//! Tests of `output`.

use std::collections::BTreeMap;
use std::path::Path;

use codewalk_core::entry::EntryKind;
use proptest::prelude::*;

use super::*;
use crate::claude::conversation::{ConversationState, Output};
use crate::claude::entries;
use crate::claude::message::Message;
use crate::project::Project;

/// Returns the entries and outputs that a line leads to.
fn made(conversation: &mut ConversationState, line: &[u8]) -> Option<(Vec<EntryKind>, Vec<Output>)> {
    let project = Project::of_run(Path::new("/home/dev/lab/proj"));
    let line = parse(line)?;
    let entries = entries::decode(&line, &project, 100);
    Some((entries, conversation.line(Message::of(line, &project))))
}

/// Asserts that the meaning of lines does not depend on their form: it stays the same after a round trip
/// through another JSON library.
fn assert_same(lines: &[Vec<u8>]) {
    let conversation = || ConversationState::new(Project::of_run(Path::new("/home/dev/lab/proj")), false);
    let (mut read, mut again) = (conversation(), conversation());
    for line in lines {
        let Some(rewritten) = wire::parse(line) else { continue };
        let rewritten = rewritten.to_string();
        let made = (made(&mut read, line), made(&mut again, rewritten.as_bytes()));
        assert!(made.0.is_some(), "{rewritten}");
        assert_eq!(made.0, made.1, "{rewritten}");
    }
}

#[test]
fn recorded_lines_mean_the_same_in_any_order_of_members() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let raw = std::fs::read(file.unwrap().path()).unwrap();
        let lines: Vec<Vec<u8>> = raw.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        assert_same(&lines);
        count += lines.len();
    }
    assert!(count > 100, "{count}");
}

#[test]
fn only_objects_with_a_type_are_lines() {
    for line in ["", "x", "1", "[]", "{}", r#"{"type":1}"#, r#"{"type":"a""#, "\0\0\0", r#"{"type":"user",}"#]
    {
        assert!(parse(line.as_bytes()).is_none(), "{line:?}");
    }
    assert!(matches!(parse(br#" {"b":1,"type":"a"} "#), Some(Line::Nothing)));
}

#[test]
fn the_last_of_duplicate_members_counts() {
    for (line, is_user) in [
        (r#"{"type":"assistant","type":"user"}"#, true),
        (r#"{"type":"user","message":{"content":"a"},"type":"assistant"}"#, false),
    ] {
        match parse(line.as_bytes()) {
            Some(Line::Assistant(_)) => assert!(!is_user, "{line}"),
            Some(Line::User(_)) => assert!(is_user, "{line}"),
            other => panic!("{other:?}"),
        }
    }
    let line = r#"{"type":"assistant","type":"result","is_error":true}"#;
    assert!(matches!(parse(line.as_bytes()), Some(Line::Other(_))));
    let line =
        br#"{"type":"user","message":{"content":"a","content":[{"type":"text","text":1,"text":"b"}]}}"#;
    let Some(Line::User(message)) = parse(line) else { panic!() };
    assert_eq!(message.blocks.iter().map(|block| &*block.text).collect::<Vec<_>>(), ["b"]);
}

const NAMES: &str = "type|message|content|text|input|command|file_path|name|id|tool_use_id|is_error|result|\
    tool_use_result|tool_result_meta|permission_decision|decision|questions|amount|subtype|uuid|event";
const TEXTS: &str = "assistant|user|result|system|control_request|stream_event|text|tool_use|tool_result|\
    thinking|Write|Bash|reject|create|toolu_1|permission_denied|/home/dev/lab/proj/a.rs";

fn one_of(words: &'static str) -> impl Strategy<Value = String> {
    prop::sample::select(words.split('|').collect::<Vec<_>>()).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        Just(Value::from(0.5)),
        one_of(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(one_of(NAMES), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_line_means_the_same_however_it_is_written(
        lines in prop::collection::vec(
            (one_of(TEXTS), prop::collection::btree_map(one_of(NAMES), value(), 0..8), any::<bool>()), 1..8),
    ) {
        let line = |(kind, mut fields, type_first): (String, BTreeMap<String, Value>, bool)| {
            fields.remove("type");
            let kind = ("type".to_owned(), Value::from(kind));
            let fields = fields.into_iter();
            let ordered: Vec<_> = match type_first {
                true => [kind].into_iter().chain(fields).collect(),
                false => fields.chain([kind]).collect(),
            };
            let ordered: Vec<String> =
                ordered.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", ordered.join(",")).into_bytes()
        };
        assert_same(&lines.into_iter().map(line).collect::<Vec<_>>());
    }
}
