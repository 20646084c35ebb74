//! What the model is to say: scripts, their turns, and what each turn is said to cost.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::completion::Completion;
use crate::conversation::Conversation;
use crate::vendor::{Served, Vendor};

/// What the model answers, turn by turn.
///
/// A turn is picked by its position: the number of answers the conversation holds after its last prompt. So each new
/// prompt of a conversation begins a script anew; [`Script::when`] gives a prompt its own. After the last turn the
/// model says "Done.".
#[derive(Debug)]
pub struct Script {
    default: Vec<Turn>,
    cases: Vec<Case>,
    /// What is said when the turns are used up.
    end: Turn,
    /// What is said to requests without tools, which the client makes for itself.
    aside: Turn,
    completions: Vec<Completion>,
    /// How many of them were given.
    completed: AtomicUsize,
    served: Option<Served>,
}

#[derive(Debug)]
struct Case {
    substring: String,
    turns: Vec<Turn>,
}

impl Script {
    /// An empty script.
    #[must_use]
    pub fn new() -> Self {
        Self {
            default: Vec::new(),
            cases: Vec::new(),
            end: Turn::text("Done."),
            aside: Turn::text(r#"{"title": "Loopback session"}"#),
            completions: Vec::new(),
            completed: AtomicUsize::new(0),
            served: None,
        }
    }

    /// Adds a turn to the case opened last, or to the default before any [`Script::when`].
    #[must_use]
    pub fn turn(mut self, turn: Turn) -> Self {
        self.cases.last_mut().map_or(&mut self.default, |case| &mut case.turns).push(turn);
        self
    }

    /// Opens a case: the turns added from here on answer prompts that contain `substring`. The first case that fits
    /// wins, else the default.
    #[must_use]
    pub fn when(mut self, substring: impl Into<String>) -> Self {
        self.cases.push(Case { substring: substring.into(), turns: Vec::new() });
        self
    }

    /// Adds an answer to a request for a chat completion. The first one answers the first such request, and so on;
    /// the last one all that come after it.
    #[must_use]
    pub fn completion(mut self, completion: Completion) -> Self {
        self.completions.push(completion);
        self
    }

    /// Serves chat completions of these models as this vendor does, in place of [`Script::completion`].
    #[must_use]
    pub fn served_by(mut self, vendor: Vendor, models: &[&str]) -> Self {
        let models = models.iter().map(|model| (*model).to_owned()).collect();
        self.served = Some(Served { vendor, models, says: Vec::new() });
        self
    }

    /// Lets the models of a vendor say `content` where they are told `part`; what was added first wins.
    #[must_use]
    pub fn says(mut self, part: impl Into<String>, content: &Value) -> Self {
        if let Some(served) = &mut self.served {
            served.says.push((part.into(), content.to_string()));
        }
        self
    }

    pub(crate) fn served(&self) -> Option<&Served> {
        self.served.as_ref()
    }

    pub(crate) fn next_completion(&self) -> Option<Completion> {
        let at = self.completed.fetch_add(1, Ordering::Relaxed);
        self.completions.get(at).or(self.completions.last()).cloned()
    }

    pub(crate) fn turn_for(&self, conversation: Conversation<'_>) -> &Turn {
        if !conversation.offers_tools() {
            return &self.aside;
        }
        let prompt = conversation.prompt().unwrap_or_default();
        let case = self.cases.iter().find(|case| prompt.contains(&case.substring));
        let turns = case.map_or(&self.default, |case| &case.turns);
        turns.get(conversation.position()).unwrap_or(&self.end)
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

/// One answer of the model.
#[derive(Debug)]
pub struct Turn {
    pub(crate) content: Vec<Content>,
    pub(crate) delay: Option<Duration>,
    pub(crate) hangs: bool,
    pub(crate) usage: Usage,
    /// What is said in the headers of a failure.
    pub(crate) headers: Vec<(String, String)>,
    failures: Option<Failures>,
}

#[derive(Debug)]
pub(crate) enum Content {
    Text(String),
    Tool { name: String, input: Value },
}

#[derive(Debug)]
struct Failures {
    status: u16,
    /// How many are still to come; for ever if none.
    left: Option<AtomicU32>,
}

impl Turn {
    /// Says something.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(vec![Content::Text(text.into())])
    }

    /// Calls a tool. `{cwd}` in any string of `input` becomes the client's working directory, and `{plan_file}` the file that
    /// the client wants a plan to be written to.
    #[must_use]
    pub fn tool(name: impl Into<String>, input: Value) -> Self {
        Self::new(Vec::new()).and_tool(name, input)
    }

    /// Answers with this HTTP status, whenever it is asked.
    #[must_use]
    pub fn error(status: u16) -> Self {
        Self { failures: Some(Failures { status, left: None }), ..Self::new(Vec::new()) }
    }

    fn new(content: Vec<Content>) -> Self {
        Self {
            content,
            delay: None,
            hangs: false,
            usage: Usage::PER_TURN,
            headers: Vec::new(),
            failures: None,
        }
    }

    /// Calls a further tool in the same message, as [`Turn::tool`] does.
    #[must_use]
    pub fn and_tool(mut self, name: impl Into<String>, input: Value) -> Self {
        self.content.push(Content::Tool { name: name.into(), input });
        self
    }

    /// Answers with this HTTP status the first `times`, over all conversations, and only then as it should.
    ///
    /// Claude Code takes 429 and 529 for passing ones and says so; a 400 it repeats at once, five times, silently.
    #[must_use]
    pub fn after_errors(mut self, status: u16, times: u32) -> Self {
        self.failures = Some(Failures { status, left: Some(AtomicU32::new(times)) });
        self
    }

    /// Says that in a header whenever it fails, such as how long to wait.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Refuses, as the API does to a subscriber whose five hours are used up until that time, in seconds since 1970.
    ///
    /// Claude Code takes it for a usage limit only with the token of a subscriber, see
    /// [`crate::LoopbackModel::subscriber_env`]; with a key it tries again.
    #[must_use]
    pub fn usage_limit(until: u64) -> Self {
        const UNIFIED: &str = "anthropic-ratelimit-unified";
        Self::error(429)
            .header(format!("{UNIFIED}-status"), "rejected")
            .header(format!("{UNIFIED}-reset"), until.to_string())
            .header(format!("{UNIFIED}-representative-claim"), "five_hour")
    }

    /// Pauses after each chunk of a streamed answer.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Says all it has to say, but does not end before [`crate::LoopbackModel::release`] or until the client has gone.
    #[must_use]
    pub fn hanging(mut self) -> Self {
        self.hangs = true;
        self
    }

    /// Says that this turn used that much, instead of [`Usage::PER_TURN`].
    #[must_use]
    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// The status to fail with this time, if any.
    pub(crate) fn take_failure(&self) -> Option<u16> {
        let Failures { status, left } = self.failures.as_ref()?;
        let fails = left.as_ref().is_none_or(|left| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
        });
        fails.then_some(*status)
    }
}

/// Tokens, as the API counts them: what is read from or written to the cache is no input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read, without those of the cache.
    pub input_tokens: u64,
    /// Tokens said.
    pub output_tokens: u64,
    /// Tokens put into the cache.
    pub cache_creation_input_tokens: u64,
    /// Tokens taken from the cache.
    pub cache_read_input_tokens: u64,
}

impl Usage {
    /// What a turn is said to have used if it does not say otherwise: 10 in, 20 out.
    pub const PER_TURN: Self = Self {
        input_tokens: 10,
        output_tokens: 20,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
    };
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cache_creation_input_tokens += other.cache_creation_input_tokens;
        self.cache_read_input_tokens += other.cache_read_input_tokens;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_turn_fails_as_often_as_said_and_then_no_more() {
        let turn = Turn::text("ok").after_errors(529, 2);
        let failures: Vec<_> = (0..4).map(|_| turn.take_failure()).collect();
        assert_eq!(failures, [Some(529), Some(529), None, None]);
    }

    #[test]
    fn an_error_turn_fails_for_ever() {
        let turn = Turn::error(400);
        assert!((0..100).all(|_| turn.take_failure() == Some(400)));
    }

    #[test]
    fn the_first_case_that_fits_the_prompt_wins() {
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
    fn a_script_that_is_used_up_says_so() {
        check(&Script::new().when("tests"), "tests", "Done.");
    }

    fn check(script: &Script, prompt: &str, expected: &str) {
        let body = json!({"tools": [{}], "messages": [{"role": "user", "content": prompt}]});
        match script.turn_for(Conversation(&body)).content.as_slice() {
            [Content::Text(text)] => assert_eq!(text, expected),
            other => panic!("not one text: {other:?}"),
        }
    }
}
