//! What servers of tools ask a person for through the agent, and how it is answered.

#[cfg(test)]
mod tests;

use codewalk_core::command::Decision;
use codewalk_core::session::{Question, RequestKind};
use codewalk_core::visible::visible_line;
use serde_json::{Map, Value, json};

use super::refusals::Refusal;
use super::requests::{MAX_SHOWN, Shown, digest};
use super::wire::{list, text};
use crate::text::{MAX_SUBJECT, one_line};
use codewalk_core::text::cut;

/// How many fields a form may have.
const MAX_FIELDS: usize = 16;
/// How many values a field may offer.
const MAX_CHOICES: usize = 16;
const YES: [&str; 4] = ["yes", "y", "true", "on"];
const NO: [&str; 4] = ["no", "n", "false", "off"];

/// A form that waits for its answers.
#[derive(Debug)]
pub(crate) struct Elicitation {
    /// Names all that its server asks for: message, fields, what they take.
    pub digest: String,
    server: String,
    message: String,
    fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug)]
struct Field {
    name: String,
    /// What a person is told of it.
    label: String,
    form: Form,
    /// Whether it may be left out.
    optional: bool,
}

/// What a field takes.
#[derive(Debug)]
enum Form {
    Text,
    Boolean,
    Number {
        whole: bool,
    },
    /// One of these values, each with how it is called.
    Choice(Vec<(String, String)>),
}

impl Elicitation {
    /// Reads an `elicitation` request.
    ///
    /// # Errors
    /// Says what was asked for and why no person can be asked.
    pub(crate) fn read(request: &Value) -> Result<Self, Refusal> {
        let server = visible_line(cut(text(request, "mcp_server_name"), MAX_SUBJECT));
        let message = visible_line(cut(text(request, "message"), MAX_SHOWN));
        let refused =
            |why: &str| Err(Refusal { what: format!("{server} asks: {message}"), why: why.to_owned() });
        if request.to_string().len() > MAX_SHOWN {
            return refused("nobody can be shown so much");
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
            let Some(form) = form(schema) else { return refused("its form cannot be asked in words") };
            let label = [text(schema, "title"), text(schema, "description")].map(str::trim);
            let label = label.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
            // What is sent is told apart from what the server calls it.
            let is_name = label.is_empty() || label.eq_ignore_ascii_case(name);
            let label = if is_name { name.clone() } else { format!("{label} ({name})") };
            let label = visible_line(&label);
            let optional = !required.contains(&name.as_str());
            fields.push(Field { name: name.clone(), label, form, optional });
        }
        // The order of keys is lost; this is the one of the server.
        let order: Vec<&str> = list(request, "property_order").iter().filter_map(Value::as_str).collect();
        fields.sort_by_key(|field| order.iter().position(|name| *name == field.name).unwrap_or(order.len()));
        let mut elicitation = Self { digest: String::new(), server, message, fields };
        elicitation.digest = digest("elicitation", request, &elicitation.questions());
        Ok(elicitation)
    }

    /// Returns what a person is asked, with its digest.
    pub(crate) fn shown(&self) -> Shown {
        Shown { digest: self.digest.clone(), kind: self.questions() }
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

    /// Returns what the agent is answered.
    ///
    /// # Errors
    /// Says what would fit, where the decision does not.
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

/// Returns what a field takes, where a person can be asked for it in words.
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

/// Shows a choice: what it is called, and what is sent where that is something else.
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
