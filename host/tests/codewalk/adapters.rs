//! Third-party adapters: built from the documented examples, named in the configuration, used without
//! rebuilding codewalk.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use crate::support::examples::{built, root};
use crate::support::{User, script};
use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::ids::{Id, SessionId};
use codewalk_core::ports::Summarizer;
use codewalk_core::session::{SessionState, Summary};
use codewalk_core::summarization::{SummaryBrief, SummaryRequest, WaitingFor};
use codewalk_core::time::Timestamp;
use codewalk_sandbox::{AdapterSpec, Sandbox, SandboxConfig, Source};
use serde_json::Value;

/// Checks that a document shows an example unchanged.
fn shows(document: &str, example: &str, files: &[&str]) {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    for file in files {
        let path = Path::new("examples").join(example).join(file);
        let shown = std::fs::read_to_string(root().join(&path)).unwrap();
        assert!(text.contains(&shown), "{document} shows something else than {}", path.display());
    }
}

#[test]
fn the_router_of_the_readme_serves_without_a_rebuild() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo \"$1\"");
    let program = program.to_string_lossy().into_owned();
    let file = built("keyword-router", &user.home()).to_string_lossy().into_owned();
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n\
         [router]\nchain = [{file:?}]\n"
    ));

    let check = user.run(&["adapters", "check", &file]);
    assert_eq!(check.status, Some(0), "{check:?}");
    assert!(check.stdout.contains("codewalk:router/router-adapter"), "{check:?}");
    let list = user.run(&["adapters", "list"]);
    assert!(list.stdout.contains(&file) && list.stdout.contains("local-summarizer"), "{list:?}");

    let (status, result, stderr) = user.request(&["--yes", "please fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    assert_eq!(result["router"]["adapter"], file.as_str());
    assert_eq!(result["router"]["confidence"], 90);
    let (status, result, _) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(3), "{result:#}");
    assert_eq!(result["error"]["hint"], "begin your request with \"please\"");
    assert_eq!(result["session"], Value::Null);
}

#[test]
fn the_list_shows_what_may_leave_the_machine_but_never_a_key() {
    let user = User::new();
    let key = user.home().join("service.key");
    std::fs::write(&key, "gsk_do_not_tell\n").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    user.configure(
        "[router]\nchain = [\"groq-router\"]\n[summarizer]\nchain = [\"groq-summarizer\"]\n\
         [[adapters.groq-router.http]]\nurl = \"https://api.example.com/v1/\"\nmethods = [\"POST\"]\n\
         credential = \"there\"\n[[adapters.groq-summarizer.http]]\nurl = \"https://api.example.com/v1/\"\n\
         methods = [\"POST\"]\ncredential = \"missing\"\n\
         [credentials.there]\nfile = \"service.key\"\nfor = \"https://api.example.com\"\n\
         [credentials.missing]\nenv = \"CODEWALK_TEST_NO_SUCH_KEY\"\nfor = \"https://api.example.com\"\n",
    );
    let list = user.run(&["adapters", "list"]);
    assert_eq!(list.status, Some(0), "{list:?}");
    let may = "may send POST https://api.example.com/v1/ with the credential";
    assert!(list.stdout.contains(&format!("{may} \"there\" (available)")), "{list:?}");
    assert!(list.stdout.contains(&format!("{may} \"missing\" (missing): ")), "{list:?}");
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
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n\
         [credentials.service]\nenv = \"MY_SERVICE_KEY\"\nfor = \"https://api.example.com\"\n"
    ));
    let mut command = user.codewalk(&["run", "--yes", "fix the login test"]);
    command.env("MY_SERVICE_KEY", "gsk_do_not_tell").env("MY_OTHER", "1");
    let ran = crate::support::said(command.output().unwrap());
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let seen = std::fs::read_to_string(user.shop().join("seen.txt")).unwrap();
    assert_eq!(seen, "key=[] other=[1]\n");
}

#[test]
fn the_documents_show_the_examples_as_they_are() {
    shows("docs/adapters.md", "keyword-router", &["src/lib.rs", "Cargo.toml"]);
    shows("docs/adapters.md", "short-summarizer", &["src/lib.rs"]);
}

#[test]
fn the_summarizer_of_the_documents_serves_without_a_rebuild() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo one two three four five");
    let program = program.to_string_lossy().into_owned();
    let file = built("short-summarizer", &user.home()).to_string_lossy().into_owned();
    let configure = |config: &str| {
        user.configure(&format!(
            "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
             command = [{program:?}, \"{{prompt}}\"]\n\
             [summarizer]\nchain = [\"short\", \"local-summarizer\"]\n\
             [adapters.short]\npath = {file:?}\n{config}"
        ));
    };

    let check = user.run(&["adapters", "check", &file]);
    assert_eq!(check.status, Some(0), "{check:?}");
    assert!(check.stdout.contains("codewalk:summarizer/summarizer-adapter"), "{check:?}");
    for (config, summary) in
        [("", "It says: one two three four five"), ("config = { words = \"4\" }\n", "It says: one two")]
    {
        configure(config);
        let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
        assert_eq!(status, Some(0), "{result:#} {stderr}");
        assert_eq!(result["session"]["summary"], summary);
    }

    let mut command = user.codewalk(&["run", "--yes", "fix the login test"]);
    let logged =
        crate::support::said(command.env("CODEWALK_LOG", "codewalk_sandbox=debug").output().unwrap());
    let line = logged.stderr.lines().find(|line| line.contains("at most 4 words of ")).unwrap();
    for field in ["adapter=\"short\"", "digest=\"", "call="] {
        assert!(line.contains(field), "{line}");
    }

    script(Path::new(&program), "true");
    let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    let summary = result["session"]["summary"].as_str().unwrap();
    assert!(summary.starts_with("It is done"), "the next one answers where nothing was said: {summary}");
}

#[tokio::test]
async fn the_documented_summarizer_starts_with_waiting_requests() {
    let folder = tempfile::tempdir().unwrap();
    let file = built("short-summarizer", folder.path());
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let chain = sandbox.summarizer_chain(vec![AdapterSpec::new("short", Source::File(file))]);
    let said = async |byte_budget| {
        let request = SummaryRequest {
            order: SummaryBrief {
                session: SessionId(Id::from_u128(1)),
                utterance: "fix the login test".to_owned(),
                state: SessionState::Waiting,
                ended_because: None,
                waiting_for: vec![WaitingFor::Approval {
                    tool: "Bash".to_owned(),
                    subject: "cargo test".to_owned(),
                }],
                question: None,
                previous: None,
                byte_budget,
                now: Timestamp(1),
            },
            entries: vec![EntryKind::AgentText { text: Text::Whole { text: "I run ö tests.".to_owned() } }],
            total_entries: 3,
        };
        chain.summarize(&request).await.unwrap().answer
    };
    let whole = "It asks to use Bash on cargo test. It says: I run ö tests.";
    assert_eq!(said(1000).await, Summary { text: whole.to_owned(), covers: 3 });
    // Cut in the middle of its only two-byte character.
    let budget = whole.find('ö').unwrap() + 1;
    let cut = said(u32::try_from(budget).unwrap()).await.text;
    assert_eq!(
        cut, "It asks to use Bash on cargo test. It says: I run",
        "the host has nothing to cut but the space"
    );
}

#[test]
fn a_file_that_is_not_an_adapter_is_rejected_in_plain_words() {
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

#[test]
fn foreign_files_among_the_adapters_are_listed_and_never_removed() {
    let user = User::new();
    let folder = user.home().join("adapters");
    std::fs::create_dir_all(folder.join("d.wasm")).unwrap();
    for name in ["Upper.WASM", "we'ird name.wasm", "local-router.wasm", ".hidden"] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    let made = std::process::Command::new("mkfifo").arg(folder.join("pipe.wasm")).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("gone", folder.join("link.wasm")).unwrap();

    let list = user.run(&["adapters", "list"]);
    assert_eq!(list.status, Some(0), "{list:?}");
    assert!(list.stdout.contains("-           hidden  "), "where what is known should be: {list:?}");
    let lines = [
        "Upper.WASM: name does not end in .wasm",
        "d.wasm: a folder",
        "link.wasm: cannot be read: No such file",
        "local-router.wasm: the adapter of that name that ships with codewalk is used instead",
        "pipe.wasm: a pipe",
        "we'ird name.wasm: \"we'ird name\" is not an adapter name",
    ];
    for line in lines {
        assert!(list.stdout.contains(&format!("\n  {line}")), "{line}: {list:?}");
    }
    let json: Value = serde_json::from_str(&user.run(&["adapters", "list", "--json"]).stdout).unwrap();
    let files: Vec<_> = json["left_out"].as_array().unwrap().iter().map(|row| &row["file"]).collect();
    assert_eq!(files, lines.map(|line| line.split_once(": ").unwrap().0));

    for (name, what) in [("d", "a folder"), ("pipe", "a pipe")] {
        let removed = user.run(&["adapters", "remove", name]);
        assert_eq!(removed.status, Some(4), "{removed:?}");
        let file = folder.join(name).with_extension("wasm");
        assert!(
            removed.stderr.contains(&format!("{} is {what}, not a component", file.display())),
            "{removed:?}"
        );
        assert!(file.symlink_metadata().is_ok());
    }
}

#[test]
fn the_adapter_compiler_reports_problems_of_a_component() {
    let user = User::new();
    let mut compiler =
        user.codewalk(&[codewalk_sandbox::COMPILE_ADAPTER, "4294967296", "60", "4294967296", "0"]);
    let mut compiler = compiler.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The header of a component, followed by bytes that never follow it.
    let broken = b"\0asm\x0d\0\x01\0\xff";
    let mut stdin = compiler.stdin.take().unwrap();
    stdin.write_all(&(broken.len() as u64).to_le_bytes()).unwrap();
    stdin.write_all(broken).unwrap();
    let mut said = String::new();
    compiler.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(compiler.wait().unwrap().code(), Some(3), "{said}");
    assert!(said.contains("malformed section"), "{said}");
}
