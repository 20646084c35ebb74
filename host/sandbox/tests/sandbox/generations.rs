//! Which generations of an adapter the registry stores, and which it restores.

use std::fs;

use codewalk_sandbox::{Registry, RegistryError, Serving, Source};

use crate::guests::{router, saying};
use crate::place::Place;
use crate::registry::files;
use crate::support::{ask, hint, message, sha256};

/// Rolls back the installed component `guest`.
pub fn rollback(registry: &Registry) -> Result<String, RegistryError> {
    registry.rollback("guest", &Source::File(registry.component("guest").unwrap()))
}

#[tokio::test]
async fn only_the_last_generations_are_stored_and_each_can_be_restored() {
    let place = Place::new();
    let versions: Vec<_> = (0..6).map(|n| saying(&format!("version {n}")).build()).collect();
    let running = place.running();
    for version in &versions {
        place.save(version);
        running.reload().await.unwrap();
    }
    let registry = place.registry();
    let state = registry.state("guest").unwrap();
    let digests: Vec<String> = versions.iter().map(|version| sha256(version)).collect();
    assert_eq!(state.current.as_ref(), digests.last());
    assert_eq!(state.history, [digests[4].clone(), digests[3].clone(), digests[2].clone()]);
    let copies = files(&registry.folder().join(".guest"));
    assert_eq!(copies.iter().filter(|file| file.ends_with(".wasm")).count(), 4, "{copies:?}");

    for (version, digest) in [(4, &digests[4]), (3, &digests[3]), (2, &digests[2])] {
        assert_eq!(rollback(&registry).unwrap(), *digest);
        running.reload().await.unwrap();
        assert_eq!(hint(&running.chain, "hello").await, format!("version {version}"));
    }
    let end = rollback(&registry);
    assert!(matches!(end, Err(RegistryError::NoPrevious { .. })), "{end:?}");
    assert_eq!(registry.state("guest").unwrap().current.as_ref(), Some(&digests[2]));
}

#[tokio::test]
async fn a_component_that_never_served_is_rolled_back_first() {
    let place = Place::new();
    let (one, two, three) = (saying("one").build(), saying("two").build(), saying("three").build());
    let running = place.running();
    for version in [&one, &two] {
        place.registry().put("guest", version, None).unwrap();
        running.reload().await.unwrap();
    }
    place.registry().put("guest", &three, None).unwrap();
    assert_eq!(rollback(&place.registry()).unwrap(), sha256(&two));
    assert!(running.reload().await.unwrap_err().to_string().contains("was rolled back"));
    assert_eq!(hint(&running.chain, "hello").await, "two");
    assert_eq!(rollback(&place.registry()).unwrap(), sha256(&one));
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "one");
}

#[tokio::test]
async fn a_component_replaced_before_it_served_can_be_restored() {
    for serves_between in [false, true] {
        let place = Place::new();
        let running = place.running();
        for text in ["one", "two"] {
            place.registry().put("guest", &saying(text).build(), None).unwrap();
        }
        if serves_between {
            assert_eq!(hint(&running.chain, "hello").await, "two");
        }
        assert_eq!(rollback(&place.registry()).unwrap(), sha256(&saying("one").build()));
        running.reload().await.unwrap();
        assert_eq!(hint(&running.chain, "hello").await, "one");
        // It is on trial like any other component.
        assert_eq!(running.status().state, Serving::OnTrial);
        assert!(matches!(rollback(&place.registry()), Err(RegistryError::NoPrevious { .. })));
    }
}

/// One of many components that trap on every request.
fn broken(n: u32) -> Vec<u8> {
    router(&format!("(drop (i32.const {n})) (unreachable)")).build()
}

#[tokio::test]
async fn components_that_never_served_do_not_evict_the_last_that_did() {
    let place = Place::new();
    place.registry().put("guest", &saying("good").build(), None).unwrap();
    assert_eq!(hint(&place.running().chain, "hello").await, "good");
    for n in 0..5 {
        place.registry().put("guest", &broken(n), None).unwrap();
    }
    let state = place.registry().state("guest").unwrap();
    let digests = [broken(3), broken(2), saying("good").build()].map(|component| sha256(&component));
    assert_eq!((state.current, state.history), (Some(sha256(&broken(4))), digests.to_vec()));
    assert_eq!(hint(&place.running().chain, "hello").await, "good");
}

#[tokio::test]
async fn a_component_that_could_not_serve_is_never_proven() {
    let place = Place::new();
    for n in [0, 1, 0] {
        place.registry().put("guest", &broken(n), None).unwrap();
    }
    for _ in 0..2 {
        let error = ask(&place.running().chain, "hello").await.unwrap_err();
        assert!(message(&error).contains("failed its trial call"), "{error}");
    }
}

#[tokio::test]
async fn a_component_that_could_not_serve_is_not_restored() {
    let place = Place::new();
    let running = place.running();
    place.save(&saying("dropped there").build());
    place.registry().put("guest", &router("(unreachable)").build(), None).unwrap();
    running.reload().await.unwrap_err();
    place.registry().put("guest", &saying("well").build(), None).unwrap();
    assert!(matches!(rollback(&place.registry()), Err(RegistryError::NoPrevious { .. })));
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "well");
    assert!(matches!(rollback(&place.registry()), Err(RegistryError::NoPrevious { .. })));
}

/// Case 81.
#[tokio::test]
async fn a_damaged_copy_is_never_restored() {
    let place = Place::new();
    let running = place.running();
    for text in ["one", "two", "three"] {
        place.save(&saying(text).build());
        running.reload().await.unwrap();
    }
    let registry = place.registry();
    let copy = |digest: &str| registry.folder().join(".guest").join(digest).with_extension("wasm");
    let two = registry.state("guest").unwrap().history[0].clone();
    fs::write(copy(&two), saying("forged").build()).unwrap();
    assert_eq!(rollback(&registry).unwrap(), sha256(&saying("one").build()));
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "one");
}
