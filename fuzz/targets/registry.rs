//! An adapter's registry entry, with any bytes as its state and its statistics.

#![no_main]

#[path = "../../host/sandbox/src/registry/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the target does not load adapters")]
mod registry;
#[path = "../../host/sandbox/src/source.rs"]
#[allow(dead_code, reason = "the target has no built-in adapters")]
mod source;
#[path = "../../host/sandbox/src/stats.rs"]
#[allow(dead_code, reason = "the target does not count")]
mod stats;
/// The errors reported by the registry when it reads a file.
#[path = "../../host/sandbox/src/error"]
mod error {
    use std::path::PathBuf;

    mod registry;

    pub use registry::RegistryError;

    #[derive(Debug, thiserror::Error)]
    pub enum Problem {
        #[error("is not there: {path:?}")]
        NotFound { path: PathBuf },
        #[error("cannot be read from {path:?}: {error}")]
        Unreadable { path: PathBuf, error: std::io::Error },
        #[error(transparent)]
        Exposed(#[from] codewalk_policy::ExposureError),
        #[error("is too large: {size} bytes, at most {max}")]
        TooLarge { size: u64, max: u64 },
    }
}

use codewalk_core::terminal_text::is_unprintable;
use codewalk_policy::{Asker, Grant, Manifest, digest};
use error::RegistryError;
use libfuzzer_sys::fuzz_target;
use registry::{Registry, Trial};
use source::Source;
use stats::Stats;

const NAME: &str = "a";
const MANIFEST: &str = "name = \"a\"\nworld = \"router\"\nversion = \"1\"\ndescription = \"\"\n\
                        [[http]]\nurl = \"https://api.example/\"\nmethods = [\"GET\"]\n";

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let registry = Registry::open(folder.path().to_owned()).expect("a registry");
    let place = folder.path().join(format!(".{NAME}"));
    std::fs::create_dir(&place).expect("a folder");
    std::fs::write(place.join("state.json"), bytes).expect("the file can be written");
    std::fs::write(place.join("stats.json"), bytes).expect("the file can be written");
    figures(&registry);
    state(&registry, bytes);
    registry.remove(NAME).expect("whatever it was, it can be removed");
    assert_eq!(registry.names().expect("the names"), [""; 0]);
});

/// Checks that statistics are added up, or restarted if invalid.
fn figures(registry: &Registry) {
    match registry.stats(NAME) {
        Ok(found) => assert!(found.percentile(0.5) <= found.percentile(0.99), "{found:?}"),
        Err(error) => check_foreign(&error),
    }
    let more = Stats { calls: 1, latencies: vec![0, 1], ..Stats::default() };
    let trial = Trial { digest: digest(b"one"), calls: 1, faults: 1 };
    registry.count(NAME, false, &more, Some(&trial)).expect("it is counted");
    let found = registry.stats(NAME).expect("it can be read");
    assert!(found.calls >= 1 && found.percentile(0.5).is_some(), "{found:?}");
    let found = registry.trial(NAME, &trial.digest).expect("it can be read");
    assert!(found.is_some_and(|found| found.calls >= 1 && found.faults >= 1));
}

/// Checks that approvals are never lost or extended, and that an unreadable state is not changed.
fn state(registry: &Registry, bytes: &[u8]) {
    let file = Source::File(registry.component(NAME).expect("a name"));
    let manifest = Manifest::parse(MANIFEST).expect("a manifest");
    let asker = Asker { digest: digest(b"one"), key: None };
    let known = match registry.state(NAME) {
        Ok(known) => known,
        Err(error) => {
            check_foreign(&error);
            assert!(registry.approve(NAME, &manifest, &asker, &manifest.http).is_err());
            assert!(registry.put(NAME, b"one", None).is_err());
            assert!(registry.rollback(NAME, &file).is_err());
            assert!(registry.reject(NAME, &digest(b"one")).is_err());
            let path = registry.folder().join(format!(".{NAME}/state.json"));
            assert_eq!(std::fs::read(path).expect("it is there"), bytes);
            return;
        }
    };
    for approval in &known.approved {
        let request = &approval.request;
        assert!(request.is_for_any() || Grant::new(&request.url, &request.methods, None).is_ok());
    }
    registry.approve(NAME, &manifest, &asker, &manifest.http).expect("it is written");
    let approved = registry.state(NAME).expect("what was written can be read").approved;
    assert!(approved.len() <= known.approved.len() + 1);
    assert!(approved.iter().any(|approval| approval.is_for(&manifest, &asker)));
    // Approvals of other components are unchanged, or removed with them.
    assert!(approved.iter().all(|approval| {
        known.approved.contains(approval) || approval.digest.as_ref() == Some(&asker.digest)
    }));

    let (one, two) = (digest(b"one"), digest(b"two"));
    registry.put(NAME, b"one", None).expect("it is written");
    registry.put(NAME, b"two", None).expect("it is written");
    let before = registry.state(NAME).expect("what was written can be read");
    assert!(!before.rejected.contains(&one) && !before.rejected.contains(&two));
    let back_to = registry.rollback(NAME, &file);
    let after = registry.state(NAME).expect("what was written can be read");
    assert_eq!(after.approved, approved);
    match back_to {
        Ok(digest) => {
            assert_eq!(after.current.as_ref(), Some(&digest));
            assert_ne!(digest, two);
            assert!(after.rejected.contains(&two) || before.current.as_ref() == Some(&two));
        }
        Err(RegistryError::NoPrevious { .. }) => assert_eq!(after, before),
        Err(other) => panic!("{other}"),
    }
}

/// Checks that the error blames the file, and is sanitized.
fn check_foreign(error: &RegistryError) {
    assert!(matches!(error, RegistryError::Foreign { .. }), "{error}");
    let said = error.to_string();
    assert!(said.len() < 8 * 1024 && !said.contains(is_unprintable), "{said:?}");
}
