//! Classifies words: work verbs, content words, software terms.

use crate::lang::en::morphology;
use crate::lang::en::vocabulary as en;
use crate::word::Word;

/// Returns whether a word is a verb of work. Its last part decides: "double-check".
pub fn is_verb(word: &Word) -> bool {
    *word.classes.verb.get_or_init(|| {
        let last_part = word.text.rsplit_once('-').map(|(_, last)| last);
        is_plain_verb(word) || last_part.is_some_and(is_known_verb) || misspells_verb(&word.text)
    })
}

/// Returns whether a word is a correctly spelled work verb.
pub fn is_plain_verb(word: &Word) -> bool {
    *word.classes.plain_verb.get_or_init(|| is_known_verb(&word.text))
}

/// Returns whether a text is a verb of work.
pub fn is_known_verb(text: &str) -> bool {
    en::VERBS.contains(text) || en::LOOSE_VERBS.contains(text) || en::WHOLE_VERBS.contains(text)
}

/// Returns whether a verb can apply to a whole project: "review shop".
pub fn is_for_a_whole(verb: &Word) -> bool {
    en::WHOLE_VERBS.contains(&verb.text)
}

/// Returns whether a verb can ask for anything, so that its object must be a software term.
pub fn is_loose(verb: &Word) -> bool {
    en::LOOSE_VERBS.contains(&verb.text)
}

/// Returns whether a word is a content word.
pub fn is_content(word: &Word) -> bool {
    *word.classes.content.get_or_init(|| !en::FUNCTION_WORDS.contains(&word.text))
}

/// Returns whether a word is a software term.
pub fn is_technical(word: &Word) -> bool {
    *word.classes.technical.get_or_init(|| {
        word.code || is_technical_noun(word.stem()) || word.text.split('-').skip(1).any(is_technical_noun)
    })
}

fn is_technical_noun(noun: &str) -> bool {
    let is_singular = |stem: &str, ending: &str| {
        let rest_of = |noun: &'static [u8]| noun.strip_prefix(stem.as_bytes());
        en::NOUNS.beginning_as(stem).filter_map(rest_of).any(|rest| rest == ending.as_bytes())
    };
    let is_plural = |ending: &str, singular: &str| {
        noun.strip_suffix(ending).is_some_and(|stem| is_singular(stem, singular))
    };
    en::NOUNS.contains(noun)
        || morphology::PLURALS.iter().any(|(ending, singular)| is_plural(ending, singular))
}

/// Returns whether a word differs from a verb of at least five letters by one slip or by two swapped letters.
fn misspells_verb(word: &str) -> bool {
    let mut alike = en::VERBS.beginning_as(word).chain(en::WHOLE_VERBS.beginning_as(word));
    word.len() >= 3
        && word.is_ascii()
        && !en::REAL_WORDS.contains(word)
        && alike.any(|verb| is_slip(word.as_bytes(), verb))
}

/// Compares a word with a verb that begins with the same letter.
fn is_slip(word: &[u8], verb: &[u8]) -> bool {
    if word.len().abs_diff(verb.len()) > 1 {
        return false;
    }
    let same = word.iter().zip(verb).take_while(|(a, b)| a == b).count();
    let is_long = verb.len() >= 5;
    match (&word[same..], &verb[same..]) {
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c && rest == others => true,
        ([_, rest @ ..], [_, others @ ..]) if is_long && rest == others => true,
        // "Removed" and "changes" are other forms of a verb, not slips.
        ([letter], []) if morphology::NO_SLIPS.contains(letter) => false,
        ([_, rest @ ..], verb) if is_long && rest == verb => true,
        (word, [_, others @ ..]) => is_long && word == others,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::en::vocabulary::{FUNCTION_WORDS, LOOSE_VERBS, NOUNS, REAL_WORDS, VERBS, WHOLE_VERBS};
    use crate::word_list::Words;
    use crate::words::split;

    #[test]
    fn verbs_are_recognised_with_one_slip() {
        for word in ["fix", "refacter", "fxi", "udpate", "implment", "rewriite", "remvoe", "double-check"] {
            assert!(is_verb(&split(word)[0]), "{word}");
        }
        for word in ["asdf", "jkl", "hello", "banana", "there", "six", "removed", "changes", "sing", "shop"] {
            assert!(!is_verb(&split(word)[0]), "{word}");
        }
    }

    #[test]
    fn technical_words_are_recognised_in_the_plural_and_in_compounds() {
        for word in ["endpoint", "queries", "classes", "shop-server", "src/a.rs", "cookie's"] {
            assert!(is_technical(&split(word)[0]), "{word}");
        }
        for word in ["weather", "song", "mum"] {
            assert!(!is_technical(&split(word)[0]), "{word}");
        }
    }

    #[test]
    fn lists_are_sorted_and_each_verb_is_in_one_of_them() {
        let all = Words::all;
        let has = |list: &Words, word: &[u8]| all(list).any(|one| one == word);
        for list in [VERBS, WHOLE_VERBS, LOOSE_VERBS, REAL_WORDS, NOUNS, FUNCTION_WORDS] {
            assert!(all(list).is_sorted_by(|one, next| one < next));
            assert!(all(list).all(|word| list.contains(str::from_utf8(word).unwrap())));
        }
        assert!(all(VERBS).all(|verb| !has(WHOLE_VERBS, verb) && !has(LOOSE_VERBS, verb)));
        assert!(all(WHOLE_VERBS).all(|verb| !has(LOOSE_VERBS, verb)));
    }

    #[test]
    fn a_list_contains_only_its_own_words() {
        for word in ["", "a", "ab", "zz", "é", "adap", "adapt-", "A", "1", "`", "{"] {
            assert!(!VERBS.contains(word) && !NOUNS.contains(word), "{word}");
        }
    }
}
