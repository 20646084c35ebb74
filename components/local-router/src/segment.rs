//! Splits text that has no spaces into words.

use std::borrow::Cow;

use crate::lang::Language;
use crate::notation::Packed;
use crate::phrases::Phrases;
use crate::word::Word;

/// Returns whether a character is Chinese.
pub fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Splits each run of Chinese characters into the longest known words and the text between them.
pub fn segment<'a>(words: Vec<Word<'a>>, language: &Language) -> Vec<Word<'a>> {
    const MOST: usize = 2_000;
    if !language.spaceless {
        return words;
    }
    // Only words that begin with a character of the text are searched.
    let bit = |text: &[u8]| {
        text.get(..3).map_or(0, |first| 1_u64 << ((first[1] as usize * 7 + first[2] as usize) % 64))
    };
    let characters =
        words.iter().flat_map(|word| word.text.char_indices().map(|(at, _)| &word.text.as_bytes()[at..]));
    let begins = characters.fold(0, |bits, rest| bits | bit(rest));
    let mut known: Vec<&[u8]> = Vec::new();
    let mut take = |words: Packed| {
        for word in words {
            if begins & bit(word) != 0 {
                known.push(word);
            }
        }
    };
    [language.small, language.verbs, language.loose, language.brief, language.nouns]
        .into_iter()
        .for_each(|list| take(list.all()));
    tables(language).into_iter().for_each(|table| take(table.words()));
    language.limits.tables().into_iter().for_each(|table| take(table.words()));
    let mut parts = Vec::with_capacity(words.len() * 4);
    for word in words {
        if parts.len() >= MOST || !word.text.contains(is_han) {
            parts.push(word);
            continue;
        }
        let mut cuts = Vec::new();
        let mut at = 0;
        let mut open = false;
        while let Some(character) = word.text[at..].chars().next() {
            let rest = word.text[at..].as_bytes();
            let fits = longest_of(&known, rest);
            let is_latin = !is_han(character);
            let length = fits.filter(|_| !is_latin).unwrap_or(character.len_utf8());
            match cuts.last_mut() {
                // Unknown text extends to the next known word.
                Some((_, end, latin)) if fits.is_none() && open && *latin == is_latin => *end = at + length,
                _ => cuts.push((at, at + length, is_latin)),
            }
            open = fits.is_none() || is_latin;
            at += length;
        }
        push_parts(&mut parts, &word, &cuts);
    }
    parts
}

/// Returns the length of the longest known word that a text begins with.
fn longest_of(known: &[&[u8]], text: &[u8]) -> Option<usize> {
    let mut longest = None;
    for word in known {
        // Most words differ in the last byte of their first character.
        if word.get(2) == text.get(2) && text.starts_with(word) && longest < Some(word.len()) {
            longest = Some(word.len());
        }
    }
    longest
}

fn push_parts<'a>(parts: &mut Vec<Word<'a>>, word: &Word<'a>, cuts: &[(usize, usize, bool)]) {
    for (index, (start, end, _)) in cuts.iter().enumerate() {
        let text = match &word.text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[*start..*end]),
            Cow::Owned(text) => Cow::Owned(text[*start..*end].to_string()),
        };
        parts.push(word.part(text, index + 1 == cuts.len()));
    }
}

fn tables(language: &Language) -> [&'static Phrases; 29] {
    [
        language.places,
        language.leads,
        language.places_after,
        language.whole,
        language.articles,
        language.requests,
        language.wants,
        language.stops,
        language.interrupts,
        language.resumes,
        language.particles,
        language.pronouns,
        language.sessions,
        language.groups,
        language.last,
        language.other,
        language.tells,
        language.thats,
        language.ties,
        language.questions,
        language.progress,
        language.overviews,
        language.negations,
        language.withdrawals,
        language.problems,
        language.stories,
        language.answers,
        language.injections,
        language.consents,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::zh::CHINESE;
    use crate::words::split;

    #[test]
    fn known_words_are_separated_from_unknown_text() {
        let words = segment(split("修复shop里不稳定的登录测试,请!"), &CHINESE);
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_ref()).collect();
        assert_eq!(texts, ["修复", "shop", "里", "不稳定", "的", "登录", "测试", "请"]);
    }
}
