//! A summarizer for codewalk. Edit `summarize`; `wit/` documents its requests and answers.

wit_bindgen::generate!({ path: "wit", world: "summarizer-adapter", generate_all });

use codewalk::types::types::PortError;
use exports::codewalk::summarizer::summarizer::{Entry, Guest, Request, Summary, WaitingFor};

struct Summarizer;

impl Guest for Summarizer {
    /// Says in plain words what a session is doing, in at most `byte_budget` bytes.
    fn summarize(request: Request) -> Result<Summary, PortError> {
        // Edit here: this summarizer says what is waiting for the user, and then the agent's last message.
        let waiting = request.waiting_for.iter().map(|waiting| match waiting {
            WaitingFor::Approval(call) => format!("It asks to use {} on {}.", call.tool, call.subject),
            WaitingFor::Question(question) => format!("It asks: {question}"),
        });
        let said = request.entries.iter().rev().find_map(|entry| match entry {
            Entry::AgentText(text) | Entry::Output(text) => Some(format!("It says: {text}")),
            _ => None,
        });
        let mut text = waiting.chain(said).collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Err(PortError::InvalidRequest("the session has no output yet".to_owned()));
        }
        text.truncate(text.floor_char_boundary(request.byte_budget as usize));
        Ok(Summary { text, covers: request.total_entries })
    }
}

// The linkers of other targets, which `cargo test` needs, reject the names of a component's exports.
#[cfg(target_arch = "wasm32")]
export!(Summarizer);
