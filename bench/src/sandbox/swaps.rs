//! Adapters that change while they are called.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use codewalk_core::intent::Intent;
use codewalk_core::ports::Router;
use codewalk_sandbox::{AdapterSpec, CachePaths, Sandbox, SandboxConfig, Source};
use tokio::runtime::Runtime;

use super::guest;
use super::router::{local_router, request};
use crate::fallible::Fallible;
use crate::measure::{Samples, human};
use crate::table::Row;

const SAVES: u8 = 12;
/// Longer than any swap takes.
const PATIENCE: Duration = Duration::from_secs(60);
const SWAPS: usize = 1000;
const BETWEEN_SWAPS: Duration = Duration::from_millis(5);
/// 500 calls a second.
const BETWEEN_CALLS: Duration = Duration::from_millis(2);
const GROWTH: usize = 5_000_000;

/// Measures swaps after a file is saved, and under load.
pub fn rows() -> Fallible<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut rows = saves(&runtime)?;
    rows.extend(load(&runtime)?);
    Ok(rows)
}

/// Measures the time between saving a file and the first answer from the new component.
fn saves(runtime: &Runtime) -> Fallible<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let (file, next) = (folder.path().join("router.wasm"), folder.path().join("next"));
    let save = |component: &[u8]| fs::write(&next, component).and_then(|()| fs::rename(&next, &file));
    let cache = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let sandbox = Sandbox::new(SandboxConfig { cache: Some(cache), ..SandboxConfig::default() })?;
    let chain = sandbox.router_chain(vec![AdapterSpec::new("router", Source::File(file.clone()))]);
    let handles = chain.adapters();
    let handle = handles.first().cloned().ok_or("there is no adapter")?;
    let versions: Vec<Vec<u8>> = (0..SAVES).map(version).collect::<Fallible<_>>()?;
    save(&versions[0])?;
    let request = request();
    runtime.block_on(chain.route(&request))?;
    let _watch = sandbox.watch(handles);
    let (mut uncompiled, mut compiled) = (Samples::default(), Samples::default());
    for samples in [&mut uncompiled, &mut compiled] {
        for version in versions.iter().skip(1).chain(&versions[..1]) {
            let before = handle.status().generation;
            let begun = Instant::now();
            save(version)?;
            while handle.status().generation == before {
                if begun.elapsed() > PATIENCE {
                    return Err(format!("not loaded: {:?}", handle.status().last_problem).into());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            runtime.block_on(chain.route(&request))?;
            samples.add(begun.elapsed());
        }
    }
    let row = |name, samples: &Samples, goal: &str, limit| {
        Row::new(name, samples.summary(), goal, samples.p50() <= Duration::from_millis(limit))
    };
    Ok(vec![
        row("save to live, compiled, p50 / p99", &uncompiled, "400 ms", 400),
        row("save to live, from the cache, p50 / p99", &compiled, "150 ms", 150),
    ])
}

/// Returns the shipped router with an added custom section, which makes it a different component.
fn version(n: u8) -> Fallible<Vec<u8>> {
    let mut component = local_router()?.to_vec();
    component.extend([0, 3, 1, b'v', n]);
    Ok(component)
}

/// Measures the effect of swaps on calls.
fn load(runtime: &Runtime) -> Fallible<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let (file, next) = (folder.path().join("router.wasm"), folder.path().join("next"));
    let texts = ["one", "two"];
    let components = [guest::saying(texts[0])?, guest::saying(texts[1])?];
    let save = |n: usize| fs::write(&next, components[n % 2]).and_then(|()| fs::rename(&next, &file));
    save(0)?;
    let cache = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let sandbox = Sandbox::new(SandboxConfig { cache: Some(cache), ..SandboxConfig::default() })?;
    let chain = sandbox.router_chain(vec![AdapterSpec::new("router", Source::File(file.clone()))]);
    let handle = chain.adapters().pop().ok_or("there is no adapter")?;
    let request = request();
    let (mut calls, mut swaps) = (Samples::default(), Samples::default());
    let (mut lost, mut before) = (0, 0);
    runtime.block_on(async {
        let swapping = async {
            let mut due = tokio::time::interval(BETWEEN_SWAPS);
            for n in 1..=SWAPS {
                due.tick().await;
                save(n)?;
                let begun = Instant::now();
                handle.reload().await?;
                swaps.add(begun.elapsed());
                // The first swaps fill the caches.
                if n == SWAPS / 5 {
                    before = resident()?;
                }
            }
            Fallible::Ok(())
        };
        let mut swapping = std::pin::pin!(swapping);
        let mut due = tokio::time::interval(BETWEEN_CALLS);
        loop {
            tokio::select! {
                swapped = &mut swapping => break swapped,
                _ = due.tick() => {
                    let begun = Instant::now();
                    let answered = chain.route(&request).await;
                    calls.add(begun.elapsed());
                    let is_whole = answered.is_ok_and(|answered| match answered.answer.intent {
                        Intent::CannotParse { hint } => texts.contains(&hint.as_str()),
                        _ => false,
                    });
                    lost += usize::from(!is_whole);
                }
            }
        }
    })?;
    let growth = resident()?.saturating_sub(before);
    Ok(vec![
        Row::new("calls lost in 1,000 swaps in 5 s, 500 calls a second", lost.to_string(), "0", lost == 0)
            .reference(format!(
                "a swap takes {}; {} calls take {}",
                human(swaps.p50()),
                calls.len(),
                calls.summary()
            )),
        Row::new(
            "memory left behind by 800 swaps",
            format!("{:.1} MB", growth as f64 / 1e6),
            "5 MB",
            growth <= GROWTH,
        ),
    ])
}

/// Returns the resident memory of this process, in bytes.
fn resident() -> Fallible<usize> {
    let pages = fs::read_to_string(Path::new("/proc/self/statm"))?;
    let resident: usize = pages.split(' ').nth(1).ok_or("there is no count of pages")?.parse()?;
    Ok(resident * 4096)
}
