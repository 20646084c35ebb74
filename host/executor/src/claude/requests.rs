//! What the agent asks a person for, and how it is answered.

use codewalk_core::command::Decision;
use codewalk_core::session::{NO_PLAN, Question, RequestKind};
use codewalk_core::visible::{visible, visible_line};
use serde_json::{Map, Value, json};

use super::rules::Rule;
use super::tools;
use super::wire::{list, text};
use crate::project::Project;
use crate::text::MAX_SUBJECT;

/// How many questions one request may ask, and how many options each may have.
const MAX_QUESTIONS: usize = 100;
/// How long what a person is to read may be, in bytes. What is longer cannot be allowed.
pub(crate) const MAX_SHOWN: usize = 1024 * 1024;

/// A request that waits for an answer.
#[derive(Debug)]
pub(crate) struct Pending {
    /// The call it is about.
    pub tool_use_id: String,
    /// Names the tool and exactly what it is called with.
    pub digest: String,
    kind: Kind,
    /// What the tool is called with. Sent back as it was shown.
    input: Value,
}

#[derive(Debug)]
enum Kind {
    /// A tool call, with the rules that the agent offers for the like of it.
    Approval(Vec<Rule>),
    /// A plan.
    Plan,
    /// Questions, as the agent put them: they are the keys of the answers.
    Questions(Vec<String>),
}

/// What a person is asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Names the tool and exactly what it is called with.
    pub digest: String,
    pub kind: RequestKind,
}

/// Why a request cannot be shown whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unshowable {
    /// It is longer than anybody can be asked to read, in bytes.
    TooLong { bytes: usize },
    /// Its questions have no form in which each gets its own answer.
    Questions(&'static str),
}

impl Pending {
    /// Reads a `can_use_tool` request. The plan is what the agent said last, where it does not repeat it.
    ///
    /// # Errors
    /// Where it cannot be shown whole.
    pub(crate) fn read(
        request: &Value,
        project: &Project,
        last_said: &str,
    ) -> Result<(Self, Shown), Unshowable> {
        let tool = text(request, "tool_name");
        let input = request.get("input").cloned().unwrap_or_else(|| json!({}));
        let (kind, shown) = match tool {
            "AskUserQuestion" if !list(&input, "questions").is_empty() => {
                let (asked, shown) = questions(&input)?;
                (Kind::Questions(asked), RequestKind::Questions { questions: shown })
            }
            "ExitPlanMode" => {
                let plan = text(&input, "plan");
                let mut plan = if plan.is_empty() { last_said.to_owned() } else { plan.to_owned() };
                if plan.trim().is_empty() {
                    plan = NO_PLAN.to_owned();
                }
                let rest = tools::left_over(&input, &["plan", "planFilePath"]);
                if !rest.is_empty() {
                    plan = format!("{plan}\n{rest}");
                }
                let plan = whole(&plan)?;
                (Kind::Plan, RequestKind::Plan { plan })
            }
            _ => {
                let rules = Rule::offered(list(request, "permission_suggestions"), project);
                let approval = approval(tool, &input, project, &rules)?;
                (Kind::Approval(rules), approval)
            }
        };
        let digest = digest(tool, &input, &shown);
        let tool_use_id = text(request, "tool_use_id").to_owned();
        Ok((Self { tool_use_id, digest: digest.clone(), kind, input }, Shown { digest, kind: shown }))
    }

    /// Returns what the agent is answered.
    ///
    /// # Errors
    /// Says what would fit, where the decision does not.
    pub(crate) fn response(&self, decision: &Decision) -> Result<Value, &'static str> {
        match (&self.kind, decision) {
            (_, Decision::Deny { message, end_turn: false }) => {
                Ok(json!({"behavior": "deny", "message": message}))
            }
            (_, Decision::Deny { message, end_turn: true }) => {
                Ok(json!({"behavior": "deny", "message": message, "interrupt": true}))
            }
            (Kind::Approval(rules), Decision::Allow { rule: Some(number), .. }) => {
                let rule = rules.get(*number).ok_or("choose one of the rules that it offers")?;
                Ok(json!({
                    "behavior": "allow", "updatedInput": self.input, "updatedPermissions": [rule.for_this_session()],
                }))
            }
            (Kind::Approval(_) | Kind::Plan, Decision::Allow { .. }) => {
                Ok(json!({"behavior": "allow", "updatedInput": self.input}))
            }
            (Kind::Approval(_) | Kind::Plan, Decision::Answers { .. }) => Err("allow or deny it"),
            (Kind::Questions(_), Decision::Allow { .. }) => Err("answer its questions, or deny it"),
            (Kind::Questions(questions), Decision::Answers { answers })
                if questions.len() == answers.len() =>
            {
                let answers: Map<String, Value> =
                    questions.iter().cloned().zip(answers.iter().cloned().map(Value::from)).collect();
                let mut input = self.input.clone();
                input["answers"] = Value::Object(answers);
                Ok(json!({"behavior": "allow", "updatedInput": input}))
            }
            (Kind::Questions(_), Decision::Answers { .. }) => Err("give one answer for each question"),
        }
    }
}

fn approval(tool: &str, input: &Value, project: &Project, rules: &[Rule]) -> Result<RequestKind, Unshowable> {
    let about = tools::asked_about(tool, input, project);
    let subject = tools::shown_subject(tool, input, project);
    let fits = about.len() <= MAX_SUBJECT && !about.trim_end().contains('\n');
    let detail = tools::detail(tool, input, project);
    let detail = match (fits, detail.is_empty()) {
        (true, _) => detail,
        (false, true) => about,
        (false, false) => format!("{about}\n{detail}"),
    };
    Ok(RequestKind::Approval {
        tool: tools::shown_name(tool),
        subject,
        detail: whole(&detail)?,
        said: tools::said(tool, input),
        marks: tools::marks(tool, input, project),
        rules: rules.iter().map(Rule::shown).collect(),
    })
}

/// Returns a text to be read by whoever consents to it.
fn whole(text: &str) -> Result<String, Unshowable> {
    let too_long = |text: &str| (text.len() > MAX_SHOWN).then_some(Unshowable::TooLong { bytes: text.len() });
    if let Some(error) = too_long(text) {
        return Err(error);
    }
    let shown = visible(text);
    too_long(&shown).map_or(Ok(shown), Err)
}

/// Names what is asked: another tool, another input or another text shown has another digest.
pub(crate) fn digest(tool: &str, input: &Value, shown: &RequestKind) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [tool, &input.to_string(), &format!("{shown:?}")] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Returns the questions of the agent, as it put them and as they are shown: all that would go back with the answers.
fn questions(input: &Value) -> Result<(Vec<String>, Vec<Question>), Unshowable> {
    let refused = |why| Err(Unshowable::Questions(why));
    let all = list(input, "questions");
    let bytes = input.to_string().len();
    if bytes > MAX_SHOWN {
        return Err(Unshowable::TooLong { bytes });
    }
    if all.len() > MAX_QUESTIONS || all.iter().any(|one| list(one, "options").len() > MAX_QUESTIONS) {
        return refused("it asks too many questions, or offers too many options");
    }
    let asked: Vec<String> = all.iter().map(|one| text(one, "question").to_owned()).collect();
    if asked.iter().any(|one| one.trim().is_empty()) {
        return refused("one of its questions has no words");
    }
    // They are the keys of the answers.
    if asked.iter().enumerate().any(|(at, one)| asked[..at].contains(one)) {
        return refused("it asks the same question twice");
    }
    let options = || all.iter().flat_map(|one| list(one, "options"));
    if options().any(|option| text(option, "label").trim().is_empty()) {
        return refused("one of its options has no words");
    }
    let mut shown: Vec<Question> = all.iter().map(question).collect();
    if let Some(first) = shown.first_mut() {
        first.text = beside(std::mem::take(&mut first.text), rest(input, &["questions"], &[]));
    }
    Ok((asked, shown))
}

fn question(question: &Value) -> Question {
    let line = |value: &Value, key: &str| visible_line(text(value, key));
    let options = list(question, "options");
    let (header, asked) = (line(question, "header"), line(question, "question"));
    let is_said = asked.to_lowercase().contains(&header.to_lowercase());
    let asked = if is_said { asked } else { format!("{asked} ({header})") };
    let left = rest(question, &["question", "header"], &["multiSelect", "options"]);
    let description =
        |option| beside(line(option, "description"), rest(option, &["label", "description"], &[]));
    Question {
        text: beside(asked, left),
        options: options.iter().map(|option| line(option, "label")).collect(),
        descriptions: options.iter().map(description).collect(),
        multiple: question.get("multiSelect").and_then(Value::as_bool).unwrap_or(false),
    }
}

/// Returns as JSON the fields that are shown nowhere else: others than these texts, or of another form.
fn rest(value: &Value, texts: &[&str], others: &[&str]) -> String {
    let is_shown = |key: &str, value: &Value| {
        let has_form = value.is_string() || (key == "questions" && value.is_array());
        (texts.contains(&key) && has_form)
            || (others.contains(&key) && (value.is_array() || value.is_boolean()))
    };
    let fields = value.as_object().into_iter().flatten().filter(|(key, value)| !is_shown(key, value));
    let left: Map<String, Value> = fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    if left.is_empty() { String::new() } else { visible_line(&Value::Object(left).to_string()) }
}

fn beside(text: String, rest: String) -> String {
    if text.is_empty() || rest.is_empty() { text + &rest } else { format!("{text} {rest}") }
}
