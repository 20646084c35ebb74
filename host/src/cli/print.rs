//! Prints on standard output: lines for people, and JSON for programs.

use std::io::IsTerminal;

use codewalk_core::terminal_text::{visible, visible_json};

use crate::error::{CommandError, ErrorKind};

/// The version of the JSON output; it increases with each change that could break a reader.
pub const SCHEMA: u32 = 1;

/// Prints a line on standard output, with invisible characters made visible. A closed standard output is not
/// an error.
pub fn print_line(line: &str) -> Result<(), CommandError> {
    offer_line(&visible(line)).map(drop)
}

/// Prints a line on standard output unchanged, and returns whether the output is still being read.
pub fn offer_line(line: &str) -> Result<bool, CommandError> {
    use std::io::Write;
    match writeln!(std::io::stdout().lock(), "{line}") {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        // The terminal was closed.
        Err(error) if error.raw_os_error() == Some(HUNG_UP) && is_a_device(std::io::stdout()) => Ok(false),
        Err(error) => {
            Err(CommandError::new(ErrorKind::Internal, format!("cannot write to standard output: {error}")))
        }
    }
}

/// The error of a closed terminal.
const HUNG_UP: i32 = rustix::io::Errno::IO.raw_os_error();

fn is_a_device(file: impl std::os::fd::AsFd) -> bool {
    let kind = rustix::fs::fstat(file).map(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode));
    kind == Ok(rustix::fs::FileType::CharacterDevice)
}

/// Prints a value as JSON on one line.
pub fn print_json_line(value: &impl serde::Serialize) -> Result<(), CommandError> {
    offer_line(&json_line(value)?).map(drop)
}

/// Returns a value as JSON on one line, for standard output.
pub fn json_line(value: &impl serde::Serialize) -> Result<String, CommandError> {
    Ok(for_reader(serde_json::to_string(value)?))
}

/// Prints a value as indented JSON.
pub fn print_json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    offer_line(&for_reader(serde_json::to_string_pretty(value)?)).map(drop)
}

/// Returns JSON for the reader of standard output. If that is a person, makes invisible characters visible.
fn for_reader(json: String) -> String {
    if std::io::stdout().is_terminal() { visible_json(&json) } else { json }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    proptest::proptest! {
        #[test]
        fn json_at_a_terminal_has_the_same_value_and_no_invisible_characters(
            texts: Vec<String>,
            codes in proptest::collection::vec(0_u32..0xe1000, 0..64),
        ) {
            let codes: String = codes.into_iter().filter_map(char::from_u32).collect();
            let value = serde_json::json!({ codes.clone(): texts, "a": codes });
            for json in [serde_json::to_string(&value), serde_json::to_string_pretty(&value)] {
                let shown = visible_json(&json.unwrap());
                let is_seen = !codewalk_core::terminal_text::has_unseen(&shown.replace('\n', ""));
                proptest::prop_assert!(is_seen, "{:?}", shown);
                let parsed: serde_json::Value = serde_json::from_str(&shown).unwrap();
                proptest::prop_assert_eq!(&parsed, &value);
            }
        }
    }
}
