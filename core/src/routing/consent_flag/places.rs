//! Mentions of places and agents, and their roles: target, source, example or exclusion.

use super::phrases::{Kind, begins, ends, is};
use super::reading::{Mark, Word, words};
use crate::routing::named::joined;

/// The object of a mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// A project, by name.
    Project(&'a str),
    /// The current project, by a word like "here".
    Here,
    /// An agent.
    Agent(&'a str),
}

/// The role of a mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The place of the work, or the agent for it.
    Target,
    /// The source from which something is brought.
    Source,
    /// The possible source of something: "copy the shop button".
    Vague,
    /// An example.
    Example,
    /// An exclusion.
    Excluded,
    /// A mere mention.
    Aside,
}

/// A mention of a name.
#[derive(Debug)]
pub(super) struct Mention<'a> {
    /// The position of its first word.
    pub(super) from: usize,
    /// The position after its last word.
    pub(super) to: usize,
    /// The start of the surrounding phrase.
    pub(super) phrase: usize,
    pub(super) named: Named<'a>,
    pub(super) role: Role,
    /// Whether it is the place of the work, not only the object of the work.
    pub(super) is_place: bool,
}

/// Returns the mentions in order. If names overlap, the longest one counts.
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
        let is_place = role == Role::Target && is_place(words, (from, to));
        mentions.push(Mention { from, to, phrase, named, role, is_place });
    }
    mentions
}

/// Returns whether the text brings something from elsewhere.
pub(super) fn is_transfer(words: &[Word]) -> bool {
    (0..words.len()).any(|at| {
        let may_begin =
            is_beginning(words, at) || words[at].is_alone() || ends(&words[..at], |l| l.requests).is_some();
        may_begin && begins(&words[at..], |l| l.transfers).is_some()
    })
}

/// Returns the positions of a name, with any separators and also in the plural.
pub(super) fn standing(words: &[Word], name: &str) -> Vec<(usize, usize)> {
    let name: String = self::words(name).iter().map(|word| word.text.as_str()).collect();
    joined(words, &name, |word| (&word.text, word.mark != Mark::None))
}

/// Returns whether a name is listed together with another one: "shop or website".
fn follows(words: &[Word], last: usize, from: usize) -> bool {
    let between = &words[last.min(from)..from];
    let has_comma = last > 0 && words[last - 1].mark == Mark::Clause;
    let is_joint = |word: &Word| is(word, |language| language.joints);
    between
        .iter()
        .all(|word| (is_joint(word) || is(word, |language| language.articles)) && word.mark == Mark::None)
        && (has_comma || between.iter().any(is_joint))
}

/// Walks back over words of some kinds, at most to the start of the clause.
fn back(words: &[Word], mut at: usize, kinds: &[Kind]) -> usize {
    while at > 0 && words[at - 1].mark == Mark::None {
        let Some(taken) = kinds.iter().filter_map(|kind| ends(&words[..at], *kind)).max() else { break };
        at -= taken;
    }
    at
}

/// Returns the start of the phrase of a kind that ends at this position, within its clause.
fn ends_at(words: &[Word], at: usize, kind: Kind) -> Option<usize> {
    let is_open = at > 0 && words[at - 1].mark == Mark::None;
    is_open.then(|| ends(&words[..at], kind)).flatten().map(|taken| at - taken)
}

/// Returns the start of the phrase that excludes the named thing.
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

/// Returns whether a negation concerns a place, not what happens there: "where login does not work in shop".
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

/// Returns whether a clause starts at this position.
pub(super) fn is_beginning(words: &[Word], at: usize) -> bool {
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
        let is_would_like =
            |start: usize| start > 0 && matches!(words[start - 1].text.as_str(), "d" | "would" | "i");
        if let Some(start) = ends_at(words, at, |l| l.examples).filter(|start| !is_would_like(*start)) {
            return (start, Role::Example);
        }
    }
    // "shop-admin" is not the shop.
    let is_longer =
        words.get(to).is_some_and(|next| next.glued) && begins(&words[to..], |l| l.nouns).is_none();
    if is_longer || words[from].glued {
        return (nearest, Role::Vague);
    }
    let described =
        if is_attribute(words, (from, to), nearest) { Some(from) } else { linked(words, nearest) };
    if let Some(thing) = described {
        let role = if is_added(words, thing) { Role::Aside } else { Role::Vague };
        return (nearest, role);
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

/// Returns whether a name is clearly the place of the work: "in X", "X: fix it", "fix it for X",
/// "switch to X", "fix X". If X is only an object, the work may be done in any project: "add a call to X",
/// "mock X in the tests".
fn is_place(words: &[Word], (from, to): (usize, usize)) -> bool {
    const PURPOSES: [&str; 6] = ["for", "fur", "para", "pour", "\u{7ed9}", "\u{4e3a}"];
    const INSIDE: [&str; 3] = ["\u{91cc}", "\u{4e2d}", "\u{5185}"];
    let nearest = back(words, from, &[|l| l.articles, |l| l.determiners, |l| l.nouns]);
    let noun = begins(&words[to..], |l| l.nouns).filter(|_| words[to - 1].mark == Mark::None);
    let end = to + noun.unwrap_or(0);
    let is_end = end == words.len() || words[end - 1].mark != Mark::None;
    let before = |kind: Kind| ends_at(words, nearest, kind).or_else(|| ends_at(words, from, kind));
    let is_inside = before(|l| l.inside).is_some() || before(|l| l.switches).is_some();
    let is_opened = || before(|l| l.opens).is_some_and(|start| is_beginning(words, start));
    let is_purpose = || {
        let word = nearest.checked_sub(1).map(|at| &words[at]);
        is_end && word.is_some_and(|word| PURPOSES.contains(&word.text.as_str()))
    };
    let is_topic = || {
        let start = back(words, nearest, &[|l| l.prepositions, |l| l.colon_places]);
        is_end && end < words.len() && others(&words[..start]) == 0
    };
    let is_enclosed = || words.get(end).is_some_and(|next| INSIDE.contains(&next.text.as_str()));
    let is_whole = || others(&words[..nearest]) <= 1 && others(&words[end..]) <= 1;
    is_inside || is_opened() || is_purpose() || is_topic() || is_enclosed() || is_whole()
}

/// Returns the number of words that are more than polite. Up to three characters of a script without spaces
/// count as one word.
fn others(words: &[Word]) -> usize {
    let (mut at, mut others) = (0, 0);
    while at < words.len() {
        let polite = begins(&words[at..], |l| l.requests).or_else(|| begins(&words[at..], |l| l.leads));
        if let Some(taken) = polite {
            at += taken;
            continue;
        }
        const LONGEST: usize = 3;
        others += 1;
        at += words[at..].iter().take(LONGEST).take_while(|word| word.is_alone()).count().max(1);
    }
    others
}

/// Returns whether a name only describes the following thing: "the website link".
fn is_attribute(words: &[Word], (from, to): (usize, usize), nearest: usize) -> bool {
    const AFTER: [&str; 15] = [
        "s",
        "is",
        "too",
        "only",
        "first",
        "again",
        "faster",
        "work",
        "works",
        "green",
        "build",
        "compile",
        "pass",
        "run",
        "everywhere",
    ];
    const ENDS: [&str; 3] = ["ing", "ly", "ed"];
    let kinds: [Kind; 7] = [
        |l| l.prepositions,
        |l| l.joints,
        |l| l.leads,
        |l| l.nouns,
        |l| l.articles,
        |l| l.negators_after,
        |l| l.here,
    ];
    let is_none = |at: usize| kinds.iter().any(|kind| begins(&words[at..], *kind).is_some());
    let Some(next) = words.get(to).filter(|next| words[to - 1].mark == Mark::None && !next.is_alone()) else {
        return false;
    };
    let text = next.text.as_str();
    let is_thing = !AFTER.contains(&text) && !ENDS.iter().any(|end| text.ends_with(end)) && !is_none(to);
    // This is so in "in the website footer", but not in "in the website fix the footer".
    let is_placed = || ends_at(words, nearest, |l| l.prepositions).is_some();
    let is_end = || {
        let after = words.get(to + 1);
        next.mark != Mark::None || after.is_none_or(|after| is(after, |l| l.prepositions))
    };
    begins(&words[from..], |l| l.here).is_none() && is_thing && (!is_placed() || is_end())
}

/// Returns the position of the noun that leads to a name: "the link to website".
fn linked(words: &[Word], nearest: usize) -> Option<usize> {
    const LINKS: [&str; 8] = ["link", "links", "redirect", "url", "reference", "enlace", "lien", "verweis"];
    let to = nearest.checked_sub(1).filter(|to| words[*to].mark == Mark::None)?;
    let leads = matches!(words[to].text.as_str(), "to" | "a" | "al" | "vers" | "zu" | "zur" | "auf");
    let thing = to.checked_sub(1).filter(|thing| words[*thing].mark == Mark::None)?;
    (leads && LINKS.contains(&words[thing].text.as_str())).then_some(thing)
}

/// "Add a website link to the footer", "add a link to website".
fn is_added(words: &[Word], thing: usize) -> bool {
    const ADDING: [&str; 9] =
        ["add", "create", "insert", "include", "put", "show", "anade", "ajoute", "erganze"];
    const THINGS: [&str; 12] = [
        "link", "url", "field", "icon", "column", "button", "label", "address", "input", "entry", "enlace",
        "lien",
    ];
    let Some(start) = ends_at(words, thing, |l| l.indefinite) else { return false };
    let adds = start > 0 && ADDING.contains(&words[start - 1].text.as_str());
    adds && words[thing..].iter().take(2).any(|word| THINGS.contains(&word.text.as_str()))
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
