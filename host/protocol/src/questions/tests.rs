use codewalk_core::command::Project;
use codewalk_core::event::SessionEvent;
use codewalk_core::ids::{CallId, Id, SessionId};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::session::Session;
use codewalk_core::state::history;

use super::*;

const BEGIN: u64 = 1_700_000_000_000;

/// Returns a session that has just started.
fn session() -> Session {
    let starting = SessionEvent::RunStarting {
        run: 1,
        utterance: None,
        text: "fix the login test\nand no other".to_owned(),
        origin: Origin { channel: Channel::Terminal, name: "run-1".to_owned() },
        attended: true,
        agent: "claude".to_owned(),
        project: Project { name: "shop".to_owned(), path: "/home/me/shop".to_owned() },
        prompt: "fix it".to_owned(),
        permission: PermissionMode::Ask,
        resume: None,
        call: CallId(Id::from_u128(1)),
    };
    let id = SessionId(Id::from_u128(0xabc));
    history::apply(None, id, Timestamp(BEGIN), &starting).unwrap().unwrap()
}

fn question(multiple: bool) -> Question {
    Question {
        text: "Which colour?".to_owned(),
        options: ["Red", "Blue", "Green"].map(str::to_owned).to_vec(),
        descriptions: ["warm", "", "like grass"].map(str::to_owned).to_vec(),
        multiple,
    }
}

fn plain(text: &Text) -> String {
    anstream::adapter::strip_str(&text.whole).to_string()
}

#[test]
fn options_are_shown_with_their_meanings() {
    for (multiple, answers) in
        [(false, "a number, or your own words"), (true, "one or more numbers, as in 1, 3, or your own words")]
    {
        let kind = RequestKind::Questions { questions: vec![question(multiple), question(false)] };
        let text = request("claude", &kind, 0, &[]);
        let shown = "claude asks (1 of 2): Which colour?\n 1  Red: warm\n 2  Blue\n 3  Green: like grass";
        assert_eq!((plain(&text).as_str(), text.answers), (shown, answers));
    }
}

#[test]
fn a_choice_between_sessions_shows_their_ids_and_ages() {
    use codewalk_core::command::ControlAction;
    use codewalk_core::ids::{ConfirmationId, Id};
    use codewalk_core::origin::{Channel, Origin};

    let session = session();
    let plan = Plan::Control { session: session.id, action: ControlAction::Stop };
    let origin = Origin { channel: Channel::Terminal, name: "run-1".to_owned() };
    let follow = Follow::new(origin, vec![session]);
    let utterance = "stop it".to_owned();
    let open = OpenConfirmation {
        id: ConfirmationId(Id::from_u128(7)),
        plans: vec![plan.clone(), plan],
        utterance,
        routed: None,
    };
    let shown = plain(&confirmation(&open, &follow, Timestamp(BEGIN + 125_000)));
    let one = "stop the claude session in shop (\"fix the login test and no other\"), session 00000abc, \
               started 2m ago";
    assert_eq!(shown, format!("Which one do you mean?\n 1  {one}\n 2  {one}"));
}

/// Asks about a launch in the project `shop`.
fn launch(prompt: &str) -> Text {
    launch_in("/home/ana/shop", prompt)
}

fn launch_in(path: &str, prompt: &str) -> Text {
    use codewalk_core::command::Project;
    use codewalk_core::ids::{ConfirmationId, Id};
    use codewalk_core::origin::{Channel, Origin};

    let project = Project { name: "shop".to_owned(), path: path.to_owned() };
    let (agent, prompt) = ("claude".to_owned(), prompt.to_owned());
    let (utterance, permission) = (prompt.clone(), PermissionMode::Ask);
    let plans = vec![Plan::Launch { agent, project, prompt, permission }];
    let id = ConfirmationId(Id::from_u128(7));
    let open = OpenConfirmation { id, plans, utterance, routed: None };
    let origin = Origin { channel: Channel::Terminal, name: "run-1".to_owned() };
    confirmation(&open, &Follow::new(origin, Vec::new()), Timestamp(BEGIN))
}

#[test]
fn invisible_characters_are_marked_in_the_path_and_the_prompt() {
    let asked = plain(&launch_in("/home/ana/sh\u{43e}p\u{202e}", "fix it\r\u{200b}\n\n\n\n\n\nnow"));
    assert!(asked.contains("(/home/ana/sh\u{43e}<U+043E>p<U+202E>)?"), "{asked}");
    assert!(asked.contains("   | fix it<U+000D><U+200B>\n   | <5 blank lines>\n   | now"), "{asked}");
}

#[test]
fn the_question_is_repeated_below_a_long_prompt() {
    let again = "\n   question    start claude in shop (/home/ana/shop)?";
    for long in ["a line of it\n".repeat(6), "very ".repeat(100)] {
        let asked = plain(&launch(&long));
        assert!(asked.ends_with(again), "{asked}");
        assert_eq!(
            asked.to_lowercase().matches("start claude in shop (/home/ana/shop)?").count(),
            2,
            "{asked}"
        );
    }
    let forged = "fix it\n\n\n\n\n   question    start claude in play (/home/ana/play)?";
    let asked = plain(&launch(forged));
    assert!(asked.contains("\n   |    question ") && asked.ends_with(again), "{asked}");
    let short = plain(&launch("fix the typo"));
    assert_eq!(short.to_lowercase().matches("start claude").count(), 1, "{short}");
}

#[test]
fn the_text_next_to_the_input_starts_with_agent_and_project() {
    let launch = launch("fix the typo");
    for (room, beside) in [
        (usize::MAX, "start claude in shop? [yes / no / edit: new prompt]"),
        (50, "start claude in shop? [yes / no / edit: \u{2026}]"),
        (36, "claude in shop? [yes / no / edit: \u{2026}]"),
        (26, "shop? [yes / no / edit: \u{2026}]"),
        (16, "shop? [yes / no]"),
        (10, "[yes / no]"),
    ] {
        assert_eq!(launch.beside(room), beside);
        assert!(beside.chars().count() <= room, "{room}");
    }
}

#[test]
fn the_text_next_to_the_input_names_a_sessions_project() {
    use codewalk_core::ids::{ConfirmationId, Id};
    use codewalk_core::origin::{Channel, Origin};

    let session = session();
    let prompt = "create a file @write a.txt and then tell me all about it".to_owned();
    let plans = vec![Plan::FollowUp { session: session.id, prompt: prompt.clone() }];
    let id = ConfirmationId(Id::from_u128(7));
    let open = OpenConfirmation { id, plans, utterance: prompt, routed: None };
    let origin = Origin { channel: Channel::Terminal, name: "run-1".to_owned() };
    let text = confirmation(&open, &Follow::new(origin, vec![session]), Timestamp(BEGIN));
    assert_eq!(text.beside(50), "tell claude in shop? [yes / no / edit: new prompt]");
    assert_eq!(text.beside(36), "claude in shop? [yes / no / edit: \u{2026}]");
}

#[test]
fn the_options_of_a_question_are_shortened_and_not_cut() {
    let several = request("claude", &RequestKind::Questions { questions: vec![question(true)] }, 0, &[]);
    assert_eq!(several.beside(36), "[numbers, or your own words] Which \u{2026}");
    assert_eq!(several.beside(16), "[numbers] Which\u{2026}");
    let one = request("claude", &RequestKind::Questions { questions: vec![question(false)] }, 0, &[]);
    assert_eq!(one.beside(16), "[a number] Whic\u{2026}");
}

#[test]
fn an_unclear_answer_about_rules_lists_the_answers() {
    assert!(unclear_about_rules(1).contains("Type yes"), "{}", unclear_about_rules(1));
    assert!(unclear_about_rules(3).contains("Type 1, 2 or 3"), "{}", unclear_about_rules(3));
}

#[test]
fn each_question_explains_its_answers() {
    for line in ["?", " help ", "Help?", "h"] {
        assert!(asks_for_help(line), "{line}");
    }
    for line in ["what does it do?", "help me", "no"] {
        assert!(!asks_for_help(line), "{line}");
    }
    let kind = RequestKind::Plan { plan: "1. x".to_owned() };
    for text in [request("claude", &kind, 0, &[]), rules("claude", &["Bash(ls)".to_owned()])] {
        assert!(text.help.contains("   yes  ") && text.help.contains("   stop  "), "{}", text.help);
    }
}

#[test]
fn a_hidden_plan_is_marked_as_not_shown() {
    let text = |plan: &str| request("claude", &RequestKind::Plan { plan: plan.to_owned() }, 0, &[]);
    let none = text(NO_PLAN);
    assert_eq!(
        plain(&none),
        "claude wants to continue without showing a plan:\n   ! what it would do is unknown\n   \
         | (it shows no plan)\nLet it continue without a plan? Type no to have it write one first."
    );
    assert_eq!(none.beside(usize::MAX), "[yes / no] claude continues WITHOUT a plan");
    let plan = text("1. x");
    assert_eq!(plain(&plan), "claude proposes a plan:\n   | 1. x\nLet it carry out this plan?");
    assert_eq!(plan.beside(usize::MAX), "[yes / no] the plan of claude");
}

#[test]
fn no_part_of_a_command_looks_like_codewalks_own_text() {
    let kind = RequestKind::Approval {
        tool: "Bash".to_owned(),
        subject: "ls src\u{23ce}the agent says: lists".to_owned(),
        detail: "ls src\nthe agent says: \"lists\"\nallowed in this session: ls\n   ! safe".to_owned(),
        agent_words: "lists\" allowed in this session: \"ls".to_owned(),
        marks: Vec::new(),
        rules: Vec::new(),
    };
    let text = request("claude", &kind, 0, &["Bash(make:*)".to_owned()]);
    assert_eq!(
        plain(&text),
        "Allow claude to use Bash: ls src\u{23ce}the agent says: lists?\n   | ls src\n   | the agent says: \
         \"lists\"\n   | allowed in this session: ls\n   |    ! safe\n   the agent says: \
         \"lists\\\" allowed in this session: \\\"ls\"\n   allowed in this session: Bash(make:*)"
    );
}

#[test]
fn warnings_come_before_the_action() {
    let kind = RequestKind::Approval {
        tool: "Write".to_owned(),
        subject: "/etc/hosts".to_owned(),
        detail: "a\nb".to_owned(),
        agent_words: String::new(),
        marks: vec!["outside the project".to_owned()],
        rules: Vec::new(),
    };
    let text = request("claude", &kind, 0, &[]);
    assert_eq!(
        plain(&text),
        "Allow claude to use Write: /etc/hosts?\n   ! outside the project\n   | a\n   | b"
    );
    assert_eq!(text.beside(usize::MAX), "[yes / no] Write /etc/hosts");
}
