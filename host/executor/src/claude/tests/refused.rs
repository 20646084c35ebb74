//! Requests that are replaced, numbered, broken or unknown, and tool names that are arbitrary text.

use codewalk_core::entry::EntryKind;

use super::edges::{elicitation, read, unread};
use super::*;

#[test]
fn an_answer_for_a_request_that_was_replaced_answers_nothing() {
    let ask = |command: &str| asked("Bash", &json!({"command": command}));
    let form = |message: &str| {
        let mut form = elicitation();
        form["request"]["message"] = message.into();
        form
    };
    let cancel = json!({"type": "control_cancel_request", "request_id": "r1"});
    for (first, second, yes) in [
        (ask("ls"), ask("rm -rf /"), Decision::allow()),
        (form("How?"), form("Why?"), Decision::Answers { answers: vec!["yes".to_owned()] }),
    ] {
        let mut conversation = conversation();
        conversation.line(message(&first));
        let shown = conversation.digest("r1");
        conversation.line(message(&cancel));
        conversation.line(message(&second));
        for digest in [shown.as_str(), ""] {
            for decision in [&yes, &Decision::deny("no")] {
                assert_eq!(conversation.decide("r1", digest, decision), Err(DecideError::Replaced));
            }
        }
        assert!(decide(&mut conversation, "r1", &yes).is_ok());
    }
}

#[test]
fn a_numbered_request_is_answered_with_its_number() {
    let numbered = |line: Value, id: Value| {
        let mut line = line;
        line["request_id"] = id;
        line
    };
    let mut conversation = conversation();
    for line in [asked("Bash", &json!({"command": "ls"})), elicitation()] {
        let outputs = conversation.line(message(&numbered(line, json!(7))));
        let [Output::Observed(Observation::RequestOpened { request, .. })] = outputs.as_slice() else {
            panic!("{outputs:?}")
        };
        let answer = decide(&mut conversation, request, &Decision::deny("no")).unwrap();
        assert_eq!(answer["response"]["request_id"], json!(7));
    }
    let dance = json!({"type": "control_request", "request_id": 8, "request": {"subtype": "dance"}});
    let Output::Write(refusal) = &conversation.line(message(&dance))[0] else { panic!() };
    assert_eq!(refusal["response"]["request_id"], json!(8));
    conversation.line(message(&numbered(asked("Bash", &json!({"command": "ls"})), json!(9))));
    let cancel = json!({"type": "control_cancel_request", "request_id": 9});
    assert_eq!(conversation.line(message(&cancel)).len(), 1, "withdrawn");
    let (_, outputs) =
        unread(b"{\"type\":\"control_request\",\"request_id\":10,\"request\":{\"subtype\":x}}\n");
    let Output::Write(refusal) = &outputs[0] else { panic!("{outputs:?}") };
    assert_eq!(refusal["response"]["request_id"], json!(10));
}

#[test]
fn no_approval_is_requested_without_a_subject() {
    let request = |fields: Value| json!({"type": "control_request", "request_id": "r1", "request": fields});
    for fields in [
        json!({"subtype": "can_use_tool", "input": {"command": "ls"}}),
        json!({"subtype": "can_use_tool", "tool_name": " ", "input": {"command": "ls"}}),
        json!({"subtype": "can_use_tool", "tool_name": "Bash"}),
        json!({"subtype": "can_use_tool", "tool_name": "Bash", "input": "ls"}),
    ] {
        let (errors, outputs) = read(&[request(fields.clone())]);
        let [Output::Write(refusal), Output::Observed(Observation::ToolCallDenied(denial))] =
            outputs.as_slice()
        else {
            panic!("{fields}: {outputs:?}")
        };
        let is_named = fields["tool_name"] == "Bash";
        assert_eq!(denial.tool, if is_named { "Bash" } else { "unnamed" });
        assert_eq!(refusal["response"]["subtype"], "error");
        assert_eq!(errors.len(), 1, "{fields}");
    }
    for (tool, input, shown) in [
        ("Bash", json!({}), "{}"),
        ("Bash", json!({"command": " "}), "{\"command\":\" \"}"),
        ("mcp__shop__list", json!({}), "{}"),
        ("mcp__shop__list", json!({"path": ""}), "{\"path\":\"\"}"),
    ] {
        let mut conversation = conversation();
        match kind(&conversation.line(message(&asked(tool, &input)))) {
            RequestKind::Approval { subject, .. } => assert_eq!(subject, shown, "{tool}"),
            other => panic!("{other:?}"),
        }
    }
    let mut conversation = conversation();
    match kind(&conversation.line(message(&asked("ExitPlanMode", &json!({}))))) {
        RequestKind::Plan { plan } => assert_eq!(plan, "(it shows no plan)"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tool_name_is_always_shown_as_one_bounded_visible_line() {
    let name = format!("Bash\n\u{202e}{}", "x".repeat(5_000));
    let shown = |tool: &str| {
        assert!(tool.starts_with("Bash\u{23ce}<U+202E>xx") && tool.len() < 300, "{tool}");
    };
    let mut conversation = conversation();
    match kind(&conversation.line(message(&asked(&name, &json!({"path": "a"}))))) {
        RequestKind::Approval { tool, .. } => shown(tool),
        other => panic!("{other:?}"),
    }
    let denied =
        result(&json!({"permission_denials": [{"tool_name": name, "tool_use_id": "t9", "tool_input": {}}]}));
    let denied = conversation.line(message(&denied)).into_iter().find_map(|output| match output {
        Output::Observed(Observation::ToolCallDenied(denial)) => Some(denial.tool),
        _ => None,
    });
    shown(&denied.unwrap());
    let call = json!({"type": "assistant", "message": {"content": [
        {"type": "tool_use", "id": "t1", "name": name, "input": {}}]}});
    let written = call.to_string();
    let line = Line {
        offset: 0,
        length: written.len() as u64,
        bytes: written.as_bytes().into(),
        whole: true,
        end: Vec::new(),
    };
    match &Decoder::new(project()).decode(&line).unwrap().entries[..] {
        [EntryKind::ToolCall { tool, .. }] => shown(tool),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rejection_without_asking_quotes_the_request_in_its_entry() {
    let dialog = json!({"type": "control_request", "request_id": "r1", "request": {
        "subtype": "request_user_dialog", "dialog_kind": "poll", "payload": {"title": "Like\u{202e} it?"}}});
    let mut url = elicitation();
    url["request"]["mode"] = "url".into();
    url["request"]["url"] = "https://x.example".into();
    for (line, said) in [
        (
            dialog,
            "codewalk refused a dialog (poll): Like<U+202E> it? (codewalk does not know how to ask that)",
        ),
        (
            url,
            "codewalk refused shop asks: How? (it wants https://x.example to be opened, which codewalk \
             does not do)",
        ),
    ] {
        assert_eq!(read(&[line]).0, [said]);
    }
    assert!(read(&[elicitation()]).0.is_empty(), "that is asked");
}
