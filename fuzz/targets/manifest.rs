//! Manifests: the text, and the component that contains it.

#![no_main]

use codewalk_policy::{
    Grant, MANIFEST_SECTION, MAX_MANIFEST, MAX_REASON, Manifest, ManifestError, Outline, OutlineError, World,
    is_adapter_name,
};
use libfuzzer_sys::fuzz_target;

/// How a component begins.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

fuzz_target!(|bytes: &[u8]| {
    outline(bytes);
    outline(&[COMPONENT, bytes].concat());
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = Manifest::parse(text);
    match &parsed {
        Ok(manifest) => check(manifest),
        // The error repeats the text, which may be up to four times as long when escaped.
        Err(error) => check_words(&error.to_string(), 1024 + 4 * text.len()),
    }
    let own = section(MANIFEST_SECTION, text.as_bytes());
    let other = section("producers", text.as_bytes());
    match manifest_of(&[COMPONENT, &other, &own, &other].concat()) {
        Ok(found) => assert_eq!(found.as_ref(), parsed.as_ref().ok()),
        Err(OutlineError::Manifest(error)) => assert_eq!(parsed.as_ref().err(), Some(&error)),
        Err(other) => panic!("{other:?}"),
    }
    let twice = manifest_of(&[COMPONENT, &own, &own].concat());
    assert!(matches!(twice, Err(OutlineError::Manifest(ManifestError::Twice))), "{twice:?}");
    assert!(matches!(manifest_of(&[COMPONENT, &other].concat()), Ok(None)));
});

fn manifest_of(component: &[u8]) -> Result<Option<Manifest>, OutlineError> {
    Ok(Outline::read(component)?.manifest()?)
}

/// Checks that the outline of a component, or the error for other bytes, is bounded and sanitized.
fn outline(bytes: &[u8]) {
    let outline = match Outline::read(bytes) {
        Ok(outline) => outline,
        Err(OutlineError::Malformed { reason }) => return check_words(&reason, MAX_REASON),
        Err(_) => return,
    };
    for name in outline.imports().iter().chain(&outline.exports()) {
        check_words(name, 128);
    }
    for world in World::ALL {
        match outline.check(world) {
            Ok(()) => assert!(outline.is_for(world)),
            Err(OutlineError::UnknownImports { imports }) => assert!(!imports.is_empty()),
            Err(OutlineError::MissingExport { world: missed, exports }) => {
                assert!(missed == world && exports == outline.exports());
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Checks that a parsed manifest is bounded and sanitized, can be granted, and survives a round trip.
fn check(manifest: &Manifest) {
    let Manifest { name, world, version, description, http } = manifest;
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    assert!(!name.is_empty() && name.len() <= 64 && is_name(name) && is_adapter_name(name), "{name:?}");
    check_words(version, 64);
    check_words(description, 256);
    for request in http {
        assert!(request.credential.iter().all(|name| is_name(name)), "{request:?}");
        check_words(&request.why, 256);
        check_words(&request.to_string(), MAX_MANIFEST);
        let is_grant = Grant::new(&request.url, &request.methods, None).is_ok();
        assert!(is_grant || request.url == "*", "{request:?}");
    }
    let mut written = toml::Table::new();
    for (key, value) in
        [("name", name.as_str()), ("world", world.kind()), ("version", version), ("description", description)]
    {
        written.insert(key.to_owned(), value.into());
    }
    written.insert("http".to_owned(), toml::Value::try_from(http).expect("it can be written"));
    let written = written.to_string();
    if written.len() <= MAX_MANIFEST {
        assert_eq!(Manifest::parse(&written).as_ref(), Ok(manifest));
    }
}

fn check_words(text: &str, max: usize) {
    assert!(text.len() <= max && !text.contains(char::is_control), "{} bytes: {text:?}", text.len());
}

/// Creates a custom section.
fn section(name: &str, data: &[u8]) -> Vec<u8> {
    let content = [&leb(name.len())[..], name.as_bytes(), data].concat();
    [&[0], &leb(content.len())[..], &content].concat()
}

/// Appends a number in WebAssembly's encoding.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number % 0x80) as u8 | 0x80);
        number /= 0x80;
    }
    bytes.push(number as u8);
    bytes
}
