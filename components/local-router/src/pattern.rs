//! Matches phrases at the beginning of words, or anywhere in them.

use crate::phrases::{Element, Phrases, quarter};
use crate::word::Word;

/// Which of several matches is wanted.
#[derive(Clone, Copy)]
enum Wanted {
    First,
    Longest,
    Whole,
}

/// Returns the length in words of a match at the beginning of the words. Words in quotation marks match
/// nothing: they are not the user's own.
///
/// Every rule asks for its phrases at many words, so this runs hundreds of times for a request. Few words
/// can begin a pattern, so most are skipped at once.
#[inline]
fn find_at(words: &[Word], phrases: &Phrases, wanted: Wanted) -> Option<usize> {
    let first = words.first().filter(|first| phrases.first & first.bit != 0)?;
    search(words, quarter(first.bit), phrases, wanted)
}

/// Tries the patterns one after another. Plain loops, since iterators are not inlined in small code.
fn search(words: &[Word], bits: u16, phrases: &Phrases, wanted: Wanted) -> Option<usize> {
    let mut longest = None;
    for pattern in phrases.patterns {
        let elements = phrases.elements_of(pattern);
        let Some(first) = elements.first() else { continue };
        if first.bits & bits == 0 && !first.is_optional() {
            continue;
        }
        let Some(len) = covered(words, elements, phrases.words_of(pattern)) else { continue };
        match wanted {
            Wanted::First => return Some(len),
            Wanted::Whole if len == words.len() => return Some(len),
            Wanted::Longest if longest.is_none_or(|longest| longest < len) => longest = Some(len),
            Wanted::Whole | Wanted::Longest => {}
        }
    }
    longest
}

/// Returns how many words the elements of a pattern match at the beginning of the words.
fn covered(mut words: &[Word], mut elements: &[Element], mut table: &'static [u8]) -> Option<usize> {
    let mut count = 0;
    while let Some((element, rest)) = elements.split_first() {
        let others = element.next_words(table);
        let hit = match words.split_first() {
            Some((word, after)) if fits(element, word, table) => Some(after),
            _ => None,
        };
        if !element.is_optional() {
            words = hit?;
            count += 1;
        } else if let Some(after) = hit
            && let Some(more) = covered(after, rest, others)
        {
            return Some(count + 1 + more);
        }
        (elements, table) = (rest, others);
    }
    Some(count)
}

#[inline(always)]
fn fits(element: &Element, word: &Word, table: &'static [u8]) -> bool {
    element.bits & quarter(word.bit) != 0 && !word.quoted && element.first_words(table).contains(&word.text)
}

/// Returns the length of the first match at the beginning of the words.
pub fn any_at(words: &[Word], phrases: &Phrases) -> Option<usize> {
    find_at(words, phrases, Wanted::First)
}

/// Returns the length of the longest match at the beginning of the words.
pub fn longest_at(words: &[Word], phrases: &Phrases) -> Option<usize> {
    find_at(words, phrases, Wanted::Longest)
}

/// Returns whether a pattern matches all the words.
pub fn any_whole(words: &[Word], phrases: &Phrases) -> bool {
    find_at(words, phrases, Wanted::Whole).is_some()
}

/// Returns whether a pattern matches anywhere in the words.
pub fn any_in(words: &[Word], phrases: &Phrases) -> bool {
    let mut rest = words;
    while let Some((_, after)) = rest.split_first() {
        if find_at(rest, phrases, Wanted::First).is_some() {
            return true;
        }
        rest = after;
    }
    false
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
