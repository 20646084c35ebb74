//! Removes fillers of spoken language: "um so like in the shop".

use crate::lang::en::spoken as en;
use crate::pattern::any_in;
use crate::vocabulary::{is_content, is_plain_verb};
use crate::word::{Mark, Word};

/// Removes fillers, unless nothing else is left.
pub fn without_fillers(mut words: Vec<Word<'_>>) -> Vec<Word<'_>> {
    let is_filler =
        |word: &Word| word.mark == Mark::None && !(word.quoted || word.code) && word.is(en::FILLERS);
    if !any_in(&words, en::SPOKEN) || words.iter().all(|word| word.is(en::FILLERS)) {
        return words;
    }
    words.retain(|word| !is_filler(word));
    let mut at = 0;
    while at < words.len() {
        match idle(&words, at) {
            0 => at += 1,
            len => drop(words.drain(at..at + len)),
        }
    }
    words
}

/// Returns the length of a filler: "like" before an instruction, "you know", a repeated word.
fn idle(words: &[Word], at: usize) -> usize {
    let plain = |word: &Word| word.mark == Mark::None && !(word.quoted || word.code);
    let word = &words[at];
    let (before, Some(next)) = (words[..at].last(), words.get(at + 1)) else { return 0 };
    if !plain(word) {
        return 0;
    }
    let is_stuttered = !word.is(en::YOU) || words.get(at + 2).is_none_or(|after| !after.is(en::KNOW));
    if word.text == next.text && !is_content(word) && is_stuttered {
        return 1;
    }
    let is_asking = || words.get(at + 2).is_none_or(|after| after.is(en::QUESTION_OPENERS));
    if word.is(en::YOU) && next.is(en::KNOW) && plain(next) && !is_asking() {
        return 2;
    }
    let goes_on = |after: &Word| after.is(en::LIKE) || is_plain_verb(after);
    if word.is(en::I) && next.is(en::MEAN) && words.get(at + 2).is_some_and(goes_on) {
        return 2;
    }
    let is_likeness = before.is_some_and(|before| before.is(en::LIKENESSES));
    let leads = before.is_none_or(|before| !is_content(before) || before.mark != Mark::None);
    let idles = is_plain_verb(next) || (leads && next.is(en::LIKE_FOLLOWERS));
    usize::from(word.is(en::LIKE) && !is_likeness && idles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;

    #[test]
    fn fillers_are_removed_unless_nothing_else_is_left() {
        let texts = |text| -> Vec<String> {
            without_fillers(split(text)).into_iter().map(|word| word.text.into_owned()).collect()
        };
        assert_eq!(texts("which are um still uh running"), ["which", "are", "still", "running"]);
        assert_eq!(texts("um uh"), ["um", "uh"]);
        assert_eq!(texts("show \"uh um\" there"), ["show", "uh", "um", "there"]);
    }

    #[test]
    fn idle_words_are_removed_from_spoken_requests() {
        let texts = |text| -> Vec<String> {
            without_fillers(split(text)).into_iter().map(|word| word.text.into_owned()).collect()
        };
        assert_eq!(
            texts("um so like in shop you you know add a um bar").join(" "),
            "so in shop you add a bar"
        );
        for text in
            ["um make it look like the one in shop", "add buttons like the ones in shop", "i would like add"]
        {
            assert!(texts(text).contains(&"like".into()), "{text}");
        }
    }
}
