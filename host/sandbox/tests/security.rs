//! Checks that `docs/security.md` names a test for each case, and that each such test exists and says which
//! cases it covers.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const CASES: u32 = 88;

/// Collects the tests in all Rust files below a folder whose comments name cases: `/// Cases 14 and 15.`
fn tests(folder: &Path, found: &mut BTreeMap<String, BTreeSet<u32>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let mut cases = BTreeSet::new();
            for line in source.lines().map(str::trim) {
                if let Some(numbers) = line.strip_prefix("/// Case") {
                    let numbers = numbers.split(|c: char| !c.is_ascii_digit());
                    cases.extend(numbers.filter_map(|number| number.parse::<u32>().ok()));
                } else if let Some((_, rest)) = line.split_once("fn ")
                    && !line.starts_with("//")
                    && !cases.is_empty()
                {
                    let name = rest.split('(').next().unwrap().to_owned();
                    found.entry(name).or_default().append(&mut cases);
                }
            }
        }
    }
}

#[test]
fn every_case_has_a_test_that_the_document_names() {
    let mut existing = BTreeMap::new();
    for folder in ["src", "tests", "../policy/src"] {
        tests(Path::new(folder), &mut existing);
    }
    let document = fs::read_to_string("../../docs/security.md").unwrap();
    let mut cases = Vec::new();
    let mut named = BTreeSet::new();
    for line in document.lines() {
        let cells: Vec<&str> = line.split(" | ").collect();
        let Some(case) = cells[0].strip_prefix("| ").and_then(|number| number.parse::<u32>().ok()) else {
            continue;
        };
        let tests: Vec<&str> = cells[2].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "nothing tests case {case}");
        for test in tests {
            let covered = existing.get(test);
            assert!(covered.is_some(), "case {case} names {test}, which does not exist or names no case");
            assert!(
                covered.is_some_and(|covered| covered.contains(&case)),
                "{test} is not about case {case}"
            );
            named.insert(test.to_owned());
        }
        cases.push(case);
    }
    assert_eq!(cases, (1..=CASES).collect::<Vec<_>>());
    // A child process of such a test is not a test itself.
    let unnamed: Vec<_> =
        existing.keys().filter(|name| !named.contains(*name) && !name.contains("child")).collect();
    assert!(unnamed.is_empty(), "the document does not name {unnamed:?}");
}
