//! Unknown places without an article: "in billing, fix it", "open billing and fix it".

use super::phrases::{Kind, begins, is};
use super::places::is_beginning;
use super::reading::{Mark, Word};

/// Returns the words of a phrase at this position that names a place.
pub(super) fn bare(words: &[Word], at: usize) -> Option<(usize, usize)> {
    let name = |kind: Kind| {
        let from = at + begins(&words[at..], kind)?;
        Some((from, name_end(words, from)?))
    };
    let is_head = is_lead(&words[..at]);
    let is_first = || {
        let with_comma = name(|l| l.places_first).filter(|(_, end)| words[end - 1].mark == Mark::Clause);
        with_comma.or_else(|| name(|l| l.colon_places).filter(|(_, end)| words[end - 1].colon))
    };
    let is_opened = || name(|l| l.opens).filter(|(_, end)| is_left(words, *end));
    name(|l| l.bare_places)
        .or_else(|| is_head.then(is_first).flatten())
        .or_else(|| german(words, at, is_head))
        .or_else(|| spanish(words, at))
        .or_else(|| is_beginning(words, at).then(is_opened).flatten())
        .map(|(_, end)| (at, end))
}

/// "In billing die Tests reparieren", "repariere in Abrechnung den Footer", "bei billing schlagen die Tests
/// fehl".
fn german(words: &[Word], at: usize, is_head: bool) -> Option<(usize, usize)> {
    let preposition = words.get(at)?.text.as_str();
    let end = name_end(words, at + 1).filter(|_| matches!(preposition, "in" | "bei"))?;
    let has_object = || {
        let next = words.get(end).filter(|_| words[end - 1].mark == Mark::None);
        next.is_some_and(|next| ["der", "die", "das", "den", "dem"].contains(&next.text.as_str()))
    };
    let is_after_verb = || at > 0 && is_lead(&words[..at - 1]);
    let is_place = match preposition {
        "bei" => is_head,
        _ => (is_head || is_after_verb()) && has_object(),
    };
    is_place.then_some((at + 1, end))
}

/// "Arregla el footer en pagos".
fn spanish(words: &[Word], at: usize) -> Option<(usize, usize)> {
    const MENDING: [&str; 7] =
        ["arregla", "arregle", "arreglar", "repara", "reparar", "soluciona", "solucionar"];
    let end = name_end(words, at + 1).filter(|_| words[at].text == "en")?;
    let is_end = end == words.len() || words[end - 1].mark != Mark::None;
    let mends = words[..at].iter().any(|word| MENDING.contains(&word.text.as_str()));
    (is_end && mends).then_some((at + 1, end))
}

fn is_lead(words: &[Word]) -> bool {
    words.iter().all(|word| is(word, |l| l.leads))
}

/// Returns whether more words follow the name of the opened place.
fn is_left(words: &[Word], end: usize) -> bool {
    let follows = |next: &Word| next.is_alone() || is(next, |l| l.joints) || is(next, |l| l.leads);
    words[end - 1].mark != Mark::None || words.get(end).is_none_or(follows)
}

/// Returns the end position of a name that may be a place.
fn name_end(words: &[Word], from: usize) -> Option<usize> {
    const LEAST: usize = 3;
    let word = words.get(from)?;
    let others: [Kind; 6] =
        [|l| l.articles, |l| l.indefinite, |l| l.determiners, |l| l.prepositions, |l| l.nouns, |l| l.others];
    let is_other = word.is_alone()
        || word.text.len() < LEAST
        || word.text.starts_with(|c: char| c.is_ascii_digit())
        || ORDINARY.contains(&word.text.as_str())
        || others.iter().any(|kind| is(word, *kind))
        || begins(&words[from..], |l| l.here).is_some();
    let glued = words[from + 1..].iter().take_while(|word| word.glued).count();
    (!is_other).then_some(from + 1 + glued)
}

/// Words that occur alone after a preposition and are not projects.
const ORDINARY: &[&str] = &[
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
    "first",
    "least",
    "last",
    "most",
    "best",
    "worst",
    "once",
    "then",
    "there",
    "here",
    "time",
    "times",
    "home",
    "work",
    "root",
    "startup",
    "start",
    "error",
    "errors",
    "success",
    "failure",
    "click",
    "hover",
    "load",
    "save",
    "submit",
    "login",
    "logout",
    "mobile",
    "desktop",
    "test",
    "fehler",
    "fehlern",
    "klick",
    "bedarf",
    "anderungen",
    "anfragen",
    "produktion",
    "entwicklung",
    "zukunft",
    "zeile",
    "zeilen",
    "deutsch",
    "englisch",
    "wirklichkeit",
    "prinzip",
    "praxis",
    "serveur",
    "client",
    "base",
    "front",
    "back",
    "server",
    "frontend",
    "backend",
    "droite",
    "gauche",
    "produccion",
    "desarrollo",
    "espanol",
    "ingles",
    "movil",
    "moviles",
    "linea",
    "realidad",
    "caso",
    "cuenta",
    "html",
    "css",
    "javascript",
    "typescript",
    "rust",
    "python",
    "java",
    "react",
    "vue",
    "english",
    "german",
    "french",
    "spanish",
    "scratch",
    "memory",
    "main",
    "master",
    "head",
    "settings",
    "issues",
    "tabs",
    "details",
    "files",
    "folder",
    "folders",
    "vscode",
    "francais",
    "anglais",
    "developpement",
    "local",
    "locale",
    "effet",
    "fait",
    "fin",
    "resume",
    "verdad",
    "absoluto",
    "todas",
    "serio",
];
