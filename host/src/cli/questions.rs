//! Questions in words: all that is consented to, and nothing in it invisible.

use anstyle::{AnsiColor, Style};
use codewalk_core::call::{Answered, Proposal};
use codewalk_core::consent::{self, Plan};
use codewalk_core::permission::PermissionMode;
use codewalk_core::routing::grammar;
use codewalk_core::session::{Question, RequestKind};
use codewalk_core::text::shortened;
use codewalk_core::visible::{visible, visible_line};

use super::follow::{Follow, OpenConfirmation};

/// How a question is set off.
const QUESTION: Style = AnsiColor::Cyan.on_default().bold();
/// How something to notice is set off.
const MARK: Style = AnsiColor::Red.on_default().bold();
/// How much stands beside what is typed, in characters.
const BESIDE: usize = 70;

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// All of it, in lines.
    pub whole: String,
    /// What can be answered.
    pub answers: &'static str,
    /// What an answer is for, in a few words.
    pub brief: String,
}

impl Text {
    /// Returns what stands beside what is typed.
    pub fn beside(&self) -> String {
        format!("[{}] {}", self.answers, self.brief)
    }
}

/// Returns the question whether to do what a confirmation is about.
pub fn confirmation(open: &OpenConfirmation, follow: &Follow) -> Text {
    let understood = understood(open.routed.as_ref());
    match open.plans.as_slice() {
        [plan] => Text {
            whole: format!(
                "{QUESTION}May it {}?{QUESTION:#}{}{understood}",
                described(plan, follow),
                run(plan, &open.said)
            ),
            answers: "yes / no / edit: other words",
            brief: shortened(&brief(plan, follow), BESIDE),
        },
        several => {
            let mut whole = format!("{QUESTION}It can be read in several ways:{QUESTION:#}");
            for (number, plan) in several.iter().enumerate() {
                let run = run(plan, &open.said);
                whole.push_str(&format!("\n {}  {}{run}", number + 1, described(plan, follow)));
            }
            whole.push_str(&understood);
            Text { whole, answers: "a number / no", brief: "which one is meant".to_owned() }
        }
    }
}

fn brief(plan: &Plan, follow: &Follow) -> String {
    visible_line(&consent::describe(plan, plan.session().and_then(|id| follow.session(id))))
}

fn described(plan: &Plan, follow: &Follow) -> String {
    match plan {
        Plan::Launch { project, .. } => format!("{} ({})", brief(plan, follow), visible_line(&project.path)),
        Plan::FollowUp { .. } | Plan::Control { .. } => brief(plan, follow),
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
            format!("\n   prompt      your words, unchanged\n{}", marked(' ', prompt))
        }
        Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. } => format!(
            "\n   {MARK}prompt      differs from your words:{MARK:#}\n{}\n{}",
            marked('-', said),
            marked('+', prompt)
        ),
        Plan::Control { .. } => String::new(),
    };
    permission + &prompt
}

fn understood(routed: Option<&Answered<Proposal>>) -> String {
    let Some(routed) = routed else { return String::new() };
    let (adapter, sure) = (shortened(&routed.adapter, 60), routed.answer.confidence);
    format!("\n   understood  by {adapter}, {sure} % sure")
}

const fn permission_line(permission: PermissionMode) -> &'static str {
    match permission {
        PermissionMode::Plan => "it may only plan",
        PermissionMode::Ask => "it asks before it changes anything",
        PermissionMode::AcceptEdits => "it edits files in the project without asking",
        PermissionMode::Bypass => "it does EVERYTHING without asking",
    }
}

fn marked(mark: char, text: &str) -> String {
    visible(text).lines().map(|line| format!("   {mark} {line}")).collect::<Vec<_>>().join("\n")
}

/// Returns the question an agent asks: of several, the one with that number, from 0. What was allowed for the rest of its run is
/// said beside it.
pub fn request(agent: &str, kind: &RequestKind, number: usize, allowed: &[String]) -> Text {
    let agent = visible_line(agent);
    match kind {
        RequestKind::Approval { tool, subject, detail, marks, .. } => {
            let mut whole = format!("{QUESTION}{agent} asks: may it use {tool} on {subject}?{QUESTION:#}");
            for mark in marks {
                whole.push_str(&format!("\n   {MARK}! {mark}{MARK:#}"));
            }
            if !detail.is_empty() {
                whole.push_str(&format!("\n{}", indented(detail)));
            }
            for rule in allowed {
                whole.push_str(&format!("\n   allowed in this session: {rule}"));
            }
            Text { whole, answers: "yes / no", brief: shortened(&format!("{tool} {subject}"), BESIDE) }
        }
        RequestKind::Plan { plan } => Text {
            whole: format!(
                "{QUESTION}{agent} has a plan:{QUESTION:#}\n{}\nMay it carry it out?",
                indented(plan)
            ),
            answers: "yes / no",
            brief: format!("the plan of {agent}"),
        },
        RequestKind::Questions { questions } => {
            let Some(question) = questions.get(number) else {
                return Text { whole: String::new(), answers: "your words", brief: String::new() };
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
        (_, false) => "a number, or your own words",
        (_, true) => "one or more numbers, as in 1, 3, or your own words",
    };
    Text { whole, answers, brief: shortened(&question.text, BESIDE) }
}

/// Returns the question which of the agent's rules is to hold for the rest of the session.
pub fn rules(agent: &str, rules: &[String]) -> Text {
    let agent = visible_line(agent);
    match rules {
        [rule] => Text {
            whole: format!(
                "{QUESTION}{agent} would then ask no more, in this session, for:{QUESTION:#}\n   {rule}"
            ),
            answers: "yes / no",
            brief: shortened(&format!("no more questions for: {rule}"), BESIDE),
        },
        several => {
            let mut whole = format!(
                "{QUESTION}{agent} could ask no more, in this session, for one of these:{QUESTION:#}"
            );
            for (number, rule) in several.iter().enumerate() {
                whole.push_str(&format!("\n {}  {rule}", number + 1));
            }
            Text { whole, answers: "a number / no", brief: "no more questions for which of them".to_owned() }
        }
    }
}

/// Returns what is answered to a question with options, where a line says it: what is chosen by numbers, or the words.
///
/// # Errors
/// Says which number there is not, or that only one may be chosen.
pub fn chosen(question: &Question, line: &str) -> Result<String, String> {
    if question.options.is_empty() {
        return text(line);
    }
    let is_label = |option: &&String| option.trim().eq_ignore_ascii_case(line.trim());
    if let Some(label) = question.options.iter().find(is_label) {
        let at = line.trim().parse().ok().and_then(|number: usize| number.checked_sub(1));
        return match at.and_then(|at| question.options.get(at)) {
            Some(option) if option != label => Err(format!(
                "{} is one of the answers, and the number of another one: write the words of one, or put it in quotes",
                line.trim()
            )),
            _ => Ok(label.clone()),
        };
    }
    if let Some(label) =
        unquoted(line).and_then(|said| question.options.iter().find(|option| *option == said))
    {
        return Ok(label.clone());
    }
    let parts: Vec<&str> = line.split([',', ' ']).filter(|part| !part.is_empty() && *part != "and").collect();
    let numbers: Option<Vec<usize>> = parts.iter().map(|part| part.parse().ok()).collect();
    let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty() && !question.options.is_empty()) else {
        return Ok(line.trim().to_owned());
    };
    if numbers.len() > 1 && !question.multiple {
        return Err("only one of them can be chosen".to_owned());
    }
    let mut options: Vec<&str> = Vec::new();
    for number in numbers {
        let option = number.checked_sub(1).and_then(|at| question.options.get(at));
        let option = option.ok_or_else(|| {
            format!("there is no number {number}; choose from 1 to {}", question.options.len())
        })?;
        if !options.contains(&option.as_str()) {
            options.push(option);
        }
    }
    Ok(options.join(", "))
}

/// Returns what is answered in words of one's own. A mere no may be these words, or a refusal to answer.
fn text(line: &str) -> Result<String, String> {
    let said = line.trim();
    match unquoted(said) {
        Some(inner) if grammar::is_bare_no(inner) => Ok(inner.to_owned()),
        _ if grammar::is_bare_no(said) => Err(format!(
            "Is {said:?} the answer, or do you not want to answer? Type it in quotes to send the word, or \"decline\""
        )),
        _ => Ok(said.to_owned()),
    }
}

/// Returns whether a line declines to answer a question that takes any words.
pub fn declines(question: &Question, line: &str) -> bool {
    question.options.is_empty() && line.trim().eq_ignore_ascii_case("decline")
}

fn unquoted(text: &str) -> Option<&str> {
    text.trim().strip_prefix('"')?.strip_suffix('"')
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("   {line}")).collect::<Vec<_>>().join("\n")
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
    fn a_number_that_is_another_options_label_is_not_clear() {
        let numbered = |labels: &[&str]| Question {
            text: "How many?".to_owned(),
            options: labels.iter().map(|label| (*label).to_owned()).collect(),
            descriptions: Vec::new(),
            multiple: false,
        };
        for line in ["1", " 2 "] {
            let asked = chosen(&numbered(&["2", "1"]), line).unwrap_err();
            assert!(asked.contains("is one of the answers, and the number of another one"), "{asked}");
        }
        let labels = ["10", "2", "7"];
        for (line, answer) in [("10", "10"), ("2", "2"), ("1", "10"), ("7", "7"), ("3", "7"), ("\"7\"", "7")]
        {
            assert_eq!(chosen(&numbered(&labels), line).as_deref(), Ok(answer), "{line}");
        }
        assert_eq!(chosen(&numbered(&["2", "1"]), "\"1\"").as_deref(), Ok("1"));
    }

    #[test]
    fn a_mere_no_is_not_sent_as_text_unasked() {
        let open = Question { options: Vec::new(), descriptions: Vec::new(), ..question(false) };
        for line in ["no", "No.", "stop", "cancel", "no thanks"] {
            let asked = chosen(&open, line).unwrap_err();
            assert!(asked.contains("in quotes") && asked.contains("decline"), "{asked}");
        }
        for (line, sent) in
            [("\"no\"", "no"), ("no blue, use red", "no blue, use red"), ("\"red\"", "\"red\"")]
        {
            assert_eq!(chosen(&open, line).as_deref(), Ok(sent));
        }
        assert!(declines(&open, "Decline") && !declines(&question(false), "decline"));
    }

    #[test]
    fn only_numbers_that_there_are_can_be_chosen() {
        for (multiple, line, answer) in [
            (false, "2", Ok("Blue")),
            (false, " 2 ", Ok("Blue")),
            (false, "purple", Ok("purple")),
            (false, "2 shades of grey", Ok("2 shades of grey")),
            (false, "0", Err("there is no number 0")),
            (false, "4", Err("there is no number 4; choose from 1 to 3")),
            (false, "1, 2", Err("only one")),
            (true, "1, 3", Ok("Red, Green")),
            (true, "3 and 1", Ok("Green, Red")),
            (true, "1 1", Ok("Red")),
            (true, "1, 9", Err("there is no number 9")),
        ] {
            match (chosen(&question(multiple), line), answer) {
                (Ok(chosen), Ok(answer)) => assert_eq!(chosen, answer, "{line}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{line}: {error}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        let free = Question { options: Vec::new(), ..question(false) };
        assert_eq!(chosen(&free, "42"), Ok("42".to_owned()), "a number may be the answer itself");
    }

    #[test]
    fn what_to_notice_stands_before_what_would_be_done() {
        let kind = RequestKind::Approval {
            tool: "Write".to_owned(),
            subject: "/etc/hosts".to_owned(),
            detail: "a\nb".to_owned(),
            marks: vec!["outside the project".to_owned()],
            rules: Vec::new(),
        };
        let text = request("claude", &kind, 0, &[]);
        assert_eq!(
            plain(&text),
            "claude asks: may it use Write on /etc/hosts?\n   ! outside the project\n   a\n   b"
        );
        assert_eq!(text.beside(), "[yes / no] Write /etc/hosts");
    }
}
