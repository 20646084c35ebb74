//! Names in stored events that differ from the names in the code, so that old stores can still be read.

use codewalk_core::event::Event;
use codewalk_core::session::RequestKind;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn check<T: DeserializeOwned + Serialize>(stored: &str) {
    let value: T = serde_json::from_str(stored).expect("a stored value can be read");
    let stored: serde_json::Value = serde_json::from_str(stored).expect("the test has JSON");
    assert_eq!(serde_json::to_value(&value).expect("a value can be stored"), stored);
}

#[test]
fn renamed_fields_are_stored_under_their_old_names() {
    const ID: &str = "0197f5a2-0000-7000-8000-000000000001";
    let utterance =
        |event: &str| format!(r#"{{"at":1,"subject":"utterance","utterance":"{ID}","event":{event}}}"#);
    let said = r#"{"text":"fix it","constraints":{"agent":null,"project":null},"default_project":null,
        "permission":"ask","consent_flag":null,"attended":true,"question":false,"answers":null,
        "pasted":false}"#;
    let origin = r#"{"channel":"terminal","name":"run-1"}"#;
    check::<Event>(&utterance(&format!(
        r#"{{"type":"received","origin":{origin},"said":{said},"call":null}}"#
    )));
    check::<Event>(&utterance(
        r#"{"type":"routed","answered":{"answer":{"intent":{"type":"cannot_parse","hint":"h"},"confidence":1,
            "candidates":[],"reason":"r"},"adapter":"a","fallback_from":[]}}"#,
    ));
    check::<Event>(&format!(
        r#"{{"at":1,"subject":"consent","utterance":"{ID}",
            "event":{{"type":"reasked","confirmation":"{ID}","said":"maybe"}}}}"#
    ));
    check::<Event>(&format!(
        r#"{{"at":1,"subject":"summary","session":"{ID}","event":{{"type":"made","answered":{{
            "answer":{{"text":"t","covers":1}},"adapter":"a","fallback_from":[]}}}}}}"#
    ));
    check::<RequestKind>(
        r#"{"type":"approval","tool":"Bash","subject":"make","detail":"","said":"to build","marks":[],
            "rules":[]}"#,
    );
}
