//! Recorded adapter calls: stored with the session, replayed, and used as test cases.

use std::path::PathBuf;

use crate::support::examples::{built, root};
use crate::support::{User, script};
use serde_json::{Value, json};

/// Returns a user whose agent prints its prompt. The configuration begins with `config`.
fn configured(config: &str) -> User {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo \"$1\"");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!(
        "{config}default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n"
    ));
    user
}

fn file(user: &User, name: &str, text: &str) -> String {
    let path = user.home().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

/// The recording of the only session.
fn recorded(user: &User) -> PathBuf {
    let sessions = user.sessions();
    assert_eq!(sessions.len(), 1);
    user.home().join("sessions").join(sessions[0]["id"].as_str().unwrap()).join("calls.jsonl")
}

#[test]
fn a_replay_gives_the_same_result_unless_the_component_differs() {
    let user = configured("recording = true\n");
    let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    let calls = std::fs::read_to_string(recorded(&user)).unwrap();
    let calls: Vec<Value> = calls.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ports: Vec<_> = calls.iter().map(|call| (&call["port"], &call["adapter"])).collect();
    assert_eq!(
        ports,
        [(&json!("router"), &json!("local-router")), (&json!("summarizer"), &json!("local-summarizer")),]
    );
    let left = std::fs::read_dir(user.home().join("utterances")).unwrap();
    assert_eq!(left.count(), 0, "what led to a session is with it");

    let again = user.run(&["adapters", "replay", "last"]);
    assert_eq!(again.status, Some(0), "{again:?}");
    assert!(again.stdout.contains("router      local-router        the same\n"), "{again:?}");
    assert!(again.stdout.ends_with("2 of 2 calls gave the same answer\n"), "{again:?}");

    let other = built("keyword-router", &user.home()).to_string_lossy().into_owned();
    let differs = user.run(&["adapters", "replay", "last", "--with", &other]);
    assert_eq!(differs.status, Some(4), "{differs:?}");
    for line in
        ["--- recorded\n", "+++ now\n", "-      \"Launch\": {", "begin your request with \\\"please\\\""]
    {
        assert!(differs.stdout.contains(line), "{line} is missing: {differs:?}");
    }
    assert!(
        differs.stdout.ends_with("0 of 1 calls gave the same answer; skipped 1 for another port\n"),
        "{differs:?}"
    );
    let json = user.run(&["adapters", "replay", "last", "--json", "--with", &other]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["type"], &json["calls"][0]["equal"]), (&json!("replay"), &json!(false)));
    assert_ne!(json["calls"][0]["asked"], json["calls"][0]["digest"]);
}

#[test]
fn a_damaged_recording_is_replayed_in_part_and_fails() {
    let user = configured("recording = true\n");
    let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    let file = std::fs::OpenOptions::new().write(true).open(recorded(&user)).unwrap();
    file.set_len(file.metadata().unwrap().len() - 20).unwrap();
    let replay = user.run(&["adapters", "replay", "last"]);
    assert_eq!(replay.status, Some(4), "{replay:?}");
    assert!(replay.stdout.ends_with("1 of 1 calls gave the same answer\n"), "{replay:?}");
    assert!(replay.stderr.contains("calls.jsonl: skipped 1 line; it "), "{replay:?}");
    let replay = user.run(&["adapters", "replay", "last", "--json"]);
    assert_eq!(replay.status, Some(4), "{replay:?}");
}

#[test]
fn calls_of_a_request_without_a_session_stay_with_the_utterance() {
    let user = configured("recording = true\n");
    let (status, result, _) = user.request(&["fix the login test"]);
    assert_eq!(status, Some(3), "nobody consented: {result:#}");
    let kept: Vec<_> = std::fs::read_dir(user.home().join("utterances")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    let file = kept[0].as_ref().unwrap().path().join("calls.jsonl");
    assert!(std::fs::read_to_string(file).unwrap().contains("fix the login test"));
}

#[test]
fn without_recording_no_call_is_stored() {
    let user = configured("");
    let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    assert!(!recorded(&user).exists() && !user.home().join("utterances").exists());
    let replay = user.run(&["adapters", "replay", "last"]);
    assert_eq!(replay.status, Some(2), "{replay:?}");
    assert!(replay.stderr.contains("`recording = true` in "), "{replay:?}");
}

#[test]
fn the_documented_router_passes_the_documented_cases() {
    let user = User::new();
    let router = built("keyword-router", &user.home()).to_string_lossy().into_owned();
    let document = std::fs::read_to_string(root().join("docs/adapters.md")).unwrap();
    let (cases, _) = document.split_once("```json\n").unwrap().1.split_once("```").unwrap();
    let cases = file(&user, "cases.json", cases);
    let passed = user.run(&["adapters", "test", &router, "--cases", &cases]);
    assert_eq!(passed.status, Some(0), "{passed:?}");
    assert!(passed.stdout.ends_with("2 passed, 0 failed\n"), "{passed:?}");
}

#[test]
fn a_component_passes_a_case_if_its_answer_is_the_expected_one() {
    let user = configured("recording = true\n");
    let router = user.home().join("local-router.wasm");
    std::fs::write(&router, codewalk_components::find("local-router").unwrap().bytes).unwrap();
    let router = router.to_string_lossy().into_owned();
    let test = |cases: &str| user.run(&["adapters", "test", &router, "--cases", cases]);

    let (status, ..) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0));
    let calls = std::fs::read_to_string(recorded(&user)).unwrap();
    let routed = calls.lines().next().unwrap();
    let passed = test(&file(&user, "recorded.jsonl", routed));
    assert_eq!(passed.status, Some(0), "{passed:?}");
    assert_eq!(passed.stdout, "passed     1  fix the login test\n1 passed, 0 failed\n");
    let of_both_ports = test(&file(&user, "both.jsonl", &calls));
    assert_eq!(of_both_ports.status, Some(0), "{of_both_ports:?}");
    let all = "1 passed, 0 failed; skipped 1 for another port\n";
    assert!(of_both_ports.stdout.ends_with(all), "{of_both_ports:?}");
    let summarized = calls.lines().nth(1).unwrap();
    let of_the_other = test(&file(&user, "other.jsonl", summarized));
    assert_eq!(of_the_other.status, Some(2), "{of_the_other:?}");
    assert!(of_the_other.stderr.contains("no cases for"), "{of_the_other:?}");

    let agents = json!([{"name": "claude", "default": true}]);
    let case = |utterance: &str, answer: Value| {
        let request = json!({"utterance": utterance, "agents": agents});
        json!({"request": request, "answer": answer})
    };
    let launch = json!({"intent": {"Launch": {"agent": "claude", "prompt": "fix the test"}}});
    let cases = json!([
        case("fix the test", launch.clone()),
        case("fix the other test", launch),
        {"request": {"utterance": "no word of what is expected"}},
    ]);
    let cases = file(&user, "cases.json", &cases.to_string());
    let failed = test(&cases);
    assert_eq!(failed.status, Some(4), "{failed:?}");
    for line in [
        "passed     1  fix the test\n",
        "FAILED     2  fix the other test\n--- expected\n+++ answered\n",
        "\n-        \"prompt\": \"fix the test\"\n+        \"prompt\": \"fix the other test\"\n",
        "FAILED     3  no word of what is expected\nthe case must expect exactly one",
        "1 passed, 2 failed\n",
    ] {
        assert!(failed.stdout.contains(line), "{line} is missing: {failed:?}");
    }
    let json = user.run(&["adapters", "test", &router, "--json", "--cases", &cases]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["passed"], &json["cases"][1]["passed"]), (&json!(1), &json!(false)));

    let one = case("fix the test", json!({"intent": {}}));
    let one = test(&file(&user, "one.json", &format!("{one:#}")));
    assert!(one.stdout.ends_with("1  fix the test\n1 passed, 0 failed\n"), "{one:?}");
    let broken = test(&file(&user, "broken.json", "\n[{\"request\": {}},\n]"));
    assert_eq!(broken.status, Some(2), "{broken:?}");
    assert!(broken.stderr.contains("not an array of cases: trailing comma at line 3"), "{broken:?}");
    let misspelt = test(&file(&user, "misspelt.json", "[{\"request\": {}, \"anwser\": {}}]"));
    assert_eq!(misspelt.status, Some(2), "{misspelt:?}");
    assert!(
        misspelt.stderr.contains("case 1 is not a recorded call: unknown field `anwser`"),
        "{misspelt:?}"
    );
}
