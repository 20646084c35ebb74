//! Helpers: a sandbox, requests, and the text of an answer.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use codewalk_core::command::Constraints;
use codewalk_core::ids::{Id, SessionId, UtteranceId};
use codewalk_core::intent::{Intent, Proposal};
use codewalk_core::origin::Channel;
use codewalk_core::port_reply::{AdapterReply, PortError};
use codewalk_core::ports::Router;
use codewalk_core::routing::request::RouteRequest;
use codewalk_core::session::SessionState;
use codewalk_core::summarization::{SummaryBrief, SummaryRequest};
use codewalk_core::time::Timestamp;
use codewalk_sandbox::{AdapterSpec, Asker, Limits, RouterChain, Sandbox, SandboxConfig, Source};

use sha2::{Digest, Sha256};

use crate::guests::{Guest, saying};

/// Longer than any test takes, on any machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A well-behaved guest, called this in [`with_a_neighbour`].
static GOOD: LazyLock<&'static [u8]> = LazyLock::new(|| saying("all is well").embedded());

pub fn sandbox(limits: Limits) -> Sandbox {
    Sandbox::new(SandboxConfig { limits, ..SandboxConfig::default() }).unwrap()
}

/// Limits that no test reaches by accident.
pub fn generous() -> Limits {
    Limits { executing: 10 * PATIENCE, wall_clock: 10 * PATIENCE, memory: 16 * 1024 * 1024 }
}

pub fn spec(name: &str, component: &'static [u8]) -> AdapterSpec {
    AdapterSpec::new(name, Source::Embedded(component))
}

/// A chain with only this guest.
pub fn alone(sandbox: &Sandbox, guest: &Guest) -> RouterChain {
    sandbox.router_chain(vec![spec("guest", guest.embedded())])
}

/// Calls a guest, and then a well-behaved one in the same sandbox, which must answer. Returns the error of
/// the first.
pub async fn failure(limits: Limits, guest: &Guest) -> PortError {
    let chain = sandbox(limits).router_chain(vec![spec("guest", guest.embedded()), spec("good", *GOOD)]);
    let AdapterReply { answer, adapter, mut fallback_from } = ask(&chain, "hello").await.unwrap();
    assert_eq!((adapter.as_str(), hint_of(&answer)), ("good", "all is well"), "{fallback_from:?}");
    assert_eq!(fallback_from.len(), 1);
    let failed = fallback_from.remove(0);
    assert_eq!(failed.adapter, "guest");
    failed.error
}

pub async fn ask(chain: &RouterChain, utterance: &str) -> Result<AdapterReply<Proposal>, PortError> {
    tokio::time::timeout(PATIENCE, chain.route(&request(utterance))).await.expect("an answer in time")
}

/// The hint from a router that cannot parse the utterance.
pub async fn hint(chain: &RouterChain, utterance: &str) -> String {
    let answered = ask(chain, utterance).await.unwrap();
    hint_of(&answered.answer).to_owned()
}

pub fn hint_of(proposal: &Proposal) -> &str {
    match &proposal.intent {
        Intent::CannotParse { hint } => hint,
        other => panic!("not a hint: {other:?}"),
    }
}

pub fn request(utterance: &str) -> RouteRequest {
    RouteRequest {
        id: UtteranceId(Id::from_u128(1)),
        utterance: utterance.to_owned(),
        channel: Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: Vec::new(),
        agents: Vec::new(),
        sessions: Vec::new(),
        constraints: Constraints::default(),
        now: Timestamp(1_000),
    }
}

pub fn summary_request(byte_budget: u32) -> SummaryRequest {
    SummaryRequest {
        order: SummaryBrief {
            session: SessionId(Id::from_u128(1)),
            utterance: "fix it".to_owned(),
            state: SessionState::Running,
            ended_because: None,
            waiting_for: Vec::new(),
            question: None,
            previous: None,
            byte_budget,
            now: Timestamp(1_000),
        },
        entries: Vec::new(),
        total_entries: 7,
    }
}

/// The text of an error.
pub fn message(error: &PortError) -> &str {
    match error {
        PortError::Unavailable { message }
        | PortError::Denied { message }
        | PortError::InvalidResponse { message }
        | PortError::InvalidRequest { message } => message,
        PortError::RateLimited { .. } => panic!("it has no text: {error:?}"),
    }
}

/// An unsigned component.
pub fn asker(component: &[u8]) -> Asker {
    Asker { digest: sha256(component), key: None }
}

/// The SHA-256 of a component, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits until a condition holds.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
