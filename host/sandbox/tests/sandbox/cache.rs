//! Compiled adapters on disk. A recompilation changes the inode of an entry.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;

use codewalk_sandbox::{CachePaths, Sandbox, SandboxConfig};
use tempfile::TempDir;

use crate::guests::saying;
use crate::support::{generous, hint, spec};

struct Place {
    _folder: TempDir,
    paths: CachePaths,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = CachePaths {
            folder: folder.path().join("cache/compiled"),
            key: folder.path().join("state/cache.key"),
        };
        Self { _folder: folder, paths }
    }

    fn sandbox(&self) -> Sandbox {
        Sandbox::new(SandboxConfig {
            cache: Some(self.paths.clone()),
            limits: generous(),
            ..SandboxConfig::default()
        })
        .unwrap()
    }

    /// Loads a component in a new sandbox, and checks its answer.
    async fn run(&self, component: &'static [u8], says: &str) {
        let chain = self.sandbox().router_chain(vec![spec("guest", component)]);
        assert_eq!(hint(&chain, "hello").await, says);
    }

    fn entries(&self) -> Vec<PathBuf> {
        let mut entries: Vec<_> =
            fs::read_dir(&self.paths.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        entries
    }

    fn only_entry(&self) -> PathBuf {
        let entries = self.entries();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries[0].clone()
    }
}

fn inode(path: &Path) -> u64 {
    path.metadata().unwrap().ino()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().mode() & 0o777
}

#[tokio::test]
async fn a_compiled_adapter_is_cached_and_reused() {
    let (place, component) = (Place::new(), saying("kept").embedded());
    place.run(component, "kept").await;
    let before = inode(&place.only_entry());
    place.run(component, "kept").await;
    assert_eq!(inode(&place.only_entry()), before);
}

#[tokio::test]
async fn other_users_cannot_read_or_write_the_cache() {
    let place = Place::new();
    place.run(saying("kept").embedded(), "kept").await;
    assert_eq!(mode(&place.paths.folder), 0o700);
    assert_eq!(mode(&place.only_entry()), 0o600);
    assert_eq!(mode(&place.paths.key), 0o600);
}

#[tokio::test]
async fn a_folder_that_others_may_enter_is_made_private() {
    let place = Place::new();
    fs::create_dir_all(&place.paths.folder).unwrap();
    fs::set_permissions(&place.paths.folder, Permissions::from_mode(0o755)).unwrap();
    place.run(saying("kept").embedded(), "kept").await;
    assert_eq!(mode(&place.paths.folder), 0o700);
}

/// Case 71.
#[tokio::test]
async fn a_changed_entry_is_compiled_again() {
    let (place, component) = (Place::new(), saying("kept").embedded());
    place.run(component, "kept").await;
    let entry = place.only_entry();
    let good = fs::read(&entry).unwrap();
    let last = good.len() - 1;
    let with = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    for bad in [
        with(0),
        with(32),
        with(last / 2),
        with(last),
        good[..last].to_vec(),
        good[..20].to_vec(),
        Vec::new(),
    ] {
        fs::write(&entry, bad).unwrap();
        let before = inode(&entry);
        place.run(component, "kept").await;
        assert_ne!(inode(&entry), before);
    }
}

/// Case 71.
#[tokio::test]
async fn an_entry_under_the_name_of_another_is_not_used() {
    let place = Place::new();
    let (one, two) = (saying("one").embedded(), saying("two").embedded());
    place.run(one, "one").await;
    let first = place.only_entry();
    place.run(two, "two").await;
    let second = place.entries().into_iter().find(|entry| *entry != first).unwrap();
    fs::copy(&second, &first).unwrap();
    place.run(one, "one").await;
    fs::remove_file(&first).unwrap();
    fs::create_dir(&first).unwrap();
    place.run(one, "one").await;
}

/// Case 71.
#[tokio::test]
async fn an_entry_made_with_another_key_is_not_used() {
    let (place, component) = (Place::new(), saying("kept").embedded());
    place.run(component, "kept").await;
    let before = inode(&place.only_entry());
    fs::remove_file(&place.paths.key).unwrap();
    place.run(component, "kept").await;
    assert_ne!(inode(&place.only_entry()), before);
}

/// Case 71.
#[tokio::test]
async fn an_exposed_or_invalid_key_is_not_used() {
    let (place, component) = (Place::new(), saying("kept").embedded());
    place.run(component, "kept").await;
    let before = inode(&place.only_entry());
    fs::set_permissions(&place.paths.key, Permissions::from_mode(0o644)).unwrap();
    fs::write(place.only_entry(), "poison").unwrap();
    place.run(component, "kept").await;
    fs::set_permissions(&place.paths.key, Permissions::from_mode(0o600)).unwrap();
    fs::write(&place.paths.key, "short").unwrap();
    place.run(component, "kept").await;
    // It is neither read nor replaced.
    assert_eq!(inode(&place.only_entry()), before);
    assert_eq!(fs::read(place.only_entry()).unwrap(), b"poison");
}

#[tokio::test]
async fn without_a_usable_folder_components_are_compiled() {
    let place = Place::new();
    fs::write(place.paths.folder.ancestors().nth(1).unwrap(), "a file").unwrap();
    place.run(saying("kept").embedded(), "kept").await;
}

#[test]
fn processes_that_create_the_key_at_once_share_it() {
    let place = Place::new();
    let barrier = Barrier::new(20);
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                barrier.wait();
                place.sandbox();
            });
        }
    });
    assert_eq!(fs::read(&place.paths.key).unwrap().len(), 64);
    let folder = place.paths.key.parent().unwrap();
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing else is left there");
}

#[tokio::test]
async fn old_entries_make_room_for_new_ones() {
    let place = Place::new();
    fs::create_dir_all(&place.paths.folder).unwrap();
    for n in 0..100 {
        fs::write(place.paths.folder.join(format!("old-{n}")), "old").unwrap();
    }
    let component = saying("kept").embedded();
    place.run(component, "kept").await;
    assert_eq!(place.entries().len(), 64);
    let before: Vec<_> = place.entries().iter().map(|path| inode(path)).collect();
    place.run(component, "kept").await;
    let after: Vec<_> = place.entries().iter().map(|path| inode(path)).collect();
    assert_eq!(after, before, "the new one stayed and was used");
}
