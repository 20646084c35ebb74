//! Extracts sentences from foreign prose, without markup, code blocks and tables. Text between
//! backquotes stays exact.

#[cfg(test)]
mod tests;

use crate::quote;
use crate::words::{self, plain, spoken};

/// The maximum number of words and bytes in a quote.
const QUOTE_WORDS: usize = 20;
const QUOTE_BYTES: usize = 200;
/// The first placeholder for a quote while sentences are split; plain text contains no placeholders.
const FIRST_PLACE: u32 = 0xe000;
/// The maximum number of quotes in a text.
const MOST_QUOTES: u32 = 0x1000;

/// Returns the speakable sentences of a text.
pub fn sentences(text: &str) -> Vec<String> {
    let (text, quotes) = without_quotes(text);
    let mut out = Vec::new();
    let mut block = String::new();
    let mut in_code = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            in_code = !in_code;
            flush(&mut block, &mut out);
            continue;
        }
        if in_code {
            continue;
        }
        let content = without_marker(line);
        let is_heading = line.starts_with('#') && content.len() < line.len();
        if content.is_empty() || content.len() < line.len() || line.starts_with('|') {
            flush(&mut block, &mut out);
        }
        if line.starts_with('|') {
            continue;
        }
        block.push_str(content);
        if is_heading && !content.is_empty() {
            // The missing full stop distinguishes it from a sentence.
            block.push(':');
        }
        block.push(' ');
        if is_heading {
            flush(&mut block, &mut out);
        }
    }
    flush(&mut block, &mut out);
    for sentence in &mut out {
        *sentence = with_quotes(sentence, &quotes);
    }
    out
}

/// Extracts the quotes of a text, and removes markup from the rest.
fn without_quotes(text: &str) -> (String, Vec<String>) {
    let (mut out, mut quotes) = (String::with_capacity(text.len()), Vec::new());
    for line in text.split_inclusive('\n') {
        // A code fence, not a quote.
        let mut rest = if line.trim_start().starts_with("```") { "" } else { line };
        let mut done = 0;
        // The lengths of backquotes without an end in this line.
        let mut endless = 0_u64;
        while let Some(at) = rest.find('`') {
            let (open, after) = backquotes(&rest[at..]);
            let length = 1_u64.checked_shl(u32::try_from(open.len()).unwrap_or(u32::MAX)).unwrap_or(0);
            let place = u32::try_from(quotes.len()).ok().filter(|count| *count < MOST_QUOTES);
            let place = place.and_then(|count| char::from_u32(FIRST_PLACE + count));
            let end = if length & endless == 0 { end_of_quote(after, open.len()) } else { None };
            if let (Some(end), Some(place)) = (end, place) {
                let begins = line.len() - rest.len() + at;
                out.push_str(&plain(&line[done..begins]));
                out.push(place);
                quotes.push(quote::quoted(&after[..end], QUOTE_WORDS, QUOTE_BYTES));
                rest = &after[end + open.len()..];
                done = line.len() - rest.len();
            } else {
                endless |= length;
                rest = after;
            }
        }
        out.push_str(&plain(&line[done..]));
    }
    (out, quotes)
}

/// Splits a text after its leading backquotes.
fn backquotes(text: &str) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches('`').len())
}

/// Returns the end of a quote that is enclosed in this many backquotes; `None` if it has no words.
fn end_of_quote(text: &str, backquote_count: usize) -> Option<usize> {
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (close, after) = backquotes(&rest[at..]);
        let end = text.len() - rest.len() + at;
        if close.len() == backquote_count {
            return text[..end].contains(|c: char| !c.is_whitespace()).then_some(end);
        }
        rest = after;
    }
    None
}

fn with_quotes(sentence: &str, quotes: &[String]) -> String {
    /// The maximum number of characters in a word that contains quotes.
    const LONGEST_WORD: usize = 96;
    let mut out = String::with_capacity(sentence.len());
    let mut word = 0;
    for c in sentence.chars() {
        let quote = (c as u32).checked_sub(FIRST_PLACE).and_then(|at| quotes.get(at as usize));
        match quote {
            Some(quote) if word == 0 || word + quote.chars().count() <= LONGEST_WORD => {
                out.push_str(quote);
                word += quote.chars().rev().take_while(|c| *c != ' ').count();
            }
            Some(_) => out.push(quote::MARK),
            None => {
                out.push(c);
                word = if c == ' ' { 0 } else { word + 1 };
            }
        }
    }
    out
}

/// Returns a foreign text as one paragraph of at most `most_words` words; `None` if it is empty.
pub fn paragraph(text: &str, most_words: usize) -> Option<String> {
    let looked_at = words::head(text);
    let mut out = sentences(looked_at).join(" ");
    if !is_said(&out) {
        // The text is only code or markup: its words are better than nothing.
        let (text, quotes) = without_quotes(looked_at);
        out = with_quotes(&spoken(&unmarked(&text)), &quotes);
    }
    is_said(&out).then(|| words::cut(&out, most_words, usize::MAX))
}

/// Returns a text with a full stop, unless it already ends in a punctuation mark.
pub fn closed(mut text: String) -> String {
    let kept = text.trim_end_matches([' ', ':', ',', ';', '-']).len();
    text.truncate(kept);
    if !text.trim_end_matches(['"', '\'', ')', '”', '’']).ends_with(['.', '!', '?', '…', '。', '！', '？'])
    {
        text.push('.');
    }
    text
}

fn flush(block: &mut String, out: &mut Vec<String>) {
    let text = unmarked(block);
    block.clear();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let is_end = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' | '…' => ends_sentence(&text[start..at], &text[end..]),
            _ => false,
        };
        if is_end {
            push(&text[start..end], out);
            start = end;
        }
    }
    push(&text[start..], out);
}

/// Returns whether a punctuation mark between these texts ends a sentence, unlike in `v1.2` or `e.g. this`.
fn ends_sentence(before: &str, after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        None => return true,
        Some(' ') => {}
        Some(_) => return false,
    }
    let word = before.rsplit(' ').next().unwrap_or_default();
    // A number before the mark numbers a list item, and a word with a dot is an abbreviation or a file.
    let is_abbreviation = word.len() <= 3 && (word.contains('.') || word.bytes().all(|b| b.is_ascii_digit()));
    !is_abbreviation && !next.next().is_some_and(|c| c.is_ascii_lowercase())
}

fn push(sentence: &str, out: &mut Vec<String>) {
    let sentence = spoken(sentence);
    if is_said(&sentence) {
        out.push(sentence);
    }
}

fn is_said(text: &str) -> bool {
    let is_place = |c: char| (FIRST_PLACE..FIRST_PLACE + MOST_QUOTES).contains(&(c as u32));
    text.chars().any(|c| c.is_alphanumeric() || is_place(c))
}

/// Returns a line without the mark of a heading, a list item or a quotation.
fn without_marker(line: &str) -> &str {
    if line.len() > 2 && line.bytes().all(|b| matches!(b, b'-' | b'*' | b'_' | b'=' | b' ')) {
        return "";
    }
    let unquoted = line.trim_start_matches(['>', ' ']);
    let unheaded = unquoted.trim_start_matches('#');
    if unheaded.len() < unquoted.len() && unheaded.starts_with(' ') {
        return unheaded.trim_start();
    }
    for point in ["- [ ] ", "- [x] ", "- ", "* ", "+ ", "• "] {
        if let Some(rest) = unquoted.strip_prefix(point) {
            return rest.trim_start();
        }
    }
    let unnumbered = unquoted.trim_start_matches(|c: char| c.is_ascii_digit());
    match unnumbered.strip_prefix(". ").or_else(|| unnumbered.strip_prefix(") ")) {
        Some(rest) if unnumbered.len() < unquoted.len() && unquoted.len() - unnumbered.len() < 3 => rest,
        _ => unquoted,
    }
}

/// Returns a text without emphasis, stray code marks and tags, and with only the words of its links.
pub fn unmarked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, link) = rest.split_at(open);
        out.push_str(before.strip_suffix('!').unwrap_or(before));
        match link_words(link) {
            Some((words, after)) => {
                out.push_str(words);
                rest = after;
            }
            None => {
                out.push('[');
                rest = &link[1..];
            }
        }
    }
    out.push_str(rest);
    out.retain(|c| c != '`');
    let out = without_emphasis(&out);
    let kept = out.split(' ').filter(|word| !is_tag(word)).map(|word| {
        let bare = word.trim_matches('_');
        // `_so_` is emphasis, `__init__.py` and `_private` are names.
        let is_emphasis = word.starts_with('_') && word.ends_with('_') && !word.starts_with("__");
        if is_emphasis { bare } else { word }
    });
    kept.collect::<Vec<_>>().join(" ").replace("~~", "")
}

/// Returns a text without the stars that mark emphasis; other stars, as in `*.log`, are kept.
fn without_emphasis(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('*') {
        let after = rest[at..].trim_start_matches('*');
        let count = rest.len() - at - after.len();
        let is_apart =
            rest[..at].chars().next_back().or(out.chars().next_back()).is_none_or(|c| !c.is_alphanumeric());
        let begins = is_apart && !after.starts_with(|c: char| c.is_whitespace() || matches!(c, '.' | '/'));
        match end_of_emphasis(after, count).filter(|_| begins) {
            Some(end) => {
                out.push_str(&rest[..at]);
                out.push_str(&after[..end]);
                rest = &after[end + count..];
            }
            None => {
                out.push_str(&rest[..rest.len() - after.len()]);
                rest = after;
            }
        }
    }
    out + rest
}

/// Returns the end of the emphasis that this many stars begin.
fn end_of_emphasis(text: &str, count: usize) -> Option<usize> {
    /// The maximum length of emphasised text, in bytes.
    const MOST: usize = 300;
    let near = &text[..text.floor_char_boundary(MOST)];
    let mut at = 0;
    while let Some(found) = near[at..].find('*') {
        let start = at + found;
        let after = text[start..].trim_start_matches('*');
        at = text.len() - after.len();
        let is_end =
            !text[..start].ends_with(char::is_whitespace) && !after.starts_with(char::is_alphanumeric);
        if start > 0 && at - start == count && is_end {
            return Some(start);
        }
        if at > near.len() {
            return None;
        }
    }
    None
}

/// Splits `[words](address) after` into its words and what comes after.
fn link_words(link: &str) -> Option<(&str, &str)> {
    let (words, address) = link[1..].split_once("](")?;
    let (_, after) = address.split_once(')')?;
    (!words.contains(['[', '\n'])).then_some((words, after))
}

fn is_tag(word: &str) -> bool {
    word.len() > 2 && word.starts_with('<') && word.ends_with('>')
}

/// Returns a sentence without durations such as "in 3.2 s", which are not worth hearing. Quotes stay
/// unchanged.
pub fn without_elapsed_time(sentence: &str) -> String {
    let (sentence, quotes) = without_quotes(sentence);
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let mut out = String::with_capacity(sentence.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let skipped = match *word {
            "in" | "(in" | "after" => elapsed(&words[at + 1..]).map(|taken| taken + 1),
            word if word.starts_with('(') => elapsed(&words[at..]),
            _ => None,
        };
        at += skipped.unwrap_or(1);
        if skipped.is_none() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        } else if at == words.len() {
            // The full stop was removed together with the duration.
            out.extend(words[at - 1].chars().rev().take(1).filter(|c| matches!(c, '.' | '!' | '?')));
        }
    }
    with_quotes(&out, &quotes)
}

/// Returns how many words at the beginning form a duration in seconds.
fn elapsed(words: &[&str]) -> Option<usize> {
    let bare = |at: usize| Some(words.get(at)?.trim_matches(['(', ')', '.', ',', '!', '?', ';']));
    let is_unit = |unit: &str| matches!(unit, "s" | "ms" | "sec" | "secs" | "second" | "seconds");
    let number = bare(0)?;
    match number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.') {
        unit if unit.len() == number.len() => None,
        unit if is_unit(unit) => Some(1),
        "" if is_unit(bare(1)?) => Some(2),
        _ => None,
    }
}
