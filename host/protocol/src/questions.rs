//! Questions in words. They show everything that a yes consents to, with no invisible characters.

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

/// The prefix of each row of foreign text in a question, including continuation rows. No row of codewalk's
/// own text starts with it.
pub const FOREIGN: &str = "   | ";
/// The style of a question.
const QUESTION: Style = AnsiColor::Cyan.on_default().bold();
/// The style of a warning.
const MARK: Style = AnsiColor::Red.on_default().bold();
/// The maximum length of a brief question, in characters.
const BESIDE: usize = 70;
/// Answers to a confirmation of one plan.
const TO_DO_IT: &str = "yes / no / edit: new prompt";
/// The same in a shorter form.
const TO_DO_IT_SHORT: &str = "yes / no / edit: \u{2026}";
/// Answers to a question with options.
const A_NUMBER: &str = "a number, or your own words";
const NUMBERS: &str = "one or more numbers, as in 1, 3, or your own words";
/// A prompt with more lines or bytes may push the question off the screen.
const LONG: (usize, usize) = (5, 400);

/// A question to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The whole question, as lines.
    pub whole: String,
    /// The possible answers.
    pub answers: &'static str,
    /// The question in a few words.
    pub brief: String,
    /// The effect of each answer, as lines.
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
   always         choose one of the agent's rules to allow similar requests without asking
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
const HELP_WITH_RULES: &str = "   yes            allow this, and apply the rule until the run ends; \
type a number to choose one of several
   no             go back to the previous question
   stop           deny this, and end the agent's turn";

/// Returns whether a line asks for the possible answers.
pub fn asks_for_help(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "?" | "help" | "help?" | "h")
}

impl Text {
    /// Returns the question to show next to the input, in at most `room` characters; agent and project come
    /// first. Possible answers are shortened, never cut.
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

/// Returns several forms of the possible answers, the longest first.
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
fn run(plan: &Plan, utterance: &str) -> String {
    let permission = match plan {
        Plan::Launch { permission, .. } => format!("\n   permission  {}", permission_line(*permission)),
        Plan::FollowUp { .. } | Plan::Control { .. } => String::new(),
    };
    let prompt = match plan {
        Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. } if prompt.trim() == utterance.trim() => {
            format!("\n   prompt      your words, unchanged\n{}", marked("", prompt))
        }
        Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. } => format!(
            "\n   {MARK}prompt      differs from your words:{MARK:#}\n{}\n{}",
            marked("- ", utterance),
            marked("+ ", prompt)
        ),
        Plan::Control { .. } => String::new(),
    };
    permission + &prompt
}

/// Returns a text with its first letter capitalized.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns the question to repeat below a long prompt, so that the last words are codewalk's.
fn again(plan: &Plan, utterance: &str, what: &str) -> String {
    let (Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. }) = plan else { return String::new() };
    let prompts =
        if prompt.trim() == utterance.trim() { prompt.clone() } else { format!("{utterance}\n{prompt}") };
    if prompts.lines().count() <= LONG.0 && prompts.len() <= LONG.1 {
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
        PermissionMode::Unenforced => "not enforced: this agent does not ask",
    }
}

fn marked(mark: &str, text: &str) -> String {
    visible(text).lines().map(|line| format!("{FOREIGN}{mark}{line}")).collect::<Vec<_>>().join("\n")
}

/// Returns an agent's approval or question. `number`, counted from 0, selects one of several questions.
/// `allowed` contains the rules allowed for the rest of the run.
pub fn request(agent: &str, kind: &RequestKind, number: usize, allowed: &[String]) -> Text {
    let agent = visible_line(agent);
    match kind {
        RequestKind::Approval { tool, subject, detail, agent_words: words, marks, .. } => {
            let tool = tool_name(tool);
            let mut whole = format!("{QUESTION}Allow {agent} to use {tool}: {subject}?{QUESTION:#}");
            for mark in marks {
                whole.push_str(&format!("\n   {MARK}! {mark}{MARK:#}"));
            }
            if !detail.is_empty() {
                whole.push_str(&format!("\n{}", quoted(detail)));
            }
            if !words.is_empty() {
                whole.push_str(&format!("\n   the agent says: \"{}\"", words.replace('"', "\\\"")));
            }
            for rule in allowed {
                whole.push_str(&format!("\n   allowed in this session: {rule}"));
            }
            let brief = shortened(&format!("{tool} {subject}"), BESIDE);
            Text { whole, answers: "yes / no", brief, help: HELP_WITH_APPROVAL }
        }
        // A yes counts only for what is shown: in this case, for continuing unseen, not for a plan.
        RequestKind::Plan { plan } if plan.starts_with(NO_PLAN) => Text {
            whole: format!(
                "{QUESTION}{agent} wants to continue without showing a plan:{QUESTION:#}\n   {MARK}! \
                 what it would do is unknown{MARK:#}\n{}\n\
                 Let it continue without a plan? Type no to have it write one first.",
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

/// Returns the question that asks which of the agent's rules to apply for the rest of the session.
pub fn rules(agent: &str, rules: &[String]) -> Text {
    let agent = visible_line(agent);
    match rules {
        [rule] => Text {
            whole: format!(
                "{QUESTION}Let {agent} do this without asking for the rest of the session?\
                 {QUESTION:#}\n   {rule}"
            ),
            answers: "yes / no",
            brief: shortened(&format!("stop asking for: {rule}"), BESIDE),
            help: HELP_WITH_RULES,
        },
        several => {
            let mut whole = format!(
                "{QUESTION}Which of these may {agent} do without asking for the rest of the session?\
                 {QUESTION:#}"
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
mod tests;
