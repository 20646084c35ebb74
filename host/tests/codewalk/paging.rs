//! Long questions at a real pseudo-terminal: they are shown in pages and stay on the screen.

use serde_json::{Value, json};

use crate::support::agent::{Agent, answer, bash};

#[test]
fn a_yes_counts_only_once_the_end_of_a_long_command_is_visible() {
    let tail = "; rm -rf ~/x";
    let agent =
        Agent::new(&[("long", bash(&format!("echo {}{tail}", "a".repeat(5_000))))], "ask r1 long; told");
    let mut screen = agent.run();
    screen.wait_for("type \"more\" to read on", 1);
    screen.answer("yes");
    screen.wait_for("There is more to read", 1);
    screen.answer("more");
    screen.wait_until("the end of the command", || {
        screen.text().replace("\r\n   | \u{21aa}", "").contains(tail)
    });
    screen.answer("yes");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn a_long_question_is_paged_and_a_yes_counts_after_the_last_page() {
    let lines: Vec<String> = (1..=450).map(|n| format!("echo line {n}")).collect();
    let agent = Agent::new(&[("long", bash(&(lines.join("\n") + "\nrm -rf ~/x")))], "ask r1 long; told");
    let mut screen = agent.run();
    screen.wait_for("type \"more\" to read on", 1);
    assert!(!screen.text().contains("echo line 300"), "{}", screen.text());
    screen.answer("yes");
    screen.wait_for("There is more to read", 1);
    for page in 2..=12 {
        screen.answer("more");
        screen.wait_for("type \"more\" to read on", page);
    }
    screen.answer("yes");
    screen.wait_for("There is more to read", 2);
    screen.answer("more");
    screen.wait_for("   | rm -rf ~/x", 1);
    assert!(agent.answers().is_empty());
    screen.answer("yes");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn a_no_counts_before_the_last_page() {
    let agent = Agent::new(
        &[("long", bash(&"echo\n".repeat(900).replace("echo\n", "echo x\n")))],
        "ask r1 long; told",
    );
    let mut screen = agent.run();
    screen.wait_for("type \"more\" to read on", 1);
    screen.answer("no");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "deny")]);
}

#[test]
fn a_question_with_many_options_is_paged_and_can_be_skipped() {
    let options: Vec<Value> =
        (1..=60).map(|n| json!({"label": format!("colour {n}"), "description": "a colour"})).collect();
    let request = json!({"subtype": "can_use_tool", "tool_name": "AskUserQuestion", "tool_use_id": "t1",
        "input": {"questions": [{"question": "Which colour?", "options": options}]}});
    for (last, behavior) in [("60", "allow"), ("decline", "deny"), ("stop", "deny")] {
        let agent = Agent::new(&[("ask", request.clone())], "ask r1 ask; told");
        let mut screen = agent.run();
        screen.wait_for("type \"more\" to read on", 1);
        if last == "60" {
            screen.answer("60");
            screen.wait_for("There is more to read", 1);
            screen.answer("help");
            screen.wait_for("You can answer", 1);
            screen.wait_for("type \"more\" to read on", 2);
            assert!(!screen.text().contains("colour 60"), "{}", screen.text());
            screen.answer("more");
            screen.wait_for("60  colour 60", 1);
        }
        screen.answer(last);
        screen.exit_status();
        assert_eq!(agent.answers(), [answer("r1", behavior)], "{last}");
    }
}

#[test]
fn the_question_stays_on_the_screen_while_others_print() {
    let agent = Agent::new(
        &[("make", bash("make"))],
        "ask r1 make; wait_for now; for n in $(seq 9 90); do say \"parallel output $n\"; done; say \
         \"parallel output over\"; told",
    );
    let mut screen = agent.run();
    screen.wait_for("to use Bash: make", 1);
    screen.type_in("ye");
    agent.signal("now");
    screen.wait_until("the output", || screen.visible().contains("parallel output over"));
    // It has scrolled off the screen, and is shown again.
    assert!(screen.visible().contains("to use Bash: make"), "{}", screen.visible());
    screen.wait_until("the line below it", || {
        let visible = screen.visible();
        let last = visible.trim_end().lines().last().unwrap_or_default().to_owned();
        last.starts_with("> ye") && last.contains("[yes / no] Bash make")
    });
    screen.answer("s");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}
