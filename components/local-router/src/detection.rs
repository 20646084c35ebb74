//! Detects the language of an utterance by its words. English wins a draw.

use crate::lang::en::detection as en;
use crate::lang::{ALL, Language};
use crate::segment::is_han;
use crate::vocabulary::{is_content, is_plain_verb};
use crate::word::Word;

/// Returns the language of the words if it is not English.
pub fn of(words: &[Word]) -> Option<&'static Language> {
    const MOST: usize = 60;
    let own = || words.iter().filter(|word| !word.quoted).take(MOST);
    let is_english = |word: &&Word| !is_content(word) || is_plain_verb(word) || word.is(en::ENGLISH);
    let (mut count, mut is_ascii) = (0_usize, true);
    for word in own() {
        count += 1;
        is_ascii &= word.text.is_ascii();
    }
    // Most requests are entirely English, so the other languages need not be searched.
    if is_ascii {
        // "Halt" and "die" are also words of other languages.
        let is_own = |word: &&Word| is_english(word) && !word.is(en::SHARED);
        let begins = own().next().is_some_and(|first| is_plain_verb(first) && !first.is(en::SHARED));
        let enough = count.div_ceil(if begins { 3 } else { 2 });
        if own().filter(is_own).take(enough).count() >= enough {
            return None;
        }
    }
    let english = own().filter(is_english).count();
    let han: usize = own().map(|word| word.text.chars().filter(|c| is_han(*c)).count()).sum();
    if han > 2 * english {
        let is_kana = |c: char| matches!(c, '\u{3040}'..='\u{30ff}');
        if own().any(|word| word.text.contains(is_kana)) {
            return None;
        }
        return ALL.into_iter().find(|language| language.spaceless);
    }
    let score = |language: &&'static Language| own().filter(|word| language.knows(word)).count();
    let spaced = ALL.iter().filter(|language| !language.spaceless);
    let scored = spaced.rev().map(|language| (score(language), *language));
    let (most, best) = scored.max_by_key(|(score, _)| *score)?;
    (most > english).then_some(best)
}

/// Rejoins words that are a contraction only in English: German "im" is not "i am". Splits "website-sitzung".
pub fn rejoined<'a>(mut words: Vec<Word<'a>>, language: &Language) -> Vec<Word<'a>> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let parts = word.text.rsplit_once('-').filter(|_| !word.quoted);
        if let Some((name, noun)) = parts {
            let name = word.part(name.to_string().into(), false);
            let noun = word.part(noun.to_string().into(), true);
            if noun.is(language.sessions) && !name.text.is_empty() {
                words[at] = noun;
                words.insert(at, name);
            }
        }
        at += 1;
    }
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
