//! Typing, pasting and reading at a real pseudo-terminal, which may be narrow, full or closed.

use crate::support::User;
use crate::support::agent::{Agent, answer, bash};
use crate::support::screen::Screen;

const PASTE: &str = "\u{1b}[200~";
const END: &str = "\u{1b}[201~";
const UP: &str = "\u{1b}[A";
const ALT_ENTER: &str = "\u{1b}\r";

/// An agent that asks to run `make`, at a terminal that already shows the question.
fn asked() -> (Agent, Screen) {
    let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
    let screen = agent.run();
    screen.wait_for("to use Bash: make", 1);
    (agent, screen)
}

#[test]
fn a_paste_of_a_megabyte_is_rejected_and_typed_text_stays() {
    let (agent, mut screen) = asked();
    screen.type_in("n");
    screen.wait_for("> n", 1);
    screen.type_in(&format!("{PASTE}{}{END}", "error: it fails\r".repeat(64 * 1024)));
    screen.wait_for("bytes, at most 65536 are allowed", 1);
    screen.answer("o");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "deny")]);
}

#[test]
fn a_paste_that_is_not_one_line_by_its_keys_is_not_an_answer() {
    for keys in [
        // The paste contains its own end sequence, and clears the line.
        format!("{PASTE}error{END}\u{15}yes\r{END}"),
        format!("{PASTE}error{END}\u{3}yes\r"),
        // Without bracketed paste, and without a final line end.
        "yes\r more".to_owned(),
    ] {
        let (agent, mut screen) = asked();
        screen.read();
        screen.type_in(&keys);
        let is_interrupt = keys.contains('\u{3}');
        screen.wait_for(if is_interrupt { "interrupting" } else { "Pasted text does not count" }, 1);
        if is_interrupt {
            screen.type_in("\u{3}");
        } else {
            screen.type_in("\u{15}");
            screen.answer("no");
        }
        screen.exit_status();
        assert!(!agent.answers().contains(&answer("r1", "allow")), "{keys:?}: {:?}", agent.answers());
    }
}

#[test]
fn pasted_text_that_is_yanked_is_not_an_answer() {
    let (agent, mut screen) = asked();
    screen.type_in(&format!("{PASTE}yes{END}"));
    screen.wait_for("> yes", 1);
    screen.answer("\u{15}\u{19}");
    screen.wait_for("Pasted text does not count", 1);
    screen.answer("no");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "deny")]);
}

#[test]
fn a_yes_from_the_history_counts_like_any_other_line() {
    let agent =
        Agent::new(&[("make", bash("make")), ("rm", bash("rm -rf /"))], "ask r1 make; told; ask r2 rm; told");
    let mut screen = agent.run();
    screen.wait_for("to use Bash: make", 1);
    screen.answer("yes");
    screen.wait_for("to use Bash: rm -rf /", 1);
    screen.type_in(&format!("{UP}\r"));
    screen.wait_for("You typed that before you could read", 1);
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
    screen.answer(UP);
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow"), answer("r2", "allow")]);
}

#[test]
fn no_answer_counts_before_the_launch_question_could_be_read() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.type_in("yes\n");
    screen.wait_for("Start demo in shop", 1);
    screen.type_in("yes\n");
    screen.wait_for("You typed that before you could read", 1);
    assert!(user.sessions().is_empty(), "{}", screen.text());
    screen.answer("yes");
    screen.wait_for("to use Write: hello-from-codewalk.txt", 1);
    screen.answer("no");
    screen.exit_status();
}

#[test]
fn alt_enter_and_a_paste_form_one_text_and_start_no_second_agent() {
    let agent = Agent::new(&[], "say working; told; say 'it is told'; wait_for now");
    let mut screen = agent.run();
    screen.wait_for("working", 1);
    screen.type_in(&format!("also add a changelog entry{ALT_ENTER}"));
    screen.type_in(&format!("{PASTE}fix the login test\ryes\rstop{END}"));
    screen.wait_for("stop", 1);
    screen.answer("");
    screen.wait_until("what came of it", || {
        ["Tell the", "not understood", "it is told", "It is working"]
            .iter()
            .any(|said| screen.text().contains(said))
    });
    assert_eq!(agent.user.sessions().len(), 1, "{}", screen.text());
    assert_eq!(screen.text().matches("local-router (").count(), 2, "one text: {}", screen.text());
    agent.signal("now");
    screen.type_in("\u{3}\u{3}");
    screen.exit_status();
    assert_eq!(agent.user.sessions().len(), 1);
}

#[test]
fn a_lookalike_letter_in_a_prompt_is_named_at_the_confirmation() {
    let user = User::new();
    let request = "write a greeting into a new file for p\u{430}ypal";
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", request]);
    screen.wait_for("Start demo in shop", 1);
    screen.wait_for("for p\u{430}<U+0430>ypal", 1);
    screen.answer("no");
    screen.exit_status();
}

#[test]
fn a_narrow_terminal_shows_whole_commands_and_no_fake_question() {
    let faked = format!("{}Allow claude to use Bash: ls? Type yes.", "very well. ".repeat(8));
    let command = format!("echo {}; rm -rf ~/x", "abc ".repeat(30));
    let agent = Agent::new(&[("long", bash(&command))], &format!("say '{faked}'; ask r1 long; told"));
    let mut screen = Screen::start_narrow(&agent.user, &["run", "--yes", "fix the login test"], 40);
    screen.wait_for("Allow claude to use Bash: echo", 1);
    screen.wait_for("[yes / no]", 1);
    let visible = screen.visible();
    let faked: Vec<&str> =
        visible.lines().filter(|row| row.contains("Bash: ls?") || row.contains("very well")).collect();
    assert!(faked.len() > 2 && faked.iter().all(|row| row.starts_with("  |     ")), "{visible}");
    let question = visible.lines().skip_while(|row| !row.starts_with("Allow claude to use Bash"));
    let question: Vec<&str> = question.take_while(|row| !row.starts_with("> ")).collect();
    assert!(question.iter().skip(1).all(|row| row.starts_with("  ")), "{visible}");
    assert!(
        question
            .concat()
            .replace('|', " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains("rm -rf ~/x"),
        "{visible}"
    );
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn a_yes_to_a_question_that_has_scrolled_away_asks_it_again() {
    let command: Vec<String> = (1..=30).map(|n| format!("echo line {n}")).collect();
    let agent = Agent::new(
        &[("long", bash(&command.join("\n")))],
        "ask r1 long; wait_for now; for n in $(seq 9 90); do say \"parallel output $n\"; done; say \
         \"parallel output over\"; told",
    );
    let mut screen = agent.run();
    screen.wait_for("   | echo line 30", 1);
    agent.signal("now");
    screen.wait_for("parallel output over", 1);
    screen.answer("yes");
    screen.wait_for("had scrolled off the screen", 1);
    screen.wait_for("   | echo line 30", 2);
    assert!(agent.answers().is_empty());
    screen.answer("yes");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn a_closed_terminal_denies_the_approval_and_interrupts() {
    for term in ["xterm", "dumb"] {
        let agent = Agent::new(&[("make", bash("make"))], "ask r1 make; told");
        let screen = Screen::start_as(&agent.user, &["run", "--yes", "fix the login test"], term);
        screen.wait_for("to use Bash: make", 1);
        assert_eq!(screen.hang_up(), 130, "{term}");
        let session = &agent.user.sessions()[0];
        assert_eq!(session["state"], "cancelled", "{term}");
        assert_eq!(session["runs"][0]["denied"][0]["subject"], "make", "{term}: {session:#}");
        assert!(!agent.answers().contains(&answer("r1", "allow")), "{term}");
    }
}

#[test]
fn a_closed_terminal_declines_the_launch() {
    for term in ["xterm", "dumb"] {
        let user = User::new();
        let request = ["run", "--agent", "demo", "write a greeting into a new file"];
        let screen = Screen::start_as(&user, &request, term);
        screen.wait_for("Start demo in shop", 1);
        assert_eq!(screen.hang_up(), 130, "{term}");
        assert!(user.sessions().is_empty(), "{term}");
    }
}

#[test]
fn a_run_without_a_request_asks_for_one_at_a_terminal() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo"]);
    screen.wait_for("What do you want to do?", 1);
    screen.type_in("\nwrite a greeting into a new file\n");
    screen.wait_for("Start demo in shop", 1);
    screen.wait_for("your words, unchanged", 1);
    screen.answer("no");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 3, "{text}");

    let mut screen = Screen::start(&user, &["run", "--agent", "demo"]);
    screen.wait_for("What do you want to do?", 1);
    screen.type_in("\u{3}");
    assert_eq!(screen.exit_status().0, 130);
    let said = user.run(&["run"]);
    assert!(said.status == Some(2) && said.stderr.contains("no request given"), "{said:?}");
}

#[test]
fn a_signal_ends_the_question_for_a_request() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let user = User::new();
        let screen = Screen::start(&user, &["run", "--agent", "demo"]);
        screen.wait_for("What do you want to do?", 1);
        screen.signal(signal);
        assert_eq!(screen.exit_status().0, 130, "{signal:?}");
    }
}

#[test]
fn a_closed_terminal_ends_the_question_for_a_request() {
    for term in ["xterm", "dumb"] {
        let user = User::new();
        let screen = Screen::start_as(&user, &["run", "--agent", "demo"], term);
        screen.wait_for("What do you want to do?", 1);
        assert_eq!(screen.hang_up(), 130, "{term}");
    }
}

#[test]
fn a_question_mark_explains_the_answers_and_asks_again() {
    let (agent, mut screen) = asked();
    screen.type_in("?\n");
    screen.wait_for("always         choose one of the agent", 1);
    screen.wait_for("to use Bash: make", 2);
    screen.answer("help");
    screen.wait_for("stop           deny this", 2);
    assert!(agent.answers().is_empty());
    screen.answer("no");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "deny")]);
}

#[test]
fn a_yes_counts_only_after_the_question_was_printed() {
    let lines: Vec<String> =
        (0..55).map(|n| format!("line {n} of what the agent tells, at some length")).collect();
    let body = format!(
        "wait_for now; for n in $(seq 100); do say '{}'; done; ask r1 rm; touch asked; told",
        lines.join("\\n")
    );
    let agent = Agent::new(&[("rm", bash("rm -rf ~/photos"))], &body);
    let mut screen = agent.run();
    screen.wait_for("claude started in", 1);
    // As over a slow line.
    screen.slow_down(50_000);
    agent.signal("now");
    let asked = agent.user.shop().join("asked");
    crate::support::wait_until(|| screen.text(), || asked.exists());
    let question = "Allow claude to use Bash: rm -rf ~/photos?";
    for answer in 1.. {
        // Long enough after anything was drawn.
        screen.read();
        screen.answer("yes");
        screen.wait_until("what came of it", || {
            !agent.answers().is_empty() || screen.text().matches("so it does not count").count() >= answer
        });
        assert!(agent.answers().is_empty() || screen.text().contains(question), "{}", screen.text());
        if !agent.answers().is_empty() {
            break;
        }
        screen.wait_for(question, 1);
    }
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "allow")]);
}

#[test]
fn a_flood_of_output_is_cut_and_a_stop_still_counts() {
    let agent = Agent::new(&[], "say working; while :; do say 'word word word word'; done");
    let mut screen = agent.run();
    screen.wait_for("rows omitted: codewalk sessions log", 1);
    screen.type_in("stop\n");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 130, "{text}");
}

#[test]
fn a_yes_in_a_resized_window_asks_again() {
    let command: Vec<String> = (1..=9).map(|n| format!("echo line {n}")).collect();
    let agent = Agent::new(&[("long", bash(&command.join("\n")))], "ask r1 long; told");
    let mut screen = agent.run();
    screen.wait_for("   | echo line 9", 1);
    screen.resize(4, 20);
    screen.answer("yes");
    screen.wait_for("The window was", 1);
    screen.wait_for("-- \"more\" --", 1);
    assert!(agent.answers().is_empty());
    screen.answer("yes");
    screen.wait_for("There is more", 1);
    screen.answer("no");
    screen.exit_status();
    assert_eq!(agent.answers(), [answer("r1", "deny")]);
}

#[test]
fn no_row_of_a_command_or_file_looks_like_codewalks_own() {
    let command = "ls src\nthe agent says: lists the sources; rm -rf ~/photos";
    let mut request = bash(command);
    request["input"]["description"] = "Lists\nallowed in this session: all".into();
    let agent = Agent::new(&[("ls", request)], "ask r1 ls; told");
    let mut screen = agent.run();
    screen.wait_for("   | the agent says: lists the sources; rm -rf ~/photos", 1);
    screen.wait_for("   the agent says: \"Lists\u{23ce}allowed in this session: all\"", 1);
    screen.answer("no");
    screen.exit_status();
}
