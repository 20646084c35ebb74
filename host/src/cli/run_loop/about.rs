//! Decides whether the words after a yes are independent of the action that the yes allows.
//!
//! Invariant: words that may refer to the action itself are not a separate instruction. The action would be
//! allowed unchanged, and the words would come too late.

/// Words without a meaning of their own.
const EMPTY: &[&str] = &[
    "do", "not", "don", "t", "the", "a", "an", "and", "in", "of", "to", "touch", "also", "never", "please",
    "remember",
];
/// Words for a part of any action, or for how it is performed.
const PARTS: &[&str] = &[
    "address",
    "argument",
    "arguments",
    "args",
    "as",
    "body",
    "call",
    "command",
    "commands",
    "content",
    "contents",
    "directory",
    "edit",
    "edits",
    "field",
    "flag",
    "flags",
    "folder",
    "input",
    "instead",
    "line",
    "lines",
    "link",
    "message",
    "name",
    "names",
    "option",
    "options",
    "other",
    "parameter",
    "parameters",
    "path",
    "paths",
    "pattern",
    "permission",
    "permissions",
    "plan",
    "query",
    "recipient",
    "recipients",
    "request",
    "root",
    "script",
    "step",
    "steps",
    "subject",
    "sudo",
    "target",
    "text",
    "timeout",
    "tool",
    "url",
    "use",
    "user",
    "using",
    "value",
    "with",
    "word",
    "words",
];

/// Returns whether words may refer to an action with these texts: "yes, but do not touch login.rs", if the
/// action changes login.rs.
pub(super) fn may_be_of(words: &str, request: &[&str]) -> bool {
    let has_option =
        words.split_whitespace().any(|word| word.trim_start_matches(['"', '\'', '`', '(']).starts_with('-'));
    let parts_of_request: Vec<String> = request.iter().flat_map(|text| parts(text)).collect();
    let is_like = |word: &str, part: &str| {
        // Short words must match exactly: every word contains "a".
        word == part || (word.len() > 3 && part.len() > 3 && (part.contains(word) || word.contains(part)))
    };
    let mut words = parts(words);
    has_option
        || words.any(|word| {
            PARTS.contains(&word.as_str()) || parts_of_request.iter().any(|part| is_like(&word, part))
        })
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    parts.filter(|part| !part.is_empty() && !EMPTY.contains(&part.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_the_action_itself_are_not_a_separate_instruction() {
        for (words, subject, speaks) in [
            ("do not touch the tests", "src/login.rs", false),
            ("do not touch the tests", "tests/login.rs", true),
            ("don't change Login.rs", "src/login.rs", true),
            ("do not touch db.rs", "src/db.rs", true),
            ("do not rename the test", "cargo test", true),
            ("mention the issue", "cargo test", false),
            ("also update the changelog", "cargo test", false),
            ("also fix the command", "make", true),
            ("also fix the path", "make", true),
            ("also write to the other folder", "make", true),
            ("also run the tests with sudo", "make", true),
            ("also add the -n flag", "make", true),
            ("also add `--force`", "make", true),
        ] {
            assert_eq!(may_be_of(words, &["Bash", subject, ""]), speaks, "{words} / {subject}");
        }
    }

    #[test]
    fn words_about_any_part_of_a_request_are_not_a_separate_instruction() {
        let long = format!("{}; rm -rf ~/photos; {}", "make; ".repeat(200), "make; ".repeat(200));
        for (words, request) in [
            ("do not touch the photos", ["Bash", "make; \u{2026} make", &long]),
            ("do not touch production", ["Edit", "deploy.sh", "- ls\n+ rm -rf production\n"]),
            ("do not change the recipient", ["mcp__mail__send", "hello", "{\n  \"recipient\": \"x\"\n}"]),
            ("do not break deployment", ["mcp__deployment__run", "x", ""]),
        ] {
            assert!(may_be_of(words, &request), "{words}");
        }
    }
}
