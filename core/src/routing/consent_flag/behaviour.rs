//! Work on a program's behaviour that begins like a denial or a stop: "don't crash when the list is empty",
//! "never log the password, mask it", "cancel the subscription when the card expires".

use super::phrases::{begins, is};
use super::prevention;
use super::reading::{Mark, Word, fits};

/// Denials before a verb.
const DENIALS: &[&str] =
    &["do not", "don't", "dont", "never", "nicht", "nie", "niemals", "no", "nunca", "ne", "n'", "不要", "别"];

/// Parts of a denial after a verb.
const DENIED: &[&str] = &["nie", "niemals", "nicht", "nunca", "pas", "jamais"];

/// Failures that only a program is told to avoid.
const FAILURES: &[&str] = &[
    "crash",
    "panic",
    "hang",
    "freeze",
    "retry",
    "segfault",
    "deadlock",
    "absturzen",
    "hangen",
    "einfrieren",
    "falles",
    "fallar",
    "plante",
    "planter",
    "崩溃",
];

/// Handling of data that a program is told to replace by something else.
const HANDLING: &[&str] = &[
    "log",
    "store",
    "save",
    "print",
    "persist",
    "cache",
    "expose",
    "logge",
    "speichere",
    "zeige",
    "registres",
    "guardes",
    "muestres",
    "journalise",
    "enregistre",
    "stocke",
    "affiche",
    "记录",
    "保存",
    "打印",
    "存储",
];

/// What it should do instead.
const REPLACEMENTS: &[&str] = &[
    "mask",
    "hash",
    "encrypt",
    "redact",
    "hide",
    "escape",
    "omit",
    "anonymize",
    "anonymise",
    "truncate",
    "strip",
    "maskiere",
    "hashe",
    "verschlussle",
    "verschlussele",
    "schwarze",
    "enmascara",
    "enmascarala",
    "cifra",
    "cifrala",
    "hashea",
    "masque",
    "hache",
    "chiffre",
    "脱敏",
    "加密",
    "隐藏",
    "哈希",
];

/// Verbs that end something.
const ENDINGS: &[&str] = &[
    "cancel",
    "abort",
    "pause",
    "stop",
    "interrupt",
    "terminate",
    "skip",
    "stoppe",
    "pausiere",
    "unterbrich",
    "brich",
    "beende",
    "cancela",
    "deten",
    "pausa",
    "annule",
    "arrete",
    "interromps",
];

/// Things that a program ends, and that are not an agent's work.
const PROCESSES: &[&str] = &[
    "subscription",
    "request",
    "requests",
    "timer",
    "video",
    "audio",
    "animation",
    "spinner",
    "upload",
    "download",
    "order",
    "payment",
    "polling",
    "query",
    "transaction",
    "connection",
    "countdown",
    "playback",
    "music",
    "checkout",
    "booking",
    "reservation",
    "stream",
    "slideshow",
    "carousel",
    "abo",
    "abonnement",
    "anfrage",
    "zahlung",
    "bestellung",
    "verbindung",
    "abfrage",
    "wiedergabe",
    "suscripcion",
    "peticion",
    "pago",
    "pedido",
    "conexion",
    "temporizador",
    "requete",
    "paiement",
    "commande",
    "minuterie",
    "connexion",
];

/// Words that begin a condition.
const CONDITIONS: &[&str] = &[
    "when", "if", "while", "whenever", "once", "wenn", "falls", "sobald", "cuando", "si", "quand", "lorsque",
];

/// Words for persons, and for things that an agent works on.
const NO_PROGRAMS: &[&str] = &[
    "i",
    "you",
    "we",
    "he",
    "she",
    "me",
    "us",
    "my",
    "your",
    "our",
    "everything",
    "anything",
    "boss",
    "work",
    "task",
    "build",
    "builds",
    "ci",
    "pipeline",
    "deploy",
    "deployment",
    "merge",
    "release",
    "review",
    "pr",
    "branch",
    "commit",
    "migration",
    "done",
    "ich",
    "du",
    "wir",
    "er",
    "sie",
    "mich",
    "mir",
    "arbeit",
    "aufgabe",
    "fertig",
    "yo",
    "tu",
    "mi",
    "mis",
    "trabajo",
    "tarea",
    "rama",
    "je",
    "j",
    "on",
    "nous",
    "vous",
    "mon",
    "ma",
    "travail",
    "tache",
    "branche",
    "fini",
    "我",
    "你",
    "他",
    "她",
    "它",
];

/// Returns whether words that begin like a denial or a stop ask for a change of a program's behaviour.
pub(super) fn is_asked(words: &[Word]) -> bool {
    let end = words.iter().position(|word| matches!(word.mark, Mark::Sentence | Mark::Question));
    let sentence = &words[..end.map_or(words.len(), |end| end + 1)];
    let has_person = || sentence.iter().any(|word| NO_PROGRAMS.contains(&word.text.as_str()));
    let has_agent = || (0..sentence.len()).any(|at| begins(&sentence[at..], |l| l.about_agent).is_some());
    (avoids_failure(sentence) || replaces(sentence) || ends(sentence))
        && !(has_person() || has_agent() || prevention::is_about_work(sentence))
}

/// Returns the number of words of the longest listed phrase at the beginning.
fn taken(words: &[Word], list: &[&str]) -> Option<usize> {
    list.iter().filter_map(|phrase| fits(words, phrase)).max()
}

/// Returns the position after a denied verb: "don't crash", "logge nie".
fn denied(words: &[Word], verbs: &[&str]) -> Option<usize> {
    let (start, before) = taken(words, DENIALS).map_or((0, false), |start| (start, true));
    let verb = start + taken(&words[start..], verbs)?;
    let after = taken(&words[verb..], DENIED);
    (before || after.is_some()).then_some(verb + after.unwrap_or(0))
}

/// Returns whether the words are a condition with a subject.
fn is_condition(words: &[Word]) -> bool {
    const LEAST: usize = 2;
    const PRONOUNS: [&str; 8] = ["it", "that", "this", "they", "es", "eso", "ca", "cela"];
    taken(words, CONDITIONS)
        .is_some_and(|taken| words.len() >= taken + LEAST && !PRONOUNS.contains(&words[taken].text.as_str()))
}

/// "Don't crash when the list is empty", "列表为空时不要崩溃".
fn avoids_failure(words: &[Word]) -> bool {
    let follows_condition = |at: usize| {
        at > 1
            && words[at - 1].text == "时"
            && denied(&words[at..], FAILURES).is_some_and(|end| at + end == words.len())
    };
    denied(words, FAILURES).is_some_and(|end| is_condition(&words[end..]))
        || (0..words.len()).any(follows_condition)
}

/// "Never log the password, mask it".
fn replaces(words: &[Word]) -> bool {
    let Some(end) = denied(words, HANDLING) else { return false };
    (end + 1..words.len())
        .any(|at| words[at - 1].mark == Mark::Clause && taken(&words[at..], REPLACEMENTS).is_some())
}

/// "Cancel the subscription when the card expires".
fn ends(words: &[Word]) -> bool {
    const NEAR: usize = 3;
    let Some(verb) = taken(words, ENDINGS) else { return false };
    let Some(article) =
        begins(&words[verb..], |l| l.articles).or_else(|| begins(&words[verb..], |l| l.indefinite))
    else {
        return false;
    };
    let start = verb + article;
    let thing =
        (start..words.len().min(start + NEAR)).find(|at| PROCESSES.contains(&words[*at].text.as_str()));
    thing.is_some_and(|thing| {
        let is_split = words.get(thing + 1).is_some_and(|word| matches!(word.text.as_str(), "ab" | "an"));
        let plain = words[start..thing].iter().all(|word| !is(word, |l| l.prepositions));
        plain && is_condition(&words[thing + 1 + usize::from(is_split)..])
    })
}
