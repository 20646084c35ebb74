//! Prohibitions and dismissals after the beginning of a request: they follow a statement, are a predicate,
//! are a condition of approval, or report finished work. Also texts that contain only interjections.

use super::phrases::{Kind, begins, ends, is, phrases};
use super::reading::{Mark, Word, first_clause};
use super::{apparent, prevention};

/// Returns the ranges of the parts of a text, separated by marks and by "but".
fn parts(words: &[Word]) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 0..words.len() {
        let is_next_turn = at + 1 < words.len() && begins(&words[at + 1..], |l| l.turns).is_some();
        if words[at].mark != Mark::None || at + 1 == words.len() || is_next_turn {
            parts.push((start, at + 1));
            start = at + 1;
        }
    }
    parts
}

/// Skips polite words at the beginning.
fn after_leads(words: &[Word]) -> &[Word] {
    let mut rest = words;
    while let Some(taken) = begins(rest, |l| l.leads).or_else(|| begins(rest, |l| l.turns)) {
        rest = &rest[taken..];
    }
    rest
}

/// Returns whether the words describe a state and give no instruction: they do not begin with a verb.
pub(super) fn is_statement(words: &[Word]) -> bool {
    let rest = after_leads(words);
    // In Chinese, each character is a word.
    let near = if rest.first().is_some_and(Word::is_alone) { 8 } else { 3 };
    let kinds: [Kind; 7] = [
        |l| l.articles,
        |l| l.indefinite,
        |l| l.prepositions,
        |l| l.conditions,
        |l| l.subordinators,
        |l| l.statements,
        |l| l.negators,
    ];
    let is_verb_of = |word: &Word| is(word, |l| l.copulas);
    let is_state = rest.iter().take(near).skip(1).any(is_verb_of);
    rest.is_empty() || is_state || kinds.iter().any(|kind| begins(rest, *kind).is_some())
}

/// Returns the denial or dismissal that follows statements: "the login is broken, no need to do anything".
pub(super) fn after_statement(words: &[Word]) -> Option<&[Word]> {
    let all = parts(words);
    let mut are_statements = true;
    for (at, (start, end)) in all.iter().enumerate() {
        let part = after_leads(&words[*start..*end]);
        let turns = words[*start].is_alone() && begins(&words[*start..*end], |l| l.turns).is_some();
        // "搜索找不到，不用管".
        let is_dismissal = words[*start].is_alone()
            && begins(part, |l| l.dismissals).is_some_and(|taken| taken == part.len())
            && begins(part, |l| l.retractions) != Some(part.len());
        if at > 0 && (are_statements || turns || is_dismissal) {
            let denied = begins(part, |l| l.denials).filter(|_| !prevention::is_work(part));
            let is_known = begins(part, |l| l.unknowing).is_some();
            if let Some(taken) = begins(part, |l| l.dismissals).or(denied).filter(|_| !is_known) {
                return Some(&part[..taken]);
            }
        }
        let part = &words[*start..*end];
        are_statements &= is_statement(part) || apparent::is_name_of_part(part);
    }
    None
}

/// Returns whether a statement leads up to an instruction: "the cart does not update, please fix".
pub(super) fn leads_to_order(words: &[Word]) -> bool {
    let all = parts(words);
    let is_order = |(start, end): &(usize, usize)| {
        let part = after_leads(&words[*start..*end]);
        !part.is_empty()
            && !is_statement(part)
            && begins(part, |l| l.denials).is_none()
            && part.get(1..).is_none_or(|rest| begins(rest, |l| l.nothing).is_none())
    };
    all.first().is_some_and(|(start, end)| is_statement(&words[*start..*end]))
        && all.iter().skip(1).any(is_order)
}

/// Returns the end of a clause that forbids its subject: "merging is not needed", "das Löschen ist verboten".
pub(super) fn predicate(clause: &[Word]) -> Option<&[Word]> {
    const LAST: usize = 3;
    const BEFORE: usize = 4;
    let far = clause.len().saturating_sub(LAST);
    let near = |at: usize| &clause[at.saturating_sub(BEFORE)..at];
    let is_denied =
        |word: &Word| is(word, |l| l.negations) || matches!(word.text.as_str(), "t" | "longer" | "pas");
    (1..clause.len()).find_map(|at| {
        let forbids = begins(&clause[at..], |l| l.forbidden)
            .filter(|_| near(at).iter().any(|word| is(word, |l| l.copulas)));
        let needless = || begins(&clause[at..], |l| l.needs).filter(|_| near(at).iter().any(is_denied));
        let taken = forbids.or_else(needless)?;
        (at + taken > far).then_some(&clause[at..at + taken])
    })
}

/// Returns the words that reserve the decision for the user or another person: "ask me first", "without my
/// approval".
pub(super) fn reserve(words: &[Word]) -> Option<&[Word]> {
    let has = |kind: Kind| (0..words.len()).any(|at| begins(&words[at..], kind).is_some());
    (0..words.len()).find_map(|at| {
        let rest = &words[at..];
        let reviews = || begins(rest, |l| l.reviews).filter(|_| has(|l| l.befores));
        let taken = begins(rest, |l| l.reserves).or_else(reviews).or_else(|| approved(rest))?;
        Some(&rest[..taken])
    })
}

/// "Once Maria has approved it": a named person, not a user of the program.
fn approved(words: &[Word]) -> Option<usize> {
    const NEAR: usize = 5;
    let taken = begins(words, |l| l.conditions)?;
    let rest = &words[taken..];
    let clause = first_clause(rest);
    let is_thing = begins(rest, |l| l.articles).is_some_and(|_| !is(&rest[0], |l| l.owners))
        || begins(rest, |l| l.indefinite).is_some();
    let at = (1..clause.len().min(NEAR)).find(|at| begins(&clause[*at..], |l| l.approvals).is_some())?;
    let end = at + begins(&clause[at..], |l| l.approvals)?;
    let is_end = clause[end..].iter().all(|word| is(word, |l| l.approval_ends)) || rest[0].is_alone();
    (is_end && !is_thing).then_some(taken + end)
}

/// Returns the words that report work as done or as another person's: "the header has been fixed".
pub(super) fn report(words: &[Word]) -> Option<&[Word]> {
    let of_others = (1..words.len()).find_map(|at| {
        let taken = begins(&words[at..], |l| l.of_others)?;
        Some(&words[at..at + taken])
    });
    let done = || {
        let taken = ends(words, |l| l.done)?;
        let at = words.len() - taken;
        let near = &words[at.saturating_sub(4)..];
        let is_told = near.iter().any(|word| is(word, |l| l.copulas)) || words[at].is_alone();
        let is_one = words[..at].iter().all(|word| word.mark == Mark::None);
        (is_told && is_one && (is_statement(words) || words[at].is_alone())).then_some(&words[at..])
    };
    of_others.or_else(done).or_else(|| apparent::success(words))
}

/// Returns the words that deny that anything is requested: "I'm not asking you to fix it".
pub(super) fn disclaimer(words: &[Word]) -> Option<&[Word]> {
    const NEAR: usize = 4;
    let first = words.first()?.text.as_str();
    let is_speaker =
        matches!(first, "i" | "im" | "we" | "nobody" | "noone" | "ich" | "wir" | "je" | "on" | "yo");
    let denial = words.iter().take(NEAR).position(|word| {
        matches!(word.text.as_str(), "not" | "t" | "never" | "nobody" | "noone" | "nicht" | "ne" | "no")
    });
    let denial = denial.filter(|_| is_speaker)?;
    let is_asking = |word: &Word| {
        [
            "ask", "want", "tell", "told", "request", "suggest", "propos", "expect", "said", "say", "mean",
            "demand", "pid", "bitt",
        ]
        .iter()
        .any(|verb| word.text.starts_with(verb))
    };
    let asking = words[denial + 1..].iter().take(2).position(is_asking)?;
    Some(&words[..=denial + 1 + asking])
}

/// Returns whether the words are only exclamations, thanks and greetings.
pub(super) fn is_interjection(words: &[Word]) -> bool {
    let mut rest = words;
    while let Some(first) = rest.first() {
        let plain = squeezed(&first.text);
        let is_drawn = || phrases(|l| l.interjections).any(|known| squeezed(known) == plain);
        let taken = begins(rest, |l| l.interjections)
            .or_else(|| begins(rest, |l| l.leads))
            .or_else(|| is_drawn().then_some(1));
        let Some(taken) = taken else { return false };
        rest = &rest[taken..];
    }
    true
}

/// Removes repetitions of letters: "hm" for "hmmm".
fn squeezed(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        if !plain.ends_with(c) {
            plain.push(c);
        }
    }
    plain
}
