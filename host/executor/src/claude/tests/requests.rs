//! What the user is asked, and how the user answers.

use codewalk_core::origin::Actor;

use super::*;

#[test]
fn a_request_is_shown_completely_and_visibly() {
    let command = format!("echo \u{1b}[2J\u{202e}\r\n{}; rm -rf ~/x", "ä".repeat(5_000));
    let mut conversation = conversation();
    let outputs = conversation.line(message(&asked("Bash\u{7}", &json!({"command": command}))));
    let RequestKind::Approval { tool, subject, detail, .. } = kind(&outputs) else { panic!("{outputs:?}") };
    assert_eq!(tool, "Bash<U+0007>");
    assert!(subject.starts_with("echo <U+001B>[2J<U+202E><U+000D>⏎ää"), "{subject}");
    assert!(subject.ends_with("; rm -rf ~/x") && subject.chars().count() < 600, "{subject}");
    let whole = format!("echo <U+001B>[2J<U+202E><U+000D>\n{}; rm -rf ~/x", "ä".repeat(5_000));
    assert_eq!(*detail, whole);
    let answer = decide(&mut conversation, "r1", &Decision::allow()).unwrap();
    assert_eq!(answer["response"]["response"]["updatedInput"]["command"], *command);
}

#[test]
fn details_that_do_not_fit_the_subject_are_shown_completely() {
    let long = format!("/home/dev/lab/proj/{}/end", "x".repeat(2_000));
    for (tool, input, shown) in [
        ("Read", json!({"file_path": long}), &long[19..]),
        ("Write", json!({"file_path": long, "content": "text"}), &format!("{}\ntext", &long[19..])),
        (
            "WebFetch",
            json!({"url": format!("https://a.example/{long}")}),
            &format!("https://a.example/{long}"),
        ),
        ("Grep", json!({"pattern": "two\nlines"}), "two\nlines"),
    ] {
        let outputs = conversation().line(message(&asked(tool, &input)));
        let RequestKind::Approval { detail, .. } = kind(&outputs) else { panic!("{outputs:?}") };
        assert_eq!(detail, shown, "{tool}");
    }
}

#[test]
fn an_approval_marks_details_that_the_user_should_notice() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("project");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("there.txt"), "").unwrap();
    let outside = "outside the project";
    let overwrites = "overwrites the file that is there (0 bytes)";
    let passwd = format!(
        "overwrites the file that is there ({} bytes)",
        Path::new("/etc/passwd").metadata().unwrap().len()
    );
    let all = "replaces every occurrence";
    for (tool, input, marks) in [
        ("Write", json!({"file_path": root.join("new.txt"), "content": ""}), vec![]),
        ("Write", json!({"file_path": root.join("there.txt"), "content": ""}), vec![overwrites]),
        ("Write", json!({"file_path": "there.txt", "content": ""}), vec![overwrites]),
        ("Write", json!({"file_path": "/etc/passwd", "content": ""}), vec![outside, passwd.as_str()]),
        ("Write", json!({"file_path": root.join("../x"), "content": ""}), vec![outside]),
        ("Read", json!({"file_path": "/etc/passwd"}), vec![outside]),
        ("Edit", json!({"file_path": "there.txt", "replace_all": true}), vec![all]),
        ("MultiEdit", json!({"file_path": "there.txt", "edits": [{"replace_all": true}]}), vec![all]),
        ("Edit", json!({"file_path": "there.txt", "replace_all": false}), vec![]),
        ("Bash", json!({"command": "cat /etc/passwd"}), vec![]),
    ] {
        let mut conversation = ConversationState::new(Project::open(&root).unwrap(), false);
        let outputs = conversation.line(message(&asked(tool, &input)));
        let RequestKind::Approval { marks: shown, .. } = kind(&outputs) else { panic!("{outputs:?}") };
        assert_eq!(*shown, marks, "{tool} {input}");
    }
}

#[test]
fn everything_sent_back_as_allowed_was_shown() {
    for (tool, input, shown) in [
        (
            "NotebookEdit",
            json!({"notebook_path": "/a", "edit_mode": "delete", "cell_id": "7"}),
            "edit_mode: \"delete\"",
        ),
        ("Bash", json!({"command": ["rm", "-rf", "/home/me"], "description": "ls"}), "\"-rf\""),
        ("Bash", json!({"command": "make", "timeout": 5}), "timeout: 5"),
        (
            "Write",
            json!({"command": "README.txt", "file_path": "/a/.git/hooks/pre-commit"}),
            "command: \"README.txt\"",
        ),
        ("Write", json!({"file_path": "/a", "content": {"x": 1}}), "content: {\"x\":1}"),
        ("mcp__db__run", json!({"questions": [{"question": "list", "sql": "DROP"}]}), "DROP"),
        ("Edit", json!({"file_path": "/a", "old_string": "a\r\nb", "new_string": "c"}), "a<U+000D>"),
        (
            "MultiEdit",
            json!({"file_path": "/a", "edits": [{"old_string": "a", "new_string": 3}]}),
            "\"new_string\":3",
        ),
    ] {
        let outputs = conversation().line(message(&asked(tool, &input)));
        let RequestKind::Approval { subject, detail, .. } = kind(&outputs) else { panic!("{outputs:?}") };
        assert!(format!("{subject}\n{detail}").contains(shown), "{tool}: {subject} / {detail}");
    }
    let plan = json!({"plan": "Look.", "allowedPrompts": [{"tool": "Bash", "prompt": "run any command"}]});
    let outputs = conversation().line(message(&asked("ExitPlanMode", &plan)));
    let RequestKind::Plan { plan } = kind(&outputs) else { panic!("{outputs:?}") };
    assert!(plan.contains("run any command"), "{plan}");
}

#[test]
fn a_different_input_has_a_different_digest() {
    let digest =
        |tool: &str, input: &Value| match conversation().line(message(&asked(tool, input))).as_slice() {
            [Output::Observed(Observation::RequestOpened { digest, .. })] => digest.clone(),
            other => panic!("{other:?}"),
        };
    let make = digest("Bash", &json!({"command": "make"}));
    assert_eq!(make, digest("Bash", &json!({"command": "make"})));
    for other in [
        digest("Bash", &json!({"command": "make "})),
        digest("Bash", &json!({"command": "make", "description": "x"})),
        digest("Shell", &json!({"command": "make"})),
    ] {
        assert_ne!(make, other);
    }
}

#[test]
fn a_rule_is_allowed_for_the_session_and_a_stop_ends_the_turn() {
    let mut conversation = conversation();
    let mut request = asked("Bash", &json!({"command": "make"}));
    let rule = json!({"type": "addRules", "behavior": "allow", "destination": "localSettings",
        "rules": [{"toolName": "Bash", "ruleContent": "make"}]});
    request["request"]["permission_suggestions"] = json!([rule]);
    let outputs = conversation.line(message(&request));
    let RequestKind::Approval { rules, .. } = kind(&outputs) else { panic!("{outputs:?}") };
    assert_eq!(rules, &["Bash(make)"]);
    let allow = |rule| Decision::Allow { rule: Some(rule), tell: None };
    assert!(matches!(decide(&mut conversation, "r1", &allow(1)), Err(DecideError::Unfit(_))));
    let answer = decide(&mut conversation, "r1", &allow(0)).unwrap();
    let permissions = &answer["response"]["response"]["updatedPermissions"];
    assert_eq!(permissions[0]["destination"], "session");
    assert_eq!(permissions[0]["rules"], rule["rules"]);

    conversation.line(message(&asked("Bash", &json!({"command": "make"}))));
    let stop = Decision::Deny { message: "The user said: stop".to_owned(), end_turn: true };
    assert_eq!(decide(&mut conversation, "r1", &stop).unwrap()["response"]["response"]["interrupt"], true);
    let result = json!({"type": "result", "subtype": "error_during_execution", "is_error": true,
        "terminal_reason": "aborted_tools"});
    let ended = conversation.line(message(&result));
    assert!(
        ended.contains(&Output::Observed(Observation::TurnEnded { failure: None })),
        "an end that was asked for is no failure: {ended:?}"
    );
}

#[test]
fn for_a_plan_without_text_the_agents_last_text_is_shown() {
    let mut conversation = conversation();
    let content = json!([{"type": "text", "text": "First this.\nThen that."}]);
    conversation.line(message(&json!({"type": "assistant", "message": {"content": content}})));
    let said = conversation.line(message(&asked("ExitPlanMode", &json!({}))));
    assert_eq!(kind(&said), &RequestKind::Plan { plan: "First this.\nThen that.".to_owned() });
    decide(&mut conversation, "r1", &Decision::allow()).unwrap();
    let repeated = conversation.line(message(&asked("ExitPlanMode", &json!({"plan": "Only this."}))));
    assert_eq!(kind(&repeated), &RequestKind::Plan { plan: "Only this.".to_owned() });
}

#[test]
fn an_answer_must_fit_the_question() {
    let mut conversation = conversation();
    let answers = |n: usize| Decision::Answers { answers: vec!["x".to_owned(); n] };
    conversation.line(message(&asked(
        "AskUserQuestion",
        &json!({"questions": [{"question": "A?"}, {"question": "B?"}]}),
    )));
    for decision in [Decision::allow(), answers(0), answers(1), answers(3)] {
        let refused = decide(&mut conversation, "r1", &decision);
        assert!(matches!(refused, Err(DecideError::Unfit(_))), "{decision:?}");
    }
    let answer = decide(&mut conversation, "r1", &answers(2)).unwrap();
    assert_eq!(answer["response"]["response"]["updatedInput"]["answers"], json!({"A?": "x", "B?": "x"}));

    conversation.line(message(&asked("Write", &json!({}))));
    assert!(matches!(decide(&mut conversation, "r1", &answers(0)), Err(DecideError::Unfit(_))));
}

#[test]
fn a_withdrawn_request_is_reported_once_and_cannot_be_answered() {
    let mut conversation = conversation();
    conversation.line(message(&asked("Write", &json!({"file_path": "/a"}))));
    let cancel = json!({"type": "control_cancel_request", "request_id": "r1"});
    let withdrawn = Output::Observed(Observation::RequestWithdrawn { request: "r1".to_owned() });
    assert_eq!(conversation.line(message(&cancel)), [withdrawn]);
    assert_eq!(conversation.line(message(&cancel)), []);
    assert_eq!(decide(&mut conversation, "r1", &Decision::allow()), Err(DecideError::NotOpen));
}

#[test]
fn a_repeated_request_is_reported_once() {
    let mut conversation = conversation();
    conversation.line(message(&asked("Bash", &json!({"command": "make"}))));
    assert_eq!(conversation.line(message(&asked("Bash", &json!({"command": "make"})))), []);
    let answer = decide(&mut conversation, "r1", &Decision::allow()).unwrap();
    assert_eq!(answer["response"]["response"]["updatedInput"]["command"], "make");
}

#[test]
fn a_different_request_with_an_open_identifier_is_a_new_question() {
    let withdrawn = Output::Observed(Observation::RequestWithdrawn { request: "r1".to_owned() });
    let mut conversation = conversation();
    conversation.line(message(&asked("Bash", &json!({"command": "make"}))));
    let first = conversation.digest("r1");
    let outputs = conversation.line(message(&asked("Bash", &json!({"command": "reboot"}))));
    let [told, Output::Observed(Observation::RequestOpened { digest, .. })] = &outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!(*told, withdrawn);
    assert_ne!(*digest, first);
    let stale = conversation.decide("r1", &first, &Decision::allow());
    assert_eq!(stale, Err(DecideError::Replaced), "a yes to the first");
    // A request that cannot be shown is rejected, together with the open one that has the same identifier.
    let mut dance = asked("Bash", &json!({}));
    dance["request"] = json!({"subtype": "dance"});
    let outputs = conversation.line(message(&dance));
    assert_eq!(outputs[0], withdrawn);
    assert!(matches!(
        &outputs[1..],
        [Output::Write(_), Output::Observed(Observation::RequestRefused { .. })]
    ));
    assert_eq!(decide(&mut conversation, "r1", &Decision::allow()), Err(DecideError::NotOpen));
}

#[test]
fn questions_are_shown_with_everything_sent_back_or_rejected() {
    let ask = |input: Value| conversation().line(message(&asked("AskUserQuestion", &input)));
    let options: Vec<Value> =
        (0..20).map(|n| json!({"label": format!("o{n}"), "preview": format!("p{n}")})).collect();
    let several: Vec<Value> = (0..18)
        .map(
            |n| json!({"question": format!("Q{n}?"), "header": "Delete", "options": options, "hidden": "rm"}),
        )
        .collect();
    let outputs = ask(json!({"questions": several, "extra": {"run": "rm -rf"}}));
    let RequestKind::Questions { questions } = kind(&outputs) else { panic!("{outputs:?}") };
    assert_eq!((questions.len(), questions[17].options.len()), (18, 20));
    assert_eq!(questions[0].text, r#"Q0? (Delete) {"hidden":"rm"} {"extra":{"run":"rm -rf"}}"#);
    assert_eq!(questions[17].descriptions[19], r#"{"preview":"p19"}"#);

    let many = vec![json!({"label": "x"}); 101];
    for (questions, why) in [
        (json!([{"question": "A?"}, {"question": "A?"}]), "it asks the same question twice"),
        (
            json!([{"question": "A?", "options": many}]),
            "it asks too many questions, or offers too many options",
        ),
        (json!([{"question": "A?", "options": ["x"]}]), "one of its options is empty"),
        (json!([{"question": " "}]), "one of its questions is empty"),
        (json!(["A?"]), "one of its questions is empty"),
    ] {
        let outputs = ask(json!({"questions": questions}));
        let [Output::Write(denied), Output::Observed(Observation::ToolCallDenied(denial))] = &outputs[..]
        else {
            panic!("{outputs:?}")
        };
        assert_eq!(denial.by, Some(Actor::Policy { name: why.to_owned() }));
        assert_eq!(denied["response"]["response"]["behavior"], "deny");
    }
}

#[test]
fn the_digest_of_a_request_stays_the_same() {
    let kind = RequestKind::Approval {
        tool: "Bash".to_owned(),
        subject: "make".to_owned(),
        detail: String::new(),
        agent_words: "to build".to_owned(),
        marks: Vec::new(),
        rules: vec!["Bash(make:*)".to_owned()],
    };
    let digest = super::super::requests::digest("Bash", &json!({"command": "make"}), &kind);
    assert_eq!(digest, "ca9cb6e5954d5164754c5372d487645f4c87db40026e9b2de794ba0e8df820de");
}
