//! Tests of `json`.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

/// Reads a value, and returns whether the input consists of exactly that value.
fn is_json(json: &[u8]) -> bool {
    let mut cursor = Cursor::new(json);
    cursor.skip().and_then(|()| cursor.end()).is_some()
}

fn text(json: &[u8]) -> Option<Cow<'_, str>> {
    Cursor::new(json).text().flatten().map(Str::decode)
}

#[test]
fn halves_of_surrogate_pairs_and_bad_utf8_cost_one_character_each() {
    for (json, expected) in [
        (br#""x\ud83dy""#.as_slice(), "x\u{fffd}y"),
        (br#""\ude00\ud83d\ude00\ud83d""#, "\u{fffd}😀\u{fffd}"),
        (br#""\\ud83d \ud83d\\""#, "\\ud83d \u{fffd}\\"),
        (b"\"x\xffy\"", "x\u{fffd}y"),
        (b"\"\\n\xc3\"", "\n\u{fffd}"),
    ] {
        assert_eq!(text(json).as_deref(), Some(expected));
    }
}

#[test]
fn malformed_json_is_rejected() {
    for json in [
        "",
        "{",
        "[1",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{a:1}",
        "{1:1}",
        "[}",
        "{]",
        "1 2",
        "x",
        "\"a",
        "\"a\\\"",
        "tru",
        "nul",
        "-",
        "01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "{\"a\":1}}",
        "[\"a\":1]",
    ] {
        assert!(!is_json(json.as_bytes()), "{json}");
    }
}

#[test]
fn any_depth_of_nesting_is_read() {
    let deep = "[{\"a\":".repeat(100_000) + "1" + &"}]".repeat(100_000);
    assert!(is_json(deep.as_bytes()));
}

#[test]
fn members_and_elements_are_visited_and_other_values_have_none() {
    let mut cursor = Cursor::new(br#" { "\u0061" : [ "x" , [] , 2 ] , "b" : { } , "c" : true } "#);
    let mut read = Vec::new();
    cursor
        .object(|cursor, key| {
            let key = String::from_utf8(key.to_vec()).unwrap();
            match key.as_str() {
                "a" => cursor.list(|cursor| {
                    cursor.text().map(|text| read.push(text.map(|text| text.decode().into_owned())))
                }),
                "b" => cursor.list(|_| panic!("an object has no elements")),
                _ => cursor.is_true().map(|is_true| assert!(is_true)),
            }
        })
        .unwrap();
    assert_eq!(cursor.end(), Some(()));
    assert_eq!(read, [Some("x".to_owned()), None, None]);
}

#[test]
fn the_beginning_of_a_text_has_at_least_the_requested_length() {
    for unit in ["ä", "x", "\\n", "\\u00e4", "🦀"] {
        let json = format!("\"{}\"", unit.repeat(100));
        let text = Cursor::new(json.as_bytes()).text().flatten().unwrap();
        let (beginning, whole) = (text.beginning(50), text.decode());
        assert!(beginning.len() >= 50 && beginning.len() < 80, "{unit}");
        assert_eq!(beginning.as_bytes()[..50], whole.as_bytes()[..50], "{unit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn valid_json_is_accepted(json in r#"([\[\]{}:, 0-2.eE+\-]|"|"a"|\\n|\\|\\u00|true|null|ä|\t){0,24}"#) {
        if serde_json::from_str::<IgnoredAny>(&json).is_ok() {
            prop_assert!(is_json(json.as_bytes()));
        }
    }

    #[test]
    fn unescaped_json_must_be_valid(json in r#"([\[\]{}:, 0-2.eE+\-]|"a"|"":|true|null|\t){0,12}"#) {
        prop_assert_eq!(is_json(json.as_bytes()), serde_json::from_str::<IgnoredAny>(&json).is_ok());
    }

    #[test]
    fn texts_are_read_as_they_were_written(
        original in r#"([a-z ]{0,40}|["\\/\n\t\r]|[\x00-\x1f]|ä|日|😀){0,12}"#,
        ascii in any::<bool>(),
    ) {
        let mut json = serde_json::to_string(&original).unwrap();
        if ascii {
            let escape = |unit: &u16| format!("\\u{unit:04x}");
            json = json.chars().map(|c| match c {
                c if c.is_ascii() => c.to_string(),
                c => c.encode_utf16(&mut [0; 2]).iter().map(escape).collect(),
            }).collect();
        }
        let read = text(json.as_bytes());
        prop_assert_eq!(read.as_deref(), Some(original.as_str()));
    }
}
