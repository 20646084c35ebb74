//! Matches phrases at the beginning of words, or anywhere in them.

use crate::phrases::{Element, Pattern, Phrases, quarter};
use crate::word::Word;

/// Returns the length in words of each match at the beginning of the words. Words in quotation marks match
/// nothing: they are not the user's own. Few words can begin a pattern, so most words are skipped at once.
fn all_at(words: &[Word], phrases: &Phrases) -> impl Iterator<Item = usize> {
    let bit = words.first().map_or(0, |word| word.bit);
    let (bits, elements) = (quarter(bit), phrases.elements);
    let patterns = if phrases.first & bit == 0 { &[] } else { phrases.patterns };
    let may_fit = move |pattern: &&Pattern| {
        let first = elements.get(usize::from(pattern.start));
        first.is_some_and(|first| first.bits & bits != 0 || first.is_optional())
    };
    patterns
        .iter()
        .filter(may_fit)
        .filter_map(move |pattern| covered(words, phrases.elements_of(pattern), phrases.words_of(pattern)))
}

fn fits(element: &Element, word: &Word, table: &'static [u8]) -> bool {
    element.bits & quarter(word.bit) != 0 && !word.quoted && element.first_words(table).contains(&word.text)
}

fn covered(words: &[Word], elements: &[Element], table: &'static [u8]) -> Option<usize> {
    let Some((element, rest)) = elements.split_first() else { return Some(0) };
    let hit = words.split_first().filter(|(word, _)| fits(element, word, table));
    let others = element.next_words(table);
    let taken = hit.and_then(|(_, after)| covered(after, rest, others)).map(|covered| covered + 1);
    match taken {
        None if element.is_optional() => covered(words, rest, others),
        taken => taken,
    }
}

/// Returns the length of the first match at the beginning of the words.
pub fn any_at(words: &[Word], phrases: &Phrases) -> Option<usize> {
    all_at(words, phrases).next()
}

/// Returns the length of the longest match at the beginning of the words.
pub fn longest_at(words: &[Word], phrases: &Phrases) -> Option<usize> {
    all_at(words, phrases).max()
}

/// Returns whether a pattern matches all the words.
pub fn any_whole(words: &[Word], phrases: &Phrases) -> bool {
    all_at(words, phrases).any(|covered| covered == words.len())
}

/// Returns whether a pattern matches anywhere in the words.
pub fn any_in(words: &[Word], phrases: &Phrases) -> bool {
    starts(words, phrases).next().is_some()
}

/// Returns the indexes at which patterns match.
pub fn starts(words: &[Word], phrases: &Phrases) -> impl Iterator<Item = usize> {
    (0..words.len()).filter(|start| any_at(&words[*start..], phrases).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phrases::{Beginnings, phrases};
    use crate::words::split;

    #[test]
    fn alternatives_and_optional_words_match_whole_words_only() {
        let pattern = phrases!("ignore ?all|any previous|prior instructions");
        assert_eq!(any_at(&split("ignore previous instructions now"), pattern), Some(3));
        assert_eq!(any_at(&split("ignore all prior instructions"), pattern), Some(4));
        assert_eq!(any_at(&split("ignore all other instructions"), pattern), None);
        assert_eq!(any_at(&split("ignored previous instructions"), pattern), None);
        assert_eq!(any_at(&split("ignore previous"), pattern), None);
    }

    #[test]
    fn an_optional_word_is_skipped_if_the_rest_needs_it() {
        assert_eq!(any_at(&split("the one"), phrases!("?the ?the one")), Some(2));
        assert_eq!(any_at(&split("one"), phrases!("?one one")), Some(1));
    }

    #[test]
    fn words_that_begin_no_phrase_are_recognised() {
        const ONE: &Phrases = phrases!("?all ?the previous rules; ignore it");
        const OTHER: &Phrases = phrases!("skip");
        let beginnings = Beginnings::of(&[ONE, OTHER]);
        for word in ["all", "the", "previous", "ignore", "skip"] {
            assert!(beginnings.may_hold(word), "{word}");
        }
        for word in ["rules", "it", "a", "", "fix"] {
            assert!(!beginnings.may_hold(word), "{word}");
        }
    }

    #[test]
    fn quoted_words_match_nothing() {
        assert_eq!(any_at(&split("\"stop it\""), phrases!("stop it")), None);
    }

    #[test]
    fn a_table_is_matched_at_the_start_as_a_whole_or_anywhere() {
        let table = phrases!(
            "never mind; forget
            it"
        );
        assert_eq!(any_at(&split("forget it all"), table), Some(2));
        assert!(!any_whole(&split("forget it all"), table));
        assert!(any_whole(&split("never mind"), table));
        assert!(any_in(&split("oh never mind then"), table));
        assert!(any_in(&split("the one"), phrases!("?the ?very one")));
        assert!(any_in(&split("a very one"), phrases!("?the ?very one")));
        assert_eq!(starts(&split("forget it and never mind"), table).collect::<Vec<_>>(), [0, 3]);
    }

    #[test]
    fn alternatives_may_continue_on_the_next_line() {
        let pattern = phrases!(
            "one|
            two three"
        );
        assert_eq!(any_at(&split("two three"), pattern), Some(2));
        assert!(phrases!("one|\n two").contains("two"));
    }

    /// Tables next to their source text, and words to match.
    macro_rules! with_text {
        ($($text:literal),*) => { [$(($text, phrases!($text))),*] };
    }
    const TABLES: [(&str, &Phrases); 4] = with_text!(
        "a|b c; ?a ?b|c a; d",
        "?a|b ?a|c b
            d;
            a|
            b",
        "a",
        "?a ?a ?b a b; c|d ?a|b|c ?d a"
    );
    const WORDS: [&str; 6] = ["a", "b", "c", "d", "\"a", "b\""];

    /// Matches a pattern directly from its source text.
    fn covered_as_text(words: &[Word], pattern: &[&str]) -> Option<usize> {
        let [element, rest @ ..] = pattern else { return Some(0) };
        let fits = |word: &&Word| {
            !word.quoted && element.trim_start_matches('?').split('|').any(|one| one == word.text)
        };
        let taken = words.first().filter(fits).and_then(|_| Some(covered_as_text(&words[1..], rest)? + 1));
        taken.or_else(|| element.starts_with('?').then(|| covered_as_text(words, rest))?)
    }

    proptest! {
        #[test]
        fn a_table_matches_like_its_source_text(
            table in prop::sample::select(&TABLES[..]),
            text in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..8),
        ) {
            let text = text.join(" ");
            let (words, (notation, phrases)) = (split(&text), table);
            let notation = notation.split('|').map(str::trim).collect::<Vec<_>>().join("|");
            let patterns: Vec<Vec<&str>> =
                notation.split(';').map(|pattern| pattern.split_whitespace().collect()).collect();
            let fits = |words: &[Word]| -> Vec<usize> {
                patterns.iter().filter_map(|pattern| covered_as_text(words, pattern)).collect()
            };
            let here = fits(&words);
            prop_assert_eq!(any_at(&words, phrases), here.first().copied());
            prop_assert_eq!(longest_at(&words, phrases), here.iter().max().copied());
            prop_assert_eq!(any_whole(&words, phrases), here.contains(&words.len()));
            let fits_at = |at: &usize| !fits(&words[*at..]).is_empty();
            let anywhere: Vec<usize> = (0..words.len()).filter(fits_at).collect();
            prop_assert_eq!(starts(&words, phrases).collect::<Vec<_>>(), anywhere);
            let beginnings = Beginnings::of(&[phrases]);
            prop_assert!(here.is_empty() || beginnings.may_hold(&words[0].text));
        }
    }
}
