//! What the agent asks a person for, and how it is answered.

use codewalk_core::command::Decision;
use codewalk_core::session::{Question, RequestKind};
use serde_json::{Map, Value, json};

use super::tools;
use super::wire::{list, text};
use crate::project::Project;
use crate::text::{MAX_DETAIL, MAX_SUBJECT, block, one_line};

/// How many questions of one request are shown, and how many answers to each.
const MAX_QUESTIONS: usize = 16;

/// A request that waits for an answer.
#[derive(Debug)]
pub(crate) struct Pending {
    /// The call it is about.
    pub tool_use_id: String,
    kind: Kind,
    /// What the tool is called with. Sent back as it was shown.
    input: Value,
}

#[derive(Debug)]
enum Kind {
    /// A tool call, or a plan.
    Permission,
    /// Questions, as the agent put them: they are the keys of the answers.
    Questions(Vec<String>),
}

impl Pending {
    /// Reads a `can_use_tool` request. The plan is what the agent said last, where it does not repeat it.
    pub(crate) fn read(request: &Value, project: &Project, last_said: &str) -> (Self, RequestKind) {
        let tool = text(request, "tool_name");
        let input = request.get("input").cloned().unwrap_or_else(|| json!({}));
        let (kind, shown) = match tool {
            "AskUserQuestion" if !list(&input, "questions").is_empty() => {
                let questions = list(&input, "questions").iter().take(MAX_QUESTIONS);
                let (asked, shown) = questions.map(|q| (text(q, "question").to_owned(), question(q))).unzip();
                (Kind::Questions(asked), RequestKind::Questions { questions: shown })
            }
            "ExitPlanMode" => {
                let plan = text(&input, "plan");
                let plan = block(if plan.is_empty() { last_said } else { plan }, MAX_DETAIL);
                (Kind::Permission, RequestKind::Plan { plan })
            }
            _ => {
                let approval = RequestKind::Approval {
                    tool: one_line(tool, 128),
                    subject: one_line(&tools::subject(&input, project), MAX_SUBJECT),
                    detail: block(&tools::detail(tool, &input, project), MAX_DETAIL),
                };
                (Kind::Permission, approval)
            }
        };
        (Self { tool_use_id: text(request, "tool_use_id").to_owned(), kind, input }, shown)
    }

    /// Returns what the agent is answered.
    ///
    /// # Errors
    /// Says what would fit, where the decision does not.
    pub(crate) fn response(&self, decision: &Decision) -> Result<Value, &'static str> {
        match (&self.kind, decision) {
            (_, Decision::Deny { message }) => Ok(json!({"behavior": "deny", "message": message})),
            (Kind::Permission, Decision::Allow) => {
                Ok(json!({"behavior": "allow", "updatedInput": self.input}))
            }
            (Kind::Permission, Decision::Answers { .. }) => Err("allow or deny it"),
            (Kind::Questions(_), Decision::Allow) => Err("answer its questions, or deny it"),
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

fn question(question: &Value) -> Question {
    let options = list(question, "options").iter().take(MAX_QUESTIONS);
    Question {
        text: one_line(text(question, "question"), MAX_SUBJECT),
        options: options.map(|option| one_line(text(option, "label"), MAX_SUBJECT)).collect(),
        multiple: question.get("multiSelect").and_then(Value::as_bool).unwrap_or(false),
    }
}
