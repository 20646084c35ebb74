//! Makes foreign text speakable: removes control characters, identifiers and addresses. Paths stay whole.

use std::borrow::Cow;

use crate::quote;

/// How many bytes of a text are read; the rest could not be spoken anyway.
const LOOKED_AT: usize = 4096;
/// The maximum number of characters in a host name.
const LONGEST_HOST: usize = 40;
/// The placeholder for an identifier.
const AN_ID: &str = "an id";

/// Returns the beginning of a text.
pub fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}

/// Returns the end of a text.
pub fn tail(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(LOOKED_AT))..]
}

/// Returns a text without escape sequences, control characters and inaudible characters, except line feeds.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape_sequence(&mut chars),
            // If the escape character was replaced earlier, the rest of its sequence is still there.
            char::REPLACEMENT_CHARACTER if chars.as_str().starts_with(['[', ']']) => {
                skip_escape_sequence(&mut chars);
            }
            '\u{9b}' => skip_control_sequence(&mut chars),
            // The second character stands for a line feed in text shown on a single line.
            '\n' | '⏎' => out.push('\n'),
            c if c.is_control() || c.is_whitespace() => out.push(' '),
            c if is_silent(c) => {}
            c => out.push(c),
        }
    }
    out
}

fn skip_escape_sequence(chars: &mut std::str::Chars<'_>) {
    match chars.next() {
        Some('[') => skip_control_sequence(chars),
        // A title or other string, which extends to BEL or ST. An unterminated one ends with its line.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(c) = chars.next() {
                match c {
                    '\u{7}' | '\u{9c}' | '\n' | char::REPLACEMENT_CHARACTER => return,
                    '\u{1b}' => {
                        chars.next();
                        return;
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Skips parameters and the final byte.
fn skip_control_sequence(chars: &mut std::str::Chars<'_>) {
    let mut rest = chars.clone();
    while let Some(c @ ' '..='~') = rest.next() {
        *chars = rest.clone();
        if c >= '@' {
            return;
        }
    }
}

/// Returns whether a character is invisible, and so could hide something, or is a pictograph.
const fn is_silent(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{1f000}'..='\u{1faff}')
}

/// Returns the spoken form of plain words, separated by single spaces.
pub fn spoken(plain: &str) -> String {
    let mut out = String::new();
    for word in plain.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&spoken_word(word));
    }
    out
}

/// Returns the spoken form of one plain word.
pub fn spoken_word(word: &str) -> Cow<'_, str> {
    let start = word.trim_start_matches(['(', '[', '{', '<', '"', '\'', '“', '‘', '«']);
    let core = start
        .trim_end_matches([')', ']', '}', '>', '"', '\'', '”', '’', '»', '.', ',', ';', ':', '!', '?', '…']);
    let (before, after) = (&word[..word.len() - start.len()], &start[core.len()..]);
    match spoken_core(core) {
        Cow::Borrowed(same) if same.len() == core.len() => Cow::Borrowed(word),
        new => Cow::Owned([before, &new, after].concat()),
    }
}

fn spoken_core(core: &str) -> Cow<'_, str> {
    if let Some(link) = link(core) {
        return Cow::Owned(link);
    }
    if let Some((name, value)) = core.split_once('=')
        && !is_identifier(name)
    {
        let value = spoken_core(value);
        return Cow::Owned(quote::shortened(&[name, "=", &value].concat()).into_owned());
    }
    // Never guesses what a path refers to.
    if is_identifier(core) && !core.contains('/') {
        return Cow::Borrowed(AN_ID);
    }
    quote::shortened(core)
}

/// Returns the spoken form of a URL: its host, if that is a name.
fn link(core: &str) -> Option<String> {
    let after_scheme = match core.find("://") {
        Some(at) => &core[at + 3..],
        None if core.starts_with("www.") => core,
        None if core.starts_with("mailto:") || core.starts_with("data:") => return Some("a link".to_owned()),
        None => return None,
    };
    let authority = after_scheme.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let is_name = host.contains('.')
        && host.chars().count() <= LONGEST_HOST
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        && !is_identifier(host);
    Some(if is_name { format!("a link to {host}") } else { "a link".to_owned() })
}

/// Returns the last part of a path, or the whole path if it has no parts.
pub fn file_name(path: &str) -> &str {
    path.split(['/', '\\']).rfind(|part| !part.is_empty()).unwrap_or(path)
}

/// Returns whether a word contains a UUID, a hash, a token or a long number.
pub fn is_identifier(word: &str) -> bool {
    let hexadecimal = |b: &u8| b.is_ascii_hexdigit();
    let is_id = |run: &[u8]| {
        let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
        run.len() >= 10 || (run.len() >= 7 && digits > 0 && digits < run.len() && run != b"ed25519")
    };
    let is_token = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() >= 16 && digits >= 3 && part.len() - digits >= 3
    };
    word.as_bytes().split(|b| !hexadecimal(b)).any(is_id)
        || word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_token)
}

/// Returns the number of words in a text.
pub fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Returns as many words of a text as fit, with an ellipsis if some do not.
pub fn cut(text: &str, most_words: usize, most_bytes: usize) -> String {
    if text.len() <= most_bytes && count(text) <= most_words {
        return text.to_owned();
    }
    let text = text.trim_start();
    // A cut quote still gets its closing backquotes.
    let marks = '…'.len_utf8() + '`'.len_utf8();
    let end = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize + word.len();
    let ends = text.split_whitespace().take(most_words).map(end);
    let kept = &text[..ends.take_while(|end| end + marks <= most_bytes).last().unwrap_or(0)];
    let kept = kept.trim_end_matches(['.', ',', ';', ':', '!', '?', '…', '(', '-']);
    let is_open = kept.bytes().filter(|b| *b == b'`').count() % 2 == 1;
    [kept, "…", if is_open { "`" } else { "" }].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spoken_without_noise() {
        for (text, expected) in [
            ("see https://user:pw@docs.rs:443/x?y=1.", "see a link to docs.rs."),
            ("at https://github.com@evil.example/x", "at a link to evil.example"),
            ("on http://550e8400e29b41d4.example/", "on a link"),
            ("(/home/dev/shop/src/login.rs),", "(/home/dev/shop/src/login.rs),"),
            ("in C:\\Users\\dev\\login.rs", "in C:\\Users\\dev\\login.rs"),
            ("--path=/home/dev/shop", "--path=/home/dev/shop"),
            ("in /tmp/3fa2b1c9/x", "in /tmp/3fa2b1c9/x"),
            ("src/login.rs and/or 24/12/2026", "src/login.rs and/or 24/12/2026"),
            ("commit 3fa2b1c9", "commit an id"),
            ("id=550e8400-e29b-41d4-a716-446655440000!", "id=an id!"),
            ("defaced ed25519 x86_64 v1.2.3 20261123", "defaced ed25519 x86_64 v1.2.3 20261123"),
            ("toolu_01ABCdef23456789xy", "an id"),
        ] {
            assert_eq!(spoken(text), expected, "{text}");
        }
    }

    #[test]
    fn escape_sequences_and_invisible_characters_are_removed() {
        for (text, expected) in [
            ("\u{1b}[1;31mred\u{1b}[0m \u{9b}2Jx", "red x"),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;http://x\u{1b}\\b", "ab"),
            ("\u{fffd}[31mred\u{fffd}[0m", "red"),
            ("a\u{202e}b\u{200b}c\rd\te✅", "abc d e"),
            ("unfinished \u{1b}[", "unfinished "),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_cut_between_words() {
        assert_eq!(cut("one two three", 3, 100), "one two three");
        assert_eq!(cut("one two, three", 2, 100), "one two…");
        assert_eq!(cut("éé éé éé", 9, 9), "éé…");
        assert_eq!(cut("run `a  b c` now", 3, 100), "run `a  b…`");
    }
}
