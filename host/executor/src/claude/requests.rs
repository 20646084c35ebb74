//! Requests to use a tool, and the answers to them.

use codewalk_core::command::Decision;
use codewalk_core::session::{NO_PLAN, Question, RequestKind};
use codewalk_core::terminal_text::{visible, visible_line};
use serde_json::{Map, Value, json};

use super::rules::Rule;
use super::tools;
use super::wire::{list, text};
use crate::project::Project;
use crate::text::{MAX_SHOWN, MAX_SUBJECT};

/// The maximum number of questions in a request, and of options in a question.
const MAX_QUESTIONS: usize = 100;

/// An open request.
#[derive(Debug)]
pub(crate) struct Pending {
    /// The tool call.
    pub tool_use_id: String,
    /// Identifies the tool and its exact input.
    pub digest: String,
    kind: Kind,
    /// The input of the tool. It is sent back as it was shown.
    input: Value,
}

#[derive(Debug)]
enum Kind {
    /// A tool call, with the rules that the agent suggests for similar calls.
    Approval(Vec<Rule>),
    /// A plan.
    Plan,
    /// Questions in the agent's own words, which are the keys of the answers.
    Questions(Vec<String>),
}

/// A request as the user sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RequestView {
    /// Identifies the tool and its exact input.
    pub digest: String,
    pub kind: RequestKind,
}

/// Why a request cannot be shown completely.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unshowable {
    /// The request is longer than a person can read. Holds its length in bytes.
    TooLong { bytes: usize },
    /// Its questions cannot be answered one by one.
    Questions(&'static str),
}

impl Pending {
    /// Reads a `can_use_tool` request. If a plan has no text, the agent's last text is used.
    ///
    /// # Errors
    /// If it cannot be shown completely.
    pub(crate) fn read(
        request: &Value,
        project: &Project,
        last_said: &str,
    ) -> Result<(Self, RequestView), Unshowable> {
        let tool = text(request, "tool_name");
        let input = request.get("input").cloned().unwrap_or_else(|| json!({}));
        let (kind, shown) = match tool {
            "AskUserQuestion" if !list(&input, "questions").is_empty() => {
                let (questions, shown) = questions(&input)?;
                (Kind::Questions(questions), RequestKind::Questions { questions: shown })
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
        Ok((Self { tool_use_id, digest: digest.clone(), kind, input }, RequestView { digest, kind: shown }))
    }

    /// Returns the answer to the agent.
    ///
    /// # Errors
    /// If the decision does not fit. The error says which decision would fit.
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
                    "behavior": "allow",
                    "updatedInput": self.input,
                    "updatedPermissions": [rule.for_this_session()],
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
        agent_words: tools::said(tool, input),
        marks: tools::marks(tool, input, project),
        rules: rules.iter().map(Rule::shown).collect(),
    })
}

/// Returns the complete text that the user decides on.
fn whole(text: &str) -> Result<String, Unshowable> {
    let too_long = |text: &str| (text.len() > MAX_SHOWN).then_some(Unshowable::TooLong { bytes: text.len() });
    if let Some(error) = too_long(text) {
        return Err(error);
    }
    let shown = visible(text);
    too_long(&shown).map_or(Ok(shown), Err)
}

/// Identifies a request. The digest changes with the tool, the input and the text that is shown.
pub(crate) fn digest(tool: &str, input: &Value, view: &RequestKind) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [tool.as_bytes(), input.to_string().as_bytes(), &view.canonical_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

/// Returns the questions in the agent's own words, and as they are shown. Everything that is sent back with
/// the answers is shown.
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
    let texts: Vec<String> = all.iter().map(|one| text(one, "question").to_owned()).collect();
    if texts.iter().any(|one| one.trim().is_empty()) {
        return refused("one of its questions is empty");
    }
    // The questions are the keys of the answers.
    if texts.iter().enumerate().any(|(at, one)| texts[..at].contains(one)) {
        return refused("it asks the same question twice");
    }
    let options = || all.iter().flat_map(|one| list(one, "options"));
    if options().any(|option| text(option, "label").trim().is_empty()) {
        return refused("one of its options is empty");
    }
    let mut shown: Vec<Question> = all.iter().map(question).collect();
    if let Some(first) = shown.first_mut() {
        first.text = beside(std::mem::take(&mut first.text), rest(input, &["questions"], &[]));
    }
    Ok((texts, shown))
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

/// Returns as JSON the fields that are not otherwise shown, or that have an unexpected form.
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
