//! A yes with an instruction after it, in languages other than English: "ja, aber ändere die Tests nicht".
//!
//! Invariant: the form is closed as in English, and shorter. After the yes there is one known verb, its
//! negation or an "also", and a few words for its object, none of which makes it a condition or refers to the
//! question.

use super::text::words;
use crate::routing::lang::{self, AnswerWords, Instruction};
use crate::routing::named;

/// The maximum number of words for the object of an instruction. A condition needs more.
const MOST: usize = 3;

/// The maximum number of characters of a word in a script without spaces.
const MOST_CHARACTERS: usize = 5;

/// Returns the instruction after a yes in one of the languages, in the user's words.
pub(super) fn after_yes(text: &str) -> Option<String> {
    lang::ALL.iter().filter_map(|language| language.answers).find_map(|language| language.after_yes(text))
}

impl AnswerWords {
    /// Returns the instruction after a yes, in the user's words; `None` if the text has another form.
    fn after_yes(&self, text: &str) -> Option<String> {
        let text = text.trim();
        if text.contains(['?', '\u{ff1f}']) {
            return None;
        }
        self.ends_of_yes(text).find_map(|at| {
            let (yes, rest) = text.split_at(at);
            let order = self.without_joints(rest);
            (self.affirms(&words(yes)) && self.instruction.fits(&words(order))).then(|| order.to_owned())
        })
    }

    /// Returns the positions where a yes may end: before a mark or a joining word.
    fn ends_of_yes(&self, text: &str) -> impl Iterator<Item = usize> {
        text.char_indices().filter_map(|(at, c)| {
            let is_mark = matches!(
                c,
                ',' | ';'
                    | '.'
                    | ':'
                    | '!'
                    | '-'
                    | '\u{2013}'
                    | '\u{2014}'
                    | '\u{ff0c}'
                    | '\u{3002}'
                    | '\u{ff01}'
            );
            let begins = c == ' ' || named::is_alone(c);
            (is_mark || (begins && self.joint_at(text[at..].trim_start()).is_some())).then_some(at)
        })
    }

    /// Returns the number of bytes of the joining word at the beginning of a text.
    fn joint_at(&self, text: &str) -> Option<usize> {
        self.instruction
            .joints
            .iter()
            .filter(|joint| {
                let after = text.strip_prefix(**joint).map(|after| after.chars().next());
                after.is_some_and(|next| {
                    joint.chars().all(named::is_alone) || next.is_none_or(|c| !c.is_alphanumeric())
                })
            })
            .map(|joint| joint.len())
            .max()
    }

    fn without_joints<'t>(&self, mut rest: &'t str) -> &'t str {
        loop {
            rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
            match self.joint_at(rest) {
                Some(len) => rest = &rest[len..],
                None => return rest,
            }
        }
    }
}

impl Instruction {
    fn fits(&self, words: &[String]) -> bool {
        let words: Vec<String> = words.iter().flat_map(|word| self.parts(word)).collect();
        let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
        let has = |list: &[&str]| words.iter().any(|word| is(word, list));
        let begins = |list: &[&str], before: &[&str]| {
            let introduces = |word: &&String| is(word, before) && !is(word, list);
            words.get(words.iter().take_while(introduces).count()).is_some_and(|verb| is(verb, list))
        };
        let leaves = begins(self.left_alone, self.denying) && has(self.denying);
        let adds = begins(self.additions, self.also) && has(self.also) && !has(self.denying);
        let verbs = if leaves { self.left_alone } else { self.additions };
        let own = [verbs, self.denying, self.also, self.articles];
        let others = || words.iter().filter(|word| !own.iter().any(|list| is(word, list)));
        (leaves || adds) && !has(self.hedges) && (1..=MOST).contains(&others().count())
    }

    /// Splits a text without spaces into the longest known words and the parts between them.
    fn parts(&self, word: &str) -> Vec<String> {
        if !word.chars().any(named::is_alone) {
            return vec![word.to_owned()];
        }
        let known = [
            self.joints,
            self.left_alone,
            self.denying,
            self.additions,
            self.also,
            self.articles,
            self.hedges,
        ];
        let mut parts: Vec<(String, bool)> = Vec::new();
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(MOST_CHARACTERS);
            let found = ends.filter(|end| known.iter().any(|list| list.contains(&&rest[..*end]))).max();
            let (part, after) = rest.split_at(found.unwrap_or(first.len_utf8()));
            match parts.last_mut() {
                Some((last, false)) if found.is_none() => last.push_str(part),
                _ => parts.push((part.to_owned(), found.is_some())),
            }
            rest = after;
        }
        parts.into_iter().map(|(part, _)| part).collect()
    }
}
