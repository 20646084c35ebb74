//! The rules that the agent offers with a request: with one of them it asks no more for the like of it.

use codewalk_core::visible::visible_line;
use serde_json::{Value, json};

use super::wire::{list, text};
use crate::project::Project;

/// How many rules of one request are offered.
const MAX_RULES: usize = 8;
/// The longest rule that is offered, in bytes: what is offered is shown whole.
const MAX_RULE: usize = 2048;

/// A rule, as the agent put it.
#[derive(Debug)]
pub(crate) struct Rule {
    suggestion: Value,
    shown: String,
}

impl Rule {
    /// Returns the rules among an agent's suggestions that can be shown whole. One that lets it do everything is never
    /// offered.
    pub(crate) fn offered(suggestions: &[Value], project: &Project) -> Vec<Self> {
        let rules = suggestions.iter().filter_map(|suggestion| {
            let shown = visible_line(&described(suggestion, project)?);
            (shown.len() <= MAX_RULE).then(|| Self { suggestion: suggestion.clone(), shown })
        });
        rules.take(MAX_RULES).collect()
    }

    /// Returns all that it allows, in words.
    pub(crate) fn shown(&self) -> String {
        self.shown.clone()
    }

    /// Returns it as the agent takes it, for its present session and no longer: it would write others into the settings of the
    /// project or of the user.
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
    fn a_rule_is_shown_whole() {
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
    fn a_rule_about_the_project_itself_is_not_said_to_go_beyond_it() {
        let folders = |folders: &[&str]| shown(json!([{"type": "addDirectories", "directories": folders}]));
        let already = "the folder of the project, in which it works already: /home/ana/shop";
        assert_eq!(folders(&["/home/ana/shop"]), [already]);
        let beyond = "what it may do in the project also in /home/ana/shop, /srv";
        assert_eq!(folders(&["/home/ana/shop", "/srv"]), [beyond]);
    }

    #[test]
    fn what_cannot_be_shown_or_allows_everything_is_not_offered() {
        let long = "x".repeat(5000);
        assert_eq!(
            shown(json!([
                {"type": "setMode", "mode": "bypassPermissions"},
                {"type": "setMode", "mode": "auto"},
                {"type": "addRules", "behavior": "deny", "rules": [{"toolName": "Bash"}]},
                {"type": "addRules", "behavior": "allow", "rules": []},
                {"type": "addRules", "behavior": "allow", "rules": [{"toolName": "Bash", "ruleContent": 3}]},
                {"type": "addRules", "behavior": "allow", "rules": [{"toolName": "Bash", "ruleContent": long}]},
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
            "type": "addRules", "behavior": "allow", "destination": "userSettings", "rules": [{"toolName": "Bash"}]})],
            &project(),
        );
        assert_eq!(rules[0].for_this_session()["destination"], "session");
    }
}
