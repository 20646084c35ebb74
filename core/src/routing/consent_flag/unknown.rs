//! Unknown places, named by a phrase for places: "in the billing project", "switch to billing".

use super::phrases::{Kind, begins, ends, is, phrases};
use super::places::{Mention, Named, is_beginning, standing};
use super::reading::{Mark, Word, words};

/// Returns the words that name an unknown place.
pub(super) fn unknown(words: &[Word], mentions: &[Mention], projects: &[&str]) -> Option<(usize, usize)> {
    let known = Known { words, mentions, projects };
    (0..words.len()).find_map(|at| {
        known
            .others(at)
            .or_else(|| known.after_switch(at))
            .or_else(|| known.placed(at))
            .or_else(|| known.after_noun(at, at))
            .or_else(|| known.before_noun(at))
            .or_else(|| known.bare(at))
    })
}

struct Known<'a> {
    words: &'a [Word],
    mentions: &'a [Mention<'a>],
    projects: &'a [&'a str],
}

impl Known<'_> {
    fn is_named(&self, from: usize, to: usize) -> bool {
        let first = self.mentions.partition_point(|mention| mention.to <= from);
        let mut within = self.mentions[first..].iter().take_while(|mention| mention.from < to);
        within.any(|mention| !matches!(mention.named, Named::Agent(_)))
    }

    fn noun(&self, at: usize, is_inside: bool) -> Option<usize> {
        const FIRST: usize = 6;
        let rest = self.words.get(at..)?;
        let service = || begins(rest, |l| l.services).filter(|_| is_inside);
        let is_last = |name: &&str| words(name).last().is_some_and(|last| last.text == rest[0].text);
        let has_parts = |name: &&&str| name.contains(['-', '_', ' ']);
        let is_kind = |word: &Word| {
            let is_leading = at < FIRST && word.mark == Mark::Clause && KINDS.contains(&word.text.as_str());
            is_leading || self.projects.iter().filter(has_parts).any(is_last)
        };
        let kind = || rest.first().filter(|word| is_inside && is_kind(word)).map(|_| 1);
        begins(rest, |l| l.nouns).or_else(service).or_else(kind)
    }

    fn is_clause_end(&self, at: usize) -> bool {
        at + 1 >= self.words.len() || self.words[at].mark != Mark::None
    }

    /// "Both repos", "the other project".
    fn others(&self, at: usize) -> Option<(usize, usize)> {
        let mut end = at + begins(&self.words[at..], |l| l.others)?;
        end += begins(&self.words[end..], |l| l.articles).unwrap_or(0);
        let rest = self.words.get(end..)?;
        let first = rest.first()?;
        let singulars = ["s", "es", "e", "en"].into_iter().filter_map(|end| first.text.strip_suffix(end));
        let is_plural = singulars.chain(first.text.strip_suffix("ies")).any(|singular| {
            phrases(|l| l.nouns).any(|noun| noun == singular || noun.strip_suffix('y') == Some(singular))
        });
        if is_plural {
            return Some((at, end + 1));
        }
        let taken = begins(rest, |l| l.nouns)?;
        let next = self.words.get(end + taken);
        let is_end =
            self.is_clause_end(end + taken - 1) || next.is_none_or(|next| is(next, |l| l.prepositions));
        (is_end || first.is_alone()).then_some((at, end + taken))
    }

    /// "Switch to billing", "over in billing".
    fn after_switch(&self, at: usize) -> Option<(usize, usize)> {
        let is_over = self.words[at].text == "over" || self.words[at].text == "druben";
        if !is_over && !is_beginning(self.words, at) {
            return None;
        }
        let to = at + begins(&self.words[at..], |l| l.switches)?;
        let name = to + begins(&self.words[to..], |l| l.articles).unwrap_or(0);
        if begins(&self.words[to..], |l| l.determiners).is_some() || self.words.get(name).is_none() {
            return None;
        }
        let end = (name..self.words.len()).find(|end| {
            let next = self.words.get(end + 1);
            self.is_clause_end(*end)
                || next.is_none_or(|next| is(next, |l| l.joints) || is(next, |l| l.leads))
                || next.is_some_and(|next| next.is_alone() && !self.words[name].is_alone())
        })?;
        let most = if self.words[name].is_alone() { 8 } else { 3 };
        (is_over || end - name < most).then_some(()).filter(|()| !self.is_named(name, end + 1))?;
        Some((at, end + 1))
    }

    /// "In the billing project", "in project billing", "in shop-admin", "in billing, fix it".
    fn placed(&self, at: usize) -> Option<(usize, usize)> {
        let taken = begins(&self.words[at..], |l| l.prepositions)?;
        let is_inside = begins(&self.words[at..], |l| l.inside).is_some();
        let mut name = at + taken;
        if begins(&self.words[name..], |l| l.indefinite).is_some() {
            return None;
        }
        while let Some(taken) = begins(&self.words[name..], |l| l.articles) {
            name += taken;
        }
        if let Some(end) = self.compound(name).filter(|_| is_inside) {
            return Some((at, end));
        }
        let most = if self.words.get(name)?.is_alone() { 8 } else { 3 };
        for noun in name..(name + most + 1).min(self.words.len()) {
            if let Some(taken) = self.noun(noun, is_inside) {
                let is_plain = |word: &Word| is(word, |l| l.determiners) || is(word, |l| l.articles);
                let between = &self.words[name..noun];
                let is_name = !between.iter().all(is_plain) && !self.is_named(name, noun + taken);
                return match between {
                    [] => self.after_noun(at, name),
                    _ => is_name.then_some((at, noun + taken)),
                };
            }
            let word = &self.words[noun];
            let is_end = word.mark != Mark::None;
            if let Some(stem) = suffixed(&word.text).filter(|_| is_inside || word.text.ends_with("projekt")) {
                let stem = words(stem);
                let is_known = self.projects.iter().any(|project| !standing(&stem, project).is_empty());
                return (!is_known).then_some((at, noun + 1));
            }
            if is_end || is(word, |l| l.prepositions) && !word.is_alone() || is(word, |l| l.joints) {
                break;
            }
        }
        None
    }

    /// "In billing, fix the timeout".
    fn bare(&self, at: usize) -> Option<(usize, usize)> {
        super::bare::bare(self.words, at).filter(|(_, end)| !self.is_named(end - 1, *end))
    }

    /// Returns an unknown name that contains a known one: "shop-admin".
    fn compound(&self, name: usize) -> Option<usize> {
        let first = self.mentions.partition_point(|mention| mention.to <= name);
        let mut near = self.mentions[first..].iter().take_while(|mention| mention.from <= name + 2);
        let mention = near.find(|mention| {
            matches!(mention.named, Named::Project(_))
                && (name..mention.from).all(|at| self.words[at + 1].glued)
        })?;
        let end =
            (mention.to..self.words.len()).find(|at| !self.words[*at].glued).unwrap_or(self.words.len());
        let is_noun = |at: usize| begins(&self.words[at..], |l| l.nouns).is_some();
        let is_longer = end > mention.to && !is_noun(mention.to) || mention.from > name;
        is_longer.then_some(end)
    }

    /// "Project billing", "the repo called billing"; a phrase begins before the noun.
    fn after_noun(&self, phrase: usize, noun: usize) -> Option<(usize, usize)> {
        let before =
            noun.checked_sub(1).map(|before| &self.words[before]).filter(|word| word.mark == Mark::None);
        let is_before = |kind: Kind| before.is_some_and(|before| is(before, kind));
        let is_own = is_before(|l| l.articles) || is_before(|l| l.determiners) || is_before(|l| l.indefinite);
        let project = begins(&self.words[noun..], |l| l.nouns);
        let service = || begins(&self.words[noun..], |l| l.services).filter(|_| noun > phrase);
        let mut name = noun + project.or_else(service)?;
        if self.words[name - 1].mark != Mark::None || (noun == phrase && is_own) {
            return None;
        }
        let is_naming = |word: &&Word| NAMING.contains(&word.text.as_str());
        let naming = self.words[name..].iter().take_while(is_naming).count();
        name += naming;
        // "En el servicio de pagos" names a place, "in the service worker" does not.
        if project.is_none() && is_own && naming == 0 {
            return None;
        }
        let word = self.words.get(name)?;
        let is_ordinary =
            is(word, |l| l.ordinary) || is(word, |l| l.prepositions) || is(word, |l| l.articles);
        let next_joins = || self.words.get(name + 1).is_some_and(|next| is(next, |l| l.joints));
        // A word after "in the project" is a name only if nothing follows it, unlike in "in the project add a
        // test".
        let is_english = before.is_some_and(|before| matches!(before.text.as_str(), "the" | "my" | "our"));
        let is_free = if noun == phrase { is_beginning(self.words, noun) } else { !is_english };
        let is_name = naming > 0 || is_free || self.is_clause_end(name) || next_joins();
        (is_name && !is_ordinary && !word.is_alone() && !self.is_named(name, name + 1))
            .then_some((phrase, name + 1))
    }

    /// "Foo 项目" without a word before it.
    fn before_noun(&self, noun: usize) -> Option<(usize, usize)> {
        let taken = begins(&self.words[noun..], |l| l.nouns)?;
        let before = noun.checked_sub(1)?;
        if !self.words[noun].is_alone() || self.words[before].mark != Mark::None {
            return None;
        }
        let start = if self.words[before].is_alone() { noun.checked_sub(2)? } else { before };
        let is_plain = is(&self.words[before], |l| l.determiners)
            || ends(&self.words[..noun], |l| l.ordinary).is_some()
            || is(&self.words[before], |l| l.prepositions);
        (!is_plain && !self.is_named(start, noun)).then_some((start, noun + taken))
    }
}

/// Words between "project" and its name.
const NAMING: &[&str] = &[
    "called", "named", "namens", "llamado", "appele", "nomme", "de", "des", "du", "von", "of", "叫", "名",
    "为",
];

/// Further nouns for a place at the beginning: "in the payment app, fix it".
const KINDS: &[&str] = &[
    "server",
    "app",
    "application",
    "backend",
    "frontend",
    "website",
    "site",
    "client",
    "portal",
    "bot",
    "cli",
    "sdk",
    "shop",
    "gateway",
];

/// Returns the name in a compound of a name and a noun.
fn suffixed(word: &str) -> Option<&str> {
    const LEAST: usize = 3;
    phrases(|l| l.suffixes).find_map(|noun| word.strip_suffix(noun)).filter(|stem| stem.len() >= LEAST)
}
