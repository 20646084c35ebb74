//! Endless guests, their effect on other guests, and idle sandboxes.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use codewalk_core::ports::Router;
use codewalk_sandbox::{Limits, RouterChain, Sandbox, SandboxConfig};
use tokio::runtime::Runtime;

use super::guest;
use super::router::{chain, request};
use crate::fallible::Fallible;
use crate::measure::{Samples, human, ratio};
use crate::table::Row;

const BUDGET: Duration = Duration::from_millis(200);
/// Two ticks of the sandbox's clock.
const TWO_TICKS: Duration = Duration::from_millis(20);
const SPINS: usize = 10;
/// The name of threads that do not belong to a sandbox.
const OWN_NAME: &str = "codewalk-bench";

/// Measures endless guests and idle sandboxes.
pub fn rows(runtime: &Runtime) -> Fallible<Vec<Row>> {
    let limits = Limits { executing: BUDGET, ..Limits::default() };
    let sandbox = Sandbox::new(SandboxConfig { limits, ..SandboxConfig::default() })?;
    let (spinner, neighbour) = (chain(&sandbox, guest::spinning()?), chain(&sandbox, guest::tiny()?));
    let mut rows = runtime.block_on(beside(&spinner, &neighbour))?;
    rows.push(idle()?);
    Ok(rows)
}

async fn beside(spinner: &RouterChain, neighbour: &RouterChain) -> Fallible<Vec<Row>> {
    let mut spin = request();
    spin.utterance = "spin".to_owned();
    let ask = async |samples: &mut Samples| -> Fallible<()> {
        let begun = Instant::now();
        neighbour.route(&request()).await?;
        samples.add(begun.elapsed());
        // Calls arrive at intervals.
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(())
    };
    let (mut alone, mut together, mut stopped) = (Samples::default(), Samples::default(), Samples::default());
    spinner.route(&request()).await?;
    neighbour.route(&request()).await?;
    for _ in 0..SPINS {
        for _ in 0..100 {
            ask(&mut alone).await?;
        }
        let begun = Instant::now();
        let mut spinning = std::pin::pin!(spinner.route(&spin));
        loop {
            tokio::select! {
                biased;
                answered = &mut spinning => {
                    if answered.is_ok() {
                        return Err("an endless loop ended".into());
                    }
                    break stopped.add(begun.elapsed());
                }
                asked = ask(&mut together) => asked?,
            }
        }
    }
    let times = ratio(together.p99(), alone.p99());
    Ok(vec![
        Row::new(
            "stopping an endless loop, p50 / p99",
            stopped.summary(),
            "220 ms",
            stopped.p99() <= BUDGET + TWO_TICKS,
        )
        .reference(format!("its budget is {}", human(BUDGET))),
        Row::new("a call next to it, p50 / p99", together.summary(), "twice alone", times <= 2.0)
            .reference(format!("alone {} (p99 {times:.2} times)", alone.summary())),
    ])
}

/// Counts how often the threads of idle sandboxes wake up.
fn idle() -> Fallible<Row> {
    // Timers left from earlier calls may still fire once.
    thread::sleep(Limits::default().wall_clock + Duration::from_secs(2));
    let before = wakings()?;
    thread::sleep(Duration::from_secs(1));
    let mut times = 0;
    let mut who = BTreeSet::new();
    for (thread, (name, count)) in wakings()? {
        let woken = count - before.get(&thread).map_or(0, |(_, before)| *before);
        times += woken;
        if woken > 0 {
            who.insert(name);
        }
    }
    let who: Vec<String> = who.into_iter().collect();
    let measured = times.to_string();
    Ok(Row::new("wake-ups of an idle sandbox in a second", measured, "0", times == 0)
        .reference(who.join(", ")))
}

/// Returns the threads of all sandboxes, with their names and voluntary context switches.
fn wakings() -> Fallible<BTreeMap<OsString, (String, u64)>> {
    let mut wakings = BTreeMap::new();
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?;
        let status = fs::read_to_string(task.path().join("status"))?;
        let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if let Some(name) = value("Name:").filter(|name| name.starts_with("codewalk-") && *name != OWN_NAME) {
            let count = value("voluntary_ctxt_switches:").ok_or("there are no counts")?.parse()?;
            wakings.insert(task.file_name(), (name.to_owned(), count));
        }
    }
    Ok(wakings)
}
