//! Checks that the ports in `wit/` match the traits in the core: the same names and functions.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use wit_parser::Resolve;

/// The traits of `core/src/ports.rs`: their names and methods.
fn traits() -> BTreeMap<String, BTreeSet<String>> {
    let source = include_str!("../../../core/src/ports.rs");
    let mut traits = BTreeMap::<String, BTreeSet<String>>::new();
    let mut current = None;
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("pub trait ") {
            current = Some(identifier(rest));
            traits.insert(identifier(rest), BTreeSet::new());
        } else if let Some(rest) = line.strip_prefix("    fn ") {
            let name = current.as_ref().expect("a method in a trait");
            traits.entry(name.clone()).or_default().insert(identifier(rest));
        }
    }
    traits
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The interfaces of `wit/`. Each package contains one with the package's name, which is a port or an import
/// of guests.
fn ports() -> BTreeMap<String, BTreeSet<String>> {
    let mut resolve = Resolve::default();
    let mut folders: Vec<_> = std::fs::read_dir("../../wit")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    // The other interfaces use its types.
    folders.sort_by_key(|folder| (!folder.ends_with("types"), rank(folder)));
    let mut ports = BTreeMap::new();
    for folder in folders {
        let (package, _) = resolve.push_dir(&folder).unwrap();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if ["types", "http", "log", "config"].contains(&name.as_str()) {
            continue;
        }
        let interfaces: Vec<_> = resolve.packages[package].interfaces.keys().collect();
        assert_eq!(interfaces, [&name], "one interface, named as its package");
        let interface = resolve.packages[package].interfaces[&name];
        let functions = resolve.interfaces[interface].functions.keys();
        ports.insert(camel(&name), functions.map(|f| f.replace('-', "_")).collect());
    }
    ports
}

/// Imports are listed before the worlds that use them.
fn rank(folder: &Path) -> bool {
    folder.ends_with("router") || folder.ends_with("summarizer")
}

fn camel(kebab: &str) -> String {
    kebab
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

#[test]
fn every_port_has_the_same_functions_in_wit_and_in_the_core() {
    let ports = ports();
    assert_eq!(ports.len(), 5);
    assert!(ports.values().all(|functions| !functions.is_empty()));
    assert_eq!(ports, traits());
}
