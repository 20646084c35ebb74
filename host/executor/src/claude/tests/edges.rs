//! Edge cases of a conversation: limits, denials, requests of tool servers, unreadable lines.

use codewalk_core::entry::EntryKind;
use codewalk_core::origin::Actor;
use codewalk_core::session::Denial;

use super::turns::{NOW, tasks};
use super::*;
use crate::lines::{LineSplitter, MAX_LINE};

fn limit(status: &str, more: &Value) -> Value {
    let mut info = json!({"status": status, "resetsAt": 1_796_031_434, "rateLimitType": "five_hour"});
    info.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"type": "rate_limit_event", "rate_limit_info": info})
}

fn limited(lines: &[Value]) -> Option<Option<u64>> {
    let mut conversation = conversation();
    let outputs = lines.iter().flat_map(|line| conversation.line(message(line)));
    outputs
        .filter_map(|output| match output {
            Output::Observed(Observation::UsageLimitReached { until, .. }) => {
                Some(until.map(|until| until.0))
            }
            _ => None,
        })
        .last()
}

#[test]
fn only_a_turn_that_failed_at_a_limit_is_limited() {
    let failed = |more: Value| {
        let mut line = result(&json!({"is_error": true, "result": "You've hit your limit"}));
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let (plain, good) = (failed(json!({})), result(&json!({})));
    let reached = failed(json!({"api_error": "usage_limit_reached", "api_error_status": 429}));
    let broken = failed(json!({"api_error_status": 400}));
    let rejected = limit("rejected", &json!({}));
    let until = Some(Some(1_796_031_434_000));
    for (lines, expected) in [
        (vec![rejected.clone(), plain.clone()], until),
        (vec![rejected.clone(), reached.clone()], until),
        (vec![reached.clone()], Some(None)),
        (vec![limit("rejected", &json!({"resetsAt": u64::MAX})), reached.clone()], Some(None)),
        (vec![limit("rejected", &json!({"resetsAt": "soon"})), plain.clone()], Some(None)),
        (vec![limit("allowed_warning", &json!({})), plain.clone()], None),
        (vec![rejected.clone(), limit("allowed", &json!({})), plain.clone()], None),
        (vec![limit("rejected", &json!({"isUsingOverage": true})), plain.clone()], None),
        (vec![rejected.clone(), broken], None),
        (vec![rejected.clone(), good.clone()], None),
        (vec![rejected, good, plain.clone()], None),
        (vec![plain], None),
    ] {
        assert_eq!(limited(&lines), expected, "{lines:?}");
    }
}

#[test]
fn a_call_decided_by_a_person_is_not_reported_as_denied_by_the_agent() {
    let mut conversation = conversation();
    conversation.line(message(&asked("Write", &json!({"file_path": "/a"}))));
    decide(&mut conversation, "r1", &Decision::deny("no")).unwrap();
    let denial = |id: &str, command: &str| {
        let input = json!({"command": command});
        json!({"tool_name": "Bash\u{1b}", "tool_use_id": id, "tool_input": input})
    };
    let ended = result(&json!({"permission_denials": [denial("t1", "make"), denial("t2", "reboot\nnow")]}));
    let denied = |conversation: &mut ConversationState| {
        let outputs = conversation.line(message(&ended)).into_iter();
        let denied = outputs.filter_map(|output| match output {
            Output::Observed(Observation::ToolCallDenied(denial)) => Some((denial.tool, denial.subject)),
            _ => None,
        });
        denied.collect::<Vec<_>>()
    };
    assert_eq!(denied(&mut conversation), [("Bash<U+001B>".to_owned(), "reboot⏎now".to_owned())]);
    assert_eq!(denied(&mut conversation), [], "a later turn lists it again");
}

pub(super) fn elicitation() -> Value {
    json!({"type": "control_request", "request_id": "r1", "request": {
        "subtype": "elicitation", "mcp_server_name": "shop", "message": "How?",
        "requested_schema": {"properties": {"gift": {"type": "boolean"}}, "required": ["gift"]}}})
}

#[test]
fn a_form_stays_open_until_an_answer_fits() {
    let mut conversation = conversation();
    let RequestKind::Questions { questions } = kind(&conversation.line(message(&elicitation()))).clone()
    else {
        panic!()
    };
    assert_eq!(questions[0].text, "shop asks: How? gift");
    assert_eq!(conversation.line(message(&elicitation())), [], "asked once");
    assert_eq!(conversation.activity(), Activity::Waiting);
    let answer = |answer: &str| Decision::Answers { answers: vec![answer.to_owned()] };
    assert_eq!(
        decide(&mut conversation, "r1", &answer("perhaps")),
        Err(DecideError::Unfit("answer yes or no"))
    );
    assert!(conversation.asked_again("r1").is_some(), "the agent still waits");
    let response = decide(&mut conversation, "r1", &answer("yes")).unwrap();
    assert_eq!(response["response"]["response"], json!({"action": "accept", "content": {"gift": true}}));
    assert_eq!(conversation.asked_again("r1"), None);
    assert_eq!(decide(&mut conversation, "r1", &answer("yes")), Err(DecideError::NotOpen));
}

#[test]
fn a_form_can_be_denied_and_withdrawn() {
    let mut conversation = conversation();
    conversation.line(message(&elicitation()));
    let declined = decide(&mut conversation, "r1", &Decision::deny("no")).unwrap();
    assert_eq!(declined["response"]["response"], json!({"action": "decline"}));
    conversation.line(message(&elicitation()));
    let cancel = json!({"type": "control_cancel_request", "request_id": "r1"});
    let withdrawn = Output::Observed(Observation::RequestWithdrawn { request: "r1".to_owned() });
    assert_eq!(conversation.line(message(&cancel)), [withdrawn]);
    assert_eq!(conversation.activity(), NOW);
}

#[test]
fn an_agent_with_an_open_request_is_not_working() {
    let mut conversation = conversation();
    assert!(conversation.activity() != Activity::Working);
    conversation.prompt("p1", "one");
    assert!(conversation.activity() == Activity::Working, "it has not even begun");
    for request in [asked("Write", &json!({})), elicitation()] {
        conversation.line(message(&request));
        assert!(conversation.activity() != Activity::Working);
        decide(&mut conversation, "r1", &Decision::deny("no")).unwrap();
        assert!(conversation.activity() == Activity::Working);
    }
    conversation.line(message(&result(&json!({}))));
    assert!(conversation.activity() != Activity::Working);
    conversation.line(message(&tasks(&["local_bash"])));
    assert!(conversation.activity() != Activity::Working, "a server may run for ever");
    conversation.line(message(&tasks(&["local_agent"])));
    assert!(conversation.activity() == Activity::Working);
}

#[test]
fn a_flood_of_unknown_requests_is_refused_and_reported_in_part() {
    let mut conversation = conversation();
    let dance = |n: u32| {
        let request = json!({"subtype": "dance"});
        json!({"type": "control_request", "request_id": n.to_string(), "request": request})
    };
    let outputs: Vec<Output> = (0..300).flat_map(|n| conversation.line(message(&dance(n)))).collect();
    let refused = |output: &&Output| matches!(output, Output::Observed(Observation::RequestRefused { .. }));
    assert_eq!((outputs.iter().filter(refused).count(), outputs.len()), (100, 400));
}

/// The effect of a line on the agent and on the user, when the line is read from a file.
pub(super) fn unread(bytes: &[u8]) -> (Vec<String>, Vec<Output>) {
    let mut splitter = LineSplitter::new(0);
    let lines = splitter.push(bytes);
    let mut decoded = Decoder::new(project()).decode(&lines[0]).unwrap();
    let entries = std::mem::take(&mut decoded.entries).into_iter().map(|entry| match entry {
        EntryKind::Error { text } => text.as_str().to_owned(),
        other => panic!("{other:?}"),
    });
    let entries = entries.collect();
    let mut conversation = conversation();
    (entries, decoded.messages().flat_map(|message| conversation.line(message)).collect())
}

/// A tool call that could not be shown to the user.
pub(super) fn unasked(tool: &str, subject: &str, why: &str) -> Denial {
    let by = Some(Actor::Policy { name: why.to_owned() });
    Denial { tool: tool.to_owned(), subject: subject.to_owned(), by }
}

#[test]
fn an_unreadable_request_that_may_be_for_a_tool_is_denied() {
    let denied = |request: &str| {
        let line = format!("{{\"type\":\"control_request\",\"request_id\":\"r1\"{request}\n");
        unread(line.as_bytes()).1.into_iter().find_map(|output| match output {
            Output::Observed(Observation::ToolCallDenied(denial)) => Some(denial.tool),
            _ => None,
        })
    };
    let unnamed = || Some("unnamed".to_owned());
    assert_eq!(denied(r#","request":{"subtype":"can_use_tool","#), unnamed());
    assert_eq!(denied(r#","request":{"tool_name":"Bash","#), Some("Bash".to_owned()));
    assert_eq!(denied(","), unnamed());
    assert_eq!(denied(r#","request":{"subtype":"request_user_dialog","#), None);
}

#[test]
fn an_unreadable_request_is_refused_and_reported() {
    let begin = concat!(
        r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
        r#""tool_name":"Write","input":{"content":""#,
    )
    .as_bytes();
    let long = [begin, &vec![b'x'; MAX_LINE], b"\"}}}\n"].concat();
    let broken = [begin, b"x}}}\n"].concat();
    for (line, why) in
        [(long, "it has 65 MiB, and only lines of up to 64 MiB are read"), (broken, "it is broken JSON")]
    {
        let (entries, outputs) = unread(&line);
        assert_eq!(entries, [format!("A request to allow Write cannot be read and was refused: {why}")]);
        let [Output::Write(refusal), Output::Observed(Observation::ToolCallDenied(denial))] = &outputs[..]
        else {
            panic!("{outputs:?}")
        };
        assert_eq!(*denial, unasked("Write", "", &format!("its request cannot be read: {why}")));
        assert_eq!(
            (&refusal["response"]["subtype"], &refusal["response"]["request_id"]),
            (&json!("error"), &json!("r1"))
        );
    }
}

#[test]
fn a_request_with_unreadable_content_is_rejected_as_unreadable() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for content in [&deep, "1e999", "\"a\u{1}b\""] {
        let line = format!(
            "{{\"type\":\"control_request\",\"request\":{{\"subtype\":\"can_use_tool\",\
             \"tool_name\":\"Bash\",\"input\":{{\"x\":{content}}}}},\"request_id\":\"r1\"}}\n"
        );
        let (entries, outputs) = unread(line.as_bytes());
        assert_eq!(entries, ["A request to allow Bash cannot be read and was refused: it is broken JSON"]);
        let Output::Write(refusal) = &outputs[0] else { panic!("{outputs:?}") };
        assert_eq!(refusal["response"]["error"], "This request cannot be read: it is broken JSON");
    }
}

#[test]
fn a_byte_order_mark_and_nuls_do_not_hide_a_request() {
    for before in ["\u{feff}", "\0", "\0\u{feff}\0"] {
        let line = format!("{before}{}\n", asked("Bash", &json!({"command": "ls"})));
        let (_, outputs) = unread(line.as_bytes());
        assert!(matches!(outputs[..], [Output::Observed(Observation::RequestOpened { .. })]), "{outputs:?}");
    }
}

#[test]
fn an_overlong_request_identified_at_its_end_is_rejected() {
    let begin = concat!(
        r#"{"type":"control_request","request":{"subtype":"can_use_tool","tool_name":"Write","#,
        r#""input":{"content":""#,
    )
    .as_bytes();
    let line = [begin, &vec![b'x'; MAX_LINE + 2_000_000], b"\"}},\"request_id\":\"r1\"}\n"].concat();
    let (_, outputs) = unread(&line);
    let [Output::Write(refusal), Output::Observed(Observation::ToolCallDenied(denial))] = &outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!((&refusal["response"]["request_id"], denial.tool.as_str()), (&"r1".into(), "Write"));
}

#[test]
fn a_request_too_long_to_show_is_denied_and_reported() {
    let line = asked("Write", &json!({"file_path": "/a", "content": "x".repeat(9 * 1024 * 1024)}));
    let mut conversation = conversation();
    let outputs = conversation.line(message(&line));
    let [Output::Write(denied), Output::Observed(Observation::ToolCallDenied(denial))] = outputs.as_slice()
    else {
        panic!("{outputs:?}")
    };
    assert_eq!(denied["response"]["response"]["behavior"], "deny");
    assert_eq!(*denial, unasked("Write", "/a", "it is too large to show (9437184 bytes)"));
    assert_eq!(decide(&mut conversation, "r1", &Decision::allow()), Err(DecideError::NotOpen));
}

#[test]
fn a_turn_whose_result_cannot_be_read_has_ended() {
    let (entries, outputs) = unread(b"{\"type\":\"result\",\"result\":\"x}\n");
    assert_eq!(entries, ["The result of a turn cannot be read: it is broken JSON"]);
    assert_eq!(failure(&outputs), Some("the result cannot be read: it is broken JSON"));
}

/// The effect of lines that are read one after another: the error messages, and their effect on the
/// conversation.
pub(super) fn read(lines: &[Value]) -> (Vec<String>, Vec<Output>) {
    let (mut decoder, mut conversation) = (Decoder::new(project()), conversation());
    let (mut errors, mut outputs) = (Vec::new(), Vec::new());
    for line in lines {
        let written = line.to_string();
        let bytes = written.as_bytes().into();
        let length = written.len() as u64;
        let line = Line { offset: 0, length, bytes, whole: true, end: Vec::new() };
        let mut decoded = decoder.decode(&line).unwrap();
        errors.extend(std::mem::take(&mut decoded.entries).into_iter().filter_map(|entry| match entry {
            EntryKind::Error { text } => Some(text.as_str().to_owned()),
            _ => None,
        }));
        outputs.extend(decoded.messages().flat_map(|message| conversation.line(message)));
    }
    (errors, outputs)
}

#[test]
fn a_failed_or_stopped_subagent_is_reported_once() {
    let called = |tool: &str| {
        let input = json!({"description": "Count\nthe files", "prompt": "count"});
        json!({"type": "assistant", "message": {"content": [
            {"type": "tool_use", "id": "t1", "name": tool, "input": input}]}})
    };
    let notified = |status: &str, summary: &str| {
        json!({"type": "system", "subtype": "task_notification", "tool_use_id": "t1",
            "status": status, "summary": summary})
    };
    let ended = |is_error: bool, content: &str, more: Value| {
        let result =
            json!({"type": "tool_result", "tool_use_id": "t1", "content": content, "is_error": is_error});
        let mut line = json!({"type": "user", "message": {"content": [result]}});
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let plain = || json!({});
    let rejected = json!({"tool_result_meta": [{"id": "t1", "permission_decision": {"decision": "reject"}}]});
    let failed = Some(r#"sub-agent "Count⏎the files" failed: API Error"#);
    let stopped = Some(r#"sub-agent "Count⏎the files" was stopped"#);
    for (lines, told) in [
        (vec![called("Agent"), notified("failed", "API Error")], failed),
        (vec![called("Agent"), notified("failed", "API Error"), ended(true, "API Error", plain())], failed),
        (vec![called("Task"), ended(true, "API Error", plain())], failed),
        (vec![called("Task"), ended(false, "launched", plain()), notified("failed", "API Error")], failed),
        (vec![called("Agent"), notified("stopped", "Count the files")], stopped),
        (vec![called("Task"), ended(true, "No", rejected)], None),
        (vec![called("Agent"), notified("completed", "done")], None),
        (vec![called("Bash"), notified("failed", "exit status 1")], None),
        (vec![called("Bash"), ended(true, "exit status 1", plain())], None),
        (vec![notified("failed", "API Error")], None),
    ] {
        let (errors, outputs) = read(&lines);
        assert_eq!(errors, Vec::from_iter(told.map(str::to_owned)), "{lines:?}");
        let failed = outputs.iter().filter_map(|output| match output {
            Output::Observed(Observation::SubagentFailed(helper)) => Some(helper.stopped),
            _ => None,
        });
        let is_stopped = told.map(|told| told.ends_with("stopped"));
        assert_eq!(failed.collect::<Vec<_>>(), Vec::from_iter(is_stopped), "{lines:?}");
    }
}

#[test]
fn an_empty_error_after_a_good_result_fails_nothing() {
    let good = result(&json!({"num_turns": 3, "result": "Done."}));
    let empty = result(&json!({"subtype": "error_during_execution", "is_error": true, "num_turns": 0}));
    let (_, outputs) = read(&[good, empty.clone()]);
    let ends: Vec<_> = outputs
        .iter()
        .filter(|output| {
            let Output::Observed(observed) = output else { return false };
            matches!(observed, Observation::TurnEnded { .. } | Observation::EmptyErrorReported)
        })
        .collect();
    let expected =
        [Observation::TurnEnded { failure: None }, Observation::EmptyErrorReported].map(Output::Observed);
    assert_eq!(ends, expected.iter().collect::<Vec<_>>());
    assert_eq!(failure(&read(&[empty]).1), Some("error_during_execution"));
    assert!(read(&[json!({"type": "empty_result", "is_error": true})]).1.is_empty(), "only codewalk says so");
}
