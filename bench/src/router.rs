//! A shipped component in the sandbox, beside the same bytes on bare wasmtime.

#![allow(unused_qualifications, missing_docs, reason = "generated code")]

use std::time::{Duration, Instant};

use codewalk_core::call::{Agent, RouteRequest};
use codewalk_core::command::{Channel, Constraints, Project};
use codewalk_core::ports::Router;
use codewalk_core::time::Timestamp;
use codewalk_sandbox::{AdapterSpec, CachePaths, RouterChain, Sandbox, Settings, Source};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

use crate::Measured;
use crate::measure::{Samples, ratio, told};
use crate::table::Row;

mod wit {
    wasmtime::component::bindgen!({
        path: ["../wit/types", "../wit/http", "../wit/log", "../wit/config", "../wit/router"],
        world: "codewalk:router/router-adapter",
    });
}

use wit::codewalk::{config::config, http::http, log::log, types::types};
use wit::exports::codewalk::router::router as port;

const CALLS: usize = 3000;
const WISH: &str = "fix the flaky login test in shop";

/// Measures loading, compiling and calling.
pub fn rows() -> Measured<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let cache = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let cached = Sandbox::new(Settings { cache: Some(cache), ..Settings::default() })?;
    let uncached = Sandbox::new(Settings::default())?;
    let request = request();
    let first_call = |sandbox: &Sandbox| -> Measured<Duration> {
        let chain = chain(sandbox)?;
        let begun = Instant::now();
        runtime.block_on(chain.route(&request))?;
        Ok(begun.elapsed())
    };
    first_call(&cached)?;
    let (mut load, mut compile) = (Samples::default(), Samples::default());
    for n in 0..300 {
        load.add(first_call(&cached)?);
        if n % 10 == 0 {
            compile.add(first_call(&uncached)?);
        }
    }

    let (chain, bare) = (chain(&cached)?, Bare::new()?);
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    let wire = wire(&request);
    runtime.block_on(async {
        for _ in 0..CALLS {
            let begun = Instant::now();
            chain.route(&request).await?;
            ours.add(begun.elapsed());
            theirs.time(|| bare.route(&wire))?;
        }
        Measured::Ok(())
    })?;
    let (p50, p99) = (Duration::from_micros(20), Duration::from_micros(100));
    Ok(vec![
        Row::new(
            "sandboxed route call, p50 / p99",
            ours.told(),
            "20 / 100 us",
            ours.p50() <= p50 && ours.p99() <= p99,
        )
        .beside(format!(
            "bare wasmtime {} ({:.2} times)",
            theirs.told(),
            ratio(ours.p50(), theirs.p50())
        )),
        Row::new(
            "load from the cache and first call, p50",
            told(load.p50()),
            "1 ms",
            load.p50() <= Duration::from_millis(1),
        ),
        Row::new(
            "compile and first call, p50",
            told(compile.p50()),
            "100 ms",
            compile.p50() <= Duration::from_millis(100),
        ),
    ])
}

fn bytes() -> Measured<&'static [u8]> {
    Ok(codewalk_components::find("local-router").ok_or("there is no local-router")?.bytes)
}

fn chain(sandbox: &Sandbox) -> Measured<RouterChain> {
    Ok(sandbox.router_chain(vec![AdapterSpec::new("local-router", Source::Embedded(bytes()?))]))
}

fn request() -> RouteRequest {
    let project = |name: &str| Project { name: name.to_owned(), path: format!("/home/ada/{name}") };
    let agent = |name: &str| Agent { name: name.to_owned(), default: name == "claude" };
    RouteRequest {
        utterance: WISH.to_owned(),
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

fn wire(request: &RouteRequest) -> port::Request {
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

/// What a component needs to run, and nothing that holds it in check.
struct Bare {
    engine: Engine,
    component: wit::RouterAdapterPre<Nothing>,
}

impl Bare {
    fn new() -> Measured<Self> {
        let mut config = Config::new();
        let pool = PoolingAllocationConfig::new();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wit::RouterAdapter::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |nothing| nothing)?;
        let component = Component::from_binary(&engine, bytes()?)?;
        let component = wit::RouterAdapterPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, component })
    }

    fn route(&self, request: &port::Request) -> Measured<port::Proposal> {
        let mut store = Store::new(&self.engine, Nothing);
        let guest = self.component.instantiate(&mut store)?;
        let answer = guest.codewalk_router_router().call_route(&mut store, request)?;
        Ok(answer.map_err(|error| format!("{error:?}"))?)
    }
}

/// What guests import, as little of it as there can be.
struct Nothing;

impl types::Host for Nothing {}

impl http::Host for Nothing {
    fn send(&mut self, _: http::Request) -> Result<http::Response, http::Error> {
        Err(http::Error::Denied(String::new()))
    }
}

impl log::Host for Nothing {
    fn write(&mut self, _: log::Level, _: String) {}
}

impl config::Host for Nothing {
    fn get(&mut self, _: String) -> Option<String> {
        None
    }
}
