//! `docs/security.md` names a test for each case, and there is such a test.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const CASES: u32 = 88;

/// The names of the functions in all Rust files below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in source.lines().map(str::trim) {
                if let Some((_, rest)) =
                    line.split_once("fn c").filter(|_| is_test && !line.starts_with("//"))
                {
                    let name = rest.split('(').next().unwrap();
                    let is_case = name.starts_with(|first: char| first.is_ascii_digit());
                    names.extend(is_case.then(|| format!("c{name}")));
                }
                is_test = line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            }
        }
    }
}

/// The numbers that a name begins with: 14 and 15 of `c14_c15_what_happens`.
fn numbers(name: &str) -> Vec<u32> {
    name.split('_').map_while(|part| part.strip_prefix('c')?.parse().ok()).collect()
}

#[test]
fn every_case_has_a_test_that_the_document_names() {
    let mut existing = BTreeSet::new();
    functions(Path::new("src"), &mut existing);
    functions(Path::new("tests"), &mut existing);
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
            assert!(existing.contains(test), "case {case} names {test}, which is not there");
            assert!(numbers(test).contains(&case), "case {case} names {test}");
            named.insert(test.to_owned());
        }
        cases.push(case);
    }
    assert_eq!(cases, (1..=CASES).collect::<Vec<_>>());
    // What is started by such a test is none itself.
    let unnamed: Vec<_> = existing.difference(&named).filter(|name| !name.contains("child")).collect();
    assert!(unnamed.is_empty(), "the document does not name {unnamed:?}");
}
