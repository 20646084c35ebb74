//! The registry: complete even if a process is killed at any time, and safe against malicious names.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use codewalk_sandbox::{
    Asker, GrantRequest, MAX_COMPONENT_SIZE, Manifest, Registry, RegistryError, ReloadOutcome,
};
use tempfile::TempDir;

use crate::generations::rollback;
use crate::guests::saying;
use crate::place::Place;
use crate::rollback::trapping_on_request;
use crate::support::{ask, asker, eventually, hint, sha256};

/// The environment variable with the registry folder of a child process. If it is set, the test runs as the
/// child.
const CHILD: &str = "CODEWALK_TEST_REGISTRY";

fn registry() -> (TempDir, Registry) {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path().join("adapters")).unwrap();
    (folder, registry)
}

fn asking(url: &str) -> GrantRequest {
    GrantRequest {
        url: url.to_owned(),
        methods: vec!["GET".to_owned()],
        credential: None,
        why: String::new(),
    }
}

/// The manifest of an adapter that needs an approval.
fn manifest() -> Manifest {
    Manifest::parse("name = \"a\"\nworld = \"router\"\nversion = \"1\"\ndescription = \"\"\n").unwrap()
}

pub fn files(folder: &Path) -> Vec<String> {
    let mut files: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

#[test]
fn an_installed_adapter_is_listed_and_removed_completely() {
    let (_folder, registry) = registry();
    registry.put("router", b"bytes", None).unwrap();
    registry.approve("router", &manifest(), &asker(b"bytes"), &[asking("https://api.example/")]).unwrap();
    registry.approve("other", &manifest(), &asker(b"bytes"), &[asking("https://api.example/")]).unwrap();
    assert_eq!(registry.names().unwrap(), ["other", "router"]);
    assert_eq!(fs::read(registry.component("router").unwrap()).unwrap(), b"bytes");
    registry.remove("router").unwrap();
    assert_eq!(registry.names().unwrap(), ["other"]);
    assert_eq!(registry.state("router").unwrap().approved, []);
    assert!(matches!(registry.remove("router"), Err(RegistryError::Unknown { .. })));
}

#[tokio::test]
async fn an_adapter_removed_while_it_serves_stays_removed() {
    let place = Place::new();
    place.registry().put("guest", &saying("well").build(), None).unwrap();
    let running = place.running();
    assert_eq!(hint(&running.chain, "hello").await, "well");
    place.registry().remove("guest").unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "well");
    running.chain.adapters()[0].save();
    assert_eq!(place.registry().names().unwrap(), [""; 0]);
    // Counting restarts once it is installed again.
    place.registry().put("guest", &saying("well").build(), None).unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "well");
    running.chain.adapters()[0].save();
    assert_eq!(place.registry().stats("guest").unwrap().calls, 1);
}

#[tokio::test]
async fn a_failure_after_removal_is_not_remembered() {
    let place = Place::new();
    let running = place.running();
    for guest in [saying("good"), trapping_on_request("bad")] {
        place.save(&guest.build());
        running.reload().await.unwrap();
    }
    place.registry().remove("guest").unwrap();
    for _ in 0..3 {
        ask(&running.chain, "trap").await.unwrap_err();
    }
    let is_said = |said: &String| said.contains("was rolled back");
    eventually("it is rolled back", || running.status().last_problem.as_ref().is_some_and(is_said)).await;
    assert_eq!(hint(&running.chain, "hello").await, "good");
    assert_eq!(place.registry().names().unwrap(), [""; 0]);
}

#[test]
fn a_name_with_a_path_is_invalid() {
    let (folder, registry) = registry();
    for name in
        ["", "..", "../x", "a/b", "/etc/x", ".x", "A", "LOCK", "a.b", "a b", "ü", &"x".repeat(65), "a\0"]
    {
        assert!(matches!(registry.put(name, b"", None), Err(RegistryError::Name { .. })), "{name:?}");
        assert!(
            matches!(
                registry.approve(name, &manifest(), &asker(b"bytes"), &[]),
                Err(RegistryError::Name { .. })
            ),
            "{name:?}"
        );
        assert!(matches!(registry.state(name), Err(RegistryError::Name { .. })), "{name:?}");
        assert!(matches!(registry.remove(name), Err(RegistryError::Name { .. })), "{name:?}");
    }
    assert_eq!(files(folder.path()), ["adapters"]);
    assert_eq!(files(registry.folder()), [""; 0]);
}

#[test]
fn an_oversized_component_is_not_installed() {
    let (_folder, registry) = registry();
    let size = usize::try_from(MAX_COMPONENT_SIZE).unwrap() + 1;
    assert!(matches!(registry.put("huge", &vec![0; size], None), Err(RegistryError::TooLarge { .. })));
    assert_eq!(registry.names().unwrap(), [""; 0]);
}

#[test]
fn an_approval_is_stored_once_and_an_invalid_request_never() {
    let (_folder, registry) = registry();
    let asked = asking("https://api.example/v1/");
    registry.approve("router", &manifest(), &asker(b"bytes"), std::slice::from_ref(&asked)).unwrap();
    registry.approve("router", &manifest(), &asker(b"bytes"), std::slice::from_ref(&asked)).unwrap();
    let approved = registry.state("router").unwrap().approved;
    assert_eq!(approved.len(), 1);
    assert_eq!((approved[0].name.as_str(), &approved[0].request), ("a", &asked));
    assert_eq!(approved[0].digest, Some(sha256(b"bytes")));
    let refused =
        registry.approve("router", &manifest(), &asker(b"bytes"), &[asking("https://user@api.example/")]);
    assert!(matches!(refused, Err(RegistryError::Request { .. })), "{refused:?}");
}

#[test]
fn approvals_of_a_removed_component_are_forgotten() {
    let (_folder, registry) = registry();
    let asked = [asking("https://api.example/v1/")];
    for component in [b"one", b"two"] {
        registry.approve("router", &manifest(), &asker(component), &asked).unwrap();
    }
    let approved = registry.state("router").unwrap().approved;
    assert_eq!(approved.len(), 1, "{approved:?}");
    let signed = Asker { key: Some("RW1".to_owned()), ..asker(b"three") };
    registry.approve("router", &manifest(), &signed, &asked).unwrap();
    registry.approve("router", &manifest(), &asker(b"four"), &asked).unwrap();
    let approved = registry.state("router").unwrap().approved;
    assert_eq!(approved.iter().map(|a| a.key.as_deref()).collect::<Vec<_>>(), [Some("RW1"), None]);
}

#[test]
fn a_state_without_digests_is_read_and_approves_nothing() {
    let (_folder, registry) = registry();
    fs::create_dir(registry.folder().join(".router")).unwrap();
    let old = r#"{"schema": 2, "current": null, "history": [], "rejected": [], "approved": [
        {"world": "router", "name": "a",
        "request": {"url": "https://api.example/v1/", "methods": ["GET"]}}]}"#;
    fs::write(registry.folder().join(".router/state.json"), old).unwrap();
    let state = registry.state("router").unwrap();
    let manifest = Manifest { http: vec![state.approved[0].request.clone()], ..manifest() };
    assert_eq!(manifest.missing(&asker(b"bytes"), &[], &state.approved).len(), 1);
}

#[test]
fn a_pipe_instead_of_a_state_does_not_block() {
    let (_folder, registry) = registry();
    fs::create_dir(registry.folder().join(".router")).unwrap();
    for file in [".router/state.json", ".router/stats.json"] {
        let made = Command::new("mkfifo").arg(registry.folder().join(file)).status();
        assert!(made.unwrap().success());
    }
    let said = registry.state("router").unwrap_err().to_string();
    assert!(said.contains("state.json") && said.contains("it is not a file"), "{said}");
    assert!(registry.stats("router").is_err());
}

#[test]
fn a_folder_that_others_can_write_to_is_not_a_registry() {
    let folder = tempfile::tempdir().unwrap();
    let adapters = folder.path().join("adapters");
    fs::create_dir(&adapters).unwrap();
    for mode in [0o777, 0o775] {
        fs::set_permissions(&adapters, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let refused = Registry::open(adapters.clone()).unwrap_err().to_string();
        assert!(refused.contains("chmod go-w") && refused.contains("adapters"), "{refused}");
    }
    fs::set_permissions(&adapters, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert!(Registry::open(adapters).is_ok());
}

#[test]
fn a_damaged_or_unknown_state_is_reported_and_unchanged() {
    let (_folder, registry) = registry();
    registry.approve("router", &manifest(), &asker(b"bytes"), &[asking("https://api.example/")]).unwrap();
    let path = registry.folder().join(".router/state.json");
    let whole = fs::read_to_string(&path).unwrap();
    for text in [
        String::new(),
        whole[..whole.len() / 2].to_owned(),
        whole.replace("\"schema\": 2", "\"schema\": 1"),
        whole.replace("\"history\"", "\"more\": 1, \"history\""),
        whole.replace("\"current\": null", "\"current\": \"../../../etc/passwd\""),
        whole.replace("https://api", "https://user@api"),
    ] {
        fs::write(&path, &text).unwrap();
        let refused = registry.state("router").unwrap_err();
        assert!(matches!(refused, RegistryError::Foreign { .. }), "{refused}");
        assert!(refused.to_string().contains("state.json"), "{refused}");
        assert!(registry.approve("router", &manifest(), &asker(b"bytes"), &[]).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "it was overwritten");
    }
}

#[test]
fn a_state_of_another_version_is_reported_with_a_remedy() {
    let (_folder, registry) = registry();
    registry.put("router", b"bytes", None).unwrap();
    let path = registry.folder().join(".router/state.json");
    fs::write(&path, "{\"schema\": 3, \"approved\": {}, \"new\": 1}").unwrap();
    let said = registry.state("router").unwrap_err().to_string();
    assert!(said.contains("its schema is 3; this version of codewalk reads schema 2"), "{said}");
    assert!(said.contains("`codewalk adapters remove` and add it again"), "{said}");
    registry.remove("router").unwrap();
    registry.put("router", b"bytes", None).unwrap();
}

/// Case 83.
#[tokio::test]
async fn remains_of_a_killed_process_are_ignored_and_removed() {
    let place = Place::new();
    let running = place.running();
    place.save(&saying("one").build());
    running.reload().await.unwrap();
    let (registry, two) = (place.registry(), saying("two").build());
    let known = registry.folder().join(".guest");
    // A copy that no state names, an incomplete one, and a half-removed adapter.
    fs::write(known.join(sha256(&two)).with_extension("wasm"), &two).unwrap();
    fs::write(known.join(".half-AbCdEf"), &two[..20]).unwrap();
    fs::create_dir(registry.folder().join(".REMOVED")).unwrap();
    assert_eq!(registry.names().unwrap(), ["guest"]);
    assert!(matches!(rollback(&registry), Err(RegistryError::NoPrevious { .. })));
    place.save(&saying("three").build());
    running.reload().await.unwrap();
    let copies = [sha256(&saying("one").build()), sha256(&saying("three").build())];
    let mut expected: Vec<String> = copies.iter().map(|digest| format!("{digest}.wasm")).collect();
    expected.push("state.json".to_owned());
    expected.sort();
    let mut left = files(&known);
    left.retain(|file| file != "stats.json");
    assert_eq!(left, expected);
    registry.remove("guest").unwrap();
    assert_eq!(files(registry.folder()), [".LOCK"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_that_adopt_at_once_agree() {
    let place = Place::new();
    let processes: Vec<_> = (0..4).map(|_| place.running()).collect();
    let versions: Vec<_> = (0..4).map(|n| saying(&format!("version {n}")).build()).collect();
    for version in &versions {
        place.save(version);
        let reloads = futures_util::future::join_all(processes.iter().map(|process| process.reload()));
        for reloaded in reloads.await {
            assert!(matches!(reloaded, Ok(ReloadOutcome::New { .. })), "{reloaded:?}");
        }
    }
    let digests: Vec<String> = versions.iter().rev().map(|version| sha256(version)).collect();
    let state = place.registry().state("guest").unwrap();
    assert_eq!((state.current.as_ref(), state.history.as_slice()), (digests.first(), &digests[1..]));
}

/// Adopts one component after another until it is killed.
#[tokio::test]
#[ignore = "another test runs it, as a process of its own"]
async fn child_that_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let place = Place::at(folder.as_ref());
    let running = place.running();
    for n in 0.. {
        place.save(&saying(&format!("version {}", n % 5)).build());
        running.reload().await.unwrap();
        if n == 1 {
            println!("begun");
        }
    }
}

/// Case 83.
#[tokio::test]
async fn a_host_killed_while_publishing_leaves_a_usable_generation() {
    let place = Place::new();
    for round in 0..12u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "registry::child_that_is_killed", "--ignored", "--nocapture"])
            .env(CHILD, place.folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        let mut stdout = child.stdout.take().unwrap();
        let mut buffer = [0; 256];
        while !String::from_utf8_lossy(&said).contains("begun") {
            let read = stdout.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "it ended by itself: {}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&buffer[..read]);
        }
        // At a different moment each time, by chance.
        std::thread::sleep(Duration::from_millis(round * 7 % 40));
        child.kill().unwrap();
        child.wait().unwrap();

        // Whatever happened to the file, the good generation serves.
        fs::remove_file(place.candidate()).unwrap();
        let state = place.registry().state("guest").unwrap();
        let running = place.running();
        let said = hint(&running.chain, "hello").await;
        assert!(said.starts_with("version "), "{said}");
        assert_eq!(running.status().digest, state.current);
        for digest in &state.history {
            assert!(place.registry().folder().join(format!(".guest/{digest}.wasm")).exists(), "{digest}");
        }
    }
}
