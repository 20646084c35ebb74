//! A text as words.

use crate::routing::lang;

/// A word, and whether only white space separates it from the previous one.
pub(super) type Spaced = (String, bool);

/// Returns the words.
pub(super) fn words(text: &str) -> Vec<String> {
    spaced(text).into_iter().map(|(word, _)| word).collect()
}

/// Returns the words in lower case, with groups replaced by the word they mean. An apostrophe inside a word
/// belongs to it, in either form.
pub(super) fn spaced(text: &str) -> Vec<Spaced> {
    let text = text.replace('\u{1f44d}', " thumbs up ").replace('\u{1f44e}', " thumbs down ");
    let is_of_word = |c: char| c.is_alphanumeric() || c == '\'' || c == '\u{2019}';
    let mut plain: Vec<Spaced> = Vec::new();
    let (mut follows, mut is_apart) = (true, true);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        // An option of a command is not a word: "-n" is not "n".
        let dashes = if is_apart { rest.len() - rest.trim_start_matches('-').len() } else { 0 };
        let end = rest[dashes..].find(|c| !is_of_word(c)).map_or(rest.len(), |end| dashes + end);
        is_apart = !c.is_alphanumeric() && c != '-';
        if end == dashes {
            follows &= c.is_whitespace();
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let word = rest[..end].replace('\u{2019}', "'").trim_matches('\'').to_lowercase();
        if !word.is_empty() {
            plain.push((word, follows));
            follows = true;
        }
        rest = &rest[end..];
    }
    let mut words = Vec::with_capacity(plain.len());
    let mut rest = plain.as_slice();
    while let [first, after @ ..] = rest {
        match groups().find(|(phrase, _)| begins_with(rest, phrase)) {
            Some((phrase, meaning)) => {
                words.push(((*meaning).to_owned(), first.1));
                rest = &rest[phrase.len()..];
            }
            None => {
                words.push(first.clone());
                rest = after;
            }
        }
    }
    words
}

fn groups() -> impl Iterator<Item = &'static (&'static [&'static str], &'static str)> {
    lang::ALL.iter().flat_map(|language| language.groups)
}

/// Returns whether the words start with a group: "no problem", but neither "no, problem" nor "no. Problem".
fn begins_with(words: &[Spaced], phrase: &[&str]) -> bool {
    words.len() >= phrase.len()
        && words
            .iter()
            .zip(phrase)
            .enumerate()
            .all(|(at, ((word, follows), wanted))| word == wanted && (at == 0 || *follows))
}

/// Returns whether a text has only words and punctuation: another sign may contradict the words.
pub(super) fn is_plain(text: &str) -> bool {
    let mut before = ' ';
    text.chars().all(|c| {
        let is_negation = before == '!' && c.is_alphanumeric();
        before = c;
        let is_mark = matches!(
            c,
            '.' | ','
                | '!'
                | ';'
                | ':'
                | '-'
                | '\''
                | '"'
                | '('
                | ')'
                | '\u{2019}'
                | '\u{2013}'
                | '\u{2014}'
                | '\u{2026}'
                | '\u{a1}'
                | '\u{3001}'
                | '\u{3002}'
                | '\u{ff01}'
                | '\u{ff0c}'
        );
        let is_thumb = matches!(c, '\u{1f44d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe0f}');
        !is_negation && (c.is_alphanumeric() || c.is_whitespace() || is_mark || is_thumb)
    })
}
