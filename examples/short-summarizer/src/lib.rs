wit_bindgen::generate!({
    path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/summarizer"],
    world: "codewalk:summarizer/summarizer-adapter",
    generate_all,
});

use codewalk::config::config;
use codewalk::log::log::{self, Level};
use codewalk::types::types::PortError;
use exports::codewalk::summarizer::summarizer::{Entry, Guest, Request, Summary, WaitingFor};

struct ShortSummarizer;

impl Guest for ShortSummarizer {
    /// Reports what waits for the user, and then the last text of the session.
    fn summarize(request: Request) -> Result<Summary, PortError> {
        let waiting = request.waiting_for.iter().map(|waiting| match waiting {
            WaitingFor::Approval(call) => format!("It asks to use {} on {}.", call.tool, call.subject),
            WaitingFor::Question(question) => format!("It asks: {question}"),
        });
        let said = request.entries.iter().rev().find_map(|entry| match entry {
            Entry::AgentText(text) | Entry::Output(text) => Some(format!("It says: {text}")),
            _ => None,
        });
        let sentences: Vec<String> = waiting.chain(said).collect();
        if sentences.is_empty() {
            return Err(PortError::InvalidRequest("the session has no text yet; ask again later".to_owned()));
        }
        let most = config::get("words").and_then(|words| words.parse().ok()).unwrap_or(60);
        let words = sentences.iter().flat_map(|sentence| sentence.split_whitespace()).take(most);
        let mut text = words.collect::<Vec<_>>().join(" ");
        text.truncate(text.floor_char_boundary(request.byte_budget as usize));
        log::write(Level::Debug, &format!("at most {most} words of {} entries", request.entries.len()));
        Ok(Summary { text, covers: request.total_entries })
    }
}

export!(ShortSummarizer);
