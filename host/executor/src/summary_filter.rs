//! Selects the entries for a summarizer: the newest that fit, shortened, without those that say nothing.

use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::terminal_text::middle_cut;

/// The maximum length of text from the user and the agent, in bytes; tool output is cut sooner.
const MAX_SAID: usize = 2_000;
const MAX_PRINTED: usize = 400;
/// The cost of an entry without its texts.
const OVERHEAD: usize = 16;

/// Returns the newest entries that fit into a byte budget, oldest first.
///
/// Thinking is left out, long texts are cut, and consecutive entries that differ only in their numbers become
/// one.
pub fn newest(newest_first: impl IntoIterator<Item = EntryKind>, byte_budget: usize) -> Vec<EntryKind> {
    let mut picked: Vec<EntryKind> = Vec::new();
    let mut left = byte_budget;
    for entry in newest_first {
        let Some(entry) = shortened(entry, left) else { continue };
        if picked.last().is_some_and(|newer| repeats(newer, &entry)) {
            continue;
        }
        let cost = cost(&entry);
        if cost > left {
            break;
        }
        left -= cost;
        picked.push(entry);
    }
    picked.reverse();
    picked
}

/// Cuts the texts of an entry. `None` if it says nothing about the work.
fn shortened(entry: EntryKind, left: usize) -> Option<EntryKind> {
    // A part of the newest entry is better than nothing.
    let left = left.saturating_sub(OVERHEAD);
    let spoken = |text: Text| cut(text, MAX_SAID.min(left));
    let printed = |text: Text| cut(text, MAX_PRINTED.min(left));
    let ends = |text: Text| both_ends(text, MAX_PRINTED.min(left));
    Some(match entry {
        EntryKind::Thinking { .. } => return None,
        EntryKind::UserText { text } => EntryKind::UserText { text: spoken(text) },
        EntryKind::AgentText { text } => EntryKind::AgentText { text: spoken(text) },
        EntryKind::ToolCall { id, tool, subject } => {
            // The harmful part of a command may be at its end.
            EntryKind::ToolCall { id, tool, subject: ends(subject) }
        }
        EntryKind::ToolResult { id, succeeded, output } => {
            EntryKind::ToolResult { id, succeeded, output: ends(output) }
        }
        EntryKind::Error { text } => EntryKind::Error { text: ends(text) },
        EntryKind::TurnEnd { succeeded } => EntryKind::TurnEnd { succeeded },
        EntryKind::Output { stderr, text } => EntryKind::Output { stderr, text: printed(text) },
    })
}

fn cut(text: Text, max: usize) -> Text {
    let whole = text.as_str();
    if whole.len() <= max {
        return Text::Whole { text: whole.to_owned() };
    }
    let beginning = &whole[..whole.floor_char_boundary(max.saturating_sub('…'.len_utf8()))];
    Text::Whole { text: format!("{beginning}…") }
}

/// Cuts the middle of a text. The beginning of output says what failed, and its end how it ended.
fn both_ends(text: Text, max: usize) -> Text {
    Text::Whole { text: middle_cut(text.as_str(), max).into_owned() }
}

/// Returns whether an entry says no more than the next one, such as a repeated line or retry.
fn repeats(newer: &EntryKind, older: &EntryKind) -> bool {
    let (newer, older) = match (newer, older) {
        (EntryKind::Error { text: newer }, EntryKind::Error { text: older })
        | (EntryKind::AgentText { text: newer }, EntryKind::AgentText { text: older }) => (newer, older),
        (EntryKind::Output { stderr: a, text: newer }, EntryKind::Output { stderr: b, text: older })
            if a == b =>
        {
            (newer, older)
        }
        _ => return false,
    };
    let words = |text: &Text| -> String { text.as_str().chars().filter(|c| !c.is_ascii_digit()).collect() };
    words(newer) == words(older)
}

fn cost(entry: &EntryKind) -> usize {
    let texts = match entry {
        EntryKind::UserText { text }
        | EntryKind::AgentText { text }
        | EntryKind::Thinking { text }
        | EntryKind::Error { text }
        | EntryKind::Output { text, .. } => text.as_str().len(),
        EntryKind::ToolCall { id, tool, subject } => id.len() + tool.len() + subject.as_str().len(),
        EntryKind::ToolResult { id, output, .. } => id.len() + output.as_str().len(),
        EntryKind::TurnEnd { .. } => 0,
    };
    texts + OVERHEAD
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(text: &str) -> Text {
        Text::Whole { text: text.to_owned() }
    }

    fn said(text: &str) -> EntryKind {
        EntryKind::AgentText { text: whole(text) }
    }

    fn error(text: &str) -> EntryKind {
        EntryKind::Error { text: whole(text) }
    }

    #[test]
    fn the_newest_entries_win_and_come_in_their_order() {
        let entries = [said("third"), said("second"), said("first")];
        assert_eq!(newest(entries, 2 * OVERHEAD + 11), [said("second"), said("third")]);
    }

    #[test]
    fn thinking_is_left_out_and_costs_nothing() {
        let thinking = EntryKind::Thinking { text: whole(&"x".repeat(10_000)) };
        assert_eq!(newest([said("b"), thinking, said("a")], 100), [said("a"), said("b")]);
    }

    #[test]
    fn a_thousand_retries_are_one() {
        let retries = (0..1000).rev().map(|n| error(&format!("failed with 529; retry {n} of 1000")));
        let entries = retries.chain([said("working")]);
        assert_eq!(newest(entries, 1000), [said("working"), error("failed with 529; retry 999 of 1000")]);
    }

    #[test]
    fn tool_output_is_cut_sooner_than_messages() {
        let long = "ä".repeat(5000);
        let printed = EntryKind::ToolResult { id: "1".to_owned(), succeeded: true, output: whole(&long) };
        let picked = newest([printed, said(&long)], 1_000_000);
        let [EntryKind::AgentText { text }, EntryKind::ToolResult { output, .. }] = &picked[..] else {
            panic!("{picked:?}")
        };
        assert!(text.as_str().len() <= MAX_SAID && text.as_str().ends_with("ä…"));
        assert!(output.as_str().len() <= MAX_PRINTED && output.as_str().contains("ä […] ä"));
    }

    #[test]
    fn of_a_long_output_the_end_is_kept_too() {
        let long = format!("running 200 tests\n{}test result: FAILED", "test it ... ok\n".repeat(200));
        let printed = EntryKind::ToolResult { id: "1".to_owned(), succeeded: false, output: whole(&long) };
        let picked = newest([printed], 1_000_000);
        let [EntryKind::ToolResult { output, .. }] = &picked[..] else { panic!("{picked:?}") };
        assert!(output.as_str().starts_with("running 200") && output.as_str().ends_with("result: FAILED"));
    }

    #[test]
    fn of_a_long_command_the_end_is_kept_too() {
        let subject = whole(&format!("echo {}; rm -rf ~", "x".repeat(2000)));
        let call = EntryKind::ToolCall { id: "1".to_owned(), tool: "Bash".to_owned(), subject };
        let picked = newest([call], 1_000_000);
        let [EntryKind::ToolCall { subject, .. }] = &picked[..] else { panic!("{picked:?}") };
        let said = subject.as_str();
        assert!(
            said.starts_with("echo x") && said.contains(" […] ") && said.ends_with("; rm -rf ~"),
            "{said}"
        );
    }

    #[test]
    fn a_newest_entry_that_is_too_long_is_kept_in_part() {
        assert_eq!(newest([said(&"x".repeat(100))], OVERHEAD + 10), [said("xxxxxxx…")]);
    }

    proptest! {
        #[test]
        fn the_budget_is_kept(texts in prop::collection::vec(".{0,300}", 0..30), budget in 0usize..2000) {
            let entries = texts.iter().enumerate().map(|(n, text)| match n % 3 {
                0 => said(text),
                1 => error(text),
                _ => {
                    let output = whole(&text.repeat(9));
                    EntryKind::ToolResult { id: String::new(), succeeded: true, output }
                }
            });
            let picked = newest(entries, budget);
            prop_assert!(picked.iter().map(cost).sum::<usize>() <= budget);
        }
    }
}
