//! Splits text that has no spaces into words.

use std::borrow::Cow;

use crate::lang::Language;
use crate::phrases::Phrases;
use crate::word::Word;
use crate::word_list::Words;

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
    let listed = [language.small, language.verbs, language.loose, language.brief, language.nouns]
        .into_iter()
        .flat_map(Words::all);
    let tabled = tables(language).into_iter().chain(language.limits.tables()).flat_map(Phrases::words);
    let known: Vec<&[u8]> = listed.chain(tabled).filter(|known| begins & bit(known) != 0).collect();
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
            let fits = known.iter().filter(|known| rest.starts_with(known)).map(|known| known.len()).max();
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
