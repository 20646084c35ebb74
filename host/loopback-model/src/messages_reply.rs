//! A reply of the Messages API, whole or as the events of a stream.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::messages_request::MessagesRequest;
use crate::turn::{Content, Turn};
use crate::usage::Usage;

/// The number of characters in a streamed chunk; small, so that even short texts have several chunks.
const CHUNK: usize = 32;

/// Returns a number that is unique in this process. Clients distinguish replies by identifier, and may use
/// several servers one after another.
pub(crate) fn serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A reply, ready to be sent.
#[derive(Debug)]
pub(crate) struct MessagesReply {
    id: String,
    model: String,
    content: Vec<Value>,
    usage: Usage,
    delay: Option<Duration>,
    hangs: bool,
}

/// A step of sending a reply.
#[derive(Debug)]
pub(crate) enum Step {
    /// Sends an event.
    Send(Value),
    /// Counts the usage reported by the next event.
    Count(Usage),
    /// Waits for a fixed time.
    Pause(Duration),
    /// Waits until the turn is released.
    Hang,
}

impl MessagesReply {
    /// Creates the reply of `turn` to `request`, or returns `None` if it needs a path that the request does
    /// not name.
    pub(crate) fn new(turn: &Turn, request: MessagesRequest<'_>, serial: u64) -> Option<Self> {
        let places = [("{cwd}", request.working_directory()), ("{plan_file}", request.plan_file())];
        let blocks = turn.content.iter().enumerate();
        let content = blocks.map(|(index, content)| match content {
            Content::Text(text) => Some(json!({"type": "text", "text": text})),
            Content::Tool { name, input } => Some(json!({
                "type": "tool_use", "id": format!("toolu_loopback_{serial}_{index}"),
                "name": name, "input": with_places(input, &places)?,
            })),
        });
        Some(Self {
            id: format!("msg_loopback_{serial}"),
            model: request.model().to_owned(),
            content: content.collect::<Option<_>>()?,
            usage: turn.usage,
            delay: turn.delay,
            hangs: turn.hangs,
        })
    }

    pub(crate) fn usage(&self) -> Usage {
        self.usage
    }

    pub(crate) fn hangs(&self) -> bool {
        self.hangs
    }

    /// Returns the whole reply.
    pub(crate) fn whole(&self) -> Value {
        self.message(&self.content, self.stop_reason().into(), self.usage)
    }

    /// Returns the steps of the streamed reply.
    pub(crate) fn steps(&self) -> VecDeque<Step> {
        let start = Usage { output_tokens: 0, ..self.usage };
        let end = Usage { output_tokens: self.usage.output_tokens, ..Usage::default() };
        let mut steps = VecDeque::from([
            Step::Count(start),
            Step::Send(json!({"type": "message_start", "message": self.message(&[], Value::Null, start)})),
        ]);
        for (index, block) in self.content.iter().enumerate() {
            let (opened, deltas) = in_pieces(block);
            let opening = json!({"type": "content_block_start", "index": index, "content_block": opened});
            steps.push_back(Step::Send(opening));
            for delta in deltas {
                let event = json!({"type": "content_block_delta", "index": index, "delta": delta});
                steps.push_back(Step::Send(event));
                steps.extend(self.delay.map(Step::Pause));
            }
            if self.hangs && index + 1 == self.content.len() {
                steps.push_back(Step::Hang);
            }
            steps.push_back(Step::Send(json!({"type": "content_block_stop", "index": index})));
        }
        let delta = json!({"stop_reason": self.stop_reason(), "stop_sequence": null});
        steps.extend([
            Step::Count(end),
            Step::Send(json!({"type": "message_delta", "delta": delta, "usage": usage(self.usage)})),
            Step::Send(json!({"type": "message_stop"})),
        ]);
        steps
    }

    fn message(&self, content: &[Value], stop_reason: Value, used: Usage) -> Value {
        json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": content,
            "stop_reason": stop_reason, "stop_sequence": null, "usage": usage(used),
        })
    }

    fn stop_reason(&self) -> &'static str {
        let calls = self.content.iter().any(|block| block["type"] == "tool_use");
        if calls { "tool_use" } else { "end_turn" }
    }
}

fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens,
        "cache_creation_input_tokens": usage.cache_creation_input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
    })
}

/// Returns a block as it opens, still empty, and the deltas that fill it.
fn in_pieces(block: &Value) -> (Value, Vec<Value>) {
    let mut opened = block.clone();
    let (kind, field, whole) = if let Some(text) = block["text"].as_str() {
        opened["text"] = "".into();
        ("text_delta", "text", text.to_owned())
    } else {
        opened["input"] = json!({});
        ("input_json_delta", "partial_json", block["input"].to_string())
    };
    let chars: Vec<char> = whole.chars().collect();
    let chunks = chars.chunks(CHUNK).map(String::from_iter);
    (opened, chunks.map(|chunk| json!({"type": kind, field: chunk})).collect())
}

/// Replaces the placeholders in `input`, or returns `None` if one of them has no value.
fn with_places(input: &Value, places: &[(&str, Option<&str>)]) -> Option<Value> {
    Some(match input {
        Value::String(text) => {
            let mut text = text.clone();
            for (name, place) in places {
                if text.contains(name) {
                    text = text.replace(name, (*place)?);
                }
            }
            text.into()
        }
        Value::Array(items) => items.iter().map(|item| with_places(item, places)).collect::<Option<_>>()?,
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| Some((name.clone(), with_places(field, places)?)));
            Value::Object(fields.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}
