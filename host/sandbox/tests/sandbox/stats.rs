//! Statistics of an adapter, in one process and over all runs.

use codewalk_core::ports::Router;
use codewalk_sandbox::{AdapterSpec, Limits};

use crate::guests::{Request, router, saying};
use crate::place::Place;
use crate::support::{PATIENCE, ask, eventually, hint, request};

#[tokio::test]
async fn calls_errors_traps_timeouts_and_denials_are_distinguished() {
    let place = Place::new();
    let limits =
        Limits { executing: std::time::Duration::from_millis(300), wall_clock: PATIENCE, memory: 1 << 24 };
    // A component that fails its trial call would not serve, so this one is built in.
    let stats = async |guest: crate::guests::Guest| {
        let spec = AdapterSpec {
            limits: Some(limits),
            ..AdapterSpec::new("guest", codewalk_sandbox::Source::Embedded(guest.embedded()))
        };
        let running = place.running_as(spec);
        running.chain.route(&request("hello")).await.ok();
        let stats = running.status().stats;
        (stats.calls, stats.errors, stats.traps, stats.timeouts, stats.denials)
    };
    assert_eq!(stats(saying("well")).await, (1, 0, 0, 0, 0));
    assert_eq!(stats(router("(unreachable)")).await, (1, 0, 1, 0, 0));
    assert_eq!(stats(router("(loop $forever (br $forever)) (unreachable)")).await, (1, 0, 0, 1, 0));
    let denied = Request { times: 3, ..Request::post("https://api.example/") };
    assert_eq!(stats(denied.guest()).await, (1, 1, 0, 0, 3));
    let kept = place.registry().stats("guest").unwrap();
    assert_eq!((kept.calls, kept.errors, kept.traps, kept.timeouts, kept.denials), (4, 1, 1, 1, 3));
}

#[tokio::test]
async fn peak_memory_and_latencies_are_counted() {
    let place = Place::new();
    let guest = router("(drop (memory.grow (i32.const 60))) (call $hint (i32.const 0) (i32.const 0))");
    place.save(&guest.build());
    let running = place.running();
    for _ in 0..10 {
        hint(&running.chain, "hello").await;
    }
    eventually("the memory is free again", || running.status().live_memory == 0).await;
    let stats = running.status().stats;
    assert_eq!(stats.peak_memory, 64 * 64 * 1024);
    assert_eq!(stats.latencies.iter().sum::<u64>(), 10);
    let (half, most) = (stats.percentile(0.5).unwrap(), stats.percentile(0.99).unwrap());
    assert!(half <= most && most < PATIENCE, "{half:?} {most:?}");
}

#[tokio::test]
async fn statistics_of_many_processes_are_added_up() {
    let place = Place::new();
    place.save(&saying("well").build());
    let (one, other) = (place.running(), place.running());
    for running in [&one, &other] {
        for _ in 0..5 {
            hint(&running.chain, "hello").await;
        }
    }
    // Once after a while, and once at the end.
    eventually("it is saved", || place.registry().stats("guest").unwrap().calls == 10).await;
    ask(&one.chain, "hello").await.unwrap();
    drop(one);
    eventually("it is saved", || place.registry().stats("guest").unwrap().calls == 11).await;
}
