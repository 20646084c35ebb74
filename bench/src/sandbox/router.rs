//! The measured routers and their request.

use codewalk_core::command::{Constraints, Project};
use codewalk_core::ids::{Id, UtteranceId};
use codewalk_core::origin::Channel;
use codewalk_core::routing::request::RouteRequest;
use codewalk_core::state::Agent;
use codewalk_core::time::Timestamp;
use codewalk_sandbox::{AdapterSpec, RouterChain, Sandbox, Source};

use super::bare::{port, types};
use crate::fallible::Fallible;

/// Returns the component of the shipped router.
pub fn local_router() -> Fallible<&'static [u8]> {
    Ok(codewalk_components::find("local-router").ok_or("local-router does not ship")?.bytes)
}

/// Returns a chain of one router.
pub fn chain(sandbox: &Sandbox, bytes: &'static [u8]) -> RouterChain {
    sandbox.router_chain(vec![AdapterSpec::new("router", Source::Embedded(bytes))])
}

/// Returns a typical request.
pub fn request() -> RouteRequest {
    let project = |name: &str| Project { name: name.to_owned(), path: format!("/home/ada/{name}") };
    let agent = |name: &str| Agent { name: name.to_owned(), default: name == "claude" };
    RouteRequest {
        id: UtteranceId(Id::from_u128(1)),
        utterance: "fix the flaky login test in shop".to_owned(),
        channel: Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: ["shop", "blog", "tools"].map(project).into(),
        agents: ["claude", "demo"].map(agent).into(),
        sessions: Vec::new(),
        constraints: Constraints::default(),
        now: Timestamp(1_800_000_000_000),
    }
}

/// Converts a request for bare wasmtime.
pub fn wire(request: &RouteRequest) -> port::Request {
    let project =
        |project: &Project| port::Project { name: project.name.clone(), path: project.path.clone() };
    let agent = |agent: &Agent| port::Agent { name: agent.name.clone(), default: agent.default };
    port::Request {
        utterance: request.utterance.clone(),
        channel: types::Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: request.projects.iter().map(project).collect(),
        agents: request.agents.iter().map(agent).collect(),
        sessions: Vec::new(),
        constraints: port::Constraints { agent: None, project: None },
        now: request.now.0,
    }
}
