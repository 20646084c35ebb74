//! An answer that takes a launch to another project: "yes but in shop", "no, the other project".
//!
//! Invariant: the form is closed. All words are known here but for the name of one project, and none of them denies more
//! than the place; what comes of it is asked about again.

use crate::command::Project;
use crate::consent::{Confirmation, Plan};

/// Words that may stand around the name of a project.
const AROUND: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "ok",
    "okay",
    "sure",
    "no",
    "nope",
    "sorry",
    "actually",
    "wait",
    "oh",
    "but",
    "in",
    "for",
    "on",
    "inside",
    "the",
    "my",
    "our",
    "project",
    "repo",
    "repository",
    "folder",
    "instead",
    "please",
    "rather",
    "it",
    "do",
    "i",
    "meant",
    "mean",
    "one",
];

/// Words of which one says that a place is meant.
const PLACES: &[&str] =
    &["in", "for", "inside", "project", "repo", "repository", "folder", "instead", "meant", "mean", "one"];

/// The longest text that is such an answer, in bytes.
const LONGEST: usize = 120;

/// Returns the plan that an answer makes of a launch by naming another project.
pub fn elsewhere(text: &str, asked: &Confirmation, projects: &[Project]) -> Option<Plan> {
    let [Plan::Launch { agent, project, prompt, permission }] = asked.plans.as_slice() else { return None };
    if text.len() > LONGEST || text.contains(['?', '\n']) {
        return None;
    }
    let words: Vec<String> = words(text);
    let other = other_project(&words, project, projects).or_else(|| named(&words, projects))?;
    (other != project).then(|| Plan::Launch {
        agent: agent.clone(),
        project: other.clone(),
        prompt: prompt.clone(),
        permission: *permission,
    })
}

/// "The other project", where there are two.
fn other_project<'p>(words: &[String], asked: &Project, projects: &'p [Project]) -> Option<&'p Project> {
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let others: Vec<&String> = words.iter().filter(|word| !is(word, AROUND)).collect();
    let is_other = matches!(others[..], [other] if other == "other");
    let is_place = words.iter().any(|word| is(word, &["project", "repo", "repository", "folder"]));
    let mut rest = projects.iter().filter(|project| *project != asked);
    match (rest.next(), rest.next()) {
        (Some(only), None) if is_other && is_place => Some(only),
        _ => None,
    }
}

/// The one project that is named, whatever is written between its words.
fn named<'p>(words: &[String], projects: &'p [Project]) -> Option<&'p Project> {
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let fits = |project: &&Project| {
        let name = self::words(&project.name);
        let at = words.windows(name.len().max(1)).position(|window| window == name.as_slice());
        at.is_some_and(|at| {
            let around = || words[..at].iter().chain(&words[at + name.len()..]);
            !name.is_empty() && around().all(|word| is(word, AROUND)) && around().any(|word| is(word, PLACES))
        })
    };
    let mut fitting = projects.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
