//! The permission rules that the agent suggests with a request. A rule allows similar requests without
//! asking.

use codewalk_core::terminal_text::visible_line;
use serde_json::{Value, json};

use super::wire::{list, text};
use crate::project::Project;

/// The maximum number of rules that are offered with one request.
const MAX_RULES: usize = 8;
/// The maximum length of a rule, in bytes. Offered rules are shown completely.
const MAX_RULE: usize = 2048;

/// A rule in the agent's format.
#[derive(Debug)]
pub(crate) struct Rule {
    suggestion: Value,
    shown: String,
}

impl Rule {
    /// Returns the suggested rules that can be shown completely. A rule that allows everything is never
    /// offered.
    pub(crate) fn offered(suggestions: &[Value], project: &Project) -> Vec<Self> {
        let rules = suggestions.iter().filter_map(|suggestion| {
            let shown = visible_line(&described(suggestion, project)?);
            (shown.len() <= MAX_RULE).then(|| Self { suggestion: suggestion.clone(), shown })
        });
        rules.take(MAX_RULES).collect()
    }

    /// Describes everything that the rule allows.
    pub(crate) fn shown(&self) -> String {
        self.shown.clone()
    }

    /// Returns the rule, limited to the current session. The agent would write other rules into the settings
    /// of the project or the user.
    pub(crate) fn for_this_session(&self) -> Value {
        let mut rule = self.suggestion.clone();
        rule["destination"] = json!("session");
        rule
    }
}

fn described(suggestion: &Value, project: &Project) -> Option<String> {
    match text(suggestion, "type") {
        "addRules" if text(suggestion, "behavior") == "allow" => {
            let rules: Option<Vec<String>> = list(suggestion, "rules").iter().map(rule).collect();
            rules.filter(|rules| !rules.is_empty()).map(|rules| rules.join(", "))
        }
        "setMode" if text(suggestion, "mode") == "acceptEdits" => Some(
            "the mode acceptEdits: it edits, moves and removes files in the project without asking"
                .to_owned(),
        ),
        "addDirectories" => {
            let folders: Option<Vec<&str>> =
                list(suggestion, "directories").iter().map(Value::as_str).collect();
            folders.filter(|folders| !folders.is_empty()).map(|folders| {
                let names = folders.join(", ");
                match folders.iter().all(|folder| project.holds(folder)) {
                    true => format!("the folder of the project, in which it works already: {names}"),
                    false => format!("what it may do in the project also in {names}"),
                }
            })
        }
        _ => None,
    }
}

fn rule(rule: &Value) -> Option<String> {
    let tool = Some(text(rule, "toolName")).filter(|tool| !tool.is_empty())?;
    match rule.get("ruleContent") {
        None | Some(Value::Null) => Some(format!("every use of {tool}")),
        Some(Value::String(content)) => Some(format!("{tool}({content})")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        Project::of_run(std::path::Path::new("/home/ana/shop"))
    }

    fn shown(suggestions: Value) -> Vec<String> {
        Rule::offered(suggestions.as_array().unwrap(), &project()).iter().map(Rule::shown).collect()
    }

    #[test]
    fn a_rule_is_shown_completely() {
        assert_eq!(
            shown(json!([
                {"type": "addRules", "behavior": "allow", "destination": "localSettings", "rules": [
                    {"toolName": "Bash", "ruleContent": "npm test:*"}, {"toolName": "Read"}]},
                {"type": "setMode", "mode": "acceptEdits", "destination": "session"},
                {"type": "addDirectories", "directories": ["/srv/a", "/srv/b"], "destination": "session"},
            ])),
            [
                "Bash(npm test:*), every use of Read",
                "the mode acceptEdits: it edits, moves and removes files in the project without asking",
                "what it may do in the project also in /srv/a, /srv/b",
            ]
        );
    }

    #[test]
    fn a_rule_about_the_project_itself_is_not_reported_as_wider() {
        let folders = |folders: &[&str]| shown(json!([{"type": "addDirectories", "directories": folders}]));
        let already = "the folder of the project, in which it works already: /home/ana/shop";
        assert_eq!(folders(&["/home/ana/shop"]), [already]);
        let beyond = "what it may do in the project also in /home/ana/shop, /srv";
        assert_eq!(folders(&["/home/ana/shop", "/srv"]), [beyond]);
    }

    #[test]
    fn rules_that_cannot_be_shown_or_allow_everything_are_not_offered() {
        let long = "x".repeat(5000);
        assert_eq!(
            shown(json!([
                {"type": "setMode", "mode": "bypassPermissions"},
                {"type": "setMode", "mode": "auto"},
                {"type": "addRules", "behavior": "deny", "rules": [{"toolName": "Bash"}]},
                {"type": "addRules", "behavior": "allow", "rules": []},
                {"type": "addRules", "behavior": "allow", "rules": [{"toolName": "Bash", "ruleContent": 3}]},
                {"type": "addRules", "behavior": "allow",
                    "rules": [{"toolName": "Bash", "ruleContent": long}]},
                {"type": "replaceRules", "behavior": "allow", "rules": [{"toolName": "Bash"}]},
                {"type": "addDirectories", "directories": []},
                {}, null, 3,
            ])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_rule_never_outlives_the_session() {
        let rules = Rule::offered(
            &[json!({
                "type": "addRules",
                "behavior": "allow",
                "destination": "userSettings",
                "rules": [{"toolName": "Bash"}],
            })],
            &project(),
        );
        assert_eq!(rules[0].for_this_session()["destination"], "session");
    }
}
