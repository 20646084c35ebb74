//! Splits text into words, clauses and quotations.

use std::borrow::Cow;

use crate::lang::en::morphology as en;
use crate::lang::fr;
use crate::word::{Mark, Word, is_letter, is_word_character, looks_like_code};

/// Splits text into words, in time proportional to its length.
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

/// Returns the words up to and including the first one that ends a clause.
pub fn clause<'w, 'a>(words: &'w [Word<'a>]) -> &'w [Word<'a>] {
    up_to(words, |mark| mark != Mark::None)
}

/// Returns the words up to and including the first one that ends a sentence.
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

/// Finds the quotations of each kind, as ranges of bytes. A quotation mark that is never closed quotes
/// nothing. Neither does one inside a word, such as an apostrophe.
fn quotations(text: &str) -> [Vec<(usize, usize)>; QUOTATION_MARKS.len()] {
    let mut found = QUOTATION_MARKS.map(|_| Vec::new());
    // Few texts have any of these marks.
    if !text.bytes().any(|byte| matches!(byte, b'"' | b'`' | b'\'') || byte >= 0x80) {
        return found;
    }
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
    // "Total()" is the name of a function.
    if body[core.len()..].starts_with('(')
        && let Some(last) = words.last_mut()
    {
        last.code = true;
    }
}

/// Returns whether marks inside a word belong to it, as in `std::fmt`. Very long words count as well, since
/// people do not write them.
fn is_code_or_long(word: &str) -> bool {
    const LONGEST: usize = 200;
    word.len() > LONGEST || word.contains(['/', '(', '=', '@', '"', '<', '{', '[']) || word.contains("::")
}

/// Returns whether a character may surround a word.
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

/// Splits words that are written together in French: "l'erreur", "dis-lui".
fn clitic(text: &str) -> Option<(&str, &str)> {
    // Few words contain any of these characters.
    if !text.bytes().any(|byte| matches!(byte, b'\'' | b'-') || byte >= 0x80) {
        return None;
    }
    if let Some(at) = text.find(['\'', '’']) {
        let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
        let is_elided = fr::ELIDED.iter().any(|before| before.eq_ignore_ascii_case(&text[..at]));
        // "N't" and "s's" are not elisions.
        return (is_elided && text.len() > end + 1).then(|| text.split_at(end));
    }
    let (first, after) = text.rsplit_once('-')?;
    (first.len() > 1 && fr::ENCLITICS.contains(&after)).then_some((first, after))
}

/// Returns the text with its Latin letters in lower case, and with straight apostrophes.
fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(lower_case).collect())
}

/// Returns a Latin letter in lower case. Exact tables would be larger than the rest of this router.
pub fn lower_case(c: char) -> char {
    match c {
        '’' | 'ʼ' => '\'',
        '\u{c0}'..='\u{de}' if c != '×' => char::from_u32(u32::from(c) + 0x20).unwrap_or(c),
        _ => c.to_ascii_lowercase(),
    }
}

/// Splits a contraction. An "'s" after a noun is a possessive and stays.
fn expanded<'a>(word: &Cow<'a, str>) -> Option<(Cow<'a, str>, &'static str)> {
    if let Ok(found) = en::CONTRACTIONS.binary_search_by_key(&word.as_ref(), |(whole, ..)| whole) {
        let (_, first, second) = en::CONTRACTIONS[found];
        return Some((Cow::Borrowed(first), second));
    }
    if !word.contains('\'') {
        return None;
    }
    let (ending, second) =
        en::CONTRACTED.iter().find(|(ending, _)| word.len() > ending.len() && word.ends_with(ending))?;
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
    fn punctuation_becomes_a_mark_of_the_word() {
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
    fn contractions_are_split_with_any_apostrophe() {
        assert_eq!(texts("Don't"), ["do", "not"]);
        assert_eq!(texts("don’t what’s I'd dont"), ["do", "not", "what", "is", "i", "would", "do", "not"]);
        assert_eq!(texts("shop's users'"), ["shop's", "users"]);
    }

    #[test]
    fn every_contraction_is_found() {
        assert!(en::CONTRACTIONS.is_sorted_by(|(one, ..), (next, ..)| one < next));
        for (whole, first, second) in en::CONTRACTIONS {
            assert_eq!(texts(whole), [first, second]);
        }
    }

    #[test]
    fn names_in_code_stay_whole_and_are_recognised() {
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
    fn words_between_quotation_marks_are_quoted() {
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
