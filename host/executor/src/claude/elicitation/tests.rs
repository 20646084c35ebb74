//! Tests of `elicitation`.

use super::*;

fn request(schema: &Value) -> Value {
    json!({"subtype": "elicitation", "mcp_server_name": "shop", "message": "How?", "mode": "form",
        "requested_schema": schema, "property_order": ["speed", "gift", "count", "weight", "name"]})
}

fn form() -> Value {
    json!({"type": "object", "required": ["speed", "gift"], "properties": {
        "name": {"type": "string", "title": "Name", "minLength": 1},
        "gift": {"type": "boolean", "description": "Wrap it?"},
        "count": {"type": "integer"},
        "weight": {"type": "number"},
        "speed": {"type": "string", "enum": ["f", "s"], "enumNames": ["Fast one", "Slow one"]},
    }})
}

fn answers(answers: &[&str]) -> Decision {
    Decision::Answers { answers: answers.iter().map(|answer| (*answer).to_owned()).collect() }
}

#[test]
fn a_form_is_asked_field_by_field_in_the_order_of_its_server() {
    let RequestKind::Questions { questions } = Elicitation::read(&request(&form())).unwrap().questions()
    else {
        panic!()
    };
    let asked: Vec<_> = questions.iter().map(|q| (q.text.as_str(), q.options.join("|"))).collect();
    let expected = [
        ("shop asks: How? speed", "Fast one (f)|Slow one (s)"),
        ("Wrap it? (gift)", "yes|no"),
        ("count (may be left empty: type \"\")", ""),
        ("weight (may be left empty: type \"\")", ""),
        ("name (may be left empty: type \"\")", ""),
    ];
    assert_eq!(asked, expected.map(|(text, options)| (text, options.to_owned())));
}

#[test]
fn answers_have_the_form_that_the_server_expects() {
    let form = Elicitation::read(&request(&form())).unwrap();
    for (said, content) in [
        (
            ["fast one", "Yes", "3", "0.5", "Ada"],
            json!({"speed": "f", "gift": true, "count": 3, "weight": 0.5, "name": "Ada"}),
        ),
        (["S", "n", "", " ", "\"\""], json!({"speed": "s", "gift": false})),
    ] {
        let response = form.response(&answers(&said)).unwrap();
        assert_eq!(response, json!({"action": "accept", "content": content}));
    }
    let denied = form.response(&Decision::deny(""));
    assert_eq!(denied, Ok(json!({"action": "decline"})));
}

#[test]
fn an_invalid_answer_is_rejected_with_a_valid_example() {
    let form = Elicitation::read(&request(&form())).unwrap();
    for (said, expected) in [
        (answers(&["warp", "yes", "", "", ""]), "choose one of its options"),
        (answers(&["", "yes", "", "", ""]), "choose one of its options"),
        (answers(&["fast one", "perhaps", "", "", ""]), "answer yes or no"),
        (answers(&["fast one", "yes", "3.5", "", ""]), "give a whole number"),
        (answers(&["fast one", "yes", "", "NaN", ""]), "give a number"),
        (answers(&["fast one"]), "give one answer for each question"),
        (Decision::allow(), "answer its questions, or deny it"),
    ] {
        assert_eq!(form.response(&said), Err(expected), "{said:?}");
    }
}

#[test]
fn a_form_without_fields_is_a_yes_or_no_question() {
    let form = Elicitation::read(&request(&json!({"type": "object", "properties": {}}))).unwrap();
    assert_eq!(form.response(&answers(&["yes"])), Ok(json!({"action": "accept", "content": {}})));
    assert_eq!(form.response(&answers(&["No"])), Ok(json!({"action": "decline"})));
    assert_eq!(form.response(&answers(&["hm"])), Err("answer yes or no"));
}

#[test]
fn a_form_that_cannot_be_shown_as_text_is_rejected_with_a_reason() {
    let of = |name: &str, schema: Value| request(&json!({"properties": {name: schema}}));
    let choices: Vec<String> = (0..17).map(|n| n.to_string()).collect();
    let mut url = request(&Value::Null);
    url["mode"] = "url".into();
    url["url"] = "https://x.example/\u{1b}[2J".into();
    for (request, why) in [
        (of("a", json!({"type": "object"})), "its form cannot be asked as text"),
        (of("a", json!({"type": "string", "enum": choices})), "its form cannot be asked as text"),
        (of("a", json!({"type": "string", "enum": [1, 2]})), "its form cannot be asked as text"),
        (url, "it wants https://x.example/\u{fffd}[2J to be opened, which codewalk does not do"),
    ] {
        let refused = Elicitation::read(&request).unwrap_err();
        assert_eq!(refused, Refusal { what: "shop asks: How?".to_owned(), why: why.to_owned() });
    }
}

#[test]
fn a_form_with_different_fields_or_message_has_a_different_digest() {
    let digest = |request: &Value| Elicitation::read(request).unwrap().shown().digest;
    let first = digest(&request(&form()));
    assert_eq!(digest(&request(&form())), first);
    let mut renamed = form();
    // It is asked with the same words.
    renamed["properties"]["present"] = json!({"type": "boolean", "description": "Wrap it?"});
    renamed["properties"].as_object_mut().unwrap().remove("gift");
    let (mut optional, mut other_kind, mut other_choice) = (form(), form(), form());
    optional["required"] = json!(["speed", "gift", "name"]);
    other_kind["properties"]["count"]["type"] = "number".into();
    other_choice["properties"]["speed"]["enum"] = json!(["f", "x"]);
    for changed in [renamed, optional, other_kind, other_choice] {
        assert_ne!(digest(&request(&changed)), first, "{changed}");
    }
    let mut message = request(&form());
    message["message"] = "When?".into();
    assert_ne!(digest(&message), first);
}

#[test]
fn a_name_that_is_the_value_of_another_choice_is_not_clear() {
    let form = Form::Choice(vec![("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())]);
    assert_eq!(form.value("a"), Err("choose one of its options by all of its words"));
    assert_eq!(form.value("a (b)"), Ok("b".into()));
}

#[test]
fn a_choice_shows_its_value_if_that_differs_from_its_label() {
    let form = Form::Choice(vec![("evil".to_owned(), "good".to_owned()), ("b".to_owned(), "b".to_owned())]);
    assert_eq!(form.options(), ["good (evil)", "b"]);
    for answer in ["good (evil)", "good", "evil"] {
        assert_eq!(form.value(answer), Ok("evil".into()), "{answer}");
    }
}

#[test]
fn a_form_is_shown_completely_or_rejected() {
    let long = "very ".repeat(20_000);
    let schema = json!({"properties": {
        "delete_all": {
            "type": "boolean",
            "title": "Keep my data",
            "description": format!("{long}, and delete it all"),
        },
    }});
    let mut request = request(&schema);
    request["message"] = format!("{long}: may I delete it all?").into();
    let shown = format!("{:?}", Elicitation::read(&request).unwrap().questions());
    assert!(shown.contains(": may I delete it all? Keep my data"), "the message");
    assert!(shown.contains(", and delete it all (delete_all)"), "the description, and the name");
    request["message"] = "x".repeat(MAX_SHOWN).into();
    assert_eq!(Elicitation::read(&request).unwrap_err().why, "its form is too long to show");
}
