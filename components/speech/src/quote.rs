//! Quotes commands, paths and other exact words, with a mark where something is left out. Nothing is ever
//! reordered or reworded, and invisible characters are made visible.

use std::borrow::Cow;

/// The mark of an omission.
pub const MARK: char = '…';

/// How many bytes are read at each end of a long text; the rest could not be spoken anyway.
const LOOKED_AT: usize = 2048;
/// The maximum length of a word that is shown whole, and the number of characters kept at each end of a
/// longer one.
const LONGEST_WORD: usize = 64;
const WORD_BEGINNING: usize = 40;
const WORD_END: usize = 20;
/// The longest run of letters and digits that is not an identifier, and the characters kept of an identifier.
const LONGEST_NAME: usize = 23;
const IDENTIFIER_BEGINNING: usize = 8;
/// The form of a UUID: the lengths of the parts that hyphens separate.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];
/// Characters that may surround a command without being part of it.
const BLANK: [char; 4] = [' ', '\n', '\r', '\t'];
/// How many consecutive blanks or line ends are shown.
const LONGEST_BLANK: usize = 8;
/// How many consecutive backquotes are shown; a quote is enclosed in one more.
const MOST_BACKQUOTES: usize = 3;

/// Returns exact words between backquotes: all of them, or the beginning and the end, since a harmful part
/// may be in either.
///
/// Words that contain backquotes are enclosed in more of them, so that no quoted text can end its quote.
pub fn quoted(text: &str, most_words: usize, most_bytes: usize) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run_of_backquotes(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    let room = most_bytes.saturating_sub(2 * (fence.len() + pad.len()));
    let kept = cut(&text, most_words, room);
    [&fence, pad, &kept, pad, &fence].concat()
}

/// Returns whether a text has nothing to quote.
pub fn is_blank(text: &str) -> bool {
    text.trim_matches(BLANK).is_empty()
}

/// Returns a path: bare if it reads as one word, otherwise quoted.
pub fn path(path: &str, most_words: usize, most_bytes: usize) -> String {
    let shown = visible(path);
    let is_part =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '~' | '@' | MARK);
    let has_an_end = shown.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | MARK));
    if has_an_end && shown.len() <= most_bytes && shown.chars().all(is_part) {
        shown
    } else {
        quoted(path, most_words, most_bytes)
    }
}

/// Returns a word without the middle of an identifier, or of the whole word if it is very long.
pub fn shortened(word: &str) -> Cow<'_, str> {
    let mut word = without_uuids(word);
    if word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_identifier) {
        word = Cow::Owned(without_identifiers(&word));
    }
    if word.chars().count() <= LONGEST_WORD {
        return word;
    }
    let boundary = |at: usize| word.char_indices().nth(at).map_or(word.len(), |(at, _)| at);
    let end = boundary(word.chars().count() - WORD_END);
    Cow::Owned(format!("{}{MARK}{}", &word[..boundary(WORD_BEGINNING)], &word[end..]))
}

fn without_uuids(word: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = word;
    while let Some(at) = uuid(rest) {
        out.push_str(&rest[..at + IDENTIFIER_BEGINNING]);
        out.push(MARK);
        rest = &rest[at + UUID.iter().sum::<usize>() + UUID.len() - 1..];
    }
    if out.is_empty() { Cow::Borrowed(word) } else { Cow::Owned(out + rest) }
}

/// Returns the position of the first UUID.
fn uuid(text: &str) -> Option<usize> {
    let is_uuid = |window: &[u8]| {
        window.split(|b| *b == b'-').map(<[u8]>::len).eq(UUID)
            && window.iter().all(|b| *b == b'-' || b.is_ascii_hexdigit())
    };
    text.as_bytes().windows(UUID.iter().sum::<usize>() + UUID.len() - 1).position(is_uuid)
}

fn is_identifier(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    run.len() > LONGEST_NAME && digits >= 3 && run.len() - digits >= 3
}

fn without_identifiers(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for part in word.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let run = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_identifier(run) {
            out.push_str(&run[..IDENTIFIER_BEGINNING]);
            out.push(MARK);
            out.push_str(&part[run.len()..]);
        } else {
            out.push_str(part);
        }
    }
    out
}

/// Returns a text on one line, with everything visible and each word bounded.
fn visible(text: &str) -> String {
    let text = text.trim_matches(BLANK);
    let shown = if text.len() <= 2 * LOOKED_AT {
        shown(text)
    } else {
        let beginning = &text[..text.floor_char_boundary(LOOKED_AT)];
        let end = &text[text.ceil_char_boundary(text.len() - LOOKED_AT)..];
        format!("{}{MARK}{}", shown(beginning), shown(end))
    };
    shown.split(' ').map(shortened).collect::<Vec<_>>().join(" ")
}

fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut last, mut run) = ('\0', 0);
    for c in text.chars().map(shown_character) {
        run = if c == last { run + 1 } else { 1 };
        last = c;
        let longest = match c {
            ' ' | '⏎' | '␉' | '␍' => LONGEST_BLANK,
            '`' => MOST_BACKQUOTES,
            _ => usize::MAX,
        };
        if run <= longest {
            out.push(c);
        } else if run == longest + 1 {
            out.push(MARK);
        }
    }
    out
}

/// Returns the visible form of a character: one that neither hides, moves the cursor nor reorders the text.
const fn shown_character(c: char) -> char {
    match c {
        '\n' => '⏎',
        // Unicode has a visible symbol for every control character.
        '\0'..='\u{1f}' => match char::from_u32(0x2400 + c as u32) {
            Some(picture) => picture,
            None => char::REPLACEMENT_CHARACTER,
        },
        '\u{7f}' => '␡',
        // To a shell, these are not blanks.
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => '␣',
        '\u{80}'..='\u{9f}' => char::REPLACEMENT_CHARACTER,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

fn longest_run_of_backquotes(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Returns the words at both ends of a text, as many as fit.
fn cut(text: &str, most_words: usize, most_bytes: usize) -> Cow<'_, str> {
    let words = text.split(' ').scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, word))
    });
    let words: Vec<_> = words.filter(|(_, word)| !word.is_empty()).collect();
    if words.len() <= most_words && text.len() <= most_bytes {
        return Cow::Borrowed(text);
    }
    let beginning =
        |count: usize| count.checked_sub(1).map_or("", |last| &text[..words[last].0 + words[last].1.len()]);
    let end = |count: usize| {
        words.len().checked_sub(count).and_then(|at| words.get(at)).map_or("", |(at, _)| &text[*at..])
    };
    let mark = MARK.len_utf8() + 2;
    let fits = |first: usize, last: usize| {
        first + last < most_words
            && first + last < words.len()
            && beginning(first).len() + mark + end(last).len() <= most_bytes
    };
    let (mut first, mut last) = (0, 0);
    loop {
        let before = first + last;
        first += usize::from(fits(first + 1, last));
        last += usize::from(fits(first, last + 1));
        if first + last == before {
            break;
        }
    }
    if first > 0 && last > 0 {
        return Cow::Owned(format!("{} {MARK} {}", beginning(first), end(last)));
    }
    // Not even one word at each end fits.
    let half = most_bytes.saturating_sub(MARK.len_utf8()) / 2;
    let beginning = &text[..text.floor_char_boundary(half)];
    let end = &text[text.ceil_char_boundary(text.len().saturating_sub(half))..];
    Cow::Owned(format!("{beginning}{MARK}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_words_are_quoted_whole_or_with_a_mark() {
        for (text, expected) in [
            ("cargo test", "`cargo test`"),
            (" rm  -rf 'a  b'\n", "`rm  -rf 'a  b'`"),
            ("echo `id`", "`` echo `id` ``"),
            ("echo ``id`` x", "```echo ``id`` x```"),
            ("a\nb\tc\rd\u{1b}[2Je", "`a⏎b␉c␍d␛[2Je`"),
            ("a\u{202e}b\u{200b}c\u{a0}d\u{9b}e", "`a\u{fffd}b\u{fffd}c␣d\u{fffd}e`"),
            ("a\u{2800}b\u{2062}c", "`a\u{fffd}b\u{fffd}c`"),
            ("a b c d e f g", "`a b … f g`"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b", "`aaaaaaaaaaaa…aaaaaaaaaa b`"),
            ("", "``"),
        ] {
            assert_eq!(quoted(text, 5, 30), expected, "{text:?}");
        }
        let lines = format!("a{}b", "\n".repeat(100));
        assert_eq!(quoted(&lines, 5, 100), format!("`a{}…b`", "⏎".repeat(8)));
        let long = format!("first{}last", " x".repeat(5000));
        assert_eq!(quoted(&long, 5, 100), "`first x … x xlast`");
    }

    #[test]
    fn a_path_is_bare_if_it_reads_as_one_word() {
        for (text, expected) in [
            ("src/login.rs", "src/login.rs"),
            ("/home/me/.ssh/id_ed25519", "/home/me/.ssh/id_ed25519"),
            ("docs/übung.md", "docs/übung.md"),
            ("a b.txt", "`a b.txt`"),
            ("hi\nrm", "`hi⏎rm`"),
            ("hi\\nrm", "`hi\\nrm`"),
            ("end.", "`end.`"),
            ("x;y", "`x;y`"),
            ("/tmp/550e8400-e29b-41d4-a716-446655440000/x", "/tmp/550e8400…/x"),
        ] {
            assert_eq!(path(text, 5, 60), expected, "{text:?}");
        }
    }

    #[test]
    fn identifiers_and_very_long_words_keep_both_ends() {
        for (word, expected) in [
            ("3fa2b1c9d", "3fa2b1c9d"),
            ("x550e8400-e29b-41d4-a716-446655440000y", "x550e8400…y"),
            ("(da39a3ee5e6b4b0d3255bfef95601890afd80709)", "(da39a3ee…)"),
            ("sk-ant-api03-abcDEF123456789abcDEF123456789", "sk-ant-api03-abcDEF12…"),
            ("internationalisierungsstrategien", "internationalisierungsstrategien"),
        ] {
            assert_eq!(shortened(word), expected, "{word}");
        }
        let long = format!("{}é{}", "a".repeat(50), "b".repeat(30));
        assert_eq!(shortened(&long), format!("{}…{}", "a".repeat(40), "b".repeat(20)));
    }
}
