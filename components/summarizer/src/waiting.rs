//! What waits for the user, in words that are not the model's: nothing an agent or a tool printed can talk them away.

use speech::{prose, words};

use crate::{ToolCall, WaitingFor};

/// How many requests are said; the others are counted.
const SAID: usize = 2;
/// The most words of a request.
const REQUEST_WORDS: usize = 20;

/// Returns the sentences about what waits, the oldest first.
pub(crate) fn sentences(waiting: &[WaitingFor]) -> Vec<String> {
    let mut said: Vec<String> = waiting.iter().take(SAID).map(sentence).collect();
    match waiting.len().saturating_sub(SAID) {
        0 => {}
        1 => said.push("One more request waits.".to_owned()),
        more => said.push(format!("{more} more requests wait.")),
    }
    said
}

fn sentence(waiting: &WaitingFor) -> String {
    let (what, text) = match waiting {
        WaitingFor::Approval(ToolCall { tool, subject }) => {
            let tool = words::spoken(&words::plain(words::head(tool)));
            (format!("It waits for you to allow {tool}"), subject)
        }
        WaitingFor::Question(question) => ("It waits for you and asks".to_owned(), question),
    };
    let text = words::spoken(&words::plain(words::head(text)));
    let sentence = if text.is_empty() { what } else { format!("{what}: {text}") };
    prose::closed(words::cut(&sentence, REQUEST_WORDS, usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval(tool: &str, subject: &str) -> WaitingFor {
        WaitingFor::Approval(ToolCall { tool: tool.to_owned(), subject: subject.to_owned() })
    }

    #[test]
    fn the_oldest_requests_are_said_and_the_others_counted() {
        let question = WaitingFor::Question("Which database do you mean?".to_owned());
        let mut all = vec![approval("Bash", "cargo test"), question];
        let first = "It waits for you to allow Bash: cargo test.";
        let second = "It waits for you and asks: Which database do you mean?";
        assert_eq!(sentences(&all), [first, second]);
        all.push(approval("Write", ""));
        assert_eq!(sentences(&all), [first, second, "One more request waits."]);
        all.push(approval("Write", ""));
        assert_eq!(sentences(&all), [first, second, "2 more requests wait."]);
        assert_eq!(sentences(&all[2..3]), ["It waits for you to allow Write."]);
    }

    #[test]
    fn foreign_words_are_bounded_and_disarmed() {
        let long = approval("Bash\u{1b}[2J", &"/very/long/path/file.rs ".repeat(1000));
        let said = &sentences(&[long])[0];
        assert!(said.starts_with("It waits for you to allow Bash: file.rs file.rs"), "{said}");
        assert!(said.ends_with('…') && said.len() < 300, "{said}");
    }
}
