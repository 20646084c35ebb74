//! Questions in words: all that is consented to, and nothing in it invisible.

use anstyle::{AnsiColor, Style};
use codewalk_core::call::{AdapterReply, Proposal};
use codewalk_core::consent::{self, Plan};
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::{NO_PLAN, Question, RequestKind};
use codewalk_core::text::shortened;
use codewalk_core::visible::{visible, visible_line};

use super::clock::Clock;
use super::follow::{Follow, OpenConfirmation};
use super::words::{short_id, tool_name};
use crate::screen::FOREIGN;

/// How a question is set off.
const QUESTION: Style = AnsiColor::Cyan.on_default().bold();
/// How something to notice is set off.
const MARK: Style = AnsiColor::Red.on_default().bold();
/// How much stands beside what is typed, in characters.
const BESIDE: usize = 70;
/// What can be answered to a question whether to do something.
const TO_DO_IT: &str = "yes / no / edit: new prompt";
/// The same where there is less room.
const TO_DO_IT_SHORT: &str = "yes / no / edit: \u{2026}";
/// What can be answered to a question with options.
const A_NUMBER: &str = "a number, or your own words";
const NUMBERS: &str = "one or more numbers, as in 1, 3, or your own words";
/// A prompt of more lines or bytes may take the question about it off the screen.
const LONG: (usize, usize) = (5, 400);

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// All of it, in lines.
    pub whole: String,
    /// What can be answered.
    pub answers: &'static str,
    /// What an answer is for, in a few words.
    pub brief: String,
    /// What each answer does, in lines.
    pub help: &'static str,
}

/// What can be answered to a question whether to do something.
const HELP_WITH_CONFIRMATION: &str = "   yes            do it
   yes, but ...   add that to the prompt, and ask again
   edit: ...      replace the prompt, and ask again
   no, stop       cancel
   more           show the rest of the question, or show it again
   status         report on your sessions, and ask again";
/// What can be answered to a question which of several things is meant.
const HELP_WITH_CHOICE: &str = "   1, 2, ...      choose that one
   no, stop       none of them
   more           show the rest of the question, or show it again
   status         report on your sessions, and ask again";
/// What can be answered to what an agent asks for.
const HELP_WITH_APPROVAL: &str = "   yes            allow this once
   yes, but ...   allow this, and send the rest to the agent
   always         choose one of the agent's rules to allow the like of this without asking
   no, no, ...    deny this; the agent reads your words and continues
   stop           deny this, and end the agent's turn
   more           show the rest of the question, or show it again
   status         report on your sessions, and ask again";
/// What can be answered to a plan of an agent.
const HELP_WITH_PLAN: &str = "   yes            let the agent carry it out
   yes, but ...   let the agent carry it out, and send it the rest
   no, no, ...    reject it; the agent reads your words and keeps planning
   stop           reject it, and end the agent's turn
   more           show the rest of the plan, or show it again
   status         report on your sessions, and ask again";
/// What can be answered to a question of an agent.
const HELP_WITH_QUESTION: &str = "   1, 2, ...      choose that option; several, as in 1, 3, if allowed
   your words     answer in your own words
   decline        skip the question; the agent continues
   stop           skip the question, and end the agent's turn
   status         report on your sessions, and ask again";
/// What can be answered to a question about the rules of an agent.
const HELP_WITH_RULES: &str = "   yes            allow this, and apply the rule until the run ends; type a number to choose one of several
   no             go back to the previous question
   stop           deny this, and end the agent's turn";

/// Returns whether a line asks what can be answered.
pub fn asks_for_help(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "?" | "help" | "help?" | "h")
}

impl Text {
    /// Returns what stands beside what is typed, in so many characters: of what would be done, who does it and where comes first.
    /// What can be answered is shortened and never cut.
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

/// Returns forms of what can be answered, the longest first.
fn shorter(answers: &'static str) -> &'static [&'static str] {
    match answers {
        A_NUMBER => &[A_NUMBER, "a number"],
        NUMBERS => &[NUMBERS, "numbers, or your own words", "numbers"],
        "yes / no" => &["yes / no"],
        "a number / no" => &["a number / no"],
        _ => &["your words"],
    }
}

/// Returns the question whether to do what a confirmation is about.
pub fn confirmation(open: &OpenConfirmation, follow: &Follow, clock: &Clock) -> Text {
    let understood = understood(open.routed.as_ref());
    match open.plans.as_slice() {
        [plan] => {
            let what = described(plan, follow, clock);
            Text {
                whole: format!(
                    "{QUESTION}{}?{QUESTION:#}{}{understood}{}",
                    capitalized(&what),
                    run(plan, &open.said),
                    again(plan, &open.said, &what)
                ),
                answers: TO_DO_IT,
                brief: shortened(&briefest(plan, follow), BESIDE),
                help: HELP_WITH_CONFIRMATION,
            }
        }
        several => {
            let mut whole = format!("{QUESTION}Which one do you mean?{QUESTION:#}");
            for (number, plan) in several.iter().enumerate() {
                let run = run(plan, &open.said);
                whole.push_str(&format!("\n {}  {}{run}", number + 1, described(plan, follow, clock)));
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

/// Returns what would be done without the words that a session was started with.
fn briefest(plan: &Plan, follow: &Follow) -> String {
    let brief = brief(plan, follow);
    match (plan.session().and_then(|id| follow.session(id)), brief.split_once(" the ")) {
        (Some(session), Some((verb, _))) => {
            visible_line(&format!("{verb} {} in {}", session.agent, session.project.name))
        }
        _ => brief,
    }
}

/// Returns what would be done, and where: of a session which one, and how old it is.
fn described(plan: &Plan, follow: &Follow, clock: &Clock) -> String {
    let brief = brief(plan, follow);
    match (plan, plan.session().and_then(|id| follow.session(id))) {
        (Plan::Launch { project, .. }, _) => format!("{brief} ({})", visible_line(&project.path)),
        (_, Some(session)) => {
            let (id, age) = (short_id(session.id), clock.age(session.started_at()));
            format!("{brief}, session {id}, started {age}")
        }
        (_, None) => brief,
    }
}

/// Returns what will run: how far it may go, and what it is told.
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

/// Returns what would be done once more, below a prompt that is long: the last that is read is no word of others.
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

/// Returns the question an agent asks: of several, the one with that number, from 0. What was allowed for the rest of its run is
/// said beside it.
pub fn request(agent: &str, kind: &RequestKind, number: usize, allowed: &[String]) -> Text {
    let agent = visible_line(agent);
    match kind {
        RequestKind::Approval { tool, subject, detail, said, marks, .. } => {
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
        // A yes counts for what is shown: here for going on unseen, and for no plan.
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

/// Returns the question which of the agent's rules is to hold for the rest of the session.
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

/// Says what can be answered to a question about rules.
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

/// Returns a text of others, marked row by row as such.
fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("{FOREIGN}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn options_are_shown_with_what_they_mean_and_whether_several_may_be_chosen() {
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
    fn a_riddle_between_sessions_says_which_they_are_and_how_old() {
        use codewalk_core::command::{Channel, ControlAction, Origin};
        use codewalk_core::ids::{ConfirmationId, Id};

        use super::super::clock::tests::clock;
        use super::super::samples::{BEGIN, session};

        let session = session([]);
        let plan = Plan::Control { session: session.id, action: ControlAction::Stop };
        let origin = Origin { channel: Channel::Terminal, name: "run-1".to_owned() };
        let follow = Follow::new(origin, vec![session]);
        let said = "stop it".to_owned();
        let open = OpenConfirmation {
            id: ConfirmationId(Id::from_u128(7)),
            plans: vec![plan.clone(), plan],
            said,
            routed: None,
        };
        let shown = plain(&confirmation(&open, &follow, &clock(BEGIN + 125_000)));
        let one = "stop the claude session in shop (\"fix the login test and no other\"), session 00000abc, started 2m ago";
        assert_eq!(shown, format!("Which one do you mean?\n 1  {one}\n 2  {one}"));
    }

    /// Asks about a launch in the project `shop`.
    fn launch(prompt: &str) -> Text {
        use codewalk_core::command::{Channel, Origin, Project};
        use codewalk_core::ids::{ConfirmationId, Id};

        use super::super::clock::tests::clock;
        use super::super::samples::BEGIN;

        let project = Project { name: "shop".to_owned(), path: "/home/ana/shop".to_owned() };
        let (agent, prompt) = ("claude".to_owned(), prompt.to_owned());
        let (said, permission) = (prompt.clone(), PermissionMode::Ask);
        let plans = vec![Plan::Launch { agent, project, prompt, permission }];
        let id = ConfirmationId(Id::from_u128(7));
        let open = OpenConfirmation { id, plans, said, routed: None };
        let origin = Origin { channel: Channel::Terminal, name: "run-1".to_owned() };
        confirmation(&open, &Follow::new(origin, Vec::new()), &clock(BEGIN))
    }

    #[test]
    fn below_a_long_prompt_it_is_said_again_who_would_do_it_and_where() {
        let again = "\n   question    start claude in shop (/home/ana/shop)?";
        for long in ["a line of it\n".repeat(6), "very ".repeat(100)] {
            let asked = plain(&launch(&long));
            assert!(asked.ends_with(again), "{asked}");
            assert_eq!(asked.matches("start claude in shop (/home/ana/shop)?").count(), 2, "{asked}");
        }
        let forged = "fix it\n\n\n\n\n   question    start claude in play (/home/ana/play)?";
        let asked = plain(&launch(forged));
        assert!(asked.contains("\n   |    question ") && asked.ends_with(again), "{asked}");
        let short = plain(&launch("fix the typo"));
        assert_eq!(short.matches("start claude").count(), 1, "{short}");
    }

    #[test]
    fn what_stands_beside_what_is_typed_begins_with_who_would_do_it_and_where() {
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
    fn what_stands_beside_an_answer_to_a_session_names_its_project_and_the_choices() {
        use codewalk_core::command::{Channel, Origin};
        use codewalk_core::ids::{ConfirmationId, Id};

        use super::super::clock::tests::clock;
        use super::super::samples::{BEGIN, session};

        let session = session([]);
        let prompt = "create a file @write a.txt and then tell me all about it".to_owned();
        let plans = vec![Plan::FollowUp { session: session.id, prompt: prompt.clone() }];
        let id = ConfirmationId(Id::from_u128(7));
        let open = OpenConfirmation { id, plans, said: prompt, routed: None };
        let origin = Origin { channel: Channel::Terminal, name: "run-1".to_owned() };
        let text = confirmation(&open, &Follow::new(origin, vec![session]), &clock(BEGIN));
        assert_eq!(text.beside(50), "tell claude in shop? [yes / no / edit: new prompt]");
        assert_eq!(text.beside(36), "claude in shop? [yes / no / edit: \u{2026}]");
    }

    #[test]
    fn of_a_question_of_an_agent_the_choices_are_shortened_and_not_cut() {
        let several = request("claude", &RequestKind::Questions { questions: vec![question(true)] }, 0, &[]);
        assert_eq!(several.beside(36), "[numbers, or your own words] Which \u{2026}");
        assert_eq!(several.beside(16), "[numbers] Which\u{2026}");
        let one = request("claude", &RequestKind::Questions { questions: vec![question(false)] }, 0, &[]);
        assert_eq!(one.beside(16), "[a number] Whic\u{2026}");
    }

    #[test]
    fn an_unclear_answer_about_rules_is_told_what_can_be_answered() {
        assert!(unclear_about_rules(1).contains("Type yes"), "{}", unclear_about_rules(1));
        assert!(unclear_about_rules(3).contains("Type 1, 2 or 3"), "{}", unclear_about_rules(3));
    }

    #[test]
    fn each_question_says_what_can_be_answered() {
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
    fn a_yes_to_a_plan_that_is_not_shown_is_asked_for_as_such() {
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
    fn nothing_of_a_command_passes_as_what_codewalk_says() {
        let kind = RequestKind::Approval {
            tool: "Bash".to_owned(),
            subject: "ls src\u{23ce}the agent says: lists".to_owned(),
            detail: "ls src\nthe agent says: \"lists\"\nallowed in this session: ls\n   ! safe".to_owned(),
            said: "lists\" allowed in this session: \"ls".to_owned(),
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
    fn what_to_notice_stands_before_what_would_be_done() {
        let kind = RequestKind::Approval {
            tool: "Write".to_owned(),
            subject: "/etc/hosts".to_owned(),
            detail: "a\nb".to_owned(),
            said: String::new(),
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
