//! Requests from agents to a person.

use crate::time::Timestamp;

/// The text shown for an empty plan.
pub const NO_PLAN: &str = "(it shows no plan)";

/// A request from an agent to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum RequestKind {
    /// An approval of a tool call.
    Approval {
        /// The name of the tool.
        tool: String,
        /// What it is about: a path, a command.
        subject: String,
        /// Everything that would be written or run; empty if the subject is complete.
        detail: String,
        /// The agent's one-line explanation; empty if there is none.
        #[cfg_attr(feature = "serde", serde(default, rename = "said"))]
        agent_words: String,
        /// Warnings for the person, e.g. that it overwrites a file.
        #[cfg_attr(feature = "serde", serde(default))]
        marks: Vec<String>,
        /// The rules that the agent offers, each in full. Once a rule is allowed, the agent no longer asks
        /// about similar calls in this session.
        #[cfg_attr(feature = "serde", serde(default))]
        rules: Vec<String>,
    },
    /// Questions.
    Questions {
        /// The questions, in order.
        questions: Vec<Question>,
    },
    /// The acceptance of a plan, which the agent then carries out.
    Plan {
        /// The plan.
        plan: String,
    },
}

impl RequestKind {
    /// Returns all fields as bytes. These distinguish requests, and do not depend on names in the code.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Canonical::default();
        match self {
            Self::Approval { tool, subject, detail, agent_words, marks, rules } => {
                bytes.text("approval");
                [tool, subject, detail, agent_words].into_iter().for_each(|text| bytes.text(text));
                bytes.list(marks);
                bytes.list(rules);
            }
            Self::Questions { questions } => {
                bytes.text("questions");
                bytes.number(questions.len());
                for Question { text, options, descriptions, multiple } in questions {
                    bytes.text(text);
                    bytes.list(options);
                    bytes.list(descriptions);
                    bytes.number(usize::from(*multiple));
                }
            }
            Self::Plan { plan } => {
                bytes.text("plan");
                bytes.text(plan);
            }
        }
        bytes.0
    }
}

/// Texts, each preceded by its length.
#[derive(Default)]
struct Canonical(Vec<u8>);

impl Canonical {
    fn number(&mut self, number: usize) {
        self.0.extend((number as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.extend(text.as_bytes());
    }

    fn list(&mut self, texts: &[String]) {
        self.number(texts.len());
        texts.iter().for_each(|text| self.text(text));
    }
}

/// A question from an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Question {
    /// The question.
    pub text: String,
    /// The offered answers; others are possible.
    pub options: Vec<String>,
    /// The descriptions of the options, in order; empty if the agent gives none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub descriptions: Vec<String>,
    /// Whether several options may be chosen.
    pub multiple: bool,
}

/// A request without an answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PendingRequest {
    /// The agent's identifier.
    pub id: String,
    /// Identifies the exact input: an answer that consents must carry it too.
    #[cfg_attr(feature = "serde", serde(default))]
    pub digest: String,
    /// What the agent asks for.
    pub kind: RequestKind,
    /// When the agent made it.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str, options: &[&str], multiple: bool) -> Question {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Question { text: text.to_owned(), options, descriptions: Vec::new(), multiple }
    }

    /// Returns the length of a text, followed by the text.
    fn of(text: &str) -> Vec<u8> {
        [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
    }

    #[test]
    fn the_bytes_of_a_request_are_its_fields_in_order() {
        let approval = RequestKind::Approval {
            tool: "Bash".to_owned(),
            subject: "make".to_owned(),
            detail: String::new(),
            agent_words: "to build".to_owned(),
            marks: vec!["it overwrites a".to_owned()],
            rules: Vec::new(),
        };
        let one = 1_u64.to_le_bytes().to_vec();
        let zero = 0_u64.to_le_bytes().to_vec();
        let fields = ["approval", "Bash", "make", "", "to build"].map(of).concat();
        let lists = [one.clone(), of("it overwrites a"), zero.clone()].concat();
        assert_eq!(approval.canonical_bytes(), [fields, lists].concat());

        let questions = RequestKind::Questions { questions: vec![question("Port?", &["80"], true)] };
        let expected = [of("questions"), one.clone(), of("Port?"), one.clone(), of("80"), zero, one].concat();
        assert_eq!(questions.canonical_bytes(), expected);

        let plan = RequestKind::Plan { plan: "1. go".to_owned() };
        assert_eq!(plan.canonical_bytes(), [of("plan"), of("1. go")].concat());
    }

    #[test]
    fn texts_cannot_move_between_fields() {
        let bytes = |questions: Vec<Question>| RequestKind::Questions { questions }.canonical_bytes();
        let all = [
            bytes(vec![question("ab", &[], false)]),
            bytes(vec![question("a", &["b"], false)]),
            bytes(vec![question("a", &["b"], true)]),
            bytes(vec![question("a", &[], false), question("b", &[], false)]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{at}");
        }
    }
}
