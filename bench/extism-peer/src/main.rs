//! Measures fresh calls to a plugin on extism, for comparison with the smallest router in codewalk's
//! sandbox. The plugin gets the same request as JSON, and returns it.

use std::error::Error;
use std::time::{Duration, Instant};

use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};

const CALLS: usize = 3_000;
/// The limits of codewalk's router: memory pages of 64 KiB, and time.
const PAGES: u32 = 2_048;
const TIMEOUT: Duration = Duration::from_secs(10);

/// Returns its input in place, which is the least possible work.
const PLUGIN: &str = r#"(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 4)
  (func (export "route") (result i32)
    (call $output_set (call $input_offset) (call $input_length))
    (i32.const 0)))"#;

const REQUEST: &str = r#"{"utterance":"fix the flaky login test in shop","channel":"terminal",
"confirmation":null,"turns":[],
"projects":[{"name":"shop","path":"/home/ada/shop"},{"name":"blog","path":"/home/ada/blog"},
{"name":"tools","path":"/home/ada/tools"}],
"agents":[{"name":"claude","default":true},{"name":"demo","default":false}],"sessions":[],
"constraints":{"agent":null,"project":null},"now":1800000000000}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let manifest =
        Manifest::new([Wasm::data(wat::parse_str(PLUGIN)?)]).with_memory_max(PAGES).with_timeout(TIMEOUT);
    let compiled = CompiledPlugin::new(PluginBuilder::new(manifest))?;
    let (mut fresh, mut reused) = (Vec::with_capacity(CALLS), Vec::with_capacity(CALLS));
    let mut plugin = Plugin::new_from_compiled(&compiled)?;
    for _ in 0..CALLS {
        let begun = Instant::now();
        call(&mut Plugin::new_from_compiled(&compiled)?)?;
        fresh.push(begun.elapsed());
        let begun = Instant::now();
        call(&mut plugin)?;
        reused.push(begun.elapsed());
    }
    for (name, samples) in [("fresh call on extism", fresh), ("call of a reused plugin on extism", reused)] {
        let [p50, p99] = percentiles(samples);
        println!("{name}, p50 / p99: {p50:.1} us / {p99:.1} us");
    }
    Ok(())
}

fn call(plugin: &mut Plugin) -> Result<(), Box<dyn Error>> {
    let answer: &str = plugin.call("route", REQUEST)?;
    if answer == REQUEST { Ok(()) } else { Err("the plugin returned something else".into()) }
}

fn percentiles(mut samples: Vec<Duration>) -> [f64; 2] {
    samples.sort_unstable();
    [50, 99].map(|percent| {
        let rank = (samples.len() * percent).div_ceil(100).max(1);
        samples.get(rank - 1).map_or(0.0, |sample| sample.as_secs_f64() * 1e6)
    })
}
