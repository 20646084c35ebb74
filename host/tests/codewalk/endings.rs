//! The report at the end of a run, and later in a session: denials, artifacts, next steps.

use crate::support::agent::{Agent, talker};
use crate::support::screen::Screen;
use crate::support::{User, script};
use serde_json::json;

fn command_agent(user: &User, body: &str) {
    let program = user.home().join("agent.sh");
    script(&program, body);
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n"
    ));
}

#[test]
fn a_run_that_was_denied_everything_fails_and_says_so_first() {
    let user = User::new();
    talker(
        &user,
        "ask_tool Write file_path a.txt; ask_tool Bash command make; finish false 'It was not allowed.'",
    );
    let said = user.run(&["run", "--yes", "fix the login test"]);
    assert_eq!(said.status, Some(1), "{said:?}");
    let rule = "(there is no terminal to ask at)";
    let denied = format!("Denied:\n  Write: a.txt {rule}\n  Bash: make {rule}\n");
    assert!(said.stdout.starts_with(&denied), "{said:?}");
    assert!(
        said.stderr.contains("error: nothing was done: claude was denied everything it asked for"),
        "{said:?}"
    );
    assert!(
        said.stderr.contains("hint: resume it at a terminal, where it can ask: codewalk sessions resume "),
        "{said:?}"
    );

    let (status, result, _) = user.request(&["--yes", "fix the login test"]);
    assert_eq!((status, &result["error"]["kind"]), (Some(1), &json!("denied")), "{result:#}");
    let by = json!({"type": "policy", "name": "there is no terminal to ask at"});
    let denied = json!([
        {"tool": "Write", "subject": "a.txt", "by": by},
        {"tool": "Bash", "subject": "make", "by": by},
    ]);
    assert_eq!(result["session"]["runs"][0]["denied"], denied);
    assert_eq!(user.sessions()[0]["runs"][0]["denied"], denied);
    let listed = user.run(&["sessions", "list"]).stdout;
    assert!(listed.lines().all(|line| line.contains("  denied  ")), "{listed}");
    let shown = user.run(&["sessions", "show", "last"]).stdout;
    assert!(shown.contains("state    completed, but its actions were denied\n"), "{shown}");
    assert!(shown.contains(&format!("denied   Write: a.txt {rule}\n")), "{shown}");
}

#[test]
fn a_partly_denied_run_has_a_separate_exit_status() {
    let user = User::new();
    talker(&user, "ask_tool Write file_path a.txt; echo b > b.txt; finish false 'I wrote b.txt.'");
    let (status, result, _) = user.request(&["--yes", "fix the login test"]);
    assert_eq!((status, &result["error"]["kind"]), (Some(5), &json!("partly_denied")), "{result:#}");
    assert_eq!(result["session"]["runs"][0]["artifacts"][0]["path"], "b.txt");
    let summary = result["session"]["summary"].as_str().unwrap();
    let start = "Not everything was done: it was not allowed to use Write on `a.txt`";
    assert!(summary.starts_with(start), "{summary}");
    let message = result["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("partly done: "), "{message}");
}

/// Returns a command that prints an API error as Claude Code does.
fn api_error(text: &str) -> String {
    let content = json!([{"type": "text", "text": text}]);
    let message = json!({"model": "<synthetic>", "role": "assistant", "content": content});
    format!("echo '{}'", json!({"type": "assistant", "is_api_error_message": true, "message": message}))
}

#[test]
fn a_run_whose_only_request_could_not_be_shown_is_not_a_success() {
    let begin = concat!(
        r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
        r#""tool_use_id":"t1","tool_name":"Write","input":{"file_path":"big.txt","content":""#
    );
    let ask = |content: &str, end: &str| {
        format!("printf '%s' '{begin}'; {content}; echo '{end}'; told; finish false 'I tried.'")
    };
    let of_bytes = |count: u64| format!("head -c {count} /dev/zero | tr '\\0' x");
    let cannot_be_read = "Write (its request cannot be read: it is broken JSON)";
    for (body, denied) in [
        (ask(&of_bytes(2 << 20), r#""}}}"#), "Write: big.txt (it is too large to show (2097152 bytes))"),
        (ask("printf x", "\"}}"), cannot_be_read),
    ] {
        let user = User::new();
        talker(&user, &body);
        let screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
        let (status, text) = screen.exit_status();
        assert_eq!(status, 1, "{text}");
        assert!(text.contains("Denied:") && text.contains(&format!("  {denied}")), "{text}");
        assert!(text.contains("Nothing was done: it was not allowed to use Write"), "{text}");
        assert!(!text.contains("It is done"), "{text}");
        let session = &user.sessions()[0];
        assert_eq!(session["runs"][0]["denied"][0]["tool"], "Write", "{session:#}");
        let listed = user.run(&["sessions", "list"]).stdout;
        assert!(listed.contains("  denied  "), "{listed}");
    }
}

#[test]
fn output_after_the_launch_question_is_visible_too() {
    let user = User::new();
    talker(&user, "ask_tool B\u{430}sh command 'm\u{430}ke'; finish false 'It w\u{430}s not allowed.'");
    let folder = user.home().join("sh\u{200b}\u{430}op");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_string_lossy().into_owned();
    let request = "fix the login t\u{435}st";
    let screen = Screen::start(&user, &["run", "--yes", "--project", &folder, request]);
    let (status, text) = screen.exit_status();
    assert_eq!(status, 1, "{text}");
    for part in ["consent", "prompt:", "started in", "Denied:", "Nothing was done"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let shown = user.run(&["sessions", "show", "last"]).stdout;
    let listed = user.run(&["sessions", "list"]).stdout;
    for said in [text, shown, listed] {
        assert!(!said.contains('\u{200b}') && said.contains("<U+200B>"), "{said}");
        for (letter, mark) in [("\u{430}", "<U+0430>"), ("\u{435}", "<U+0435>")] {
            let count = |part: &str| said.matches(part).count();
            assert_eq!(count(letter), count(mark), "{said}");
            assert_eq!(count(&format!("{mark}{mark}")), 0, "{said}");
        }
    }
}

#[test]
fn a_tool_that_a_person_denies_and_then_allows_is_not_denied() {
    let user = User::new();
    talker(&user, "ask_tool Bash command make; ask_tool Bash command make; finish false 'It is made.'");
    let mut screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
    screen.wait_for("to use Bash: make", 1);
    screen.answer("no");
    screen.wait_for("to use Bash: make", 2);
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert!(!text.contains("Denied:"), "{text}");
    assert!(text.contains("show details: codewalk sessions show "), "{text}");
}

#[test]
fn the_reason_for_a_failure_is_reported_once_with_a_remedy() {
    let user = User::new();
    let reason = "Credit balance is too low";
    let said = api_error("Credit balance is too low");
    talker(&user, &format!("{said}\nfinish true '{reason}'; exit 1"));
    let screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
    let (status, text) = screen.exit_status();
    assert_eq!(status, 1, "{text}");
    assert_eq!(text.matches(reason).count(), 1, "{text}");
    assert!(text.contains("hint: add credit to the agent's account"), "{text}");
    assert!(text.contains("then resume it: codewalk sessions resume "), "{text}");
    // The two streams of a script are read separately, and each contains the error.
    let said = user.run(&["run", "--yes", "fix the login test"]);
    assert_eq!(said.stderr.matches(reason).count(), 1, "{said:?}");
    let shown = user.run(&["sessions", "show", "last"]).stdout;
    assert!(shown.contains("reason   Credit balance is too low\nremedy   add credit"), "{shown}");
}

#[test]
fn an_error_that_the_agent_recovers_from_is_reported_when_it_continues() {
    let user = User::new();
    let said = api_error("API Error: 500 oh");
    talker(
        &user,
        &format!("{said}\nfinish true 'API Error: 500 oh' < /dev/null; finish false 'It is done.'"),
    );
    let screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("API Error: 500 oh"), "{text}");
}

#[test]
fn twenty_of_three_thousand_files_are_named() {
    let user = User::new();
    command_agent(&user, "seq 3000 | xargs touch");
    let screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    let left = |text: &str| text.lines().filter(|line| line.contains("actions")).count();
    assert_eq!(left(&text), 21, "{text}");
    assert!(text.contains("and 2,980 more"), "{text}");
    let shown = user.run(&["sessions", "show", "last"]).stdout;
    assert_eq!(left(&shown), 21, "{shown}");
}

#[test]
fn a_resume_reports_only_its_own_artifacts_and_usage() {
    let user = User::new();
    talker(
        &user,
        "if [ -e one.txt ]; then echo 2 > two.txt; else echo 1 > one.txt; fi; finish false 'It is done.'",
    );
    let first = Screen::start(&user, &["run", "--yes", "fix the login test"]).exit_status().1;
    assert!(first.contains("created one.txt") && first.contains("10 tokens in, 5 out"), "{first}");
    let second = Screen::start(&user, &["sessions", "resume", "last"]).exit_status().1;
    let told: Vec<&str> =
        second.lines().filter(|line| line.contains("actions") || line.contains("usage")).collect();
    assert_eq!(told.len(), 2, "{second}");
    assert!(told[0].contains("created two.txt") && told[1].contains("10 tokens in, 5 out"), "{second}");

    let session = &user.sessions()[0];
    let left = |run: usize| session["runs"][run]["artifacts"][0]["path"].clone();
    assert_eq!((left(0), left(1)), (json!("one.txt"), json!("two.txt")), "{session:#}");
    assert_eq!(session["artifacts"].as_array().unwrap().len(), 2);
    assert_eq!(session["usage"]["input_tokens"], 20);
    let shown = user.run(&["sessions", "show", "last"]).stdout;
    assert!(shown.contains("usage    20 tokens in, 10 out (all runs)\n"), "{shown}");
}

#[test]
fn a_waiting_session_says_what_it_waits_for_and_its_local_start_time() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("to use Write: hello-from-codewalk.txt", 1);
    let shown = |zone: &str| {
        let mut command = user.codewalk(&["sessions", "show", "last"]);
        crate::support::said(command.env("TZ", zone).output().unwrap()).stdout
    };
    let row = |shown: &str, about: &str| {
        let row = shown.lines().find_map(|line| Some(line.strip_prefix(about)?.trim().to_owned()));
        row.unwrap_or_else(|| panic!("{about:?} is missing: {shown}"))
    };
    let here = shown("UTC0");
    let waits = row(&here, "waiting");
    assert!(waits.starts_with("for you since 2"), "{here}");
    assert!(waits.ends_with("allow it to use Write (`hello-from-codewalk.txt`)?"), "{here}");
    // Half an hour more than any number of whole hours.
    let minutes =
        |shown: &str| row(shown, "started").rsplit(' ').next().unwrap()[3..5].parse::<u32>().unwrap();
    assert_eq!((minutes(&here) + 30) % 60, minutes(&shown("XST-5:30")), "{here}");
    assert_eq!(user.sessions()[0]["waiting_for"][0]["kind"]["subject"], "hello-from-codewalk.txt");
    let asked = user.run(&["ask", "what is going on?"]).stdout;
    assert!(asked.contains("hello-from-codewalk.txt"), "{asked}");
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    let next = text.lines().last().unwrap();
    assert!(next.contains("next") && next.contains("codewalk sessions show "), "{text}");
}

#[test]
fn denials_before_a_resume_are_not_reported_again() {
    let user = User::new();
    talker(
        &user,
        "if [ -e ../second ]; then finish false 'All well.'; else : > ../second; ask_tool Write file_path \
         a.txt; finish false 'no'; fi",
    );
    let (status, first, _) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(1), "{first:#}");
    let resumed = user.run(&["sessions", "resume", "last"]);
    assert_eq!(resumed.status, Some(0), "{resumed:?}");
    assert!(!resumed.stdout.contains("allow"), "{resumed:?}");
}

#[test]
fn a_dialog_that_nobody_can_be_asked_is_quoted_with_its_refusal() {
    let payload = json!({"title": "Share\u{200b} it?", "description": "With everybody."});
    let dialog = json!({"subtype": "request_user_dialog", "dialog_kind": "consent", "payload": payload});
    let agent = Agent::new(&[("dialog", dialog)], "ask r1 dialog; told");
    let (status, text) = agent.run().exit_status();
    assert_eq!(status, 0, "{text}");
    let said =
        "a dialog (consent): Share<U+200B> it? With everybody. (codewalk does not know how to ask that)";
    assert!(text.contains(said), "{text}");
    assert_eq!(agent.told()[0]["response"]["subtype"], "error", "it does not wait: {:?}", agent.told());
    let shown = agent.user.run(&["sessions", "show", "last"]).stdout;
    assert!(shown.contains(&format!("refused  {said}\n")), "{shown}");
}
