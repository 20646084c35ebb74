//! Questions in words: everything that a yes consents to, with nothing invisible.

use anstyle::{AnsiColor, Style};
use codewalk_core::consent::{self, Plan};
use codewalk_core::intent::Proposal;
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::AdapterReply;
use codewalk_core::session::{NO_PLAN, Question, RequestKind};
use codewalk_core::terminal_text::{shortened, visible, visible_line};

use codewalk_core::time::Timestamp;

use crate::follow::{Follow, OpenConfirmation};
use crate::words::{age, short_id, tool_name};

/// Stands before each row of a question that others wrote, and before all rows that continue one of their
/// lines. No row of codewalk's own starts like this.
pub const FOREIGN: &str = "   | ";
/// The style of a question.
const QUESTION: Style = AnsiColor::Cyan.on_default().bold();
/// The style of a warning.
const MARK: Style = AnsiColor::Red.on_default().bold();
/// The longest brief question, in characters.
const BESIDE: usize = 70;
/// Answers to a confirmation of one plan.
const TO_DO_IT: &str = "yes / no / edit: new prompt";
/// The same in less space.
const TO_DO_IT_SHORT: &str = "yes / no / edit: \u{2026}";
/// Answers to a question with options.
const A_NUMBER: &str = "a number, or your own words";
const NUMBERS: &str = "one or more numbers, as in 1, 3, or your own words";
/// A prompt of more lines or bytes may push the question off the screen.
const LONG: (usize, usize) = (5, 400);

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The whole question in lines.
    pub whole: String,
    /// The possible answers.
    pub answers: &'static str,
    /// The question in a few words.
    pub brief: String,
    /// The effect of each answer, in lines.
    pub help: &'static str,
}

/// Answers to a confirmation of one plan.
const HELP_WITH_CONFIRMATION: &str = "   yes            do it
   yes, but ...   add that to the prompt, and ask again
   edit: ...      replace the prompt, and ask again
   no, stop       cancel
   more           show the rest of the question, or show it again
   status         report on your sessions, and ask again";
/// Answers to a confirmation of several plans.
const HELP_WITH_CHOICE: &str = "   1, 2, ...      choose that one
   no, stop       none of them
   more           show the rest of the question, or show it again
   status         report on your sessions, and ask again";
/// Answers to an approval.
const HELP_WITH_APPROVAL: &str = "   yes            allow this once
   yes, but ...   allow this, and send the rest to the agent
   always         choose one of the agent's rules to allow the like of this without asking
   no, no, ...    deny this; the agent reads your words and continues
   stop           deny this, and end the agent's turn
   more           show the rest of the question, or show it again
   status         report on your sessions, and ask again";
/// Answers to an agent's plan.
const HELP_WITH_PLAN: &str = "   yes            let the agent carry it out
   yes, but ...   let the agent carry it out, and send it the rest
   no, no, ...    reject it; the agent reads your words and keeps planning
   stop           reject it, and end the agent's turn
   more           show the rest of the plan, or show it again
   status         report on your sessions, and ask again";
/// Answers to an agent's question.
const HELP_WITH_QUESTION: &str = "   1, 2, ...      choose that option; several, as in 1, 3, if allowed
   your words     answer in your own words
   decline        skip the question; the agent continues
   stop           skip the question, and end the agent's turn
   status         report on your sessions, and ask again";
/// Answers to a question about an agent's rules.
const HELP_WITH_RULES: &str = "   yes            allow this, and apply the rule until the run ends; type a number to choose one of several
   no             go back to the previous question
   stop           deny this, and end the agent's turn";

/// Returns whether a line asks for the possible answers.
pub fn asks_for_help(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "?" | "help" | "help?" | "h")
}

impl Text {
    /// Returns the question beside the input, in at most `room` characters; agent and project come first.
    /// Possible answers are shortened, never cut.
    pub fn beside(&self, room: usize) -> String {
        if self.answers != TO_DO_IT {
            let forms = shorter(self.answers);
            let answers = forms.iter().find(|form| form.len() + 2 <= room).or(forms.last()).unwrap_or(&"");
            let left = room.saturating_sub(answers.len() + 3);
            let brief = match left {
                0 | 1 => String::new(),
                left if self.brief.chars().count() <= left => format!(" {}", self.brief),
                left => format!(" {}", shortened(&self.brief, left - 1)),
            };
            return format!("[{answers}]{brief}");
        }
        let length = |text: &str| text.chars().count();
        let whole = format!("{}? [{TO_DO_IT}]", self.brief);
        if length(&whole) <= room {
            return whole;
        }
        for answers in [TO_DO_IT_SHORT, "yes / no"] {
            // The project comes last.
            let ends = self.brief.match_indices(' ').map(|(at, _)| &self.brief[at + 1..]);
            let texts = [&*self.brief].into_iter().chain(ends).map(|brief| format!("{brief}? [{answers}]"));
            if let Some(text) = texts.into_iter().find(|text| length(text) <= room) {
                return text;
            }
        }
        "[yes / no]".to_owned()
    }
}

/// Returns forms of the possible answers, the longest first.
fn shorter(answers: &'static str) -> &'static [&'static str] {
    match answers {
        A_NUMBER => &[A_NUMBER, "a number"],
        NUMBERS => &[NUMBERS, "numbers, or your own words", "numbers"],
        "yes / no" => &["yes / no"],
        "a number / no" => &["a number / no"],
        _ => &["your words"],
    }
}

/// Returns the question of a confirmation.
pub fn confirmation(open: &OpenConfirmation, follow: &Follow, now: Timestamp) -> Text {
    let understood = understood(open.routed.as_ref());
    match open.plans.as_slice() {
        [plan] => {
            let what = described(plan, follow, now);
            Text {
                whole: format!(
                    "{QUESTION}{}?{QUESTION:#}{}{understood}{}",
                    capitalized(&what),
                    run(plan, &open.utterance),
                    again(plan, &open.utterance, &what)
                ),
                answers: TO_DO_IT,
                brief: shortened(&briefest(plan, follow), BESIDE),
                help: HELP_WITH_CONFIRMATION,
            }
        }
        several => {
            let mut whole = format!("{QUESTION}Which one do you mean?{QUESTION:#}");
            for (number, plan) in several.iter().enumerate() {
                let run = run(plan, &open.utterance);
                whole.push_str(&format!("\n {}  {}{run}", number + 1, described(plan, follow, now)));
            }
            whole.push_str(&understood);
            let brief = "choose one".to_owned();
            Text { whole, answers: "a number / no", brief, help: HELP_WITH_CHOICE }
        }
    }
}

fn brief(plan: &Plan, follow: &Follow) -> String {
    visible_line(&consent::describe(plan, plan.session().and_then(|id| follow.session(id))))
}

/// Returns a plan in words, without the request of its session.
fn briefest(plan: &Plan, follow: &Follow) -> String {
    let brief = brief(plan, follow);
    match (plan.session().and_then(|id| follow.session(id)), brief.split_once(" the ")) {
        (Some(session), Some((verb, _))) => {
            visible_line(&format!("{verb} {} in {}", session.agent, session.project.name))
        }
        _ => brief,
    }
}

/// Returns a plan in words, with its folder, or with the ID and age of its session.
fn described(plan: &Plan, follow: &Follow, now: Timestamp) -> String {
    let brief = brief(plan, follow);
    match (plan, plan.session().and_then(|id| follow.session(id))) {
        (Plan::Launch { project, .. }, _) => format!("{brief} ({})", visible_line(&project.path)),
        (_, Some(session)) => {
            let (id, age) = (short_id(session.id), age(now, session.started_at()));
            format!("{brief}, session {id}, started {age}")
        }
        (_, None) => brief,
    }
}

/// Returns the permission and the prompt of a plan.
fn run(plan: &Plan, said: &str) -> String {
    let permission = match plan {
        Plan::Launch { permission, .. } => format!("\n   permission  {}", permission_line(*permission)),
        Plan::FollowUp { .. } | Plan::Control { .. } => String::new(),
    };
    let prompt = match plan {
        Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. } if prompt.trim() == said.trim() => {
            format!("\n   prompt      your words, unchanged\n{}", marked("", prompt))
        }
        Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. } => format!(
            "\n   {MARK}prompt      differs from your words:{MARK:#}\n{}\n{}",
            marked("- ", said),
            marked("+ ", prompt)
        ),
        Plan::Control { .. } => String::new(),
    };
    permission + &prompt
}

/// Returns a text that begins with a capital letter.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns the question again below a long prompt, so that the last words are codewalk's.
fn again(plan: &Plan, said: &str, what: &str) -> String {
    let (Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. }) = plan else { return String::new() };
    let shown = if prompt.trim() == said.trim() { prompt.clone() } else { format!("{said}\n{prompt}") };
    if shown.lines().count() <= LONG.0 && shown.len() <= LONG.1 {
        return String::new();
    }
    format!("\n   {QUESTION}question    {what}?{QUESTION:#}")
}

fn understood(routed: Option<&AdapterReply<Proposal>>) -> String {
    let Some(routed) = routed else { return String::new() };
    let (adapter, sure) = (visible_line(&shortened(&routed.adapter, 60)), routed.answer.confidence);
    format!("\n   router      {adapter}, {sure}% sure")
}

const fn permission_line(permission: PermissionMode) -> &'static str {
    match permission {
        PermissionMode::Plan => "only plans",
        PermissionMode::Ask => "asks before changing anything",
        PermissionMode::AcceptEdits => "edits files in the project without asking",
        PermissionMode::Bypass => "does EVERYTHING without asking",
    }
}

fn marked(mark: &str, text: &str) -> String {
    visible(text).lines().map(|line| format!("{FOREIGN}{mark}{line}")).collect::<Vec<_>>().join("\n")
}

/// Returns an agent's approval or question: of several questions, the one with that number, from 0. `allowed`
/// are the rules allowed for the rest of its run.
pub fn request(agent: &str, kind: &RequestKind, number: usize, allowed: &[String]) -> Text {
    let agent = visible_line(agent);
    match kind {
        RequestKind::Approval { tool, subject, detail, agent_words: said, marks, .. } => {
            let tool = tool_name(tool);
            let mut whole = format!("{QUESTION}Allow {agent} to use {tool}: {subject}?{QUESTION:#}");
            for mark in marks {
                whole.push_str(&format!("\n   {MARK}! {mark}{MARK:#}"));
            }
            if !detail.is_empty() {
                whole.push_str(&format!("\n{}", quoted(detail)));
            }
            if !said.is_empty() {
                whole.push_str(&format!("\n   the agent says: \"{}\"", said.replace('"', "\\\"")));
            }
            for rule in allowed {
                whole.push_str(&format!("\n   allowed in this session: {rule}"));
            }
            let brief = shortened(&format!("{tool} {subject}"), BESIDE);
            Text { whole, answers: "yes / no", brief, help: HELP_WITH_APPROVAL }
        }
        // A yes counts for what is shown: here for continuing unseen, not for a plan.
        RequestKind::Plan { plan } if plan.starts_with(NO_PLAN) => Text {
            whole: format!(
                "{QUESTION}{agent} wants to continue without showing a plan:{QUESTION:#}\n   {MARK}! what it would do is \
                 unknown{MARK:#}\n{}\nLet it continue without a plan? Type no to have it write one first.",
                quoted(plan)
            ),
            answers: "yes / no",
            brief: format!("{agent} continues WITHOUT a plan"),
            help: HELP_WITH_PLAN,
        },
        RequestKind::Plan { plan } => Text {
            whole: format!(
                "{QUESTION}{agent} proposes a plan:{QUESTION:#}\n{}\nLet it carry out this plan?",
                quoted(plan)
            ),
            answers: "yes / no",
            brief: format!("the plan of {agent}"),
            help: HELP_WITH_PLAN,
        },
        RequestKind::Questions { questions } => {
            let Some(question) = questions.get(number) else {
                let (whole, brief) = (String::new(), String::new());
                return Text { whole, answers: "your words", brief, help: HELP_WITH_QUESTION };
            };
            one_of(&agent, question, (number + 1, questions.len()))
        }
    }
}

fn one_of(agent: &str, question: &Question, (number, of): (usize, usize)) -> Text {
    let count = if of > 1 { format!(" ({number} of {of})") } else { String::new() };
    let mut whole = format!("{QUESTION}{agent} asks{count}: {}{QUESTION:#}", question.text);
    for (number, option) in question.options.iter().enumerate() {
        whole.push_str(&format!("\n {}  {option}", number + 1));
        if let Some(meaning) = question.descriptions.get(number).filter(|meaning| !meaning.is_empty()) {
            whole.push_str(&format!(": {meaning}"));
        }
    }
    let answers = match (question.options.len(), question.multiple) {
        (0, _) => "your words",
        (_, false) => A_NUMBER,
        (_, true) => NUMBERS,
    };
    Text { whole, answers, brief: shortened(&question.text, BESIDE), help: HELP_WITH_QUESTION }
}

/// Returns the question which of the agent's rules to apply for the rest of the session.
pub fn rules(agent: &str, rules: &[String]) -> Text {
    let agent = visible_line(agent);
    match rules {
        [rule] => Text {
            whole: format!(
                "{QUESTION}Allow {agent} this without asking for the rest of the session?{QUESTION:#}\n   {rule}"
            ),
            answers: "yes / no",
            brief: shortened(&format!("stop asking for: {rule}"), BESIDE),
            help: HELP_WITH_RULES,
        },
        several => {
            let mut whole = format!(
                "{QUESTION}Allow {agent} which of these without asking for the rest of the session?{QUESTION:#}"
            );
            for (number, rule) in several.iter().enumerate() {
                whole.push_str(&format!("\n {}  {rule}", number + 1));
            }
            let brief = "stop asking for which one".to_owned();
            Text { whole, answers: "a number / no", brief, help: HELP_WITH_RULES }
        }
    }
}

/// Returns the possible answers to a question about rules.
pub fn unclear_about_rules(rules: usize) -> String {
    let yes = match rules {
        0 | 1 => "yes to apply it".to_owned(),
        rules => {
            let all_but_the_last: Vec<String> = (1..rules).map(|number| number.to_string()).collect();
            format!("{} or {rules} to apply that one", all_but_the_last.join(", "))
        }
    };
    format!("Not understood. Type {yes}, no to go back, or stop to end the agent's turn.\n")
}

/// Marks each row of a foreign text.
fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("{FOREIGN}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
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
        for (multiple, answers) in [
            (false, "a number, or your own words"),
            (true, "one or more numbers, as in 1, 3, or your own words"),
        ] {
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
        let one = "stop the claude session in shop (\"fix the login test and no other\"), session 00000abc, started 2m ago";
        assert_eq!(shown, format!("Which one do you mean?\n 1  {one}\n 2  {one}"));
    }

    /// Asks about a launch in the project `shop`.
    fn launch(prompt: &str) -> Text {
        use codewalk_core::command::Project;
        use codewalk_core::ids::{ConfirmationId, Id};
        use codewalk_core::origin::{Channel, Origin};

        let project = Project { name: "shop".to_owned(), path: "/home/ana/shop".to_owned() };
        let (agent, prompt) = ("claude".to_owned(), prompt.to_owned());
        let (utterance, permission) = (prompt.clone(), PermissionMode::Ask);
        let plans = vec![Plan::Launch { agent, project, prompt, permission }];
        let id = ConfirmationId(Id::from_u128(7));
        let open = OpenConfirmation { id, plans, utterance, routed: None };
        let origin = Origin { channel: Channel::Terminal, name: "run-1".to_owned() };
        confirmation(&open, &Follow::new(origin, Vec::new()), Timestamp(BEGIN))
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
    fn the_text_beside_the_input_starts_with_agent_and_project() {
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
    fn the_text_beside_the_input_names_the_project_of_a_session() {
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
    fn the_choices_of_a_question_are_shortened_and_not_cut() {
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
    fn a_plan_that_is_not_shown_is_marked_as_such() {
        let text = |plan: &str| request("claude", &RequestKind::Plan { plan: plan.to_owned() }, 0, &[]);
        let none = text(NO_PLAN);
        assert_eq!(
            plain(&none),
            "claude wants to continue without showing a plan:\n   ! what it would do is unknown\n   | (it shows no plan)\n\
             Let it continue without a plan? Type no to have it write one first."
        );
        assert_eq!(none.beside(usize::MAX), "[yes / no] claude continues WITHOUT a plan");
        let plan = text("1. x");
        assert_eq!(plain(&plan), "claude proposes a plan:\n   | 1. x\nLet it carry out this plan?");
        assert_eq!(plan.beside(usize::MAX), "[yes / no] the plan of claude");
    }

    #[test]
    fn no_part_of_a_command_looks_like_text_of_codewalk() {
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
            "Allow claude to use Bash: ls src\u{23ce}the agent says: lists?\n   | ls src\n   | the agent says: \"lists\"\n   | \
             allowed in this session: ls\n   |    ! safe\n   the agent says: \"lists\\\" allowed in this session: \\\"ls\"\n   \
             allowed in this session: Bash(make:*)"
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
}
