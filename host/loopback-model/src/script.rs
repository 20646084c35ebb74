//! Scripts: which turn the model takes for a request.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::completion::Completion;
use crate::messages_request::MessagesRequest;
use crate::turn::Turn;
use crate::vendor::{Vendor, VendorApi};

/// The model's replies, turn by turn.
///
/// A turn is selected by its position: the number of replies in the conversation after its last prompt. So
/// each new prompt starts the script again. [`Script::when`] adds a script for some prompts. After the last
/// turn, the model says "Done.".
#[derive(Debug)]
pub struct Script {
    default: Vec<Turn>,
    cases: Vec<Case>,
    /// The reply after the last turn.
    end: Turn,
    /// The turn for requests without tools, which the client sends for its own purposes.
    aside: Turn,
    completions: Vec<Completion>,
    /// The number of completions sent so far.
    completed: AtomicUsize,
    vendor_api: Option<VendorApi>,
}

#[derive(Debug)]
struct Case {
    substring: String,
    turns: Vec<Turn>,
}

impl Script {
    /// Creates an empty script.
    #[must_use]
    pub fn new() -> Self {
        Self {
            default: Vec::new(),
            cases: Vec::new(),
            end: Turn::text("Done."),
            aside: Turn::text(r#"{"title": "Loopback session"}"#),
            completions: Vec::new(),
            completed: AtomicUsize::new(0),
            vendor_api: None,
        }
    }

    /// Adds a turn to the latest case, or to the default if there is no case yet.
    #[must_use]
    pub fn turn(mut self, turn: Turn) -> Self {
        self.cases.last_mut().map_or(&mut self.default, |case| &mut case.turns).push(turn);
        self
    }

    /// Starts a case: the turns added next reply to prompts that contain `substring`. The first matching case
    /// wins; if none matches, the default applies.
    #[must_use]
    pub fn when(mut self, substring: impl Into<String>) -> Self {
        self.cases.push(Case { substring: substring.into(), turns: Vec::new() });
        self
    }

    /// Adds a chat completion. The first one answers the first request, and so on. The last one answers all
    /// further requests.
    #[must_use]
    pub fn completion(mut self, completion: Completion) -> Self {
        self.completions.push(completion);
        self
    }

    /// Serves chat completions for `models` the way `vendor` does, instead of the ones added with
    /// [`Script::completion`].
    #[must_use]
    pub fn served_by(mut self, vendor: Vendor, models: &[&str]) -> Self {
        let models = models.iter().map(|model| (*model).to_owned()).collect();
        self.vendor_api = Some(VendorApi { vendor, models, contents: Vec::new() });
        self
    }

    /// Makes the models of a vendor say `content` if the messages contain `part`. The first match wins.
    #[must_use]
    pub fn says(mut self, part: impl Into<String>, content: &Value) -> Self {
        if let Some(vendor_api) = &mut self.vendor_api {
            vendor_api.contents.push((part.into(), content.to_string()));
        }
        self
    }

    pub(crate) fn vendor_api(&self) -> Option<&VendorApi> {
        self.vendor_api.as_ref()
    }

    pub(crate) fn next_completion(&self) -> Option<Completion> {
        let at = self.completed.fetch_add(1, Ordering::Relaxed);
        self.completions.get(at).or(self.completions.last()).cloned()
    }

    pub(crate) fn turn_for(&self, request: MessagesRequest<'_>) -> &Turn {
        if !request.offers_tools() {
            return &self.aside;
        }
        let prompt = request.prompt().unwrap_or_default();
        let case = self.cases.iter().find(|case| prompt.contains(&case.substring));
        let turns = case.map_or(&self.default, |case| &case.turns);
        turns.get(request.position()).unwrap_or(&self.end)
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::turn::Content;

    #[test]
    fn the_first_matching_case_wins() {
        let script = Script::new()
            .turn(Turn::text("default"))
            .when("tests")
            .turn(Turn::text("testing"))
            .when("run the tests")
            .turn(Turn::text("too late"));
        check(&script, "please run the tests", "testing");
        check(&script, "something else", "default");
    }

    #[test]
    fn a_finished_script_says_done() {
        check(&Script::new().when("tests"), "tests", "Done.");
    }

    fn check(script: &Script, prompt: &str, expected: &str) {
        let body = json!({"tools": [{}], "messages": [{"role": "user", "content": prompt}]});
        match script.turn_for(MessagesRequest(&body)).content.as_slice() {
            [Content::Text(text)] => assert_eq!(text, expected),
            other => panic!("not one text: {other:?}"),
        }
    }
}
