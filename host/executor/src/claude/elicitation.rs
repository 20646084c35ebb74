//! Forms that tool servers ask the user to fill in, and the answers to them.

#[cfg(test)]
mod tests;

use codewalk_core::command::Decision;
use codewalk_core::session::{Question, RequestKind};
use codewalk_core::terminal_text::visible_line;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::requests::{RequestView, digest};
use super::wire::{list, text};
use crate::text::{MAX_SHOWN, MAX_SUBJECT, one_line};
use codewalk_core::terminal_text::cut;

/// The maximum number of fields in a form.
const MAX_FIELDS: usize = 16;
/// The maximum number of choices in a field.
const MAX_CHOICES: usize = 16;
const YES: [&str; 4] = ["yes", "y", "true", "on"];
const NO: [&str; 4] = ["no", "n", "false", "off"];

/// An open form.
#[derive(Debug)]
pub(crate) struct Elicitation {
    /// Identifies the whole form: message, fields, and accepted values.
    pub digest: String,
    server: String,
    message: String,
    fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug)]
struct Field {
    name: String,
    /// The label that the user sees.
    label: String,
    form: Form,
    /// Whether it may be left empty.
    optional: bool,
}

/// The type of a field.
#[derive(Debug)]
enum Form {
    Text,
    Boolean,
    Number {
        whole: bool,
    },
    /// One of these values, each with its label.
    Choice(Vec<(String, String)>),
}

impl Elicitation {
    /// Reads an `elicitation` request.
    ///
    /// # Errors
    /// If the user cannot fill in the form.
    pub(crate) fn read(request: &Value) -> Result<Self, Refusal> {
        let server = visible_line(cut(text(request, "mcp_server_name"), MAX_SUBJECT));
        let message = visible_line(cut(text(request, "message"), MAX_SHOWN));
        let refused =
            |why: &str| Err(Refusal { what: format!("{server} asks: {message}"), why: why.to_owned() });
        if request.to_string().len() > MAX_SHOWN {
            return refused("its form is too long to show");
        }
        if text(request, "mode") == "url" {
            let url = one_line(text(request, "url"), MAX_SUBJECT / 2);
            return refused(&format!("it wants {url} to be opened, which codewalk does not do"));
        }
        let nothing = Map::new();
        let schema = request.get("requested_schema").unwrap_or(&Value::Null);
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
        if properties.len() > MAX_FIELDS {
            return refused("its form has too many fields");
        }
        let required: Vec<&str> = list(schema, "required").iter().filter_map(Value::as_str).collect();
        let mut fields = Vec::new();
        for (name, schema) in properties {
            let Some(form) = form(schema) else { return refused("its form cannot be asked as text") };
            let label = [text(schema, "title"), text(schema, "description")].map(str::trim);
            let label = label.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
            // The label includes the name that is sent back.
            let is_name = label.is_empty() || label.eq_ignore_ascii_case(name);
            let label = if is_name { name.clone() } else { format!("{label} ({name})") };
            let label = visible_line(&label);
            let optional = !required.contains(&name.as_str());
            fields.push(Field { name: name.clone(), label, form, optional });
        }
        // JSON objects lose the order of their keys; this is the server's order.
        let order: Vec<&str> = list(request, "property_order").iter().filter_map(Value::as_str).collect();
        fields.sort_by_key(|field| order.iter().position(|name| *name == field.name).unwrap_or(order.len()));
        let mut elicitation = Self { digest: String::new(), server, message, fields };
        elicitation.digest = digest("elicitation", request, &elicitation.questions());
        Ok(elicitation)
    }

    /// Returns the form as the user sees it.
    pub(crate) fn shown(&self) -> RequestView {
        RequestView { digest: self.digest.clone(), kind: self.questions() }
    }

    fn questions(&self) -> RequestKind {
        let (server, message) = (&self.server, &self.message);
        let consent = || Question {
            text: format!("{server} asks: {message}"),
            options: vec!["yes".to_owned(), "no".to_owned()],
            descriptions: Vec::new(),
            multiple: false,
        };
        let of_field = |(at, field): (usize, &Field)| {
            let optional = if field.optional { " (may be left empty: type \"\")" } else { "" };
            let text = match at {
                0 => format!("{server} asks: {message} {}{optional}", field.label),
                _ => format!("{}{optional}", field.label),
            };
            let options = field.form.options();
            Question { text, options, descriptions: Vec::new(), multiple: false }
        };
        let questions: Vec<Question> = self.fields.iter().enumerate().map(of_field).collect();
        let questions = if questions.is_empty() { vec![consent()] } else { questions };
        RequestKind::Questions { questions }
    }

    /// Returns the answer to the agent.
    ///
    /// # Errors
    /// If the decision does not fit. The error says which answer would fit.
    pub(crate) fn response(&self, decision: &Decision) -> Result<Value, &'static str> {
        let declined = || json!({"action": "decline"});
        let answers = match decision {
            Decision::Deny { .. } => return Ok(declined()),
            Decision::Answers { answers } if self.fields.is_empty() => {
                let answer = answers.first().map(|answer| boolean(answer));
                return match answer {
                    Some(Some(true)) => Ok(json!({"action": "accept", "content": {}})),
                    Some(Some(false)) => Ok(declined()),
                    _ => Err("answer yes or no"),
                };
            }
            Decision::Answers { answers } if answers.len() == self.fields.len() => answers,
            Decision::Answers { .. } => return Err("give one answer for each question"),
            _ => return Err("answer its questions, or deny it"),
        };
        let mut content = Map::new();
        for (field, answer) in self.fields.iter().zip(answers) {
            match answer.trim() {
                "" | "\"\"" if field.optional => {}
                answer => drop(content.insert(field.name.clone(), field.form.value(answer)?)),
            }
        }
        Ok(json!({"action": "accept", "content": content}))
    }
}

/// Returns the type of a field, if the user can fill it in as text.
fn form(schema: &Value) -> Option<Form> {
    let choices = match (list(schema, "enum"), list(schema, "oneOf")) {
        ([], []) => Vec::new(),
        ([], named) => named.iter().map(|choice| (text(choice, "const"), text(choice, "title"))).collect(),
        (values, _) => {
            let names = list(schema, "enumNames").iter().map(|name| name.as_str().unwrap_or_default());
            let values = values.iter().map(|value| value.as_str().unwrap_or_default());
            values.zip(names.chain(std::iter::repeat(""))).collect()
        }
    };
    match text(schema, "type") {
        "string" if choices.is_empty() => Some(Form::Text),
        "string" if choices.len() <= MAX_CHOICES && choices.iter().all(|(value, _)| !value.is_empty()) => {
            let named = |(value, name): (&str, &str)| {
                (value.to_owned(), if name.is_empty() { value } else { name }.to_owned())
            };
            Some(Form::Choice(choices.into_iter().map(named).collect()))
        }
        "boolean" => Some(Form::Boolean),
        "number" => Some(Form::Number { whole: false }),
        "integer" => Some(Form::Number { whole: true }),
        _ => None,
    }
}

/// Shows a choice: its label, and its value if that differs.
fn shown_choice((value, name): &(String, String)) -> String {
    if value == name { visible_line(name) } else { visible_line(&format!("{name} ({value})")) }
}

impl Form {
    fn options(&self) -> Vec<String> {
        match self {
            Self::Choice(choices) => choices.iter().map(shown_choice).collect(),
            Self::Boolean => vec!["yes".to_owned(), "no".to_owned()],
            Self::Text | Self::Number { .. } => Vec::new(),
        }
    }

    fn value(&self, answer: &str) -> Result<Value, &'static str> {
        match self {
            Self::Text => Ok(answer.into()),
            Self::Boolean => boolean(answer).map(Value::from).ok_or("answer yes or no"),
            Self::Number { whole: true } => {
                answer.parse::<i64>().map(Value::from).map_err(|_| "give a whole number")
            }
            Self::Number { whole: false } => {
                let number = answer.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
                number.map(Value::Number).ok_or("give a number")
            }
            Self::Choice(choices) => {
                let is = |text: &str| text.to_lowercase() == answer.to_lowercase();
                if let Some((value, _)) = choices.iter().find(|choice| shown_choice(choice) == answer) {
                    return Ok(value.as_str().into());
                }
                let mut chosen = choices
                    .iter()
                    .filter(|choice| is(&choice.1) || is(&choice.0) || is(&shown_choice(choice)));
                match (chosen.next(), chosen.next()) {
                    (Some((value, _)), None) => Ok(value.as_str().into()),
                    (Some(_), Some(_)) => Err("choose one of its options by all of its words"),
                    (None, _) => Err("choose one of its options"),
                }
            }
        }
    }
}

fn boolean(answer: &str) -> Option<bool> {
    let answer = answer.trim().to_lowercase();
    if YES.contains(&answer.as_str()) {
        Some(true)
    } else if NO.contains(&answer.as_str()) {
        Some(false)
    } else {
        None
    }
}
