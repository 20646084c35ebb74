//! Answers that move a launch to another project: "yes but in shop", "no, the other project".
//!
//! Invariant: the form is closed. Apart from the name of one project, all words must be known words of one
//! language, and none of them may deny more than the place. The new plan is confirmed again.

use super::lang::{self, Elsewhere};
use super::named;
use crate::command::Project;
use crate::consent::{Confirmation, Plan};

/// The maximum length of such an answer, in bytes.
const LONGEST: usize = 120;

/// The maximum number of characters of a word in a script without spaces.
const MOST_CHARACTERS: usize = 5;

/// Returns the launch in the other project that an answer names.
pub fn elsewhere(text: &str, confirmation: &Confirmation, projects: &[Project]) -> Option<Plan> {
    let [Plan::Launch { agent, project, prompt, permission }] = confirmation.plans.as_slice() else {
        return None;
    };
    if text.len() > LONGEST || text.contains(['?', '\u{ff1f}', '\n']) {
        return None;
    }
    let lower = text.to_lowercase();
    let words = named::words(text);
    let mut languages = lang::ALL.iter().map(|language| language.elsewhere);
    let other = languages.find_map(|language| {
        let is_denied = language.denials.iter().any(|denial| lower.contains(denial));
        let place =
            || language.other_project(&words, project, projects).or_else(|| language.named(&words, projects));
        if is_denied { None } else { place() }
    })?;
    (other != project).then(|| Plan::Launch {
        agent: agent.clone(),
        project: other.clone(),
        prompt: prompt.clone(),
        permission: *permission,
    })
}

/// Returns the projects that "the other project" may mean, if there are several.
pub fn others<'p>(text: &str, confirmation: &Confirmation, projects: &'p [Project]) -> Vec<&'p str> {
    let [Plan::Launch { project, .. }] = confirmation.plans.as_slice() else { return Vec::new() };
    let words = named::words(text);
    let mut languages = lang::ALL.iter().map(|language| language.elsewhere);
    if text.len() > LONGEST || !languages.any(|language| language.says_other(&words)) {
        return Vec::new();
    }
    let others = projects.iter().filter(|other| *other != project);
    let names: Vec<&str> = others.map(|other| other.name.as_str()).collect();
    if names.len() > 1 { names } else { Vec::new() }
}

impl Elsewhere {
    /// "The other project", whichever it is.
    fn says_other(&self, words: &[String]) -> bool {
        let Some(words) = self.known(words) else { return false };
        let others = words.iter().filter(|word| self.others.contains(&word.as_str())).count();
        others == 1 && words.iter().any(|word| self.nouns.contains(&word.as_str()))
    }

    /// "The other project" of two.
    fn other_project<'p>(
        &self,
        words: &[String],
        planned: &Project,
        projects: &'p [Project],
    ) -> Option<&'p Project> {
        let mut rest = projects.iter().filter(|project| *project != planned);
        match (rest.next(), rest.next()) {
            (Some(only), None) if self.says_other(words) => Some(only),
            _ => None,
        }
    }

    /// The only named project.
    fn named<'p>(&self, words: &[String], projects: &'p [Project]) -> Option<&'p Project> {
        let is_around = |(from, to): &(usize, usize)| {
            let (Some(before), Some(after)) = (self.known(&words[..*from]), self.known(&words[*to..])) else {
                return false;
            };
            let around = || before.iter().chain(&after);
            around().all(|word| !self.others.contains(&word.as_str()))
                && around().any(|word| self.places.contains(&word.as_str()))
        };
        let fits = |project: &&Project| named::places(words, &project.name).iter().any(is_around);
        let mut fitting = projects.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// Returns the words; `None` if one is unknown. Characters without spaces form the longest possible
    /// words.
    fn known(&self, mut words: &[String]) -> Option<Vec<String>> {
        let mut known = Vec::new();
        while let Some(first) = words.first() {
            let is_alone = |word: &&String| word.chars().all(named::is_alone);
            let most = words.iter().take(MOST_CHARACTERS).take_while(is_alone).count().max(1);
            let is_word = |len: &usize| {
                let word = words[..*len].concat();
                [self.around, self.others].iter().any(|list| list.contains(&word.as_str()))
            };
            let len = (1..=most).rev().find(is_word)?;
            known.push(if len == 1 { first.clone() } else { words[..len].concat() });
            words = &words[len..];
        }
        Some(known)
    }
}
