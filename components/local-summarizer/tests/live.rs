//! Tests summaries of live sessions, answers to questions about them, and their failures.

mod support;

use support::*;

#[test]
fn a_starting_session_reports_its_request() {
    check(request(SessionState::Starting, vec![]), "It is starting: fix the flaky login test.");
}

#[test]
fn a_running_session_reports_its_current_step_before_earlier_ones() {
    let entries = vec![
        user(TASK),
        says("I see two problems. Let me run the tests:"),
        works("Edit", "src/login.rs"),
        calls("Bash", "cargo test -p login"),
    ];
    check(
        request(SessionState::Running, entries),
        "It is working: fix the flaky login test. It now runs `cargo test -p login`. So far it changes \
         src/login.rs. It says: Let me run the tests.",
    );
}

#[test]
fn a_running_session_that_only_reads_reports_what_it_reads() {
    let entries = vec![
        works("Read", "src/a.rs"),
        works("Read", "src/b.rs"),
        works("Grep", "fn login"),
        works("Bash", "git log --oneline | head"),
        calls("Read", "src/c.rs"),
    ];
    check(
        request(SessionState::Running, entries),
        "It is working: fix the flaky login test. It now reads src/c.rs. So far it reads 2 files, searches \
            the \
         files and runs `git log --oneline | head`.",
    );
}

#[test]
fn pending_requests_come_first() {
    let entries = vec![works("Edit", "src/login.rs"), calls("Bash", "cargo test && git push")];
    check(
        waiting(vec![WaitingFor::Approval(call("Bash", "cargo test && git push"))], entries),
        "It needs input: may it run `cargo test && git push`? The task: fix the flaky login test. So \
         far it changes src/login.rs.",
    );
}

#[test]
fn a_question_of_the_agent_is_quoted() {
    let question = "Which database should the tests use?";
    check(
        waiting(vec![WaitingFor::Question(question.to_owned())], vec![]),
        "It needs input: Which database should the tests use? The task: fix the flaky login test.",
    );
}

#[test]
fn further_approvals_are_counted_after_the_second() {
    let requests = vec![
        WaitingFor::Approval(call("Write", "src/clock.rs")),
        WaitingFor::Approval(call("WebFetch", "https://docs.example.org/clock?page=2")),
        WaitingFor::Question("Go on?".to_owned()),
        WaitingFor::Approval(call("mcp__linear__create_issue", "Flaky login")),
    ];
    check(
        waiting(requests, vec![]),
        "It needs input: may it write src/clock.rs? It also asks: may it open \
         `https://docs.example.org/clock?page=2`? And 2 more requests are waiting. The task: fix the flaky \
         login test.",
    );
}

#[test]
fn a_failed_subagent_is_reported() {
    let failed = |what: &str, how: &str| Entry::Error(format!("sub-agent \"{what}\" {how}"));
    let entries = vec![
        user(TASK),
        failed("explore the tests", "failed: API Error: 500"),
        failed("explore the tests", "failed: API Error: 500"),
        says("I go on without it."),
        works("Edit", "a.rs"),
    ];
    check(
        request(SessionState::Completed, entries.clone()),
        "It is done: fix the flaky login test. The sub-agent \"explore the tests\" failed: API Error: 500. \
            It changes a.rs. It says: I go \
         on without it.",
    );
    let two = [entries, vec![failed("read the docs", "was stopped"), says("All is well.")]].concat();
    check(
        request(SessionState::Completed, two),
        "It is done: fix the flaky login test. 2 sub-agents did not succeed: \"read the docs\" was stopped, \
            \"explore the tests\" failed. It \
         changes a.rs. It says: All is well.",
    );
}

#[test]
fn every_failed_subagent_is_named_whatever_else_is_reported() {
    let denied =
        fails("Bash", &format!("cargo test {}", "--with an-option ".repeat(20)), "The user said no.");
    let mut entries = vec![user(TASK), denied];
    let helper = |n: usize, how: &str| Entry::Error(format!("sub-agent \"task number {n}\" {how}"));
    entries.extend((1..=4).map(|n| helper(n, "failed: API Error: 500")));
    entries.push(helper(5, "was stopped"));
    entries.extend((1..=3).map(|n| works("Write", &format!("{n} b c d e f g h"))));
    let text = summarize(&request(SessionState::Completed, entries.clone())).expect("a summary").text;
    assert!(text.contains("5 sub-agents did not succeed: \"task number 5\" was stopped"), "{text}");
    assert!((1..=4).all(|n| text.contains(&format!("\"task number {n}\" failed"))), "{text}");
    entries.push(helper(6, "was stopped"));
    entries.push(helper(7, "was stopped"));
    let text = summarize(&request(SessionState::Completed, entries)).expect("a summary").text;
    assert!((5..=7).all(|n| text.contains(&format!("\"task number {n}\" was stopped"))), "{text}");
    assert!(text.contains("and 2 more"), "{text}");
}

#[test]
fn approvals_that_no_person_could_decide_are_quoted() {
    let refused = |what: &str| {
        Entry::Error(format!("codewalk refused {what} (codewalk does not know how to ask that)"))
    };
    let mut entries = vec![user(TASK), refused("a dialog (poll): Like it?"), works("Edit", "a.rs")];
    check(
        request(SessionState::Completed, entries.clone()),
        "It is done: fix the flaky login test. It could not ask you this: a dialog (poll): Like it? It \
            changes a.rs.",
    );
    entries.push(refused("a request (dance)"));
    check(
        request(SessionState::Completed, entries),
        "It is done: fix the flaky login test. It could not ask you this and 1 more: a dialog (poll): Like \
            it? It \
         changes a.rs.",
    );
}

#[test]
fn a_stall_is_reported_while_it_lasts() {
    check(
        because(SessionState::Running, "silent since 14:05 (6 minutes)", vec![calls("Bash", "make")]),
        "It is working: fix the flaky login test. It has been silent since 14:05 (6 minutes). It now runs \
            `make`.",
    );
    let retrying = "retrying since 14:05 (3 minutes): The model's API failed with 529 (overloaded); retry 3 \
        of 10 in 4 s";
    check(
        because(SessionState::Running, retrying, vec![]),
        "It is working: fix the flaky login test. It has been retrying since 14:05 (3 minutes): the model \
            service is overloaded.",
    );
    check(
        because(SessionState::Running, "retrying since 14:05 (1 minute): 500 oh", vec![]),
        "It is working: fix the flaky login test. It has been retrying since 14:05 (1 minute): 500 oh.",
    );
    check(
        asked(
            "what is it doing?",
            because(SessionState::Running, "silent since 14:03 (1 minute)", vec![calls("Bash", "make")]),
        ),
        "It has been silent since 14:03 (1 minute). It now runs `make`. It is working: fix the flaky login \
            test.",
    );
    let stuck = because(SessionState::Waiting, "silent since 14:05 (6 minutes)", vec![]);
    check(
        Request { waiting_for: vec![WaitingFor::Approval(call("Bash", "make"))], ..stuck },
        "It needs input: may it run `make`? The task: fix the flaky login test. It has been silent \
         since 14:05 (6 minutes).",
    );
}

#[test]
fn an_approval_that_does_not_fit_is_counted() {
    let long = || WaitingFor::Approval(call("Bash", &"word ".repeat(100)));
    let text = summarize(&waiting(vec![long(), long(), long()], vec![])).expect("a summary").text;
    assert!(text.contains("`? And 2 more requests are waiting."), "{text}");
    let small = Request { byte_budget: 110, ..waiting(vec![long(), long()], vec![]) };
    check(
        small,
        "It needs input: may it run a longer command, `word word … word`? And one more request \
         is waiting.",
    );
}

#[test]
fn the_earlier_summary_is_quoted_exactly() {
    let previous = PreviousSummary {
        text: "It is working: fix it. So far it creates /home/me/x/y.rs. The command `rm -rf /home/me/z. \
            Z⏎*` fails. You did \
               not allow it to run `git push`."
            .to_owned(),
        covers: 40,
    };
    let request = Request {
        previous: Some(previous),
        total_entries: 60,
        ..request(SessionState::Running, vec![works("Edit", "a.rs")])
    };
    check(
        request,
        "It is working: fix the flaky login test. Lately it changes a.rs. Earlier: It creates \
            /home/me/x/y.rs. The command \
         `rm -rf /home/me/z. Z⏎*` fails. You did not allow it to run `git push`.",
    );
}

#[test]
fn messages_of_the_user_are_reported() {
    let entries = vec![
        user(TASK),
        works("Edit", "a.rs"),
        user("<system-reminder>be nice</system-reminder>"),
        user("also update the readme"),
        calls("Edit", "README.md"),
    ];
    check(
        request(SessionState::Running, entries),
        "It is working: fix the flaky login test. You also say: also update the readme. It now changes \
            README.md. So far \
         it changes a.rs.",
    );
}

#[test]
fn a_summary_of_unavailable_entries_is_included() {
    let previous = PreviousSummary {
        text:
            "It is working: fix the flaky login test. It now runs cargo build. So far it creates clock.rs. \
            Earlier: It \
               reads 3 files. It says: Let me see."
                .to_owned(),
        covers: 40,
    };
    let partial = Request {
        previous: Some(previous),
        total_entries: 60,
        ..request(SessionState::Running, vec![works("Edit", "a.rs"), works("Bash", "cargo test")])
    };
    check(
        partial.clone(),
        "It is working: fix the flaky login test. Lately it changes a.rs. The command `cargo test` succeeds. \
         Earlier: It creates clock.rs. It reads 3 files.",
    );
    let whole = Request { entries: [vec![user(TASK)], partial.entries.clone()].concat(), ..partial };
    check(
        whole,
        "It is working: fix the flaky login test. So far it changes a.rs. The command `cargo test` succeeds.",
    );
}

#[test]
fn a_question_gets_the_requested_part_first() {
    let done = || request(SessionState::Completed, repaired());
    check(
        asked("did the tests pass?", done()),
        "The command `cd /home/dev/shop && cargo test 2>&1 | tail -20` succeeds. It is done: fix the flaky \
            login \
         test.",
    );
    check(asked("what changed?", done()), "It changes src/login.rs. It is done: fix the flaky login test.");
    check(
        asked("what is it waiting for?", done()),
        "It is not waiting for anything. It is done: fix the flaky login test. It changes src/login.rs. The \
         command `cd /home/dev/shop && cargo test 2>&1 | tail -20` succeeds. It says: The token check now \
         uses the session's clock.",
    );
    check(asked("why did it fail?", done()), "It meets no failure. It is done: fix the flaky login test.");
    check(
        asked("what did it run", done()),
        "The command `cd /home/dev/shop && cargo test 2>&1 | tail -20` succeeds. It is done: fix the flaky \
            login \
         test.",
    );
    check(
        asked("did the tests pass?", request(SessionState::Running, vec![works("Bash", "ls")])),
        "So far it completes no test run. It is working: fix the flaky login test.",
    );
    check(
        asked("what did it run?", request(SessionState::Running, vec![works("Bash", "ls")])),
        "So far it runs only commands that look around. It is working: fix the flaky login test.",
    );
    check(
        asked(
            "why did it fail?",
            because(SessionState::Failed, "out of luck", vec![fails("Bash", "make", "no rule")]),
        ),
        "It fails: out of luck. The task: fix the flaky login test. The command `make` fails. It prints: no \
            rule.",
    );
    check(
        asked("is it done?", request(SessionState::Running, vec![calls("Bash", "cargo test")])),
        "It is not done yet. It is working: fix the flaky login test. It now runs `cargo test`.",
    );
    check(
        asked(
            "what is it doing?",
            request(SessionState::Running, vec![says("Now the tests."), calls("Bash", "cargo test")]),
        ),
        "It now runs `cargo test`. It says: Now the tests. It is working: fix the flaky login test.",
    );
}

#[test]
fn a_question_is_answered_after_the_pending_requests() {
    let request =
        waiting(vec![WaitingFor::Approval(call("Bash", "cargo test"))], vec![works("Edit", "a.rs")]);
    check(
        asked("what changed?", request.clone()),
        "It needs input: may it run `cargo test`? So far it changes a.rs. The task: fix the flaky login \
            test.",
    );
    check(
        asked("what is it waiting for?", request),
        "It needs input: may it run `cargo test`? The task: fix the flaky login test.",
    );
}

#[test]
fn failing_tests_are_explained_by_the_most_useful_line() {
    let output =
        "Exit code 101\nrunning 2 tests\nthread 'login' panicked at src/login.rs:7:5:\nassertion failed";
    let entries = vec![works("Edit", "a.rs"), fails("Bash", "cargo test", output)];
    check(
        asked("why do the tests fail?", request(SessionState::Running, entries.clone())),
        "The command `cargo test` fails. It prints: thread 'login' panicked at src/login.rs:7:5. It is \
         working: fix the flaky login test.",
    );
    let changed = [entries, vec![works("Bash", "cargo test"), works("Edit", "a.rs")]].concat();
    check(
        asked("do the tests pass?", request(SessionState::Running, changed)),
        "The command `cargo test` succeeds. Files have changed since then. It is working: fix the flaky \
         login test.",
    );
}
