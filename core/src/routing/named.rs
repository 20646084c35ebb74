//! Names of projects in a text, in any spelling.
//!
//! Words keep their accents here, since answers are compared with tables that have them; requests are read by
//! `consent_flag::reading`, which removes accents and keeps the marks between words.

/// Returns the words of a text in lower case. In scripts without spaces, each character is a word.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars() {
        let is_alone = is_alone(c);
        if (!c.is_alphanumeric() || is_alone) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
            if is_alone {
                words.push(String::new());
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns whether a character is a word of its own.
pub(super) fn is_alone(c: char) -> bool {
    c >= '\u{2e80}'
}

/// Returns the positions of a name, with any separators and also in the plural.
pub(crate) fn places(words: &[String], name: &str) -> Vec<(usize, usize)> {
    joined(words, &self::words(name).concat(), |word| (word, false))
}

/// Returns the ranges of words that make up a name without its separators, also in the plural. `read` returns
/// a word's text, and whether a name must end there.
pub(super) fn joined<W>(words: &[W], name: &str, read: impl Fn(&W) -> (&str, bool)) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    if name.is_empty() {
        return places;
    }
    for from in 0..words.len() {
        let mut joined = String::new();
        for (to, word) in words.iter().enumerate().skip(from) {
            let (text, is_end) = read(word);
            joined.push_str(text);
            if joined == name || joined.strip_suffix('s') == Some(name) {
                places.push((from, to + 1));
                break;
            }
            if joined.len() > name.len() || is_end {
                break;
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_with_any_separator_between_its_parts() {
        for (text, name, expected) in [
            ("in the API server, fix it", "api-server", vec![(2, 4)]),
            ("apiserver", "api-server", vec![(0, 1)]),
            ("the API-Servers of api", "api_server", vec![(1, 3)]),
            ("api, and api", "api", vec![(0, 1), (2, 3)]),
            ("修复商店里的登录", "商店", vec![(2, 4)]),
            ("fix it", "api", vec![]),
            ("fix it", "-", vec![]),
        ] {
            assert_eq!(places(&words(text), name), expected, "{text}");
        }
    }
}
