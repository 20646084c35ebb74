//! Front ends and adapters together: each line is a command, a query, or a router's proposal for the last
//! utterance. Whatever the input, the core only makes decisions that it can apply.

#![no_main]

use codewalk_core::command::{Command, Project};
use codewalk_core::ids::{CallId, Id};
use codewalk_core::intent::Proposal;
use codewalk_core::orchestrator::{Call, Effect, Envelope, Input, Reply};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::port_reply::AdapterReply;
use codewalk_core::query::Query;
use codewalk_core::state::{Agent, State, StateContext};
use codewalk_core::time::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|bytes: &[u8]| {
    let origin = Origin { channel: Channel::Terminal, name: "terminal-1".to_owned() };
    let mut state = State::new(settings());
    let mut routing = None;
    for (line, n) in bytes.split(|byte| *byte == b'\n').zip(1u32..) {
        let _ = read::<Query>(line);
        let input = if let Some(command) = read::<Command>(line) {
            Input::Command { origin: origin.clone(), command }
        } else if let (Some(answer), Some(call)) = (read::<Proposal>(line), routing) {
            let reply = AdapterReply { answer, adapter: "router".to_owned(), fallback_from: Vec::new() };
            Input::PortReplied { call, reply: Reply::Routed(Ok(reply)) }
        } else {
            continue;
        };
        let envelope = Envelope { id: Id::from_u128(u128::from(n) << 80), now: Timestamp(n.into()), input };
        let step = state.decide(&envelope);
        for event in &step.events {
            assert!(state.apply(event).is_ok(), "decided and not applied: {event:?}");
        }
        routing = step.effects.iter().find_map(routed).or(routing);
    }
});

/// Reads JSON, and checks that the value round-trips.
fn read<T: DeserializeOwned + Serialize + PartialEq>(line: &[u8]) -> Option<T> {
    let value = serde_json::from_slice::<T>(line).ok()?;
    let written = serde_json::to_vec(&value).unwrap_or_default();
    assert!(serde_json::from_slice::<T>(&written).ok().as_ref() == Some(&value));
    Some(value)
}

fn routed(effect: &Effect) -> Option<CallId> {
    match effect {
        Effect::Call { id, call: Call::Route(_) } => Some(*id),
        _ => None,
    }
}

fn settings() -> StateContext {
    let project = |name: &str| Project { name: name.to_owned(), path: format!("/home/me/{name}") };
    StateContext {
        agents: vec![Agent { name: "claude".to_owned(), default: true }],
        projects: vec![project("shop"), project("api")],
        ..StateContext::default()
    }
}
