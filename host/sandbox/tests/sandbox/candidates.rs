//! Which of the components that appear in the file of an adapter may serve.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codewalk_sandbox::{AdapterSpec, GrantRequest, Manifest, Problem, ReloadOutcome, Serving};

use crate::adoption::asking;
use crate::guests::{Request, saying, with_manifest};
use crate::place::Place;
use crate::server::Server;
use crate::support::{ask, asker, hint, message, sha256};
use crate::swap::{is_not_taken, serving};

/// Case 72.
#[tokio::test]
async fn only_the_pinned_component_is_accepted() {
    let place = Place::new();
    let good = saying("good").build();
    place.save(&good);
    let running = place.running_as(AdapterSpec { pin: Some(sha256(&good).to_uppercase()), ..place.spec() });
    running.reload().await.unwrap();
    place.save(&saying("other").build());
    is_not_taken(&running, "is not the pinned component").await;
    // Nor is a copy of another component, stored before the pin was set.
    let elsewhere = place.running_as(AdapterSpec { pin: Some("0".repeat(64)), ..place.spec() });
    let error = ask(&elsewhere.chain, "hello").await.unwrap_err();
    assert!(message(&error).contains("is not the pinned component"), "{error}");
}

/// Case 73.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hashed_bytes_serve_however_the_file_changes() {
    let versions: Vec<Vec<u8>> = (0..3).map(|n| saying(&format!("v{n}")).build()).collect();
    let (place, running) = serving(&versions[0]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (stop, path, versions) = (Arc::clone(&stop), place.candidate(), versions.clone());
        move || {
            for version in versions.iter().cycle().take_while(|_| !stop.load(Ordering::Relaxed)) {
                fs::write(&path, version).unwrap();
            }
        }
    });
    for _ in 0..20 {
        // Rejecting a partially read file is correct, too.
        running.reload().await.ok();
        let (before, said, after) =
            (running.status().digest, hint(&running.chain, "hello").await, running.status().digest);
        assert_eq!(before, after);
        let n: usize = said[1..].parse().unwrap();
        assert_eq!(after, Some(sha256(&versions[n])));
    }
    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
}

/// Case 74.
#[tokio::test]
async fn a_link_is_read_only_once() {
    let place = Place::new();
    let (link, good, new) = (place.candidate(), place.folder().join("a.wasm"), place.folder().join("b.wasm"));
    fs::write(&good, saying("good").build()).unwrap();
    fs::write(&new, saying("new").build()).unwrap();
    symlink(&good, &link).unwrap();
    let running = place.running();
    running.reload().await.unwrap();
    let unreadable = |why: &str| format!("cannot be read from {link:?}: {why}");
    for (elsewhere, why) in [
        ("/dev/zero", unreadable("it is not a file")),
        ("/", unreadable("it is not a file")),
        ("/proc/self/mem", unreadable("Input/output error (os error 5)")),
        (
            "/nowhere",
            format!("does not exist: no file {link:?}; build it, or correct the path in the configuration"),
        ),
    ] {
        fs::remove_file(&link).unwrap();
        symlink(elsewhere, &link).unwrap();
        is_not_taken(&running, &why).await;
        assert_eq!(running.status().last_problem, Some(why));
    }
    fs::remove_file(&link).unwrap();
    symlink(&new, &link).unwrap();
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "new");
    assert_eq!(running.status().digest, Some(sha256(&saying("new").build())));
}

/// Case 75.
#[tokio::test]
async fn a_manifest_that_requests_more_waits_for_approval() {
    let server = Server::start().await;
    let (place, running) = serving(&saying("good").build()).await;
    let url = server.url("/v1/chat");
    let manifest = format!(
        "name = \"wide\"\nworld = \"router\"\nversion = \"0.2.0\"\ndescription = \"asks\"\n\
         [[http]]\nurl = \"{url}\"\nmethods = [\"POST\"]\nwhy = \"to ask a model\"\n"
    );
    let wider = with_manifest(Request::post(&url).guest().build(), manifest.as_bytes());
    place.save(&wider);
    is_not_taken(&running, "`codewalk adapters approve guest`").await;
    let Err(Problem::WaitsForApproval { requests, .. }) = running.reload().await else {
        panic!("it does not wait");
    };
    assert_eq!(server.seen(), [""; 0]);
    // A different or smaller grant does not cover the request.
    let less = GrantRequest { url: server.url("/v1/other"), ..requests[0].clone() };
    let other = GrantRequest { methods: vec!["GET".to_owned()], ..requests[0].clone() };
    let manifest = Manifest::parse(&manifest).unwrap();
    place.registry().approve("guest", &manifest, &asker(&wider), &[less, other]).unwrap();
    is_not_taken(&running, "requests permission to send: POST ").await;

    place.registry().approve("guest", &manifest, &asker(&wider), &requests).unwrap();
    assert!(matches!(running.reload().await, Ok(ReloadOutcome::New { .. })));
    assert!(hint(&running.chain, "hello").await.contains("POST /v1/chat"));
    assert_eq!(server.seen(), ["POST /v1/chat"]);
}

#[tokio::test]
async fn without_an_earlier_generation_each_call_reports_a_missing_approval() {
    let place = Place::new();
    place.save(&with_manifest(saying("never").build(), asking("a").as_bytes()));
    let running = place.running();
    for _ in 0..2 {
        let error = ask(&running.chain, "hello").await.unwrap_err();
        assert!(message(&error).contains("requests permission to send: GET https://api.example/"), "{error}");
    }
    assert_eq!(running.status().state, Serving::Failed);
}
