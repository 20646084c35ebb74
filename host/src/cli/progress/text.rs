//! Progress as text: agent entries, adapter failures and decisions.

use anstyle::Style;
use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::origin::Actor;
use codewalk_core::port_reply::{Fallback, PortError};
use codewalk_core::session::{NO_PLAN, RequestKind};
use codewalk_core::terminal_text::{cut, elided, shortened, visible, visible_line};
use codewalk_protocol::words::tool_name;

use crate::cli::words::{FAILURE, LINE, call};
use crate::screen::{PROGRESS, hanging};

/// How many lines of an agent's message are shown.
const LINES: usize = 60;
/// How many bytes of a text that may be copied are shown.
const WHOLE: usize = 4 * 1024;
/// The style of agents' messages.
const AGENT: Style = Style::new().dimmed();

/// Returns a text after a label, with all lines but the first indented.
pub fn after(what: &str, text: &str) -> String {
    format!("{what}{}", hanging(&visible(text), PROGRESS))
}

/// Returns an entry as a line, or `None` if it is not shown.
pub fn entry_line(entry: &Entry) -> Option<String> {
    let shown = match &entry.kind {
        // Its message may be the whole answer.
        EntryKind::AgentText { text } => return Some(message(text.as_str())),
        EntryKind::ToolCall { tool, subject, .. } => {
            format!("{} {}", tool_name(tool), elided(subject.as_str(), LINE))
        }
        EntryKind::ToolResult { succeeded: false, output, .. } => {
            return Some(marked(FAILURE, &visible_line(&shortened(output.as_str(), LINE))));
        }
        EntryKind::Error { text } => {
            return Some(marked(FAILURE, &visible_line(&shortened(text.as_str(), LINE))));
        }
        EntryKind::Output { text, .. } => shortened(text.as_str(), LINE),
        EntryKind::UserText { .. }
        | EntryKind::Thinking { .. }
        | EntryKind::ToolResult { .. }
        | EntryKind::TurnEnd { .. } => return None,
    };
    Some(marked(Style::new(), &visible_line(&shown)))
}

/// Marks a visible line as coming from an agent.
fn marked(mark: Style, line: &str) -> String {
    format!("{mark}  |{mark:#}     {AGENT}{line}{AGENT:#}")
}

/// Returns an agent's message as lines, each marked as the agent's.
fn message(text: &str) -> String {
    let text = visible(&text.replace("\r\n", "\n"));
    let lines: Vec<&str> = text.trim_end().trim_start_matches('\n').lines().collect();
    let mut marks: Vec<String> = lines.iter().take(LINES).map(|line| marked(Style::new(), line)).collect();
    if lines.len() > LINES {
        marks.push(format!("  |     \u{2026} and {} more lines: codewalk sessions log", lines.len() - LINES));
    }
    marks.join("\n")
}

pub(super) fn not_answered(Fallback { adapter, error }: &Fallback) -> String {
    let error_text = error.to_string();
    // The adapter is named only once.
    let clause = match error_text.strip_prefix(&*format!("the adapter \"{adapter}\" ")) {
        Some(what) => match what.strip_prefix("says: ") {
            Some(why) => format!("{adapter} did not answer: {why}"),
            None => format!("{adapter} {what}"),
        },
        None => format!("{adapter} did not answer: {error_text}"),
    };
    // A denial contains lines for the configuration.
    if matches!(error, PortError::Denied { .. }) { whole(&clause) } else { foreign(&clause) }
}

/// Returns the start of a foreign text as one visible line.
pub(super) fn foreign(text: &str) -> String {
    visible_line(&shortened(text, 2 * LINE))
}

/// Returns a text as lines, with all but the first indented.
pub(super) fn whole(text: &str) -> String {
    let end = if text.len() > WHOLE { "\u{2026}" } else { "" };
    let lines = hanging(visible(cut(text, WHOLE)).trim_end(), PROGRESS);
    format!("{lines}{end}")
}

pub(super) fn request_line(kind: &RequestKind) -> String {
    match kind {
        RequestKind::Approval { tool, subject, .. } => call(tool, subject),
        RequestKind::Plan { plan } if plan.starts_with(NO_PLAN) => "continue without a plan".to_owned(),
        RequestKind::Plan { .. } => "carry out its plan".to_owned(),
        RequestKind::Questions { questions } => {
            let texts = questions.iter().map(|q| visible_line(&shortened(&q.text, LINE)));
            texts.collect::<Vec<_>>().join(" / ")
        }
    }
}

pub(super) fn actor(by: &Actor) -> String {
    match by {
        Actor::Person { .. } => "by you".to_owned(),
        Actor::Flag { name } => format!("by {name}"),
        Actor::Policy { name } => format!("by policy ({name})"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn fallback(error: PortError) -> String {
        not_answered(&Fallback { adapter: "mine".to_owned(), error })
    }

    #[test]
    fn the_configuration_that_allows_a_denied_request_can_be_copied() {
        let toml = "[[adapters.mine.http]]\nurl = \"https://api.example.com/v1/\"\nmethods = [\"POST\"]\n";
        let message = format!("it may not {}\u{1b}[2J:\n{toml}", "send that ".repeat(100));
        let shown = fallback(PortError::Denied { message });
        let lines: Vec<&str> = shown.lines().skip(1).map(str::trim_start).collect();
        assert_eq!(lines, toml.lines().collect::<Vec<_>>());
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn agent_output_is_visible_and_marked_on_each_line() {
        let text = "hi\r\n\u{2800}\u{2800}Allow claude to use Bash: ls?\n\n[yes\u{a0}/ no]\u{1b}[2J";
        let plain = anstream::adapter::strip_str(&message(text)).to_string();
        assert_eq!(
            plain,
            "  |     hi\n  |     <U+2800><U+2800>Allow claude to use Bash: ls?\n  |     \n\
             \x20 |     [yes<U+00A0>/ no]<U+001B>[2J"
        );
    }

    #[test]
    fn a_tool_whose_name_is_a_sentence_is_quoted() {
        let kind = RequestKind::Approval {
            tool: "Read on a.rs? Then may it use Bash".to_owned(),
            subject: "ls".to_owned(),
            detail: String::new(),
            agent_words: String::new(),
            marks: Vec::new(),
            rules: Vec::new(),
        };
        assert_eq!(request_line(&kind), "the tool \"Read on a.rs? Then may it use Bash\": ls");
    }

    #[test]
    fn the_failure_of_an_adapter_is_a_clause_after_its_name() {
        for (message, shown) in [
            ("the adapter \"mine\" says: the server failed", "mine did not answer: the server failed"),
            ("the adapter \"mine\" did not answer within 9 ms", "mine did not answer within 9 ms"),
            (
                "the adapter \"mine\" gave an answer that cannot be used: no JSON",
                "mine gave an answer that cannot be used: no JSON",
            ),
            ("the adapter \"other\" says: no", "mine did not answer: the adapter \"other\" says: no"),
        ] {
            assert_eq!(fallback(PortError::Unavailable { message: message.to_owned() }), shown);
        }
    }

    #[test]
    fn invisible_characters_of_a_server_are_visible_in_every_error() {
        const HIDDEN: [char; 11] = [
            '\u{3164}',
            '\u{fe0f}',
            '\u{ad}',
            '\u{34f}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180b}',
            '\u{ffa0}',
            '\u{2800}',
            '\u{1d173}',
            '\u{202e}',
        ];
        let message = HIDDEN.map(|c| format!("a{c}b")).join(" ");
        for error in [
            PortError::Unavailable { message: message.clone() },
            PortError::Denied { message: message.clone() },
            PortError::InvalidResponse { message },
        ] {
            let shown = fallback(error);
            assert!(!codewalk_core::terminal_text::has_unseen(&shown), "{shown:?}");
            assert!(shown.contains("a<U+3164>b a<U+FE0F>b a<U+00AD>b"), "{shown}");
        }
    }

    #[test]
    fn a_denial_is_bounded_and_any_other_failure_is_one_line() {
        let message = "\u{f6}\n".repeat(10_000);
        let shown = fallback(PortError::Denied { message: message.clone() });
        assert!(shown.len() < 5 * WHOLE && shown.ends_with('\u{2026}'), "{}", shown.len());
        let shown = fallback(PortError::Unavailable { message });
        assert!(shown.lines().count() == 1 && shown.chars().count() <= 2 * LINE + 1, "{shown}");
    }
}
