//! Reading a line of the agent, as far as anything is made of it.
//!
//! Most of what an agent prints is there for other readers: whole files before and after an edit, signatures, what each
//! message has used, identifiers. That is skipped and never copied.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::wire;
use Kept::{All, Each, Fields, Input};

/// What is kept of a value.
#[derive(Debug)]
enum Kept {
    /// Nothing is left out.
    All,
    /// Of an object these fields, of a list nothing.
    Fields(&'static [Field]),
    /// Of a list that of each element, of an object nothing.
    Each(&'static Kept),
    /// Of what a tool is called with what the call is about. Where that is all of it, this is not enough.
    Input,
}

/// A field, and what is kept of it.
type Field = (&'static str, Kept);

const RESULT_BLOCK: Kept = Fields(&[("type", All), ("text", All)]);
/// Where `tools::subject` finds what a call is about.
const SUBJECTS: &[Field] = &[
    ("command", All),
    ("file_path", All),
    ("notebook_path", All),
    ("path", All),
    ("pattern", All),
    ("url", All),
    ("query", All),
    ("description", All),
    ("skill", All),
    ("plan", All),
];
const BLOCK: Kept = Fields(&[
    ("type", All),
    ("text", All),
    ("tool_use_id", All),
    ("content", Each(&RESULT_BLOCK)),
    ("is_error", All),
    ("id", All),
    ("name", All),
    ("input", Input),
    ("thinking", All),
]);
const MESSAGE: Kept = Fields(&[("content", Each(&BLOCK))]);
const TOOL_USE_RESULT: Kept = Fields(&[("type", All), ("backgroundTaskId", All)]);
const DECISION: Kept = Fields(&[("decision", All)]);
const TOOL_RESULT_META: Kept = Each(&Fields(&[("id", All), ("permission_decision", DECISION)]));

/// Lines that are frequent and begin with their type have fewer fields of interest.
const ASSISTANT: &[Field] =
    &[("message", MESSAGE), ("parent_tool_use_id", All), ("is_api_error_message", All), ("type", All)];
const USER: &[Field] = &[
    ("message", MESSAGE),
    ("parent_tool_use_id", All),
    ("tool_use_result", TOOL_USE_RESULT),
    ("tool_result_meta", TOOL_RESULT_META),
    ("isReplay", All),
    ("type", All),
];
/// All fields that any line is asked for.
const LINE_FIELDS: &[Field] = &[
    ("type", All),
    ("subtype", All),
    ("message", MESSAGE),
    ("parent_tool_use_id", All),
    ("is_api_error_message", All),
    ("isReplay", All),
    ("tool_use_result", TOOL_USE_RESULT),
    ("tool_result_meta", TOOL_RESULT_META),
    ("session_id", All),
    ("uuid", All),
    // Of a result.
    ("is_error", All),
    ("result", All),
    ("errors", All),
    ("terminal_reason", All),
    ("queued_turn_count", All),
    ("model_usage_since_last_result", All),
    ("total_cost_usd", All),
    ("usage", All),
    // Of requests, and of what became of prompts.
    ("request_id", All),
    ("request", All),
    ("command_uuid", All),
    ("state", All),
    // Of the system.
    ("tasks", All),
    ("tool_use_id", All),
    ("status", All),
    ("tool_name", All),
    ("error", All),
    ("error_status", All),
    ("attempt", All),
    ("max_retries", All),
    ("retry_delay_ms", All),
];

/// How the pieces of a message begin, most lines where they are told of. What they say comes again with the whole.
const PIECE: &[u8] = br#"{"type":"stream_event","#;

/// Returns the object a line holds, as far as anything is made of it; null where that is nothing.
pub(crate) fn parse(line: &[u8]) -> Option<Value> {
    if line.starts_with(PIECE) {
        return Some(Value::Null);
    }
    let known = || -> serde_json::Result<Value> {
        let mut deserializer = serde_json::Deserializer::from_slice(line);
        let value = deserializer.deserialize_map(Line)?;
        deserializer.end()?;
        Ok(value)
    };
    match known() {
        Ok(value) => value.get("type").is_some_and(Value::is_string).then_some(value),
        // It is broken, or all of it is needed.
        Err(_) => wire::parse(line),
    }
}

/// A line, which is an object.
struct Line;

impl<'de> Visitor<'de> for Line {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        let mut of_kind = LINE_FIELDS;
        if let Some(first) = map.next_key_seed(Key(LINE_FIELDS))? {
            keep(first, &mut map, &mut fields)?;
            of_kind = match fields.get("type").and_then(Value::as_str) {
                Some("assistant") => ASSISTANT,
                Some("user") => USER,
                _ => LINE_FIELDS,
            };
        }
        keep_all(of_kind, map, fields)
    }
}

impl<'de> DeserializeSeed<'de> for &'static Kept {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self {
            All => Value::deserialize(deserializer),
            Fields(_) | Each(_) | Input => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for &'static Kept {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        match self {
            Fields(fields) => return keep_all(fields, map, Map::new()),
            Input => return input(map),
            All | Each(_) => {}
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        if let Each(kept) = self {
            while let Some(element) = list.next_element_seed(*kept)? {
                elements.push(element);
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(elements))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
}

/// Keeps what a tool call is about.
///
/// # Errors
/// Where that is in none of the usual fields, so that all of them tell it.
fn input<'de, A: MapAccess<'de>>(mut map: A) -> Result<Value, A::Error> {
    let (mut fields, mut is_whole) = (Map::new(), true);
    while let Some(key) = map.next_key_seed(Key(SUBJECTS))? {
        is_whole &= key.is_some();
        keep(key, &mut map, &mut fields)?;
    }
    if is_whole || fields.values().any(Value::is_string) {
        Ok(Value::Object(fields))
    } else {
        Err(A::Error::custom("what the call is about is not in the usual fields"))
    }
}

fn keep_all<'de, A: MapAccess<'de>>(
    of_interest: &'static [Field],
    mut map: A,
    mut fields: Map<String, Value>,
) -> Result<Value, A::Error> {
    while let Some(key) = map.next_key_seed(Key(of_interest))? {
        keep(key, &mut map, &mut fields)?;
    }
    Ok(Value::Object(fields))
}

/// Keeps the value of a field of interest; of any other nothing.
fn keep<'de, A: MapAccess<'de>>(
    field: Option<&'static Field>,
    map: &mut A,
    fields: &mut Map<String, Value>,
) -> Result<(), A::Error> {
    match field {
        Some((name, kept)) => {
            let value = map.next_value_seed(kept)?;
            fields.insert((*name).to_owned(), value);
        }
        None => {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

/// A key, of which only matters which of these fields it names, if any.
struct Key(&'static [Field]);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<&'static Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        // As bytes: what is none of these fields need not be text.
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<&'static Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|(name, _)| name.as_bytes() == key))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::claude::conversation::Conversation;
    use crate::claude::entries;
    use crate::project::Project;

    /// What is made of some lines, and of the same ones where nothing is left out.
    fn assert_same(lines: &[Vec<u8>]) {
        let project = Project::of_run(Path::new("/home/dev/lab/proj"));
        let mut known = Conversation::new(project.clone(), false);
        let mut whole = Conversation::new(project.clone(), false);
        for line in lines {
            let messages = (parse(line), wire::parse(line));
            let (Some(message), Some(all)) = &messages else {
                assert_eq!(messages, (None, None), "{}", String::from_utf8_lossy(line));
                continue;
            };
            let length = line.len() as u64;
            assert_eq!(entries::decode(message, &project, length), entries::decode(all, &project, length));
            assert_eq!(known.line(message), whole.line(all), "{all}");
        }
    }

    #[test]
    fn what_is_left_out_of_recorded_lines_makes_no_difference_in_any_order_of_members() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let raw = std::fs::read(file.unwrap().path()).unwrap();
            let lines: Vec<Vec<u8>> = raw.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            let sorted = |line: &Vec<u8>| wire::parse(line).map(|message| message.to_string().into_bytes());
            assert_same(&lines);
            assert_same(&lines.iter().filter_map(sorted).collect::<Vec<_>>());
            count += lines.len();
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn what_an_unknown_tool_is_called_with_is_kept_whole() {
        let line = br#"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"buy","input":{"amount":3,"to":{"name":"Ada"}}}]}}"#;
        let input = parse(line).unwrap()["message"]["content"][0]["input"].clone();
        assert_eq!(input, serde_json::json!({"amount": 3, "to": {"name": "Ada"}}));
        let line = br#"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Write","input":{"file_path":"/a","content":"x"}}]}}"#;
        let input = parse(line).unwrap()["message"]["content"][0]["input"].clone();
        assert_eq!(input, serde_json::json!({"file_path": "/a"}));
    }

    const NAMES: &str = "type|message|content|text|input|command|file_path|name|id|tool_use_id|is_error|result|\
        tool_use_result|tool_result_meta|permission_decision|decision|questions|amount|subtype|uuid|event";
    const TEXTS: &str = "assistant|user|result|system|control_request|stream_event|text|tool_use|tool_result|thinking|\
        Write|Bash|reject|create|toolu_1|permission_denied|/home/dev/lab/proj/a.rs";

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
        fn what_is_left_out_of_any_line_makes_no_difference(
            lines in prop::collection::vec(
                (one_of(TEXTS), prop::collection::btree_map(one_of(NAMES), value(), 0..8), any::<bool>()), 1..8),
        ) {
            let line = |(kind, mut fields, type_first): (String, BTreeMap<String, Value>, bool)| {
                fields.remove("type");
                let kind = ("type".to_owned(), Value::from(kind));
                let fields = fields.into_iter();
                let ordered: Vec<_> =
                    if type_first { [kind].into_iter().chain(fields).collect() } else { fields.chain([kind]).collect() };
                let ordered: Vec<String> =
                    ordered.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", ordered.join(",")).into_bytes()
            };
            assert_same(&lines.into_iter().map(line).collect::<Vec<_>>());
        }
    }
}
