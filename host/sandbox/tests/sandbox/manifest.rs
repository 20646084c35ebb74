//! Manifests in components.

use codewalk_sandbox::{Manifest, ManifestError, Problem, Source, World};

use crate::guests::{saying, with_manifest};
use crate::support::{generous, sandbox};

const WHOLE: &str = r#"
name = "groq-router"
world = "router"
version = "0.1.0"
description = "Routes with a model at Groq"
[[http]]
url = "https://api.groq.com/openai/v1/chat/completions"
methods = ["POST"]
credential = "groq"
why = "asks a model for the intent"
[[http]]
url = "*"
methods = ["POST"]
"#;

fn inspected(component: Vec<u8>) -> (Option<Manifest>, Vec<Problem>) {
    let inspection = sandbox(generous()).inspect(&Source::Embedded(component.leak())).unwrap();
    (inspection.manifest, inspection.problems)
}

#[test]
fn a_manifest_is_read_from_the_component() {
    let (manifest, problems) = inspected(with_manifest(saying("x").build(), WHOLE.as_bytes()));
    let manifest = manifest.unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((manifest.name.as_str(), manifest.world), ("groq-router", World::Router));
    assert_eq!(manifest.http[0].credential.as_deref(), Some("groq"));
    assert!(manifest.http[1].is_for_any());
    assert_eq!(inspected(saying("x").build()).0, None);
}

#[test]
fn a_manifest_in_an_inner_module_or_component_does_not_count() {
    let inner = with_manifest(wat::parse_str("(component)").unwrap(), WHOLE.as_bytes());
    let mut outer = saying("x").build();
    outer.push(4);
    let mut length = inner.len();
    while length >= 0x80 {
        outer.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    outer.push(length as u8);
    outer.extend(inner);
    let (manifest, problems) = inspected(outer);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(manifest, None);
}

#[test]
fn several_manifests_or_invalid_utf8_are_refused() {
    let twice = with_manifest(with_manifest(saying("x").build(), WHOLE.as_bytes()), WHOLE.as_bytes());
    let (_, problems) = inspected(twice);
    assert!(matches!(problems[..], [Problem::Manifest(ManifestError::Twice)]), "{problems:?}");
    let (_, problems) = inspected(with_manifest(saying("x").build(), b"\xff\xfe"));
    assert!(matches!(problems[..], [Problem::Manifest(ManifestError::NotText)]), "{problems:?}");
}

#[test]
fn a_manifest_for_another_world_is_a_problem() {
    let text = WHOLE.replace("\"router\"", "\"summarizer\"");
    let (_, problems) = inspected(with_manifest(saying("x").build(), text.as_bytes()));
    assert!(matches!(problems[..], [Problem::MadeFor { .. }]), "{problems:?}");
}
