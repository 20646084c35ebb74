//! Adapters of somebody else: built from the README's example, named in the configuration, without rebuilding codewalk.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod support;

use std::os::unix::fs::PermissionsExt;
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
fn the_list_says_what_may_leave_the_machine_and_never_shows_a_key() {
    let user = User::new();
    let key = user.home().join("service.key");
    std::fs::write(&key, "gsk_do_not_tell\n").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    user.configure(
        "[[adapters.local-router.http]]\nurl = \"https://api.example.com/v1/\"\nmethods = [\"POST\"]\n\
         credential = \"there\"\n[[adapters.local-summarizer.http]]\nurl = \"https://api.example.com/v1/\"\n\
         methods = [\"POST\"]\ncredential = \"missing\"\n\
         [credentials.there]\nfile = \"service.key\"\nfor = \"https://api.example.com\"\n\
         [credentials.missing]\nenv = \"CODEWALK_TEST_NO_SUCH_KEY\"\nfor = \"https://api.example.com\"\n",
    );
    let list = user.run(&["adapters", "list"]);
    assert_eq!(list.status, Some(0), "{list:?}");
    let may = "may send POST https://api.example.com/v1/ with the credential";
    assert!(list.stdout.contains(&format!("{may} \"there\", which is there")), "{list:?}");
    assert!(list.stdout.contains(&format!("{may} \"missing\", which is missing: ")), "{list:?}");
    assert!(list.stdout.contains("CODEWALK_TEST_NO_SUCH_KEY is not set"), "{list:?}");

    let json = user.run(&["adapters", "list", "--json"]);
    let listed: Value = serde_json::from_str(&json.stdout).unwrap();
    let grants = |n: usize| listed["adapters"][n]["grants"][0].clone();
    assert_eq!(grants(0)["credential"], "there");
    assert_eq!(grants(0)["credential_problem"], Value::Null);
    assert!(grants(1)["credential_problem"].is_string(), "{listed:#}");
    assert!(!format!("{list:?}{json:?}").contains("gsk_do_not_tell"));
}

#[test]
fn an_agent_does_not_see_the_variable_of_a_credential() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo \"key=[$MY_SERVICE_KEY] other=[$MY_OTHER]\" >> seen.txt");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n\
         [credentials.service]\nenv = \"MY_SERVICE_KEY\"\nfor = \"https://api.example.com\"\n"
    ));
    let mut command = user.codewalk(&["run", "--yes", "fix the login test"]);
    command.env("MY_SERVICE_KEY", "gsk_do_not_tell").env("MY_OTHER", "1");
    let ran = support::said(command.output().unwrap());
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let seen = std::fs::read_to_string(user.shop().join("seen.txt")).unwrap();
    assert_eq!(seen, "key=[] other=[1]\n");
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
