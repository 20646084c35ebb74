//! Adapters whose state changes while a component is compiled, and state shared by generations.

use std::fs;
use std::sync::Arc;

use codewalk_sandbox::{AdapterSpec, Grant, Manifest, Problem, ReloadOutcome};

use crate::compile::{PROGRAM, script};
use crate::guests::{Request, router, saying, with_manifest};
use crate::place::Place;
use crate::server::Server;
use crate::support::{ask, asker, eventually, hint, message};
use crate::swap::{is_not_taken, serving};

/// A manifest with one request.
pub fn asking(name: &str) -> String {
    format!(
        "name = {name:?}\nworld = \"router\"\nversion = \"1\"\ndescription = \"\"\n\
         [[http]]\nurl = \"https://api.example/\"\nmethods = [\"GET\"]\n"
    )
}

/// Approves the requests of a component.
fn approve(place: &Place, component: &[u8], manifest: &str) {
    let manifest = Manifest::parse(manifest).unwrap();
    place.registry().approve("guest", &manifest, &asker(component), &manifest.http).unwrap();
}

/// Reloads the adapter, and runs a function while it is being compiled.
async fn reloaded_while(place: &Place, meanwhile: impl FnOnce()) -> Result<ReloadOutcome, Problem> {
    let (begun, go) = (place.folder().join("begun"), place.folder().join("go"));
    let text = format!(": >{begun:?}; until [ -e {go:?} ]; do sleep 0.01; done; exec {PROGRAM:?} \"$@\"");
    let running = Arc::new(place.running_with(place.spec(), script(place.folder(), &text)));
    let reload = tokio::spawn({
        let running = Arc::clone(&running);
        async move { running.reload().await }
    });
    eventually("it is compiled", || begun.exists()).await;
    meanwhile();
    fs::write(go, "").unwrap();
    reload.await.unwrap()
}

#[tokio::test]
async fn a_component_removed_while_it_compiles_does_not_serve() {
    let place = Place::new();
    place.registry().put("guest", &saying("gone").build(), None).unwrap();
    let reloaded = reloaded_while(&place, || place.registry().remove("guest").unwrap()).await;
    assert!(matches!(reloaded, Err(Problem::NotFound { .. })), "{reloaded:?}");
    assert_eq!(place.registry().names().unwrap(), [""; 0]);
}

#[tokio::test]
async fn an_approval_withdrawn_while_it_compiles_does_not_count() {
    let place = Place::new();
    let component = with_manifest(saying("never").build(), asking("a").as_bytes());
    place.save(&component);
    approve(&place, &component, &asking("a"));
    let reloaded = reloaded_while(&place, || {
        place.registry().remove("guest").unwrap();
        place.save(&component);
    });
    let reloaded = reloaded.await;
    assert!(matches!(reloaded, Err(Problem::WaitsForApproval { .. })), "{reloaded:?}");
    assert_eq!(place.registry().state("guest").unwrap().current, None);
}

#[tokio::test]
async fn an_approval_does_not_cover_a_replacement() {
    let good = saying("good").build();
    let (place, running) = serving(&good).await;
    let approved = with_manifest(good, asking("a").as_bytes());
    approve(&place, &approved, &asking("a"));
    // From another author with the same manifest, and with another name in it.
    for (says, name) in [("other", "a"), ("good", "b")] {
        place.save(&with_manifest(saying(says).build(), asking(name).as_bytes()));
        is_not_taken(&running, "`codewalk adapters approve guest`").await;
    }
    place.save(&approved);
    assert!(matches!(running.reload().await, Ok(ReloadOutcome::New { .. })));
}

#[tokio::test]
async fn an_unfit_component_is_not_compiled_for_each_call() {
    let place = Place::new();
    let runs = place.folder().join("runs");
    let text = format!("echo run >>{runs:?}; exec {PROGRAM:?} \"$@\"");
    let runs = || fs::read_to_string(&runs).unwrap().lines().count();
    // A component that cannot be instantiated still compiles, and without a cache nothing remembers it.
    fs::write(place.folder().join("cache"), "a file, so that there is no cache").unwrap();
    place.save(&router("(unreachable)").build());
    let running = place.running_with(place.spec(), script(place.folder(), &text));
    for _ in 0..3 {
        let error = ask(&running.chain, "hello").await.unwrap_err();
        assert!(message(&error).contains("failed its trial call"), "{error}");
    }
    assert_eq!(runs(), 1);
    place.save(&saying("well").build());
    assert_eq!(hint(&running.chain, "hello").await, "well");
    assert_eq!(runs(), 2);
}

#[tokio::test]
async fn generations_of_an_adapter_share_its_request_rate() {
    let server = Server::start().await;
    let url = server.url("/v1");
    let place = Place::new();
    let sending =
        |body: &str| Request { times: 64, body: body.as_bytes(), ..Request::post(&url) }.guest().build();
    let grant = Grant::new(&url, &["POST".to_owned()], None).unwrap();
    let running = place.running_as(AdapterSpec { http: vec![grant], ..place.spec() });
    for version in ["1", "2"] {
        place.save(&sending(version));
        running.reload().await.unwrap();
        ask(&running.chain, "hello").await.ok();
    }
    let sent = server.seen().len();
    assert!((64..128).contains(&sent), "{sent}");
}
