//! Splits text into words, and says where clauses and quotations end.

use std::borrow::Cow;

use crate::pattern::{Phrases, bit_of};
use crate::vocabulary::Known;

/// What ends a clause after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing: the clause goes on.
    None,
    /// A comma or a dash.
    Comma,
    /// A colon.
    Colon,
    /// A full stop, an exclamation mark or a semicolon.
    Stop,
    /// A question mark.
    Question,
    /// The end of a line.
    Line,
}

impl Mark {
    fn of(character: char) -> Self {
        match character {
            ',' | '–' | '—' | '…' | '，' | '、' => Self::Comma,
            ':' | '：' => Self::Colon,
            '.' | '!' | ';' | '。' | '！' | '；' => Self::Stop,
            '?' | '？' => Self::Question,
            _ => Self::None,
        }
    }

    pub fn ends_sentence(self) -> bool {
        matches!(self, Self::Stop | Self::Question | Self::Line)
    }
}

/// One word, in lower case, without the punctuation around it.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// The word; contractions are taken apart ("don't" is "do" and "not").
    pub text: Cow<'a, str>,
    /// What follows it.
    pub mark: Mark,
    /// Whether it stands between quotation marks or backticks.
    pub quoted: bool,
    /// Whether it looks like something from code: an identifier, a path, a number, an acronym, a flag.
    pub code: bool,
    /// Its bit in a table of phrases.
    pub bit: u64,
    /// What the vocabulary says of it.
    pub known: Known,
}

impl<'a> Word<'a> {
    fn new(text: Cow<'a, str>, mark: Mark, quoted: bool, code: bool) -> Self {
        let bit = bit_of(text.as_bytes());
        Self { text, mark, quoted, code, bit, known: Known::default() }
    }

    /// Says whether it is one of several words.
    pub fn is(&self, words: &Phrases) -> bool {
        words.has(&self.text, self.bit)
    }

    /// Returns a part of the word; the last one has what follows the word.
    pub fn part(&self, text: Cow<'a, str>, is_last: bool) -> Self {
        let mark = if is_last { self.mark } else { Mark::None };
        let code = looks_like_code(&text);
        Self::new(text, mark, self.quoted, code)
    }

    /// Returns the word without a possessive ending.
    pub fn stem(&self) -> &str {
        self.text.strip_suffix("'s").unwrap_or(&self.text)
    }
}

/// Splits text into words. Takes time in proportion to the length of the text.
pub fn split(text: &str) -> Vec<Word<'_>> {
    let quotations = quotations(text);
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        for chunk in line.split_inclusive(char::is_whitespace) {
            let overlaps = |ranges: &Vec<(usize, usize)>| {
                let next = ranges.partition_point(|(_, end)| *end <= at);
                ranges.get(next).is_some_and(|(start, _)| *start < at + chunk.len())
            };
            push_chunk(&mut words, chunk.trim_end(), quotations.iter().any(overlaps));
            at += chunk.len();
        }
        if let Some(last) = words.last_mut().filter(|last| last.mark == Mark::None) {
            last.mark = Mark::Line;
        }
    }
    words
}

/// Returns the words up to and with the first that ends a clause.
pub fn clause<'w, 'a>(words: &'w [Word<'a>]) -> &'w [Word<'a>] {
    up_to(words, |mark| mark != Mark::None)
}

/// Returns the words up to and with the first that ends a sentence.
pub fn sentence<'w, 'a>(words: &'w [Word<'a>]) -> &'w [Word<'a>] {
    up_to(words, Mark::ends_sentence)
}

fn up_to<'w, 'a>(words: &'w [Word<'a>], ends: impl Fn(Mark) -> bool) -> &'w [Word<'a>] {
    let end = words.iter().position(|word| ends(word.mark)).map_or(words.len(), |last| last + 1);
    &words[..end]
}

/// Opening and closing quotation marks.
const QUOTATION_MARKS: [(char, char); 7] =
    [('"', '"'), ('`', '`'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('«', '»'), ('「', '」')];

/// Finds what stands between the quotation marks of each kind, as ranges of bytes. One that is never closed
/// quotes nothing, nor does one inside a word, such as an apostrophe.
fn quotations(text: &str) -> [Vec<(usize, usize)>; QUOTATION_MARKS.len()] {
    let mut found = QUOTATION_MARKS.map(|_| Vec::new());
    let mut open = [None; QUOTATION_MARKS.len()];
    let mut before = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let kinds = if is_word_character(character) { &[][..] } else { &QUOTATION_MARKS };
        let after = characters.peek().map_or(' ', |(_, after)| *after);
        for (kind, (opening, closing)) in kinds.iter().enumerate() {
            match open[kind] {
                Some(start) if character == *closing && !is_word_character(after) => {
                    found[kind].push((start, at + character.len_utf8()));
                    open[kind] = None;
                }
                None if character == *opening && !is_word_character(before) => open[kind] = Some(at),
                _ => {}
            }
        }
        before = character;
    }
    found
}

/// Says whether a character is part of a word. Of other scripts everything is but their punctuation; exact
/// tables would be larger than all the rest of this router.
fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || (!character.is_ascii()
            && !matches!(character,
                '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}'
                | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'))
}

/// Says whether a character is a letter, in the same rough sense.
pub fn is_letter(character: char) -> bool {
    is_word_character(character) && !character.is_ascii_digit()
}

/// Adds the words of a piece of text without white space.
fn push_chunk<'a>(words: &mut Vec<Word<'a>>, chunk: &'a str, quoted: bool) {
    let is_bullet = matches!(chunk, "-" | "--" | "*" | "+" | "•");
    let body = if is_bullet { "" } else { chunk };
    let body = body.trim_start_matches(|c| is_around(c) || matches!(c, '“' | '„' | '‘' | '«'));
    let core = body.trim_end_matches(|c| is_around(c) || matches!(c, '.' | '”' | '’' | '»'));
    let mark =
        body[core.len()..].chars().map(Mark::of).find(|mark| *mark != Mark::None).unwrap_or(Mark::None);
    if core.is_empty() {
        let mark = if is_bullet { Mark::Comma } else { mark_of_all(chunk) };
        if let Some(last) = words.last_mut().filter(|last| last.mark == Mark::None) {
            last.mark = mark;
        }
        return;
    }
    let mut rest = core;
    if inner_mark(core).is_some() && !is_code_or_long(core) {
        while let Some((first, inner, after)) = inner_mark(rest) {
            push_word(words, first, inner, quoted);
            rest = after;
        }
    }
    push_word(words, rest, mark, quoted);
    // "Total()" is a function.
    if body[core.len()..].starts_with('(')
        && let Some(last) = words.last_mut()
    {
        last.code = true;
    }
}

/// Says whether marks inside a word belong to it, as in `std::fmt`. People write no very long words.
fn is_code_or_long(word: &str) -> bool {
    const LONGEST: usize = 200;
    word.len() > LONGEST || word.contains(['/', '(', '=', '@', '"', '<', '{', '[']) || word.contains("::")
}

/// Says whether a character may stand before and after a word.
fn is_around(character: char) -> bool {
    matches!(
        character,
        '"' | '\''
            | '`'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '*'
            | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '¡'
            | '¿'
            | '…'
            | '–'
            | '—'
            | '，'
            | '、'
            | '。'
            | '！'
            | '？'
            | '：'
            | '；'
    )
}

fn mark_of_all(chunk: &str) -> Mark {
    chunk.chars().map(Mark::of).find(|mark| *mark != Mark::None).unwrap_or(Mark::None)
}

/// Splits a word at a comma or colon that someone wrote without the space after it, as in "shop:bump".
fn inner_mark(chunk: &str) -> Option<(&str, Mark, &str)> {
    let (at, mark) = chunk.char_indices().find_map(|(at, character)| match Mark::of(character) {
        mark @ (Mark::Comma | Mark::Colon | Mark::Question) => Some((at, mark)),
        _ if matches!(character, ';' | '；' | '。' | '！') => Some((at, Mark::Stop)),
        _ => None,
    })?;
    let (first, after) = (&chunk[..at], chunk[at..].trim_start_matches(|c: char| Mark::of(c) != Mark::None));
    let is_plain = |text: &str| text.chars().next().is_some_and(is_letter);
    (is_plain(first) && is_plain(after)).then_some((first, mark, after))
}

fn push_word<'a>(words: &mut Vec<Word<'a>>, text: &'a str, mark: Mark, quoted: bool) {
    let code = looks_like_code(text);
    if !code && let Some((first, second)) = clitic(text) {
        push_word(words, first, Mark::None, quoted);
        return push_word(words, second, mark, quoted);
    }
    let text = lower(text);
    match expanded(&text) {
        Some((first, second)) => {
            words.push(Word::new(first, Mark::None, quoted, code));
            words.push(Word::new(Cow::Borrowed(second), mark, quoted, code));
        }
        None => words.push(Word::new(text, mark, quoted, code)),
    }
}

/// Takes apart what French writes as one word: "l'erreur", "dis-lui".
fn clitic(text: &str) -> Option<(&str, &str)> {
    const BEFORE: [&str; 9] = ["l", "d", "j", "n", "s", "c", "m", "t", "qu"];
    const AFTER: [&str; 12] =
        ["tu", "vous", "moi", "toi", "lui", "nous", "le", "la", "les", "il", "elle", "y"];
    // Few words have any of these signs.
    if !text.bytes().any(|byte| matches!(byte, b'\'' | b'-') || byte >= 0x80) {
        return None;
    }
    if let Some(at) = text.find(['\'', '’']) {
        let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
        let is_elided = BEFORE.iter().any(|before| before.eq_ignore_ascii_case(&text[..at]));
        // "N't" and "s's" are none.
        return (is_elided && text.len() > end + 1).then(|| text.split_at(end));
    }
    let (first, after) = text.rsplit_once('-')?;
    (first.len() > 1 && AFTER.contains(&after)).then_some((first, after))
}

/// Returns the text with its Latin letters in lower case, and with straight apostrophes.
fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(lower_case).collect())
}

/// Returns a Latin letter in lower case. Exact tables would be larger than all the rest of this router.
pub fn lower_case(c: char) -> char {
    match c {
        '’' | 'ʼ' => '\'',
        '\u{c0}'..='\u{de}' if c != '×' => char::from_u32(u32::from(c) + 0x20).unwrap_or(c),
        _ => c.to_ascii_lowercase(),
    }
}

fn looks_like_code(text: &str) -> bool {
    if text.bytes().all(|b| b.is_ascii_lowercase()) {
        return false;
    }
    let inner =
        text.char_indices().skip(1).any(|(_, c)| matches!(c, '_' | '.' | '/' | ':' | '(' | '=' | '\\'));
    let letters = text.as_bytes();
    let humps = letters.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let capitals = letters.iter().filter(|letter| letter.is_ascii_uppercase()).count();
    let acronym = capitals > 1 && !letters.iter().any(u8::is_ascii_lowercase);
    let sign = text.starts_with(['/', '~', '-', '#', '$', '.', '_']) && text.len() > 1;
    let mixed = text.contains(|c: char| c.is_ascii_digit()) && text.contains(is_letter);
    inner || humps || acronym || sign || mixed
}

/// Contractions that have no common ending, in alphabetical order.
static CONTRACTIONS: [(&str, &str, &str); 44] = [
    ("arent", "are", "not"),
    ("can't", "can", "not"),
    ("cannot", "can", "not"),
    ("cant", "can", "not"),
    ("couldnt", "could", "not"),
    ("didnt", "did", "not"),
    ("doesnt", "does", "not"),
    ("dont", "do", "not"),
    ("gimme", "give", "me"),
    ("gonna", "going", "to"),
    ("gotta", "need", "to"),
    ("hasnt", "has", "not"),
    ("havent", "have", "not"),
    ("he's", "he", "is"),
    ("here's", "here", "is"),
    ("how's", "how", "is"),
    ("hows", "how", "is"),
    ("im", "i", "am"),
    ("isnt", "is", "not"),
    ("it's", "it", "is"),
    ("ive", "i", "have"),
    ("lemme", "let", "me"),
    ("let's", "let", "us"),
    ("lets", "let", "us"),
    ("shan't", "shall", "not"),
    ("she's", "she", "is"),
    ("shouldnt", "should", "not"),
    ("that's", "that", "is"),
    ("thats", "that", "is"),
    ("there's", "there", "is"),
    ("theres", "there", "is"),
    ("wanna", "want", "to"),
    ("wasnt", "was", "not"),
    ("what's", "what", "is"),
    ("whats", "what", "is"),
    ("when's", "when", "is"),
    ("where's", "where", "is"),
    ("wheres", "where", "is"),
    ("who's", "who", "is"),
    ("whos", "who", "is"),
    ("why's", "why", "is"),
    ("won't", "will", "not"),
    ("wont", "will", "not"),
    ("wouldnt", "would", "not"),
];

/// Takes a contraction apart. An "'s" after a noun is a possessive and stays.
fn expanded<'a>(word: &Cow<'a, str>) -> Option<(Cow<'a, str>, &'static str)> {
    const ENDINGS: [(&str, &str); 6] =
        [("n't", "not"), ("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'m", "am"), ("'d", "would")];
    if let Ok(found) = CONTRACTIONS.binary_search_by_key(&word.as_ref(), |(whole, ..)| whole) {
        let (_, first, second) = CONTRACTIONS[found];
        return Some((Cow::Borrowed(first), second));
    }
    if !word.contains('\'') {
        return None;
    }
    let (ending, second) =
        ENDINGS.iter().find(|(ending, _)| word.len() > ending.len() && word.ends_with(ending))?;
    let length = word.len() - ending.len();
    let first = match word {
        Cow::Borrowed(word) => Cow::Borrowed(&word[..length]),
        Cow::Owned(word) => Cow::Owned(word[..length].to_string()),
    };
    Some((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        split(text).into_iter().map(|word| word.text.into_owned()).collect()
    }

    #[test]
    fn punctuation_is_taken_off_words_and_kept_as_a_mark() {
        let words = split("In shop, fix (really) the Pager. Now?");
        let marks: Vec<_> = words.iter().map(|word| (word.text.as_ref(), word.mark)).collect();
        let expected = [
            ("in", Mark::None),
            ("shop", Mark::Comma),
            ("fix", Mark::None),
            ("really", Mark::None),
            ("the", Mark::None),
            ("pager", Mark::Stop),
            ("now", Mark::Question),
        ];
        assert_eq!(marks, expected);
    }

    #[test]
    fn contractions_are_taken_apart_whichever_apostrophe_they_have() {
        assert_eq!(texts("Don't"), ["do", "not"]);
        assert_eq!(texts("don’t what’s I'd dont"), ["do", "not", "what", "is", "i", "would", "do", "not"]);
        assert_eq!(texts("shop's users'"), ["shop's", "users"]);
    }

    #[test]
    fn every_contraction_is_found() {
        assert!(CONTRACTIONS.is_sorted_by(|(one, ..), (next, ..)| one < next));
        for (whole, first, second) in CONTRACTIONS {
            assert_eq!(texts(whole), [first, second]);
        }
    }

    #[test]
    fn names_of_code_stay_whole_and_are_recognised() {
        let words = split("rename getUser in src/payment.rs to fetch_user, see TLS and plain words");
        let code: Vec<_> = words.iter().filter(|word| word.code).map(|word| word.text.as_ref()).collect();
        assert_eq!(code, ["getuser", "src/payment.rs", "fetch_user", "tls"]);
    }

    #[test]
    fn a_colon_or_comma_without_its_space_still_ends_a_word() {
        assert_eq!(
            texts("shop:bump codex,port http://a.b/c std::fmt 10:30"),
            ["shop", "bump", "codex", "port", "http://a.b/c", "std::fmt", "10:30"]
        );
    }

    #[test]
    fn words_between_quotation_marks_are_known_as_such() {
        for quotation in
            ["\"delete it\"", "“delete it”", "`delete it`", "'delete it'", "«delete it»", "‘delete it’"]
        {
            let text = format!("it's the users' {quotation} button");
            let quoted: Vec<_> = split(&text)
                .into_iter()
                .filter(|word| word.quoted)
                .map(|word| word.text.into_owned())
                .collect();
            assert_eq!(quoted, ["delete", "it"], "{quotation}");
        }
        assert!(split("a 5\" screen, 'tis \"open").iter().all(|word| !word.quoted));
    }

    #[test]
    fn clauses_end_at_any_mark_and_sentences_at_a_stop_or_a_line() {
        let words = split("first: then, last. next\nline");
        assert_eq!(clause(&words).len(), 1);
        assert_eq!(sentence(&words).len(), 3);
        assert_eq!(sentence(&words[3..]).len(), 1);
    }
}
