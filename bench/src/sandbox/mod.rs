//! Adapters in the sandbox, compared with the same components on bare wasmtime.

mod bare;
mod guest;
mod router;
mod stops;
mod swaps;

use std::time::{Duration, Instant};

use codewalk_core::ports::Router;
use codewalk_sandbox::{CachePaths, RouterChain, Sandbox, SandboxConfig};
use tokio::runtime::Runtime;

use self::bare::{Bare, Step};
use self::router::{chain, local_router, request, wire};
use crate::fallible::Fallible;
use crate::measure::{Samples, human, ratio};
use crate::table::Row;

const ROUNDS: usize = 10;
const CALLS: usize = 300;

/// Measures loading, compiling and calling.
pub fn rows() -> Fallible<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rows = calls(&runtime)?;
    rows.extend(denials(&runtime)?);
    rows.extend(loads(&runtime)?);
    rows.extend(stops::rows(&runtime)?);
    rows.extend(swaps::rows()?);
    Ok(rows)
}

/// Measures single calls to the smallest router and to `local-router`, and what each protection costs.
fn calls(runtime: &Runtime) -> Fallible<Vec<Row>> {
    let sandbox = Sandbox::new(SandboxConfig::default())?;
    let mut rows = Vec::new();
    for (name, cost, bytes) in [
        ("fresh call of the smallest router, p50 / p99", "cost of its protections, p50", guest::tiny()?),
        ("fresh call of local-router, p50 / p99", "cost of its protections, p50", local_router()?),
    ] {
        let chain = chain(&sandbox, bytes);
        let steps = Step::ALL.into_iter().map(|(step, _)| Bare::new(bytes, step));
        let steps = steps.collect::<Fallible<Vec<Bare>>>()?;
        let (ours, theirs) = runtime.block_on(compare(&chain, &steps))?;
        let (p50, p99) = (Duration::from_micros(20), Duration::from_micros(100));
        let bare = &theirs[0];
        let ratio = ratio(ours.p50(), bare.p50());
        let met = ours.p50() <= p50 && ours.p99() <= p99;
        rows.push(
            Row::new(name, ours.summary(), "20 / 100 us", met)
                .reference(format!("bare wasmtime {} ({ratio:.2} times)", bare.summary())),
        );
        let micros = |samples: &Samples| samples.p50().as_secs_f64() * 1e6;
        let of_steps = theirs
            .windows(2)
            .zip(&Step::ALL[1..])
            .map(|(two, (_, name))| format!("{name} {:+.1}", micros(&two[1]) - micros(&two[0])));
        let threads = micros(&ours) - theirs.last().map_or(0.0, micros);
        let of_all: Vec<String> =
            of_steps.chain([format!("separate threads, reused memory {threads:+.1}")]).collect();
        let all = format!("{:+.1} us", micros(&ours) - micros(bare));
        rows.push(Row::new(cost, all, "", true).reference(of_all.join(", ")));
    }
    Ok(rows)
}

/// Calls a router in the sandbox, and on bare wasmtime with more and more protections. They alternate in
/// rounds, so that each has warm code and memory.
async fn compare(chain: &RouterChain, steps: &[Bare]) -> Fallible<(Samples, Vec<Samples>)> {
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

/// Measures the denial of an HTTP request.
fn denials(runtime: &Runtime) -> Fallible<Vec<Row>> {
    const FEW: u32 = 4;
    const MANY: u32 = 54;
    let sandbox = Sandbox::new(SandboxConfig::default())?;
    let request = request();
    let mut denied = Samples::default();
    let chains = [chain(&sandbox, guest::sending(FEW)?), chain(&sandbox, guest::sending(MANY)?)];
    let time = |chain: &RouterChain| -> Fallible<Duration> {
        let begun = Instant::now();
        runtime.block_on(chain.route(&request))?;
        Ok(begun.elapsed())
    };
    for _ in 0..CALLS {
        let [few, many] = &chains;
        let few = time(few)?;
        denied.add(time(many)?.saturating_sub(few) / (MANY - FEW));
    }
    let goal = Duration::from_micros(20);
    Ok(vec![Row::new("denying an HTTP request, p50", human(denied.p50()), "20 us", denied.p50() <= goal)])
}

/// Measures the first call, which loads the component.
fn loads(runtime: &Runtime) -> Fallible<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let cache = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let cached = Sandbox::new(SandboxConfig { cache: Some(cache), ..SandboxConfig::default() })?;
    let uncached = Sandbox::new(SandboxConfig::default())?;
    let request = request();
    let bytes = local_router()?;
    let first_call = |sandbox: &Sandbox| -> Fallible<Duration> {
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
            human(load.p50()),
            "1 ms",
            load.p50() <= Duration::from_millis(1),
        ),
        Row::new(
            "compile and first call, p50",
            human(compile.p50()),
            "100 ms",
            compile.p50() <= Duration::from_millis(100),
        ),
    ])
}
