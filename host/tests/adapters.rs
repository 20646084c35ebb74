//! Adapters of somebody else: built from the README's example, named in the configuration, without rebuilding codewalk.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{User, script};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Returns the README's example as a component: the one that `cargo xtask component` built, or else one built here.
fn keyword_router(into: &Path) -> PathBuf {
    if let Some(built) = std::env::var_os("CODEWALK_TEST_EXAMPLE") {
        return built.into();
    }
    let toolchain = xtask::toolchain::find().unwrap();
    let component = xtask::component::build(&root().join("examples/keyword-router"), &toolchain).unwrap();
    let file = into.join("keyword-router.wasm");
    std::fs::write(&file, component.bytes).unwrap();
    file
}

#[test]
fn the_router_of_the_readme_serves_without_a_rebuild() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo \"$1\"");
    let program = program.to_string_lossy().into_owned();
    let file = keyword_router(&user.home());
    let file = file.to_string_lossy().into_owned();
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n\
         [router]\nchain = [{file:?}]\n"
    ));

    let check = user.run(&["adapters", "check", &file]);
    assert_eq!(check.status, Some(0), "{check:?}");
    assert!(check.stdout.contains("codewalk:router/router-adapter"), "{check:?}");
    let list = user.run(&["adapters", "list"]);
    assert!(list.stdout.contains(&file) && list.stdout.contains("local-summarizer"), "{list:?}");

    let (status, result, stderr) = user.wish(&["--yes", "please fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    assert_eq!(result["router"]["adapter"], file.as_str());
    assert_eq!(result["router"]["confidence"], 90);
    let (status, result, _) = user.wish(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(3), "{result:#}");
    assert_eq!(result["error"]["hint"], "begin your wish with \"please\"");
    assert_eq!(result["session"], Value::Null);
}

#[test]
fn the_readme_shows_the_example_as_it_is() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let example = std::fs::read_to_string(root().join("examples/keyword-router/src/lib.rs")).unwrap();
    let manifest = std::fs::read_to_string(root().join("examples/keyword-router/Cargo.toml")).unwrap();
    assert!(
        readme.contains(&example),
        "the README's example differs from examples/keyword-router/src/lib.rs"
    );
    assert!(
        readme.contains(&manifest),
        "the README's manifest differs from examples/keyword-router/Cargo.toml"
    );
}

#[test]
fn a_file_that_is_no_adapter_is_refused_in_plain_words() {
    let user = User::new();
    for (name, bytes) in
        [("random.wasm", &b"random bytes"[..]), ("module.wasm", b"\0asm\x01\0\0\0"), ("empty.wasm", b"")]
    {
        let file = user.home().join(name);
        std::fs::write(&file, bytes).unwrap();
        let check = user.run(&["adapters", "check", &file.to_string_lossy()]);
        assert_eq!(check.status, Some(4), "{name}: {check:?}");
        assert!(check.stdout.contains("problem"), "{name}: {check:?}");
    }
    let check = user.run(&["adapters", "check", "/no/such/file.wasm"]);
    assert_eq!(check.status, Some(4), "{check:?}");
}
