//! Watched files, and how soon their changes are noticed.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread::sleep;
use std::time::Duration;

use codewalk_sandbox::{Manifest, Serving, Source, Watch};

use crate::compile::{PROGRAM, script};
use crate::guests::{Request, saying, with_manifest};
use crate::place::{Place, Running};
use crate::support::{asker, eventually, hint, sha256};

fn serves(running: &Running, component: &[u8]) -> bool {
    running.status().digest == Some(sha256(component))
}

/// Makes `component` serve, which returns `text`, and watches its file.
async fn watched(place: &Place, component: &[u8], text: &str) -> (Running, Watch) {
    place.save(component);
    let running = place.running();
    assert_eq!(hint(&running.chain, "hello").await, text);
    let watch = running.sandbox.watch(running.chain.adapters());
    (running, watch)
}

#[tokio::test]
async fn a_saved_file_serves_without_a_reload() {
    let place = Place::new();
    let (one, two) = (saying("one").build(), saying("two").build());
    let (running, _watch) = watched(&place, &one, "one").await;
    place.save(&two);
    eventually("it serves", || serves(&running, &two)).await;
    assert_eq!(hint(&running.chain, "hello").await, "two");
    // As most tools write: a new file takes over its name.
    let beside = place.folder().join("adapters/.beside");
    fs::write(&beside, &one).unwrap();
    fs::rename(&beside, place.candidate()).unwrap();
    eventually("it serves", || serves(&running, &one)).await;
}

/// Case 76.
#[tokio::test]
async fn a_slowly_written_file_serves_when_it_is_complete() {
    let place = Place::new();
    let (good, new) = (saying("good").build(), saying("new").build());
    let (running, _watch) = watched(&place, &good, "good").await;
    place.save(&new[..new.len() / 2]);
    eventually("the half is refused", || running.status().last_problem.is_some()).await;
    assert!(serves(&running, &good));
    place.save(&new);
    eventually("the whole serves", || serves(&running, &new)).await;
    assert_eq!(running.status().last_problem, None);
}

/// Case 77.
#[tokio::test]
async fn the_last_of_a_hundred_saves_in_a_second_serves() {
    let place = Place::new();
    place.save(&saying("good").build());
    let running = place.running();
    assert_eq!(hint(&running.chain, "hello").await, "good");
    let _watch = running.sandbox.watch(running.chain.adapters());
    let versions: Vec<_> = (0..100).map(|n| saying(&format!("version {n:03}")).build()).collect();
    for version in &versions {
        place.save(version);
        // This is the rate of saving, not a wait for anything.
        sleep(Duration::from_millis(10));
    }
    eventually("the last serves", || serves(&running, &versions[99])).await;
    assert_eq!(hint(&running.chain, "hello").await, "version 099");
}

/// Case 78.
#[tokio::test]
async fn a_restored_file_serves_again() {
    let place = Place::new();
    let (good, new) = (saying("good").build(), saying("new").build());
    let (running, _watch) = watched(&place, &good, "good").await;
    fs::remove_file(place.candidate()).unwrap();
    eventually("it is missed", || running.status().last_problem.is_some()).await;
    assert_eq!(hint(&running.chain, "hello").await, "good");
    place.save(&new);
    eventually("it serves", || serves(&running, &new)).await;
}

/// Case 82.
#[tokio::test]
async fn a_change_without_an_event_is_noticed() {
    let place = Place::new();
    let (one, two) = (saying("one").build(), saying("two").build());
    // The target of a link changes in another folder, without an event.
    let elsewhere = place.folder().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("a.wasm"), &one).unwrap();
    symlink(elsewhere.join("a.wasm"), place.candidate()).unwrap();
    let running = place.running();
    assert_eq!(hint(&running.chain, "hello").await, "one");
    let _watch = running.sandbox.watch(running.chain.adapters());
    fs::write(elsewhere.join("a.wasm"), &two).unwrap();
    eventually("it serves", || serves(&running, &two)).await;
}

#[tokio::test]
async fn rollbacks_and_approvals_of_another_process_take_effect() {
    let place = Place::new();
    let (one, two) = (saying("one").build(), saying("two").build());
    let (running, _watch) = watched(&place, &one, "one").await;
    place.save(&two);
    eventually("it serves", || serves(&running, &two)).await;
    // The registry, opened by another process.
    let registry = place.registry();
    registry.rollback("guest", &Source::File(registry.component("guest").unwrap())).unwrap();
    eventually("the earlier one serves", || serves(&running, &one)).await;

    let manifest = "name = \"a\"\nworld = \"router\"\nversion = \"1\"\ndescription = \"\"\n\
                    [[http]]\nurl = \"https://api.example/\"\nmethods = [\"POST\"]\n";
    let asking = with_manifest(Request::post("https://api.example/").guest().build(), manifest.as_bytes());
    place.save(&asking);
    let waits = |problem: &String| problem.contains("requests permission to send");
    eventually("it waits", || running.status().last_problem.as_ref().is_some_and(waits)).await;
    assert!(serves(&running, &one));
    let manifest = Manifest::parse(manifest).unwrap();
    place.registry().approve("guest", &manifest, &asker(&asking), &manifest.http).unwrap();
    eventually("it serves", || serves(&running, &asking)).await;
    assert_eq!(running.status().state, Serving::OnTrial);
}

#[tokio::test]
async fn a_passing_problem_is_retried_without_a_change() {
    // The compiler is killed by the system or from the terminal, or replaced by another version.
    let ill = ["kill -KILL $$", "kill -INT $$", "echo junk; exit", "exit 2"];
    futures_util::future::join_all(ill.map(is_taken_later)).await;
}

/// Loads a component although the compiler misbehaves at first.
async fn is_taken_later(does: &str) {
    let place = Place::new();
    let (good, new) = (saying("good").build(), saying("new").build());
    place.save(&good);
    assert_eq!(hint(&place.running().chain, "hello").await, "good");
    place.save(&new);
    let ill = place.folder().join("ill");
    fs::write(&ill, "").unwrap();
    let compiler = format!("if [ -e {ill:?} ]; then {does}; fi; exec {PROGRAM:?} \"$@\"");
    let running = place.running_with(place.spec(), script(place.folder(), &compiler));
    let _watch = running.sandbox.watch(running.chain.adapters());
    assert_eq!(hint(&running.chain, "hello").await, "good");
    let said = running.status().last_problem.unwrap();
    assert!(said.contains("compiled: ") || said.contains("the compiler"), "{said}");
    fs::remove_file(ill).unwrap();
    eventually("it serves", || serves(&running, &new)).await;
}

#[tokio::test]
async fn a_last_good_generation_with_a_passing_problem_serves_later() {
    let place = Place::new();
    let good = saying("good").build();
    place.save(&good);
    assert_eq!(hint(&place.running().chain, "hello").await, "good");
    place.save(&good[..good.len() / 2]);
    fs::remove_dir_all(place.folder().join("cache")).unwrap();
    let ill = place.folder().join("ill");
    fs::write(&ill, "").unwrap();
    let compiler = format!("[ -e {ill:?} ] && kill -KILL $$; exec {PROGRAM:?} \"$@\"");
    let running = place.running_with(place.spec(), script(place.folder(), &compiler));
    let _watch = running.sandbox.watch(running.chain.adapters());
    running.reload().await.unwrap_err();
    fs::remove_file(ill).unwrap();
    eventually("it serves", || serves(&running, &good)).await;
}

#[tokio::test]
async fn an_adapter_that_is_no_longer_watched_does_not_change() {
    let place = Place::new();
    let (one, two, three) = (saying("one").build(), saying("two").build(), saying("three").build());
    place.save(&one);
    let (watched, unwatched) = (place.running(), place.running());
    for running in [&watched, &unwatched] {
        assert_eq!(hint(&running.chain, "hello").await, "one");
    }
    let first = unwatched.sandbox.watch(unwatched.chain.adapters());
    let _watch = watched.sandbox.watch(watched.chain.adapters());
    place.save(&two);
    eventually("both serve it", || serves(&watched, &two) && serves(&unwatched, &two)).await;
    drop(first);
    place.save(&three);
    eventually("it serves", || serves(&watched, &three)).await;
    assert!(serves(&unwatched, &two));
}
