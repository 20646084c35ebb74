//! Consent at a real pseudo-terminal: an answer counts only for a question that was shown completely, and for
//! long enough to be read.

use serde_json::json;

use crate::support::agent::{Agent, answer, bash};
use crate::support::screen::Screen;
use crate::support::{User, script, wait_until};

#[test]
fn an_answer_does_not_count_for_a_question_that_replaced_its_own() {
    for second_id in ["r1", "r2"] {
        let body = format!(
            "ask r1 harmless; wait_for now\n\
             line=$(printf '%s\\n%s' '{{\"type\":\"control_cancel_request\",\"request_id\":\"r1\"}}' \
             \"$(request {second_id} harmful)\")\n\
             printf '%s\\n' \"$line\"; told"
        );
        let agent = Agent::new(&[("harmless", bash("ls")), ("harmful", bash("rm -rf /"))], &body);
        let mut screen = agent.run();
        screen.wait_for("to use Bash: ls", 1);
        screen.type_in("ye");
        agent.signal("now");
        screen.wait_for("to use Bash: rm -rf /", 1);
        screen.answer("s");
        screen.wait_for("You typed that before you could read", 1);
        screen.wait_for("to use Bash: rm -rf /", 2);
        assert!(agent.answers().is_empty(), "{second_id}: {:?}", agent.answers());
        screen.answer("no");
        screen.exit_status();
        assert_eq!(agent.answers(), [answer(second_id, "deny")]);
    }
}

#[test]
fn input_from_before_a_question_answers_nothing() {
    let agent = Agent::new(&[("harmful", bash("rm -rf /"))], "wait_for now; ask r1 harmful; told");
    let mut screen = agent.run();
    screen.wait_for("claude started in", 1);
    screen.type_in("yes");
    agent.signal("now");
    screen.wait_for("to use Bash: rm -rf /", 1);
    screen.type_in("\n");
    screen.wait_for("You typed that before you could read", 1);
    // Immediately afterwards is too soon as well.
    screen.type_in("yes\n");
    screen.wait_for("You typed that before you could read", 2);
    assert!(agent.answers().is_empty());
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn invisible_characters_are_named_at_an_approval() {
    let command = "echo hi\r\u{202e}\u{200b}; rm \u{2010}rf p\u{430}th";
    let agent = Agent::new(&[("odd", bash(command))], "ask r1 odd; told");
    let mut screen = agent.run();
    screen.wait_for("echo hi<U+000D><U+202E><U+200B>; rm \u{2010}<U+2010>rf p\u{430}<U+0430>th", 1);
    screen.answer("no");
    screen.exit_status();
}

#[test]
fn pasted_text_allows_and_stops_nothing() {
    for pasted in [
        "\u{1b}[200~error: it fails\nyes\nStop\u{1b}[201~\n",
        "\u{1b}[200~yes\u{1b}[201~\n",
        "error:\nyes\nStop\n",
    ] {
        let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
        let mut screen = agent.run();
        screen.wait_for("to use Bash: make", 1);
        // A user pastes after reading the question.
        screen.answer("status");
        screen.wait_for("needs input", 1);
        screen.type_in(pasted);
        screen.wait_for("Pasted text does not count", 1);
        assert!(agent.answers().is_empty(), "{pasted:?}");
        screen.answer("no");
        screen.exit_status();
        assert_eq!(agent.answers(), [answer("r1", "deny")], "{pasted:?}");
    }
}

#[test]
fn a_paste_while_an_agent_runs_is_one_text() {
    for pasted in ["\u{1b}[200~error: it fails\nStop\nyes\u{1b}[201~\n", "error: it fails\nStop\nyes\n"] {
        let agent = Agent::new(&[], "say working; told");
        let mut screen = agent.run();
        screen.wait_for("working", 1);
        screen.type_in(pasted);
        // However the agent understands it, it is one text, and no line of it stops anything.
        screen.wait_for("local-router (9", 2);
        screen.wait_until("what came of it", || {
            ["Tell the", "not understood", "by you"].iter().any(|said| screen.text().contains(said))
                || !agent.told().is_empty()
        });
        assert_eq!(screen.text().matches("local-router (9").count(), 2, "{}", screen.text());
        assert!(!screen.text().contains("stopping"), "{}", screen.text());
        screen.type_in("\u{3}");
        screen.wait_for("press Ctrl-C again", 1);
        screen.type_in("\u{3}");
        screen.exit_status();
    }
}

#[test]
fn a_stop_at_an_approval_ends_the_turn() {
    for word in ["stop", "cancel", "abort", "quit"] {
        let agent = Agent::new(
            &[("make", bash("make"))],
            "ask r1 make; told\n\
             echo '{\"type\":\"result\",\"subtype\":\"error_during_execution\",\"is_error\":true,\
             \"terminal_reason\":\"aborted_tools\"}'; while read -r rest; do :; done; exit 0",
        );
        let mut screen = agent.run();
        screen.wait_for("to use Bash: make", 1);
        screen.answer(word);
        let (status, text) = screen.exit_status();
        assert_eq!(status, 130, "{word}: {text}");
        assert!(text.contains("ending the agent's turn"), "{text}");
        let told = agent.told();
        assert_eq!(told[0]["response"]["response"]["interrupt"], true, "{told:?}");
        assert_eq!(agent.user.sessions()[0]["state"], "cancelled");
    }
}

#[test]
fn a_yes_in_other_words_allows_and_a_question_shows_it_again() {
    let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
    let mut screen = agent.run();
    screen.wait_for("to use Bash: make", 1);
    screen.answer("sure, but what does it do?");
    screen.wait_for("to use Bash: make", 2);
    screen.answer("permission granted");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn a_yes_with_further_words_allows_and_passes_them_to_the_agent() {
    let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told; told");
    let mut screen = agent.run();
    screen.wait_for("to use Bash: make", 1);
    screen.answer("yes, but do not touch the tests");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
    let told = agent.told();
    assert_eq!(told[1]["message"]["content"][0]["text"], "do not touch the tests", "{told:?}");
}

#[test]
fn always_shows_the_agents_rules_before_allowing_one() {
    let mut request = bash("npm test");
    request["permission_suggestions"] = json!([
        {"type": "addRules", "behavior": "allow", "destination": "localSettings",
            "rules": [{"toolName": "Bash", "ruleContent": "npm test:*"}]},
        {"type": "setMode", "mode": "acceptEdits", "destination": "session"},
    ]);
    let agent = Agent::new(&[("test", request)], "ask r1 test; told; ask r2 test; told");
    let mut screen = agent.run();
    screen.wait_for("to use Bash: npm test", 1);
    screen.answer("yes, and don't ask again");
    screen.wait_for("Bash(npm test:*)", 1);
    screen.wait_for("the mode acceptEdits", 1);
    assert!(agent.answers().is_empty());
    screen.answer("no");
    screen.wait_for("to use Bash: npm test", 2);
    screen.answer("always");
    screen.wait_for("Bash(npm test:*)", 2);
    screen.answer("2");
    // It is shown as long as the rule applies.
    screen.wait_for("allowed in this session: the mode acceptEdits", 1);
    screen.answer("no");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow"), answer("r2", "deny")]);
    let permissions = &agent.told()[0]["response"]["response"]["updatedPermissions"];
    assert_eq!(*permissions, json!([{"type": "setMode", "mode": "acceptEdits", "destination": "session"}]));
}

#[test]
fn a_question_with_options_accepts_only_existing_numbers() {
    let option = |label: &str, description: &str| json!({"label": label, "description": description});
    let options = [option("Red", "warm"), option("Blue", "cold")];
    let question =
        |text: &str, multiple: bool| json!({"question": text, "multiSelect": multiple, "options": options});
    let request = json!({"subtype": "can_use_tool", "tool_name": "AskUserQuestion", "tool_use_id": "t1",
        "input": {"questions": [question("Which colour?", false), question("Which sizes?", true)]}});
    let agent = Agent::new(&[("ask", request)], "ask r1 ask; told");
    let mut screen = agent.run();
    screen.wait_for("asks (1 of 2): Which colour?", 1);
    screen.wait_for("1  Red: warm", 1);
    screen.answer("7");
    screen.wait_for("There is no option 7", 1);
    screen.answer("2");
    screen.wait_for("asks (2 of 2): Which sizes?", 1);
    screen.wait_for("one or more numbers", 1);
    screen.answer("1, 2");
    screen.exit_status();
    let input = &agent.told()[0]["response"]["response"]["updatedInput"];
    assert_eq!(input["answers"], json!({"Which colour?": "Blue", "Which sizes?": "Red, Blue"}));
}

#[test]
fn a_line_is_edited_with_the_usual_keys() {
    let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
    let mut screen = agent.run();
    screen.wait_for("to use Bash: make", 1);
    // "nox", back, delete, home, end. Ctrl-D within a line is not an end of file.
    screen.answer("yesx\u{1b}[D\u{4}\u{1}\u{5}");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn the_terminal_is_restored_when_codewalk_has_ended() {
    let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
    let mut shell = Screen::shell(&agent.user);
    shell.type_in(
        "stty -a > before; $CODEWALK run --yes 'fix the login test'; stty -a > after; echo over-$((1+1))\n",
    );
    shell.wait_for("to use Bash: make", 1);
    shell.answer("yes");
    shell.wait_for("over-2", 1);
    let modes = |name: &str| std::fs::read_to_string(agent.user.shop().join(name)).unwrap();
    assert_eq!(modes("before"), modes("after"));
    // The shell itself enables bracketed paste last.
    let text = shell.text();
    let ours = text.rfind("to use Bash").unwrap();
    assert!(text[ours..].contains("\u{1b}[?2004l"), "{text}");
}

#[test]
fn a_stopped_codewalk_asks_again_in_the_foreground() {
    let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; wait_for now; say 'still here'; told");
    let mut shell = Screen::shell(&agent.user);
    shell.type_in("$CODEWALK run --yes 'fix the login test'\n");
    shell.wait_for("to use Bash: make", 1);
    shell.type_in("\u{1a}");
    shell.wait_for("Stopped", 1);
    shell.type_in("bg\n");
    agent.signal("now");
    // It is not stopped for using the terminal: it reads its agent's output.
    shell.wait_for("still here", 1);
    assert!(agent.answers().is_empty(), "nobody said no");
    shell.type_in("fg\n");
    shell.wait_for("to use Bash: make", 2);
    shell.answer("yes");
    wait_until(|| format!("the end: {}", shell.text()), || !agent.answers().is_empty());
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
    shell.wait_for("It is done", 1);
}

#[test]
fn questions_appear_even_if_the_terminal_cannot_move_its_cursor() {
    let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
    let mut screen = Screen::start_as(&agent.user, &["run", "--yes", "fix the login test"], "dumb");
    screen.wait_for("[yes / no] Bash make", 1);
    screen.type_in("yes\n");
    screen.wait_for("You typed that before you could read", 1);
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn consent_comes_from_the_terminal_whatever_is_piped_in() {
    for term in ["xterm", "dumb"] {
        let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
        let mut shell = Screen::shell(&agent.user);
        shell.type_in(&format!(
            "printf 'fix the login test\\nyes\\nyes\\n' | TERM={term} $CODEWALK run; echo over-$((1+1))\n"
        ));
        shell.wait_for("Start claude in shop", 1);
        shell.answer("no");
        shell.wait_for("over-2", 1);
        assert!(agent.user.sessions().is_empty(), "{}", shell.text());
    }
}

#[test]
fn the_launch_question_shows_what_will_run() {
    let agent = Agent::new(&[], "say working");
    let mut screen =
        Screen::start(&agent.user, &["run", "--permission", "accept-edits", "fix the login test"]);
    screen.wait_for("Start claude in shop", 1);
    let shop = agent.user.shop().to_string_lossy().into_owned();
    for part in
        [shop.as_str(), "edits files in the project without asking", "your words, unchanged", "local-router"]
    {
        screen.wait_for(part, 1);
    }
    screen.answer("edit: delete the login test");
    screen.wait_for("differs from your words", 1);
    screen.wait_for("- fix the login test", 1);
    screen.wait_for("+ delete the login test", 1);
    screen.answer("no");
    screen.exit_status();
    assert!(agent.user.sessions().is_empty());
}

/// Asks for `ls`, and when told to, withdraws that and asks for `rm -rf /` instead.
fn replacing() -> Agent {
    let body =
        "ask r1 harmless; wait_for now; cancel='{\"type\":\"control_cancel_request\",\"request_id\":\"r1\"}'
line=$(printf '%s\\n%s' \"$cancel\" \"$(request r2 harmful)\")
printf '%s\\n' \"$line\"; told";
    Agent::new(&[("harmless", bash("ls")), ("harmful", bash("rm -rf /"))], body)
}

#[test]
fn a_yes_from_before_a_stop_answers_no_later_question() {
    let agent = replacing();
    let mut shell = Screen::shell(&agent.user);
    shell.type_in("$CODEWALK run --yes 'fix the login test'\n");
    shell.wait_for("to use Bash: ls", 1);
    shell.type_in("yes");
    shell.wait_for("> yes", 1);
    shell.type_in("\u{1a}");
    shell.wait_for("Stopped", 1);
    agent.signal("now");
    shell.type_in("fg\n");
    shell.wait_for("to use Bash: rm -rf /", 1);
    shell.answer("");
    shell.wait_for("You typed that before you could read", 1);
    assert!(agent.answers().is_empty());
    shell.answer("no");
    wait_until(|| format!("the end: {}", shell.text()), || !agent.answers().is_empty());
    assert_eq!(agent.answers(), [answer("r2", "deny")]);
}

#[test]
fn earlier_input_answers_nothing_at_a_plain_terminal() {
    let agent = replacing();
    let mut screen = Screen::start_as(&agent.user, &["run", "--yes", "fix the login test"], "dumb");
    screen.wait_for("[yes / no] Bash ls", 1);
    screen.type_in("ye");
    agent.signal("now");
    screen.wait_for("[yes / no] Bash rm -rf /", 1);
    screen.answer("s");
    screen.wait_for("Not understood", 1);
    assert!(agent.answers().is_empty());
    screen.answer("no");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r2", "deny")]);
}

#[test]
fn a_key_that_begins_a_sequence_does_not_block_output() {
    for key in ["\u{1b}", "\u{16}", "\u{18}"] {
        let agent =
            Agent::new(&[("make", bash("make"))], "wait_for now; say one; say two; ask r1 make; told");
        let mut screen = agent.run();
        screen.wait_for("claude started in", 1);
        screen.type_in(key);
        agent.signal("now");
        screen.wait_for("to use Bash: make", 1);
        screen.answer("yes");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 0, "{key:?}: {text}");
        assert_eq!(agent.answers(), [answer("r1", "allow")]);
    }
}

#[test]
fn pasted_text_chooses_no_option() {
    let option = |label: &str| json!({"label": label, "description": ""});
    let question = json!({"question": "Drop the database?", "options": [option("yes"), option("no")]});
    let request = json!({"subtype": "can_use_tool", "tool_name": "AskUserQuestion", "tool_use_id": "t1",
        "input": {"questions": [question]}});
    let agent = Agent::new(&[("ask", request)], "ask r1 ask; told");
    let mut screen = agent.run();
    screen.wait_for("asks: Drop the database?", 1);
    screen.answer("\u{1b}[200~yes\u{1b}[201~");
    screen.wait_for("Pasted text does not count", 1);
    assert!(agent.told().is_empty());
    screen.answer("no");
    screen.exit_status();
    let input = &agent.told()[0]["response"]["response"]["updatedInput"];
    assert_eq!(input["answers"], json!({"Drop the database?": "no"}));
}

#[test]
fn a_prompt_goes_to_the_agent_of_its_terminal() {
    let agent = Agent::new(&[], "say working; told; say $line; wait_for now");
    let mut first = agent.run();
    first.wait_for("working", 1);
    let mut second = agent.run();
    second.wait_for("working", 1);
    first.type_in("also add a changelog entry\n");
    first.wait_for("by you: tell the claude session", 1);
    second.type_in("stop\n");
    let (status, text) = second.exit_status();
    assert_eq!(status, 130, "{text}");
    agent.signal("now");
    let (status, text) = first.exit_status();
    assert_eq!(status, 0, "{text}");
}

#[test]
fn a_command_agent_is_not_said_to_be_held_to_a_permission() {
    let user = User::new();
    let program = user.home().join("tool.sh");
    script(&program, "true");
    user.configure(&format!(
        "[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"--task={{prompt}}\"]\n"
    ));
    for mode in ["plan", "accept-edits"] {
        let said = user.run(&["run", "--yes", "--agent", "tool", "--permission", mode, "fix the login test"]);
        assert_eq!(said.status, Some(2), "{said:?}");
        assert!(said.stderr.contains("tool does not ask for approval"), "{said:?}");
    }
    let mut screen = Screen::start(&user, &["run", "--agent", "tool", "fix the login test"]);
    screen.wait_for("not enforced: this agent does not ask", 1);
    screen.answer("yes");
    assert_eq!(screen.exit_status().0, 0);
    let shown = user.run(&["sessions", "show", "last"]).stdout;
    assert!(shown.contains("not enforced: this agent does not ask"), "{shown}");
    assert_eq!(user.sessions()[0]["runs"][0]["permission"], "unenforced");
}

#[test]
fn the_users_no_is_not_called_an_error() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("Start demo in shop", 1);
    screen.answer("no");
    let (status, text) = screen.exit_status();
    assert!(status == 3 && text.contains("declined: you said no") && !text.contains("error:"), "{text}");
}
