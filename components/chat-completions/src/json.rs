//! Finds the answer in a model's output: some models think aloud first, put a code fence around the answer,
//! or explain it.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Deserializer;

/// How many bytes of a model's output are searched, and how many braces are tried.
const MAX_CONTENT: usize = 256 * 1024;
const MAX_TRIES: usize = 1024;
/// The tags around a thought.
const THOUGHTS: [(&str, &str); 4] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
];

/// Returns the last complete object of the right shape. A part of another object or of a
/// thought is not an answer.
///
/// # Errors
/// Fails if there is no such object, with the reason why the text that was found is not one.
pub(crate) fn last<T: DeserializeOwned>(content: &str) -> Result<T, String> {
    if content.len() > MAX_CONTENT {
        return Err(format!("it is {} bytes long", content.len()));
    }
    let (mut found, mut open, mut why) = (None, None, None);
    let (mut at, mut tries) = (0, 0..MAX_TRIES);
    while let Some(start) = content[at..].find('{').map(|brace| at + brace) {
        if tries.next().is_none() {
            return Err("it has too many braces".to_owned());
        }
        let mut values = Deserializer::from_str(&content[start..]).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                let end = start + values.byte_offset();
                match serde_json::from_str(&content[start..end]) {
                    Ok(value) => match thought(&content[..start]) {
                        Some(close) if content[end..].contains(close) => {
                            why = Some("it is part of the model's thoughts".to_owned());
                        }
                        // The model never closed its thought, so the answer is inside it.
                        Some(_) => open = Some(value),
                        None => found = Some(value),
                    },
                    Err(error) => why = Some(error.to_string()),
                }
                at = end;
            }
            // The answer is cut off: neither the text before it nor any part of it is an answer.
            Some(Err(error)) if error.is_eof() => return Err(error.to_string()),
            Some(Err(error)) => {
                why.get_or_insert_with(|| error.to_string());
                at = end_of_braces(content, start).unwrap_or(start + 1);
            }
            None => break,
        }
    }
    found.or(open).ok_or_else(|| why.unwrap_or_else(|| "it has no JSON".to_owned()))
}

/// Returns the closing tag of the thought that is still open at the end of a text.
fn thought(before: &str) -> Option<&'static str> {
    let is_open = |(open, close): &&(&str, &str)| before.rfind(open) > before.rfind(close);
    THOUGHTS.iter().find(is_open).map(|(_, close)| *close)
}

/// Returns the position of the matching brace in text that is not JSON.
fn end_of_braces(content: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in content.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    struct Answer {
        word: String,
    }

    fn word(content: &str) -> Result<String, String> {
        last::<Answer>(content).map(|answer| answer.word)
    }

    #[test]
    fn text_around_the_answer_is_skipped() {
        for content in [
            r#"{"word": "yes"}"#,
            "```json\n{\"word\": \"yes\"}\n```",
            "Here it is:\n```\n{\"word\": \"yes\"}\n```\nI hope this helps {really}.",
            "<think>The user wants {\"word\": \"no\"}? No.</think>\n{\"word\": \"yes\"}",
            "<think>A {brace} that { never ends</think>{\"word\": \"yes\"}",
            "<thought>{\"word\": \"no\"}</thought>{\"word\": \"yes\"}",
            "The form is {\"word\": WORD}, so: {\"word\": \"yes\"}",
            "{\"word\": \"no\"} no, wait: {\"word\": \"yes\"}",
            "{\"word\": \"yes\"} {\"other\": 1}",
            "{\"word\": \"yes\", \"more\": {\"word\": \"no\"}}",
            "<think>The user wants {\"word\": \"no\"}? No.\n{\"word\": \"yes\"}",
            "<think>Perhaps {\"other\": 1}.\n```json\n{\"word\": \"yes\"}\n```",
            "{\"word\": \"yes\"} <think>or {\"word\": \"no\"}",
            "if (a) { b(); } else { c(); } {\"word\": \"yes\"}",
        ] {
            assert_eq!(word(content).as_deref(), Ok("yes"), "{content}");
        }
        assert_eq!(word(r#"{"word": "</think> {a} <think>"}"#).as_deref(), Ok("</think> {a} <think>"));
    }

    #[test]
    fn a_part_of_a_wrong_answer_or_a_thought_is_not_an_answer() {
        for (content, says) in [
            ("", "no JSON"),
            ("yes", "no JSON"),
            ("{\"other\": {\"word\": \"no\"}}", "missing field `word`"),
            ("{\"other\": no, \"more\": [{\"word\": \"no\"}]}", "expected"),
            ("{\"word\": \"no\"} {\"word\": \"ye", "EOF"),
            ("{\"more\": [{\"word\": \"no\"}", "EOF"),
            ("<think>perhaps {\"other\": \"no\"}", "missing field `word`"),
            ("<think>perhaps {\"word\": \"no\"}</think> I cannot say.", "part of the model's thoughts"),
            ("{\"word\": 1}", "invalid type"),
        ] {
            let why = word(content).unwrap_err();
            assert!(why.contains(says), "{content}: {why}");
        }
        assert!(word(&"{".repeat(2000)).unwrap_err().contains("braces"));
        assert!(word(&" ".repeat(MAX_CONTENT + 1)).unwrap_err().contains("bytes"));
    }

    proptest! {
        #[test]
        fn no_content_is_too_odd(content in "([{}\"\\[\\]:,a1 ]|word|<think>|</think>|\u{fc}){0,60}") {
            let _ = word(&content);
        }
    }
}
