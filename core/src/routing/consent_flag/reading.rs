//! A request as words and the marks between them, normalized: lower case, no accents, no invisible
//! characters.

use crate::routing::named::is_alone;
use crate::terminal_text::shortened;

/// The mark after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// No mark, or one that does not end a clause.
    None,
    /// The end of a clause.
    Clause,
    /// The end of a sentence.
    Sentence,
    /// The end of a question.
    Question,
}

/// A word of a text. In scripts without spaces, each character is a word.
#[derive(Debug)]
pub(super) struct Word {
    /// The normalized word.
    pub(super) text: String,
    /// Its byte range in the text.
    bytes: (usize, usize),
    /// The mark after it.
    pub(super) mark: Mark,
    /// Whether that mark is a colon.
    pub(super) colon: bool,
    /// Whether only a hyphen or underscore separates it from the previous word.
    pub(super) glued: bool,
}

impl Word {
    /// Returns whether a character belongs to a script without spaces.
    pub(super) fn is_alone(&self) -> bool {
        self.text.chars().any(is_alone)
    }
}

/// Returns the words of a text.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut open, mut gap) = (false, String::new());
    for (at, written) in text.char_indices() {
        if is_invisible(written) {
            continue;
        }
        let (end, c) = (at + written.len_utf8(), narrow(written));
        if !c.is_alphanumeric() {
            let after = text[end..].chars().next().unwrap_or(' ');
            let mark = mark(c, c != written || is_alone(c), gap.chars().last().unwrap_or(' '), after);
            if let Some(last) = words.last_mut()
                && (last.mark == Mark::None || mark == Mark::Question)
            {
                last.mark = if mark == Mark::None && gap.ends_with('\n') && c == '\n' {
                    Mark::Sentence
                } else {
                    mark
                };
                last.colon = c == ':' && mark == Mark::Clause;
            }
            gap.push(c);
            open = false;
            continue;
        }
        if !open || is_alone(c) {
            let glued = matches!(gap.as_str(), "-" | "_");
            words.push(Word { text: String::new(), bytes: (at, end), mark: Mark::None, colon: false, glued });
            gap.clear();
        }
        open = !is_alone(c);
        if let Some(word) = words.last_mut() {
            c.to_lowercase().for_each(|c| push_plain(&mut word.text, c));
            word.bytes.1 = end;
        }
    }
    words
}

/// Returns the words up to the first mark.
pub(super) fn first_clause(words: &[Word]) -> &[Word] {
    let end = words.iter().position(|word| word.mark != Mark::None).map_or(words.len(), |end| end + 1);
    &words[..end]
}

/// Returns some of the words as written, in quotation marks.
pub(super) fn quoted(text: &str, words: &[Word]) -> String {
    const LONGEST: usize = 60;
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return String::new() };
    format!("\"{}\"", shortened(&text[first.bytes.0..last.bytes.1], LONGEST))
}

/// Returns the number of words of a phrase at the beginning of the words; `None` if it is not there.
pub(super) fn fits(words: &[Word], phrase: &str) -> Option<usize> {
    let mut rest = phrase;
    for (taken, word) in words.iter().enumerate() {
        if rest.is_empty() {
            return Some(taken);
        }
        rest = rest.strip_prefix(word.text.as_str())?;
        if !(rest.is_empty() || rest.starts_with([' ', '\'']) || word.is_alone()) {
            return None;
        }
        rest = rest.trim_start_matches([' ', '\'']);
    }
    rest.is_empty().then_some(words.len())
}

fn mark(c: char, is_wide: bool, before: char, after: char) -> Mark {
    let is_inside = !is_wide && (after.is_alphanumeric() || matches!(after, '"' | '\'' | '\u{201d}'));
    match c {
        // "main.rs", "12:30", "?page=2".
        '.' | ':' | ',' | '?' | '!' if is_inside => Mark::None,
        '?' => Mark::Question,
        '.' | '!' | '\u{3002}' => Mark::Sentence,
        ',' | ';' | ':' | '(' | ')' | '\u{3001}' | '\u{2013}' | '\u{2014}' | '\u{2026}' => Mark::Clause,
        '-' if before == ' ' && after == ' ' => Mark::Clause,
        _ => Mark::None,
    }
}

/// Full-width characters mean the same as ASCII ones.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

fn push_plain(text: &mut String, c: char) {
    match c {
        'à'..='å' => text.push('a'),
        'è'..='ë' => text.push('e'),
        'ì'..='ï' => text.push('i'),
        'ò'..='ö' => text.push('o'),
        'ù'..='ü' => text.push('u'),
        'ñ' => text.push('n'),
        'ç' => text.push('c'),
        'ß' => text.push_str("ss"),
        'œ' => text.push_str("oe"),
        c if is_invisible(c) => {}
        c => text.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_normalized_and_keep_the_mark_after_them() {
        let read = |text: &str| {
            let of =
                |word: &Word| format!("{}{}{:?}", if word.glued { "-" } else { "" }, word.text, word.mark);
            words(text).iter().map(of).collect::<Vec<_>>().join(" ").replace("None", "")
        };
        for (text, expected) in [
            ("Don\u{2019}t fix it, please.", "don t fix itClause pleaseSentence"),
            ("d\u{200b}o n\u{301}ot", "do not"),
            ("Ｄｏ not", "do not"),
            ("ÉTÉ, mañana; Straße", "eteClause mananaClause strasse"),
            ("fix main.rs at 12:30", "fix main rs at 12 30"),
            ("in shop-admin - now", "in shop -adminClause now"),
            ("what?\n\nthis\nthat", "whatQuestion this that"),
            ("one\n\ntwo", "oneSentence two"),
            ("名为 \"Who?\" 的，好？", "名 为 who 的Clause 好Question"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        let text = "Fix Ü, now";
        assert_eq!(quoted(text, &words(text)[..2]), "\"Fix Ü\"");
    }

    #[test]
    fn a_phrase_matches_only_whole_words() {
        for (text, phrase, expected) in [
            ("don't fix", "don't", Some(2)),
            ("do notice", "do not", None),
            ("不要修", "不要", Some(2)),
            ("n'efface rien", "n'", Some(1)),
            ("do", "do not", None),
        ] {
            assert_eq!(fits(&words(text), phrase), expected, "{text} {phrase}");
        }
    }
}
