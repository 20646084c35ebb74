//! What is known of languages other than English: the words of each are data, one file a language.
//!
//! The language of a wish is chosen by its own words. Where they are as much English, it is English.

mod chinese;
mod french;
mod german;
mod segment;
mod spanish;

use crate::pattern::{Beginnings, Phrases, phrases};
use crate::vocabulary::{Words, is_content, is_plain_verb};
use crate::words::Word;

pub use segment::{is_han, segment};

/// The words of one language, by what they do in a wish.
pub struct Language {
    /// Words without a meaning of their own.
    pub small: &'static Words,
    /// Verbs that ask for work on code, without their endings.
    pub verbs: &'static Words,
    /// Verbs that may ask for anything, without their endings.
    pub loose: &'static Words,
    /// Verbs that make sense for all that is there, without their endings: none that destroys.
    pub brief: &'static Words,
    /// The endings that such a verb has where it asks for something.
    pub endings: &'static [&'static str],
    /// Nouns of software; they count inside longer words as well.
    pub nouns: &'static Words,
    /// Words before a noun, after which no verb stands.
    pub articles: &'static Phrases,
    /// "Could you please": what follows is asked for.
    pub requests: &'static Phrases,
    /// "I want the button to be": what follows is wanted.
    pub wants: &'static Phrases,
    /// Orders to end a session.
    pub stops: &'static Phrases,
    /// Orders to interrupt a session.
    pub interrupts: &'static Phrases,
    /// Orders to resume a session.
    pub resumes: &'static Phrases,
    /// What such an order may end with: "ab" of "brich das ab".
    pub particles: &'static Phrases,
    /// Words that point at something said before.
    pub pronouns: &'static Phrases,
    /// Words for a session.
    pub sessions: &'static Phrases,
    /// Words for several of them, or for all.
    pub groups: &'static Phrases,
    /// Words for the newest one.
    pub last: &'static Phrases,
    /// Words for one that is not this one.
    pub other: &'static Phrases,
    /// "In the project": the name of a place follows.
    pub places: &'static Phrases,
    /// "In": the name of a place may follow, with a word for a project after it.
    pub leads: &'static Phrases,
    /// Words for a project that stand after its name.
    pub places_after: &'static Phrases,
    /// Words before such a word that name nothing.
    pub whole: &'static Phrases,
    /// "Tell": a session is addressed.
    pub tells: &'static Phrases,
    /// What stands between whom one tells and what.
    pub thats: &'static Phrases,
    /// "Also": it goes on with something.
    pub ties: &'static Phrases,
    /// Beginnings of questions.
    pub questions: &'static Phrases,
    /// Words about how far something is.
    pub progress: &'static Phrases,
    /// Questions about everything.
    pub overviews: &'static Phrases,
    /// Words that deny.
    pub negations: &'static Phrases,
    /// Clauses that take back what stands before them.
    pub withdrawals: &'static Phrases,
    /// Statements of what is wrong.
    pub problems: &'static Phrases,
    /// What others said, or what was done already.
    pub stories: &'static Phrases,
    /// Whole answers to a question.
    pub answers: &'static Phrases,
    /// Whole texts that ask for nothing.
    pub greetings: &'static Phrases,
    /// Orders to leave what codewalk is told.
    pub injections: &'static Phrases,
    /// Statements that someone consented, and orders to go without consent.
    pub consents: &'static Phrases,
    /// How it says that nothing is to be done, or not now.
    pub limits: &'static Limits,
}

/// How a language says that nothing is to be done, or not now, or not there, and what only sounds like that.
pub struct Limits {
    /// What denies nothing although a word of it does: "don't forget to".
    pub idioms: &'static Phrases,
    /// Beginnings and ends of clauses that forbid: "keep your hands off".
    pub heads: &'static Phrases,
    /// What forbids where a verb of work follows: "avoid changing".
    pub halts: &'static Phrases,
    /// Beginnings of clauses that only say under which condition something holds: "without", "if you".
    pub sides: &'static Phrases,
    /// "Leave", where one of `alone` follows.
    pub leaves: &'static Phrases,
    /// "Alone", "as it is".
    pub alone: &'static Phrases,
    /// "Tomorrow": nothing is to be done now.
    pub later: &'static Phrases,
    /// "Only if I say so", "wait before".
    pub reserves: &'static Phrases,
    /// Questions whether something is to be done: "should I", "or not".
    pub muses: &'static Phrases,
    /// Questions whether something was done: "have you", "is it repaired".
    pub done: &'static Phrases,
    /// Words of which one ends such a question.
    pub participles: &'static Phrases,
    /// The endings of verbs in such a question: "arreglaste".
    pub past: &'static [&'static str],
    /// What stands before the name of an agent that is to do something.
    pub with: &'static Phrases,
    /// "The same": what was asked for before.
    pub same: &'static Phrases,
    /// "Go on with", "the second point".
    pub goes_on: &'static Phrases,
    /// Beginnings of answers to a session.
    pub replies: &'static Phrases,
}

impl Limits {
    /// Returns all tables.
    pub fn tables(&self) -> [&'static Phrases; 15] {
        [
            self.idioms,
            self.heads,
            self.halts,
            self.sides,
            self.leaves,
            self.alone,
            self.later,
            self.reserves,
            self.muses,
            self.done,
            self.participles,
            self.with,
            self.same,
            self.goes_on,
            self.replies,
        ]
    }
}

/// All languages but English.
pub static ALL: [&Language; 4] = [&german::GERMAN, &spanish::SPANISH, &french::FRENCH, &chinese::CHINESE];

/// Where the one language stands among them that has no spaces between its words.
const CHINESE: usize = 3;

impl Language {
    /// Says whether its words have no spaces between them.
    pub fn has_no_spaces(&self) -> bool {
        std::ptr::eq(self, ALL[CHINESE])
    }

    /// Says whether a word is a verb that asks for work, whatever its ending is.
    pub fn is_verb(&self, word: &Word) -> bool {
        self.is_of(self.verbs, word)
    }

    /// Says whether a word is a verb that may ask for anything.
    pub fn is_loose(&self, word: &Word) -> bool {
        self.is_of(self.loose, word)
    }

    /// Says whether a word is a verb that makes sense for all that is there.
    pub fn is_brief(&self, word: &Word) -> bool {
        self.is_of(self.brief, word)
    }

    fn is_of(&self, stems: &Words, word: &Word) -> bool {
        let has_stem = |text: &str| {
            let stem = |ending: &&str| text.strip_suffix(*ending);
            self.endings.iter().filter_map(stem).any(|stem| stems.contains(stem))
        };
        !word.quoted
            && (has_stem(&word.text) || without_inner_accents(&word.text).is_some_and(|text| has_stem(&text)))
    }

    /// Says whether a word is a verb of work in the past, as it is put to somebody.
    pub fn is_past(&self, word: &Word) -> bool {
        let stem = |ending: &&str| word.text.strip_suffix(*ending);
        let mut stems = self.limits.past.iter().filter_map(stem);
        !word.quoted && stems.any(|stem| self.verbs.contains(stem) || self.loose.contains(stem))
    }

    /// Says whether a word speaks of software.
    pub fn is_technical(&self, word: &Word) -> bool {
        crate::vocabulary::is_technical(word)
            || self
                .nouns
                .all()
                .filter_map(|noun| str::from_utf8(noun).ok())
                .any(|noun| word.text.contains(noun))
    }

    /// Says whether a word carries meaning of its own.
    pub fn is_content(&self, word: &Word) -> bool {
        !self.small.contains(&word.text)
    }

    fn knows(&self, word: &Word) -> bool {
        let tables = [
            self.stops,
            self.interrupts,
            self.resumes,
            self.answers,
            self.greetings,
            self.tells,
            self.questions,
            self.progress,
            self.sessions,
            self.groups,
        ];
        self.small.contains(&word.text)
            || tables.iter().any(|table| word.is(table))
            || self.is_verb(word)
            || self.is_loose(word)
    }
}

/// Returns the language other than English that the words are in.
pub fn of(words: &[Word]) -> Option<&'static Language> {
    const MOST: usize = 60;
    const ENGLISH: &Phrases = phrases!("quit|exit|status|hello|hi|hey|yes|yeah|sorry|session|agent|cannot");
    let own = || words.iter().filter(|word| !word.quoted).take(MOST);
    let is_english = |word: &&Word| !is_content(word) || is_plain_verb(word) || word.is(ENGLISH);
    let (mut count, mut is_ascii) = (0_usize, true);
    for word in own() {
        count += 1;
        is_ascii &= word.text.is_ascii();
    }
    // Most wishes are English through and through: then nothing else is looked for.
    if is_ascii {
        // "Halt" and "die" are words of other languages as well.
        const SHARED: &Phrases = phrases!("halt|die|an|am|man|war|hat|des|la|son|sale|dice");
        let is_own = |word: &&Word| is_english(word) && !word.is(SHARED);
        let begins = own().next().is_some_and(|first| is_plain_verb(first) && !first.is(SHARED));
        let enough = count.div_ceil(if begins { 3 } else { 2 });
        if own().filter(is_own).take(enough).count() >= enough {
            return None;
        }
    }
    let english = own().filter(is_english).count();
    let han: usize = own().map(|word| word.text.chars().filter(|c| is_han(*c)).count()).sum();
    if han > 2 * english {
        let is_kana = |c: char| matches!(c, '\u{3040}'..='\u{30ff}');
        return (!own().any(|word| word.text.contains(is_kana))).then_some(ALL[CHINESE]);
    }
    let score = |language: &&'static Language| own().filter(|word| language.knows(word)).count();
    let scored = ALL[..CHINESE].iter().rev().map(|language| (score(language), *language));
    let (most, best) = scored.max_by_key(|(score, _)| *score)?;
    (most > english).then_some(best)
}

/// Puts together what is a contraction in English alone: "im" is no "i am" in German.
pub fn rejoined<'a>(mut words: Vec<Word<'a>>, language: &Language) -> Vec<Word<'a>> {
    if !language.small.contains("im") || language.small.contains("i") {
        return words;
    }
    let is_split = |pair: &[Word]| pair[0].text == "i" && pair[1].text == "am";
    while let Some(at) = words.windows(2).position(is_split) {
        words[at] = words[at + 1].part("im".into(), true);
        words.remove(at + 1);
    }
    words
}

/// The beginnings of all phrases that claim a consent or give instructions, in any of the languages.
pub static CLAIMS: Beginnings = Beginnings::of(&[
    german::GERMAN.injections,
    german::GERMAN.consents,
    spanish::SPANISH.injections,
    spanish::SPANISH.consents,
    french::FRENCH.injections,
    french::FRENCH.consents,
    chinese::CHINESE.injections,
    chinese::CHINESE.consents,
]);

/// Takes the acute accents off all letters but the last: an ending that is added moves them, as in "corrígelo".
fn without_inner_accents(text: &str) -> Option<String> {
    const ACCENTS: [(char, char); 5] = [('á', 'a'), ('é', 'e'), ('í', 'i'), ('ó', 'o'), ('ú', 'u')];
    let plain = |c: char| ACCENTS.iter().find(|(accented, _)| *accented == c).map(|(_, plain)| *plain);
    let (last, _) = text.char_indices().next_back()?;
    text[..last].contains(|c| plain(c).is_some()).then(|| {
        let inner = text[..last].chars().map(|c| plain(c).unwrap_or(c));
        inner.chain(text[last..].chars()).collect()
    })
}
