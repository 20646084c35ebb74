//! Adapters in the sandbox, beside the same bytes on bare wasmtime.

mod bare;
mod guest;
mod stops;
mod swaps;

use std::time::{Duration, Instant};

use codewalk_core::call::{Agent, RouteRequest};
use codewalk_core::command::{Channel, Constraints, Project};
use codewalk_core::ids::{Id, UtteranceId};
use codewalk_core::ports::Router;
use codewalk_core::time::Timestamp;
use codewalk_sandbox::{AdapterSpec, CachePaths, RouterChain, Sandbox, SandboxConfig, Source};
use tokio::runtime::Runtime;

use self::bare::{Bare, Step, port, types};
use crate::Measured;
use crate::measure::{Samples, ratio, told};
use crate::table::Row;

const ROUNDS: usize = 10;
const CALLS: usize = 300;
const WISH: &str = "fix the flaky login test in shop";

/// Measures loading, compiling and calling.
pub fn rows() -> Measured<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rows = calls(&runtime)?;
    rows.extend(denials(&runtime)?);
    rows.extend(loads(&runtime)?);
    rows.extend(stops::rows(&runtime)?);
    rows.extend(swaps::rows()?);
    Ok(rows)
}

/// Measures fresh calls of a router that does nothing and of the one that ships, and what each protection costs.
fn calls(runtime: &Runtime) -> Measured<Vec<Row>> {
    let sandbox = Sandbox::new(SandboxConfig::default())?;
    let mut rows = Vec::new();
    for (what, cost, bytes) in [
        ("fresh call of the smallest router, p50 / p99", "what its protections cost, p50", guest::tiny()?),
        ("fresh call of local-router, p50 / p99", "what its protections cost, p50", local_router()?),
    ] {
        let chain = chain(&sandbox, bytes);
        let steps = Step::ALL.into_iter().map(|(step, _)| Bare::new(bytes, step));
        let steps = steps.collect::<Measured<Vec<Bare>>>()?;
        let (ours, theirs) = runtime.block_on(beside(&chain, &steps))?;
        let (p50, p99) = (Duration::from_micros(20), Duration::from_micros(100));
        let bare = &theirs[0];
        let ratio = ratio(ours.p50(), bare.p50());
        let met = ours.p50() <= p50 && ours.p99() <= p99;
        rows.push(
            Row::new(what, ours.told(), "20 / 100 us", met)
                .beside(format!("bare wasmtime {} ({ratio:.2} times)", bare.told())),
        );
        let micros = |samples: &Samples| samples.p50().as_secs_f64() * 1e6;
        let of_steps = theirs
            .windows(2)
            .zip(&Step::ALL[1..])
            .map(|(two, (_, name))| format!("{name} {:+.1}", micros(&two[1]) - micros(&two[0])));
        let threads = micros(&ours) - theirs.last().map_or(0.0, micros);
        let of_all: Vec<String> =
            of_steps.chain([format!("threads of its own, kept memory {threads:+.1}")]).collect();
        let all = format!("{:+.1} us", micros(&ours) - micros(bare));
        rows.push(Row::new(cost, all, "", true).beside(of_all.join(", ")));
    }
    Ok(rows)
}

/// Calls a router in the sandbox and on wasmtime alone with more and more protections. They take turns in rounds: each
/// finds its own code and memory as warm as if it were alone.
async fn beside(chain: &RouterChain, steps: &[Bare]) -> Measured<(Samples, Vec<Samples>)> {
    let request = request();
    let wire = wire(&request);
    let mut ours = Samples::default();
    let mut theirs: Vec<Samples> = steps.iter().map(|_| Samples::default()).collect();
    for _ in 0..ROUNDS {
        for (bare, samples) in steps.iter().zip(&mut theirs) {
            bare.route(&wire).await?;
            for _ in 0..CALLS {
                let begun = Instant::now();
                bare.route(&wire).await?;
                samples.add(begun.elapsed());
            }
        }
        chain.route(&request).await?;
        for _ in 0..CALLS {
            let begun = Instant::now();
            chain.route(&request).await?;
            ours.add(begun.elapsed());
        }
    }
    Ok((ours, theirs))
}

/// Measures how long it takes to say no to a request.
fn denials(runtime: &Runtime) -> Measured<Vec<Row>> {
    const FEW: u32 = 4;
    const MANY: u32 = 54;
    let sandbox = Sandbox::new(SandboxConfig::default())?;
    let request = request();
    let mut denied = Samples::default();
    let chains = [chain(&sandbox, guest::sending(FEW)?), chain(&sandbox, guest::sending(MANY)?)];
    let took = |chain: &RouterChain| -> Measured<Duration> {
        let begun = Instant::now();
        runtime.block_on(chain.route(&request))?;
        Ok(begun.elapsed())
    };
    for _ in 0..CALLS {
        let [few, many] = &chains;
        let few = took(few)?;
        denied.add(took(many)?.saturating_sub(few) / (MANY - FEW));
    }
    let goal = Duration::from_micros(20);
    Ok(vec![Row::new("a denied request, p50", told(denied.p50()), "20 us", denied.p50() <= goal)])
}

/// Measures the first call, which loads.
fn loads(runtime: &Runtime) -> Measured<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let cache = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let cached = Sandbox::new(SandboxConfig { cache: Some(cache), ..SandboxConfig::default() })?;
    let uncached = Sandbox::new(SandboxConfig::default())?;
    let request = request();
    let bytes = local_router()?;
    let first_call = |sandbox: &Sandbox| -> Measured<Duration> {
        let chain = chain(sandbox, bytes);
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
    Ok(vec![
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

fn local_router() -> Measured<&'static [u8]> {
    Ok(codewalk_components::find("local-router").ok_or("there is no local-router")?.bytes)
}

fn chain(sandbox: &Sandbox, bytes: &'static [u8]) -> RouterChain {
    sandbox.router_chain(vec![AdapterSpec::new("router", Source::Embedded(bytes))])
}

fn request() -> RouteRequest {
    let project = |name: &str| Project { name: name.to_owned(), path: format!("/home/ada/{name}") };
    let agent = |name: &str| Agent { name: name.to_owned(), default: name == "claude" };
    RouteRequest {
        id: UtteranceId(Id::from_u128(1)),
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
