//! The places and agents that words name, and how: as where it is to be done, as where something comes from, as an example, or
//! as what is left out.

use super::language::{Kind, begins, ends, is, phrases};
use super::reading::{Mark, Word, words};

/// What words name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// A project, by its name.
    Project(&'a str),
    /// The current project, by a word like "here".
    Here,
    /// An agent.
    Agent(&'a str),
}

/// How words name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It is where something is to be done, or who is to do it.
    Target,
    /// Something comes from there.
    Source,
    /// Something may come from there: "copy the shop button".
    Vague,
    /// It is an example.
    Example,
    /// It is left out.
    Excluded,
    /// It is only mentioned.
    Aside,
}

/// A place where a name stands.
#[derive(Debug)]
pub(super) struct Mention<'a> {
    /// Its first word.
    pub(super) from: usize,
    /// The word after its last one.
    pub(super) to: usize,
    /// Where the phrase around it begins.
    pub(super) phrase: usize,
    pub(super) named: Named<'a>,
    pub(super) role: Role,
}

/// Returns what words name, in their order. Of names that stand in one another the longest is meant.
pub(super) fn mentions<'a>(words: &[Word], names: impl Iterator<Item = Named<'a>>) -> Vec<Mention<'a>> {
    let mut found: Vec<(usize, usize, Named)> = Vec::new();
    for named in names {
        match named {
            Named::Project(name) | Named::Agent(name) => {
                found.extend(standing(words, name).into_iter().map(|(from, to)| (from, to, named)));
            }
            Named::Here => found.extend((0..words.len()).filter_map(|from| {
                begins(&words[from..], |language| language.here).map(|taken| (from, from + taken, named))
            })),
        }
    }
    found.sort_by_key(|(from, ..)| *from);
    let longest = found.iter().map(|(from, to, _)| to - from).max().unwrap_or(0);
    let is_part = |(from, to, _): &(usize, usize, Named)| {
        let first = found.partition_point(|(start, ..)| start + longest < *to);
        let around = found[first..].iter().take_while(|(start, ..)| start <= from);
        around.into_iter().any(|(start, end, _)| to <= end && to - from < end - start)
    };
    let found: Vec<_> = found.iter().filter(|place| !is_part(place)).copied().collect();
    let is_transfer = is_transfer(words);
    let mut mentions: Vec<Mention> = Vec::new();
    for (from, to, named) in found {
        let (phrase, role) = match named {
            Named::Agent(_) => role_of_agent(words, from, to),
            Named::Project(_) | Named::Here => role_of_place(words, (from, to), is_transfer),
        };
        let inherited = mentions.last().filter(|last| follows(words, last.to, from)).map(|last| last.role);
        let role = match (role, inherited) {
            (Role::Target | Role::Vague | Role::Aside, Some(before @ (Role::Source | Role::Excluded))) => {
                before
            }
            (Role::Aside, Some(before)) => before,
            (role, _) => role,
        };
        mentions.push(Mention { from, to, phrase, named, role });
    }
    mentions
}

/// Returns whether words bring something from elsewhere.
pub(super) fn is_transfer(words: &[Word]) -> bool {
    (0..words.len()).any(|at| {
        let may_begin =
            is_beginning(words, at) || words[at].is_alone() || ends(&words[..at], |l| l.requests).is_some();
        may_begin && begins(&words[at..], |l| l.transfers).is_some()
    })
}

/// Returns where a name stands, whatever separates its parts, also in the plural.
fn standing(words: &[Word], name: &str) -> Vec<(usize, usize)> {
    let name: String = self::words(name).iter().map(|word| word.text.as_str()).collect();
    let mut places = Vec::new();
    if name.is_empty() {
        return places;
    }
    for from in 0..words.len() {
        let mut joined = String::new();
        for (to, word) in words.iter().enumerate().skip(from) {
            joined.push_str(&word.text);
            if joined == name || joined.strip_suffix('s') == Some(name.as_str()) {
                places.push((from, to + 1));
                break;
            }
            if joined.len() > name.len() || word.mark != Mark::None {
                break;
            }
        }
    }
    places
}

/// Returns whether a name stands in one row with another one: "shop or website".
fn follows(words: &[Word], last: usize, from: usize) -> bool {
    let between = &words[last.min(from)..from];
    let has_comma = last > 0 && words[last - 1].mark == Mark::Clause;
    let is_joint = |word: &Word| is(word, |language| language.joints);
    between
        .iter()
        .all(|word| (is_joint(word) || is(word, |language| language.articles)) && word.mark == Mark::None)
        && (has_comma || between.iter().any(is_joint))
}

/// Walks back over words of some kinds, to the beginning of the clause at most.
fn back(words: &[Word], mut at: usize, kinds: &[Kind]) -> usize {
    while at > 0 && words[at - 1].mark == Mark::None {
        let Some(taken) = kinds.iter().filter_map(|kind| ends(&words[..at], *kind)).max() else { break };
        at -= taken;
    }
    at
}

/// Returns the phrase of a kind that ends at a place, within its clause.
fn ends_at(words: &[Word], at: usize, kind: Kind) -> Option<usize> {
    let is_open = at > 0 && words[at - 1].mark == Mark::None;
    is_open.then(|| ends(&words[..at], kind)).flatten().map(|taken| at - taken)
}

/// Returns where the phrase begins that excludes what is named.
fn excluded(words: &[Word], (from, to): (usize, usize)) -> Option<usize> {
    let nearest = back(words, from, &[|l| l.articles, |l| l.determiners, |l| l.nouns]);
    let placed = back(words, nearest, &[|l| l.prepositions, |l| l.articles, |l| l.nouns]);
    let done = back(words, placed, &[|l| l.excluding, |l| l.prepositions, |l| l.articles]);
    let is_but = nearest > 0 && words[nearest - 1].mark == Mark::None && words[nearest - 1].text == "but";
    let before = [from, nearest, placed, done].into_iter().find_map(|at| {
        let is_of_verb = at == done && done < placed;
        let denied = ends_at(words, at, |l| l.negations).filter(|start| denies(words, *start, is_of_verb));
        ends_at(words, at, |l| l.negators).or(denied)
    });
    before.or(is_but.then(|| nearest - 1)).or_else(|| excluded_after(words, (from, to)))
}

/// Returns whether a negation is about a place and not about what happens there: "where login does not work in shop".
fn denies(words: &[Word], negation: usize, is_of_verb: bool) -> bool {
    // "Ne marche pas dans".
    let is_ne = |at: &usize| matches!(words[*at].text.as_str(), "ne" | "n");
    match (negation.saturating_sub(3)..negation).find(is_ne) {
        Some(ne) => is_beginning(words, ne),
        None => !is_of_verb || is_beginning(words, negation),
    }
}

fn excluded_after(words: &[Word], (from, to): (usize, usize)) -> Option<usize> {
    let after = to + begins(&words[to..], |l| l.nouns).unwrap_or(0);
    let taken =
        begins(&words[after..], |l| l.negators_after).filter(|_| words[after - 1].mark == Mark::None)?;
    let is_end = words[after + taken - 1].mark != Mark::None || after + taken == words.len();
    (is_end || words[after].is_alone()).then_some(from)
}

/// Returns whether a clause begins at a place.
fn is_beginning(words: &[Word], at: usize) -> bool {
    at == 0
        || words[at - 1].mark != Mark::None
        || is(&words[at - 1], |l| l.joints)
        || is(&words[at - 1], |l| l.leads)
}

fn role_of_place(words: &[Word], (from, to): (usize, usize), is_transfer: bool) -> (usize, Role) {
    if let Some(start) = excluded(words, (from, to)) {
        return (start, Role::Excluded);
    }
    let nearest = back(words, from, &[|l| l.articles, |l| l.determiners, |l| l.nouns]);
    let placed = back(words, nearest, &[|l| l.prepositions, |l| l.articles]);
    for at in [from, nearest, placed] {
        if let Some(start) = ends_at(words, at, |l| l.sources) {
            return (start, Role::Source);
        }
        let is_wish =
            |start: usize| start > 0 && matches!(words[start - 1].text.as_str(), "d" | "would" | "i");
        if let Some(start) = ends_at(words, at, |l| l.examples).filter(|start| !is_wish(*start)) {
            return (start, Role::Example);
        }
    }
    // "The shop-admin" is not the shop.
    let is_longer =
        words.get(to).is_some_and(|next| next.glued) && begins(&words[to..], |l| l.nouns).is_none();
    if is_longer || words[from].glued {
        return (nearest, Role::Vague);
    }
    if !is_transfer {
        return (nearest, Role::Target);
    }
    if let Some(start) =
        ends_at(words, nearest, |l| l.weak_sources).or_else(|| ends_at(words, from, |l| l.weak_sources))
    {
        return (start, Role::Source);
    }
    match ends_at(words, nearest, |l| l.targets).or_else(|| ends_at(words, from, |l| l.targets)) {
        Some(start) => (start, Role::Target),
        None if is(&words[from], |l| l.here) => (from, Role::Target),
        None => (nearest, Role::Vague),
    }
}

fn role_of_agent(words: &[Word], from: usize, to: usize) -> (usize, Role) {
    if let Some(start) = excluded(words, (from, to)) {
        return (start, Role::Excluded);
    }
    let nearest = back(words, from, &[|l| l.articles]);
    let called = [from, nearest].into_iter().find_map(|at| ends_at(words, at, |l| l.agents));
    let is_addressed = is_beginning(words, from) && words[to - 1].mark != Mark::None;
    match called {
        Some(start) => (start, Role::Target),
        None if is_addressed => (from, Role::Target),
        None => (from, Role::Aside),
    }
}

/// Returns the words that name a place which is not known.
pub(super) fn unknown(words: &[Word], mentions: &[Mention], projects: &[&str]) -> Option<(usize, usize)> {
    let known = Known { words, mentions, projects };
    (0..words.len()).find_map(|at| {
        known
            .others(at)
            .or_else(|| known.after_switch(at))
            .or_else(|| known.placed(at))
            .or_else(|| known.after_noun(at, at))
            .or_else(|| known.before_noun(at))
    })
}

struct Known<'a> {
    words: &'a [Word],
    mentions: &'a [Mention<'a>],
    projects: &'a [&'a str],
}

impl Known<'_> {
    fn is_named(&self, from: usize, to: usize) -> bool {
        self.mentions.iter().any(|mention| {
            !matches!(mention.named, Named::Agent(_)) && mention.from < to && from < mention.to
        })
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
        self.bare(at, name)
    }

    /// "In billing, fix the timeout".
    fn bare(&self, at: usize, name: usize) -> Option<(usize, usize)> {
        let word = self.words.get(name)?;
        let is_head = self.words[..at].iter().all(|word| is(word, |l| l.leads));
        let is_single = word.mark == Mark::Clause && name == at + taken_of(self.words, at);
        let is_in = matches!(self.words[at].text.as_str(), "in" | "en" | "dans" | "inside");
        let is_other = ORDINARY_PLACES.contains(&word.text.as_str()) || word.text.len() < 3;
        (is_head && is_single && is_in && !is_other && !self.is_named(name, name + 1))
            .then_some((at, name + 1))
    }

    /// A name that is longer than a known one: "shop-admin".
    fn compound(&self, name: usize) -> Option<usize> {
        let mention = self.mentions.iter().find(|mention| {
            matches!(mention.named, Named::Project(_))
                && mention.from <= name + 2
                && name < mention.to
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
        // "In the service worker" names none, "en el servicio de pagos" does.
        if project.is_none() && is_own && naming == 0 {
            return None;
        }
        let word = self.words.get(name)?;
        let is_ordinary =
            is(word, |l| l.ordinary) || is(word, |l| l.prepositions) || is(word, |l| l.articles);
        let next_joins = || self.words.get(name + 1).is_some_and(|next| is(next, |l| l.joints));
        // "In the project foo" is one only where nothing follows: "in the project add a test".
        let is_english = before.is_some_and(|before| matches!(before.text.as_str(), "the" | "my" | "our"));
        let is_free = if noun == phrase { is_beginning(self.words, noun) } else { !is_english };
        let is_name = naming > 0 || is_free || self.is_clause_end(name) || next_joins();
        (is_name && !is_ordinary && !word.is_alone() && !self.is_named(name, name + 1))
            .then_some((phrase, name + 1))
    }

    /// "Foo 项目", where no word stands before it.
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

/// What a place may be called as well at the beginning: "in the payment app, fix it".
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

/// Words that stand alone after a preposition and are no places.
const ORDINARY_PLACES: &[&str] = &[
    "general",
    "addition",
    "particular",
    "short",
    "production",
    "prod",
    "staging",
    "development",
    "tests",
    "docs",
    "ci",
    "case",
    "theory",
    "practice",
    "principle",
    "detail",
    "fact",
    "total",
    "summary",
    "parallel",
    "order",
    "effect",
    "essence",
    "firefox",
    "chrome",
    "safari",
    "windows",
    "linux",
    "macos",
    "example",
    "now",
    "consistency",
    "resumen",
    "efecto",
    "clarity",
    "readability",
    "safety",
    "simplicity",
];

fn taken_of(words: &[Word], at: usize) -> usize {
    begins(&words[at..], |l| l.prepositions).unwrap_or(0)
}

/// Returns what stands before the noun in a word that is made of both.
fn suffixed(word: &str) -> Option<&str> {
    const LEAST: usize = 3;
    phrases(|l| l.suffixes).find_map(|noun| word.strip_suffix(noun)).filter(|stem| stem.len() >= LEAST)
}
