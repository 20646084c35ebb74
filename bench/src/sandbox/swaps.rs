//! Adapters that change while they are asked.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use codewalk_core::call::Intent;
use codewalk_core::ports::Router;
use codewalk_sandbox::{AdapterSpec, CachePaths, Sandbox, SandboxConfig, Source};
use tokio::runtime::Runtime;

use super::{guest, local_router, request};
use crate::Measured;
use crate::measure::{Samples, told};
use crate::table::Row;

const SAVES: u8 = 12;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);
const SWAPS: usize = 1000;
const BETWEEN_SWAPS: Duration = Duration::from_millis(5);
/// 500 calls a second.
const BETWEEN_CALLS: Duration = Duration::from_millis(2);
const GROWTH: usize = 5_000_000;

/// Measures swaps, of a file that is saved and under load.
pub fn rows() -> Measured<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut rows = saves(&runtime)?;
    rows.extend(load(&runtime)?);
    Ok(rows)
}

/// Measures how long it takes from a file that is saved to the first call that it answers.
fn saves(runtime: &Runtime) -> Measured<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let (file, next) = (folder.path().join("router.wasm"), folder.path().join("next"));
    let save = |component: &[u8]| fs::write(&next, component).and_then(|()| fs::rename(&next, &file));
    let cache = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let sandbox = Sandbox::new(SandboxConfig { cache: Some(cache), ..SandboxConfig::default() })?;
    let chain = sandbox.router_chain(vec![AdapterSpec::new("router", Source::File(file.clone()))]);
    let handles = chain.adapters();
    let handle = handles.first().cloned().ok_or("there is no adapter")?;
    let versions: Vec<Vec<u8>> = (0..SAVES).map(version).collect::<Measured<_>>()?;
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
                    return Err(format!("not taken: {:?}", handle.status().last_problem).into());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            runtime.block_on(chain.route(&request))?;
            samples.add(begun.elapsed());
        }
    }
    let row = |what, samples: &Samples, goal: &str, limit| {
        Row::new(what, samples.told(), goal, samples.p50() <= Duration::from_millis(limit))
    };
    Ok(vec![
        row("from save to live, compiled, p50 / p99", &uncompiled, "400 ms", 400),
        row("from save to live, from the cache, p50 / p99", &compiled, "150 ms", 150),
    ])
}

/// Returns the router that ships, with something more at its end, so that it is another component.
fn version(n: u8) -> Measured<Vec<u8>> {
    let mut component = local_router()?.to_vec();
    component.extend([0, 3, 1, b'v', n]);
    Ok(component)
}

/// Measures what swaps cost those who call.
fn load(runtime: &Runtime) -> Measured<Vec<Row>> {
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
                // The first ones fill what is filled once.
                if n == SWAPS / 5 {
                    before = resident()?;
                }
            }
            Measured::Ok(())
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
        Row::new("1,000 swaps in 5 s under 500 calls a second, lost calls", lost.to_string(), "0", lost == 0)
            .beside(format!("each swap {}, {} calls, each {}", told(swaps.p50()), calls.len(), calls.told())),
        Row::new(
            "memory that 800 swaps leave behind",
            format!("{:.1} MB", growth as f64 / 1e6),
            "5 MB",
            growth <= GROWTH,
        ),
    ])
}

/// Returns how much memory this process has, in bytes.
fn resident() -> Measured<usize> {
    let pages = fs::read_to_string(Path::new("/proc/self/statm"))?;
    let resident: usize = pages.split(' ').nth(1).ok_or("there is no count of pages")?.parse()?;
    Ok(resident * 4096)
}
