//! What the entries say, read once from the first to the last.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::commands::Command;
use crate::deeds::Deed;
use crate::{Entry, Request, ToolCall, ToolResult, prose, reasons, words};

/// How something the agent did ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not ended, as far as the entries say.
    Open,
    /// Well.
    Succeeded,
    /// Not well.
    Failed,
    /// It was not allowed.
    Refused,
    /// The user broke it off.
    Interrupted,
}

/// Something the agent did; done again, it is the same step with a new outcome.
pub struct Step<'a> {
    /// What kind of thing.
    pub deed: Deed,
    /// The latest call.
    pub call: &'a ToolCall,
    /// The command, where it runs one.
    pub command: Option<Command>,
    /// How it ended the last time.
    pub outcome: Outcome,
    /// Whether it ever ended well.
    pub has_happened: bool,
    /// Whether it made the file that it is about.
    pub has_created: bool,
    /// The position of the newest entry about it.
    pub newest: usize,
    /// The beginning of what it printed the last time.
    pub output: &'a str,
}

impl Step<'_> {
    fn end(&mut self, result: &ToolResult) {
        let fails = !result.succeeded || (is_test(self) && reasons::tells_of_failed_tests(&result.output));
        self.outcome = if !fails {
            Outcome::Succeeded
        } else if reasons::is_refusal(&result.output) {
            Outcome::Refused
        } else if reasons::is_interruption(&result.output) {
            Outcome::Interrupted
        } else {
            Outcome::Failed
        };
        if self.outcome == Outcome::Succeeded {
            let is_overwritten = words::head(&result.output).contains("has been updated");
            self.has_created |=
                Deed::of(&result.call.tool) == Deed::Write && !is_overwritten && !self.has_happened;
            self.has_happened = true;
        }
    }
}

/// Picks steps.
pub type Which = fn(&Step<'_>) -> bool;

/// Picks every step.
pub fn any(_: &Step<'_>) -> bool {
    true
}

/// Picks commands that do more than look.
pub fn is_command(step: &Step<'_>) -> bool {
    step.command.as_ref().is_some_and(|command| !command.is_look)
}

/// Picks commands that only look.
pub fn is_look(step: &Step<'_>) -> bool {
    step.command.as_ref().is_some_and(|command| command.is_look)
}

/// Picks runs of tests.
pub fn is_test(step: &Step<'_>) -> bool {
    step.command.as_ref().is_some_and(|command| command.is_test)
}

/// Picks files that were written or changed.
pub fn is_to_file(step: &Step<'_>) -> bool {
    matches!(step.deed, Deed::Write | Deed::Change)
}

/// What the entries say.
#[derive(Default)]
pub struct Facts<'a> {
    /// What the agent did, in the order of its beginnings.
    pub steps: Vec<Step<'a>>,
    /// What the agent said last.
    pub said: Option<&'a str>,
    /// What the user told it after the utterance that started it.
    pub added: Option<&'a str>,
    /// The newest error, where nothing came after it.
    pub error: Option<&'a str>,
    /// The newest line without a known form that reads like text.
    pub printed: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Reads the entries of a request.
    pub fn of(request: &'a Request) -> Self {
        let mut facts = Self::default();
        // Names the steps that are known by what they do and to what.
        let mut known = BTreeMap::new();
        for (at, entry) in request.entries.iter().enumerate() {
            match entry {
                Entry::UserText(text) if is_addition(text, &request.utterance) => facts.added = Some(text),
                Entry::UserText(_) => {}
                Entry::AgentText(text) if text.trim().is_empty() => {}
                Entry::AgentText(text) => {
                    facts.said = Some(text);
                    facts.error = None;
                }
                Entry::ToolCall(call) => {
                    let step = facts.step(call, at, &mut known);
                    step.outcome = Outcome::Open;
                }
                Entry::ToolResult(result) => {
                    let step = facts.step(&result.call, at, &mut known);
                    step.output = &result.output;
                    step.end(result);
                    facts.error = None;
                }
                Entry::Error(text) => facts.error = Some(text),
                Entry::Output(text)
                    if !text.trim_start().starts_with(['{', '[']) && !text.trim().is_empty() =>
                {
                    facts.printed = Some(text);
                }
                Entry::Output(_) => {}
            }
        }
        facts
    }

    fn step(
        &mut self,
        call: &'a ToolCall,
        at: usize,
        known: &mut BTreeMap<(Deed, Cow<'a, str>, Cow<'a, str>), usize>,
    ) -> &mut Step<'a> {
        let deed = Deed::of(&call.tool);
        let command = (deed == Deed::Run).then(|| Command::read(&call.subject));
        let key = match (&command, deed) {
            (Some(command), _) => (deed, Cow::Borrowed(""), Cow::Owned(command.key())),
            (None, Deed::Write) => {
                (Deed::Change, Cow::Borrowed(""), Cow::Borrowed(words::tail(&call.subject)))
            }
            (None, Deed::Other) => {
                (deed, Cow::Borrowed(words::head(&call.tool)), Cow::Borrowed(words::head(&call.subject)))
            }
            (None, _) => (deed, Cow::Borrowed(""), Cow::Borrowed(words::tail(&call.subject))),
        };
        let index = *known.entry(key).or_insert(self.steps.len());
        if index == self.steps.len() {
            self.steps.push(Step {
                deed,
                call,
                command,
                outcome: Outcome::Open,
                has_happened: false,
                has_created: false,
                newest: at,
                output: "",
            });
        }
        let step = &mut self.steps[index];
        step.call = call;
        step.newest = at;
        step
    }

    /// Returns the newest step that has not ended.
    pub fn open(&self) -> Option<&Step<'a>> {
        self.steps.iter().filter(|step| step.outcome == Outcome::Open).max_by_key(|step| step.newest)
    }

    /// Returns the steps that ended so the last time, the newest first.
    pub fn ended(&self, outcome: Outcome) -> Vec<&Step<'a>> {
        let mut ended: Vec<_> = self.steps.iter().filter(|step| step.outcome == outcome).collect();
        ended.sort_unstable_by_key(|step| std::cmp::Reverse(step.newest));
        ended
    }
}

/// Returns whether the entries of a request leave out its session's beginning. Their number alone does not tell: what
/// says nothing is counted and left out wherever it is.
pub fn are_partial(request: &Request) -> bool {
    let begins =
        |entry: &Entry| matches!(entry, Entry::UserText(text) if !is_addition(text, &request.utterance));
    request.total_entries > request.entries.len() as u64 && !request.entries.first().is_some_and(begins)
}

/// Returns whether the user said something new: not what started the session, and not what clients say in their name.
fn is_addition(text: &str, utterance: &str) -> bool {
    let text = words::head(text).trim();
    let utterance = words::head(utterance);
    let is_known = utterance.contains(text) || text.contains(utterance.trim());
    !text.starts_with(['<', '[']) && !is_known && prose::paragraph(text, 1).is_some()
}
