//! Compares names by how people spell and say them: "API server" is "api-server", "web sight" sounds like
//! "website".

use crate::word::{Mark, Word};

/// The maximum number of words that a name may be split into.
const MAX_WORDS: usize = 5;

/// A name as the utterance spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Its length in words.
    pub len: usize,
    /// Whether the spelling differs from the known name: a plural, or one word written as several.
    pub loose: bool,
}

/// Returns a name without spaces, hyphens and the like, in lower case.
pub fn key(name: &str) -> String {
    name.chars().filter(|c| !is_joint(*c) && !c.is_whitespace()).map(crate::words::lower_case).collect()
}

/// Returns the number of words in a name.
pub fn parts(name: &str) -> usize {
    name.split(|c: char| c.is_whitespace() || is_joint(c)).filter(|part| !part.is_empty()).count()
}

const fn is_joint(c: char) -> bool {
    matches!(c, '-' | '_')
}

/// Returns the spelling of a name at the beginning of the words, given its key and number of words.
pub fn begins(words: &[Word], key: &str, parts: usize) -> Option<Spelling> {
    let mut rest = key;
    for (at, word) in words.iter().enumerate().take(MAX_WORDS) {
        let stem = if at == 0 { word.stem().trim_start_matches('@') } else { word.stem() };
        // "Shop/src/cart.ts" is in the folder of a project.
        let folder = stem.split_once('/').filter(|_| at == 0).map(|(folder, _)| folder);
        if folder == Some(key) {
            return Some(Spelling { len: 1, loose: false });
        }
        let mut letters = stem.chars().filter(|c| !is_joint(*c));
        let extra = loop {
            let Some(letter) = letters.next() else { break None };
            match rest.strip_prefix(letter) {
                Some(after) => rest = after,
                None => break Some(letter),
            }
        };
        let plural = extra == Some('s') && rest.is_empty() && letters.next().is_none();
        if plural || (extra.is_none() && (rest.is_empty() || rest == "s")) {
            let exact = extra.is_none() && rest.is_empty();
            return Some(Spelling { len: at + 1, loose: !exact || (at > 0 && parts == 1) });
        }
        if extra.is_some() || word.mark != Mark::None {
            return None;
        }
    }
    None
}

/// Returns whether a name sounds like another, or differs from it by one slip.
pub fn is_alike(heard: &str, name: &str) -> bool {
    const SHORTEST: usize = 4;
    const LONG: usize = 7;
    let length = name.chars().count();
    if heard == name || length < SHORTEST {
        return false;
    }
    let distance = distance(heard, name);
    distance <= 1 || (length >= LONG && distance <= length / 2 && sound(heard) == sound(name))
}

/// Returns the rough sound of a word: its consonants, with similar ones merged.
fn sound(word: &str) -> String {
    let word = word.replace("ph", "f").replace("gh", "").replace("ck", "k").replace("wh", "w");
    let mut sound = String::new();
    for (at, letter) in word.chars().enumerate() {
        let letter = match letter {
            'c' | 'q' => 'k',
            'z' => 's',
            'y' if at > 0 => continue,
            'a' | 'e' | 'i' | 'o' | 'u' | 'h' if at > 0 => continue,
            other => other,
        };
        if !sound.ends_with(letter) {
            sound.push(letter);
        }
    }
    sound
}

/// Returns the edit distance between two words.
fn distance(one: &str, other: &str) -> usize {
    const LONGEST: usize = 40;
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().max(other.len()) > LONGEST {
        return LONGEST;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut before = std::mem::replace(&mut row[0], at + 1);
        for index in 1..=other.len() {
            let changed = before + usize::from(*letter != other[index - 1]);
            before = row[index];
            row[index] = changed.min(before + 1).min(row[index - 1] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;

    fn read(words: &str, name: &str) -> Option<(usize, bool)> {
        begins(&split(words), &key(name), parts(name)).map(|spelt| (spelt.len, spelt.loose))
    }

    #[test]
    fn a_name_is_found_in_any_case_spelling_and_number() {
        for words in ["api-server now", "API server now", "Api_Server now", "api-server's now"] {
            assert!(matches!(read(words, "api-server"), Some((_, false))), "{words}");
        }
        assert_eq!(read("apiserver now", "api-server"), Some((1, false)));
        assert_eq!(read("api servers now", "api-server"), Some((2, true)));
        assert_eq!(read("api server now", "api-servers"), Some((2, true)));
        assert_eq!(read("web site", "website"), Some((2, true)));
        assert_eq!(read("a p i", "api"), Some((3, true)));
        assert_eq!(read("blue moon", "Blue Moon"), Some((2, false)));
        assert_eq!(read("shop/src/cart.ts", "shop"), Some((1, false)));
        for words in ["api, server", "workshop", "shop-floor", "ap"] {
            assert_eq!(read(words, "api-server"), None, "{words}");
        }
    }

    #[test]
    fn names_that_sound_alike_are_recognised() {
        for (heard, name) in
            [("chop", "shop"), ("websight", "website"), ("shopp", "shop"), ("fenix", "phoenix")]
        {
            assert!(is_alike(heard, name), "{heard} {name}");
        }
        for (heard, name) in [("api", "app"), ("billing", "shop"), ("general", "website"), ("shape", "shop")]
        {
            assert!(!is_alike(heard, name), "{heard} {name}");
        }
    }
}
