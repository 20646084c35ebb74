//! The configuration file, from any bytes to the program's settings.

#![no_main]

#[path = "../../host/src/config/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the target does not use all of it")]
mod config;
#[path = "../../host/src/error.rs"]
#[allow(dead_code, reason = "the target does not end the program")]
mod error;
#[path = "../../host/src/screen.rs"]
#[allow(dead_code, reason = "the target does not print")]
mod screen;

// The configuration uses only the policy of the sandbox.
extern crate codewalk_policy as codewalk_sandbox;
// The program gets the names of models from a file of this crate.
extern crate chat_completions as codewalk_components;

use std::time::Duration;

use codewalk_core::terminal_text::is_unprintable;
use codewalk_policy::{Grant, Limits, SecretSource};
use config::Config;
use error::{CommandError, ErrorKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(home) = tempfile::tempdir() else { return };
    let path = home.path().join("config.toml");
    std::fs::write(&path, bytes).expect("the file can be written");
    let folder = home.path().to_string_lossy().into_owned();
    match Config::load(&|name| (name == "CODEWALK_HOME").then(|| folder.clone())) {
        Ok(config) => check(&config, bytes),
        Err(error) => {
            let CommandError { kind, message, .. } = &error;
            assert_eq!(*kind, ErrorKind::Configuration);
            assert!(message.strip_prefix(&*path.to_string_lossy()).is_some_and(|said| said.len() > 2));
            let said = error.to_string();
            assert!(!said.contains(|c| is_unprintable(c) && c != '\n'), "{said:?}");
        }
    }
});

/// Checks that any accepted configuration is valid, and grants only what it names.
fn check(config: &Config, bytes: &[u8]) {
    assert!(config.agents.contains_key(&config.default_agent));
    let projects = config.projects.iter().map(|project| &project.project);
    let names: std::collections::BTreeSet<_> = projects.clone().map(|project| &project.name).collect();
    assert_eq!(names.len(), config.projects.len(), "two projects with one name");
    assert!(projects.clone().all(|project| project.path.starts_with('/')));
    for (chain, deadline) in [
        (&config.router_chain, config.router_deadline),
        (&config.summarizer_chain, config.summarizer_deadline),
    ] {
        assert!(!chain.is_empty() && !deadline.is_zero());
        for adapter in chain {
            let grants = config.adapters[adapter].http.iter();
            for credential in grants.filter_map(Grant::credential) {
                if let SecretSource::Env(variable) = credential.source() {
                    assert!(config.secret_variables.contains(variable), "an agent would be told {variable}");
                }
            }
        }
    }
    assert!(config.compile.executing <= Duration::from_secs(3_600) && config.compile.memory <= 64 << 30);
    for adapter in config.adapters.values() {
        let Limits { executing, wall_clock, memory } = adapter.limits;
        assert!(executing <= Duration::from_secs(10) && wall_clock <= Duration::from_secs(60));
        assert!(memory <= 512 << 20, "{memory} bytes");
        let is_digest = |pin: &String| pin.len() == 64 && pin.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(adapter.pin.iter().all(is_digest));
    }
    // A text without escapes shows the names it contains.
    let text = String::from_utf8_lossy(bytes);
    if !text.contains(['\\']) && !text.contains("http") && !text.contains("groq") {
        assert!(config.adapters.values().all(|adapter| adapter.http.is_empty()));
    }
}
