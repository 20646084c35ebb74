//! A request to the Messages API: which conversation it belongs to, and how far that conversation has
//! progressed.

use serde_json::Value;

/// How the client marks an interruption by the user.
const INTERRUPTED: &str = "[Request interrupted by user";
const REMINDER: (&str, &str) = ("<system-reminder>", "</system-reminder>");

/// The body of a request to `/v1/messages`, which may be any JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessagesRequest<'a>(pub(crate) &'a Value);

impl<'a> MessagesRequest<'a> {
    /// Returns whether the body has a list of messages.
    pub(crate) fn is_valid(self) -> bool {
        self.0["messages"].is_array()
    }

    /// Returns the user's last prompt.
    pub(crate) fn prompt(self) -> Option<String> {
        self.last_prompt().map(|(_, prompt)| prompt)
    }

    /// Returns the number of replies since the last prompt.
    pub(crate) fn position(self) -> usize {
        let since = self.last_prompt().map_or(0, |(index, _)| index + 1);
        self.messages().iter().skip(since).filter(|message| role(message) == "assistant").count()
    }

    /// Returns whether the client offers tools; side requests, such as for a title, do not.
    pub(crate) fn offers_tools(self) -> bool {
        self.0["tools"].as_array().is_some_and(|tools| !tools.is_empty())
    }

    pub(crate) fn is_streamed(self) -> bool {
        self.0["stream"].as_bool().unwrap_or(false)
    }

    pub(crate) fn model(self) -> &'a str {
        self.0["model"].as_str().unwrap_or("loopback")
    }

    /// Returns the working directory, which the client names in its system prompt or in a system message.
    pub(crate) fn working_directory(self) -> Option<&'a str> {
        let messages = self.messages().iter().filter(|message| role(message) == "system");
        std::iter::once(&self.0["system"])
            .chain(messages.map(|message| &message["content"]))
            .flat_map(texts)
            .flat_map(str::lines)
            .filter_map(|line| line.split_once("orking directory:"))
            .map(|(_, path)| path.trim().trim_matches('`'))
            .find(|path| path.starts_with('/'))
    }

    /// Returns the path of the plan file, which the client may name in any message.
    pub(crate) fn plan_file(self) -> Option<&'a str> {
        let is_of_path = |c: char| !c.is_whitespace() && !matches!(c, '`' | '"' | '\'' | '(' | ')');
        std::iter::once(&self.0["system"])
            .chain(self.messages().iter().map(|message| &message["content"]))
            .flat_map(texts)
            .flat_map(|text| text.split(move |c| !is_of_path(c)))
            .filter(|path| path.starts_with('/') && path.contains("/plans/"))
            .find_map(|path| Some(&path[..path.find(".md")? + ".md".len()]))
    }

    fn messages(self) -> &'a [Value] {
        self.0["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    fn last_prompt(self) -> Option<(usize, String)> {
        self.messages()
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, message)| role(message) == "user")
            .find_map(|(index, message)| Some((index, prompt_of(&message["content"])?)))
    }
}

/// Returns the prompt in a user message: its last text, because the client joins an unanswered prompt with
/// the next one.
///
/// Text next to tool results comes from the client itself, unless the user interrupted first.
fn prompt_of(content: &Value) -> Option<String> {
    let texts: Vec<String> = texts(content).map(without_reminders).filter(|text| !text.is_empty()).collect();
    let has_results =
        content.as_array().is_some_and(|blocks| blocks.iter().any(|block| block["type"] == "tool_result"));
    let was_interrupted = texts.iter().any(|text| text.starts_with(INTERRUPTED));
    if has_results && !was_interrupted {
        return None;
    }
    texts.into_iter().rfind(|text| !text.starts_with(INTERRUPTED))
}

fn role(message: &Value) -> &str {
    message["role"].as_str().unwrap_or_default()
}

/// Returns all text in the content of a message, which is a string or a list of blocks.
fn texts(content: &Value) -> impl Iterator<Item = &str> {
    let blocks = content.as_array().map_or(&[][..], Vec::as_slice);
    content.as_str().into_iter().chain(blocks.iter().filter_map(|block| block["text"].as_str()))
}

fn without_reminders(mut text: &str) -> String {
    let mut remaining = String::new();
    while let Some((before, rest)) = text.split_once(REMINDER.0) {
        remaining.push_str(before);
        text = rest.split_once(REMINDER.1).map_or("", |(_, after)| after);
    }
    remaining.push_str(text);
    remaining.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(messages: &Value, prompt: Option<&str>, position: usize) {
        let body = json!({ "messages": messages });
        let request = MessagesRequest(&body);
        assert_eq!(request.prompt().as_deref(), prompt);
        assert_eq!(request.position(), position);
    }

    fn text(text: &str) -> Value {
        json!({"type": "text", "text": text})
    }

    #[test]
    fn a_reminder_is_not_a_prompt() {
        let first = json!({"role": "user", "content": [
            text("<system-reminder>\nmind this\n</system-reminder>\n"), text("Say hello."),
            text("<system-reminder>never closed"),
        ]});
        check(&json!([first, {"role": "system", "content": "# Environment"}]), Some("Say hello."), 0);
    }

    #[test]
    fn each_reply_since_the_prompt_is_one_position() {
        let result = json!({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": "done"}, text("Tool loaded."),
        ]});
        let call = json!({"role": "assistant", "content": [{"type": "tool_use", "id": "t"}]});
        let messages = json!([
            {"role": "user", "content": "before"}, {"role": "assistant", "content": [text("yes")]},
            {"role": "user", "content": "now"}, call, result, call, result,
        ]);
        check(&messages, Some("now"), 2);
    }

    #[test]
    fn the_prompt_after_a_failed_one_counts() {
        check(&json!([{"role": "user", "content": [text("it failed"), text("go on")]}]), Some("go on"), 0);
    }

    #[test]
    fn a_prompt_after_an_interrupted_tool_counts() {
        let messages = json!([
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t"}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": "stopped"},
                text("[Request interrupted by user for tool use]\n"), text("second"),
            ]},
        ]);
        check(&messages, Some("second"), 0);
    }

    #[test]
    fn the_working_directory_may_contain_spaces() {
        let body = json!({
            "system": [text("Working directory: none of your business")],
            "messages": [
                {"role": "user", "content": "Working directory: /of/the/user"},
                {"role": "system", "content": [
                    text(" - Primary working directory: /tmp/a b\n - Shell: bash"),
                ]},
            ],
        });
        assert_eq!(MessagesRequest(&body).working_directory(), Some("/tmp/a b"));
    }

    /// Any JSON, with the keys that the reader looks for.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            "(user|assistant|system|<system-reminder>|\\[Request interrupted by user|\\PC{0,4})"
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 5, |inner| {
            let key = "(messages|role|content|text|type|system|tools)";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(key, inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_can_be_read(body in any_json()) {
            let request = MessagesRequest(&body);
            let messages = body["messages"].as_array().map_or(0, Vec::len);
            prop_assert!(request.position() <= messages);
            prop_assert!(request.prompt().is_none_or(|prompt| !prompt.trim().is_empty()));
            prop_assert!(request.working_directory().is_none());
        }
    }
}
