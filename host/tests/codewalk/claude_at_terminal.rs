//! The real Claude Code clients, the pinned and the newest, at a real pseudo-terminal, with a loopback model.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::User;
use crate::support::client::{with_each_claude, with_each_subscriber};
use crate::support::screen::Screen;
use codewalk_loopback_model::{LoopbackModel, Script, Turn};
use serde_json::json;

fn bash(command: &str) -> Turn {
    Turn::tool("Bash", json!({"command": command, "description": "A command"}))
}

fn run(user: &User, request: &str) -> Screen {
    Screen::start(user, &["run", "--yes", "--agent", "claude", request])
}

fn was_told(model: &LoopbackModel, part: &str) -> bool {
    model.requests().iter().any(|request| request.prompt().is_some_and(|prompt| prompt.contains(part)))
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn one_tool_is_allowed_and_another_denied() {
    let script = || Script::new().turn(bash("touch allowed.txt")).turn(bash("touch denied.txt"));
    for (user, model) in with_each_claude(script) {
        let mut screen = Screen::start(&user, &["run", "--agent", "claude", "create both files"]);
        screen.wait_for("Start claude in shop", 1);
        screen.answer("go ahead");
        screen.wait_for("to use Bash: touch allowed.txt", 1);
        screen.answer("permission granted");
        screen.wait_for("to use Bash: touch denied.txt", 1);
        screen.answer("no, leave that");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 5, "part of it was done: {text}");
        assert!(user.shop().join("allowed.txt").exists() && !user.shop().join("denied.txt").exists());
        let told = model.requests().last().unwrap().body.to_string();
        assert!(told.contains("The user said: no, leave that"), "{told}");
    }
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn a_stop_at_an_approval_ends_the_turn_of_the_agent() {
    let script = || Script::new().turn(bash("touch stopped.txt")).turn(bash("touch more.txt"));
    for (user, model) in with_each_claude(script) {
        let mut screen = run(&user, "fix the login test");
        screen.wait_for("to use Bash: touch stopped.txt", 1);
        screen.answer("stop");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 130, "{text}");
        assert!(!text.contains("touch more.txt"), "{text}");
        assert_eq!(user.sessions()[0]["state"], "cancelled", "{text}");
        let turns = model.requests().iter().filter(|request| request.prompt().is_some()).count();
        assert!(turns <= 2, "the model was not asked what comes next: {turns}");
    }
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn a_paste_of_30_lines_is_one_prompt_and_stops_nothing() {
    let script = || Script::new().turn(Turn::text("one two three four").hanging());
    for (user, model) in with_each_claude(script) {
        let mut screen = run(&user, "explain the login test");
        let hanging = model.hanging();
        screen.wait_until("the model hangs", || *hanging.borrow() == 1);
        let mut lines: Vec<String> = (1..=27).map(|n| format!("    at line {n} of login.rs")).collect();
        lines.insert(0, "also fix this error:".to_owned());
        lines.push("yes".to_owned());
        lines.push("Stop".to_owned());
        screen.type_in(&format!("\u{1b}[200~{}\u{1b}[201~\n", lines.join("\n")));
        screen.wait_for("by you: tell the claude session", 1);
        model.release();
        let (status, text) = screen.exit_status();
        assert_eq!(status, 0, "{text}");
        assert!(was_told(&model, &lines.join("\n")), "{text}");
        assert_eq!(user.sessions().len(), 1);
    }
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn a_usage_limit_is_shown_with_its_reset_time_at_a_terminal() {
    let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(7_200);
    let script = || Script::new().turn(bash("touch hi.txt")).turn(Turn::usage_limit(until.as_secs()));
    for (user, _model) in with_each_subscriber(script) {
        let mut screen = run(&user, "fix the login test");
        screen.wait_for("to use Bash: touch hi.txt", 1);
        screen.answer("yes");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 1, "{text}");
        assert!(text.contains("usage limit"), "{text}");
        let show = user.run(&["sessions", "show", "last"]).stdout;
        let list = user.run(&["sessions", "list"]).stdout;
        let end = jiff::Timestamp::from_second(i64::try_from(until.as_secs()).unwrap()).unwrap();
        let end = end.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        assert!(show.contains(&format!("limited  until {end}")), "{end}: {show}");
        assert!(list.contains("limited") && list.contains(&format!("(until {end})")), "{end}: {list}");
        let resumed = user.run(&["sessions", "resume", "last"]);
        assert!(format!("{resumed:?}").contains("limit"), "{resumed:?}");
    }
}

/// An image that no compression makes smaller.
fn picture(bytes: usize) -> Vec<u8> {
    let side = u32::try_from((bytes / 3).isqrt()).unwrap();
    let mut png_bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut png_bytes, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut random = fastrand::Rng::with_seed(7);
    let pixels: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take((side * side * 3) as usize).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    png_bytes
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn an_image_of_5_mb_is_read() {
    let script = || {
        Script::new()
            .turn(Turn::tool("Read", json!({"file_path": "{cwd}/picture.png"})))
            .turn(Turn::text("It shows noise."))
    };
    for (user, _model) in with_each_claude(script) {
        std::fs::write(user.shop().join("picture.png"), picture(5 * 1024 * 1024)).unwrap();
        let screen = run(&user, "look at picture.png");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 0, "{text}");
        assert!(text.contains("It shows noise."), "{text}");
        let log = user.run(&["sessions", "log", "last"]);
        assert!(log.stdout.len() < 20_000, "the picture is not printed: {} bytes", log.stdout.len());
    }
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn a_plan_is_shown_completely_and_executed_once_accepted() {
    let plan = "1. Read login.rs\n2. Fix the clock\n3. Run the tests";
    let script = || {
        Script::new()
            .turn(Turn::tool("Write", json!({"file_path": "{plan_file}", "content": plan})))
            .turn(Turn::tool("ExitPlanMode", json!({})))
            .turn(Turn::text("I would go on now."))
    };
    for (user, _model) in with_each_claude(script) {
        let mut screen =
            Screen::start(&user, &["run", "--yes", "--permission", "plan", "plan the fix of the login test"]);
        screen.wait_for("Let it carry out this plan?", 1);
        let text = screen.text();
        let question = &text[text.find("proposes a plan:").unwrap()..];
        for step in plan.lines() {
            assert!(question.contains(step), "{step} is not in the question: {text}");
        }
        screen.answer("sounds good, go ahead");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 0, "{text}");
    }
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn the_question_about_a_hidden_plan_says_that_it_is_not_shown() {
    let script =
        || Script::new().turn(Turn::tool("ExitPlanMode", json!({}))).turn(Turn::text("I would go on now."));
    for (user, _model) in with_each_claude(script) {
        let mut screen =
            Screen::start(&user, &["run", "--yes", "--permission", "plan", "plan the fix of the login test"]);
        screen.wait_for("Let it continue without a plan?", 1);
        screen.wait_for("(it shows no plan)", 1);
        screen.answer("no");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 1, "{text}");
        assert!(!text.contains("proposes a plan:"), "{text}");
    }
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn several_options_are_chosen_by_their_numbers() {
    let option = |label: &str| json!({"label": label, "description": format!("{label} it is")});
    let script = || {
        let question = json!({"question": "Which tests?", "header": "Tests", "multiSelect": true,
            "options": [option("Unit"), option("Login"), option("Slow")]});
        Script::new()
            .turn(Turn::tool("AskUserQuestion", json!({"questions": [question]})))
            .turn(Turn::text("Thanks."))
    };
    for (user, model) in with_each_claude(script) {
        let mut screen = run(&user, "run the tests");
        screen.wait_for("asks: Which tests?", 1);
        screen.wait_for("3  Slow: Slow it is", 1);
        screen.answer("1, 3");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 0, "{text}");
        let told = model.requests().last().unwrap().body.to_string();
        assert!(told.contains("Unit, Slow"), "{told}");
    }
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn two_simultaneous_requests_of_sub_agents_are_asked_one_by_one() {
    let task = |name: &str| {
        json!({"description": format!("Make {name}"), "prompt": format!("Please make {name}.txt"),
            "subagent_type": "general-purpose"})
    };
    let script = || {
        Script::new()
            .turn(Turn::tool("Task", task("left")).and_tool("Task", task("right")))
            .turn(Turn::text("Both are back."))
            .when("make left.txt")
            .turn(bash("touch left.txt"))
            .turn(Turn::text("left done"))
            .when("make right.txt")
            .turn(bash("touch right.txt"))
            .turn(Turn::text("right done"))
    };
    for (user, _model) in with_each_claude(script) {
        let mut screen = run(&user, "have both files made by helpers");
        screen.wait_until("both wait at the same moment", || {
            user.run(&["sessions", "show", "last"]).stdout.matches("for you since").count() == 2
        });
        for asked in 1..=2 {
            screen.wait_for("to use Bash: touch", asked);
            // The agent decides which one comes first.
            let text = screen.text();
            let last = text.rfind("to use Bash: touch").unwrap();
            let is_left = text[last..].starts_with("to use Bash: touch left.txt");
            screen.answer(if is_left { "yes" } else { "no" });
        }
        let (_, text) = screen.exit_status();
        assert!(user.shop().join("left.txt").exists(), "{text}");
        assert!(!user.shop().join("right.txt").exists(), "{text}");
    }
}
