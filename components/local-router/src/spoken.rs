//! Leaves out what is said between words and says nothing: "um so like in the shop".

use crate::pattern::{Phrases, any_in, phrases};
use crate::vocabulary::{is_content, is_plain_verb};
use crate::words::{Mark, Word};

/// Sounds without a meaning.
const FILLERS: &Phrases = phrases!("uh|um|uhm|umm|uhh|erm|ehm|er");

/// Beginnings of what is spoken rather than written.
const SPOKEN: &Phrases =
    phrases!("uh|um|uhm|umm|uhh|erm|ehm|er; so|okay|ok|well|yeah|please|and|but like; i mean like");

/// Leaves fillers out, unless there is nothing else.
pub fn without_fillers(mut words: Vec<Word<'_>>) -> Vec<Word<'_>> {
    let is_filler = |word: &Word| word.mark == Mark::None && !(word.quoted || word.code) && word.is(FILLERS);
    if !any_in(&words, SPOKEN) || words.iter().all(|word| word.is(FILLERS)) {
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

/// Returns how many words from one on say nothing: "like" before an order, "you know", a word that is said twice.
fn idle(words: &[Word], at: usize) -> usize {
    const LIKENESSES: &Phrases = phrases!(
        "look|looks|looked|looking|sound|sounds|feel|feels|work|works|behave|behaves|act|acts|would|i|we|they|you|users|should|is|are|be|just"
    );
    let plain = |word: &Word| word.mark == Mark::None && !(word.quoted || word.code);
    let word = &words[at];
    let (before, Some(next)) = (words[..at].last(), words.get(at + 1)) else { return 0 };
    if !plain(word) {
        return 0;
    }
    let is_stuttered = word.text != "you" || words.get(at + 2).is_none_or(|after| after.text != "know");
    if word.text == next.text && !is_content(word) && is_stuttered {
        return 1;
    }
    let is_asking = || {
        words
            .get(at + 2)
            .is_none_or(|after| after.is(phrases!("how|what|why|where|when|who|if|whether|the|that")))
    };
    if word.text == "you" && next.text == "know" && plain(next) && !is_asking() {
        return 2;
    }
    let goes_on = |after: &Word| after.text == "like" || is_plain_verb(after);
    if word.text == "i" && next.text == "mean" && words.get(at + 2).is_some_and(goes_on) {
        return 2;
    }
    let is_likeness = before.is_some_and(|before| before.is(LIKENESSES));
    let leads = before.is_none_or(|before| !is_content(before) || before.mark != Mark::None);
    let idles = is_plain_verb(next) || (leads && next.is(phrases!("in|can|could|a|the|so|maybe|please")));
    usize::from(word.text == "like" && !is_likeness && idles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;

    #[test]
    fn fillers_are_left_out_unless_there_is_nothing_else() {
        let texts = |text| -> Vec<String> {
            without_fillers(split(text)).into_iter().map(|word| word.text.into_owned()).collect()
        };
        assert_eq!(texts("which are um still uh running"), ["which", "are", "still", "running"]);
        assert_eq!(texts("um uh"), ["um", "uh"]);
        assert_eq!(texts("show \"uh um\" there"), ["show", "uh", "um", "there"]);
    }

    #[test]
    fn words_that_idle_are_left_out_of_what_is_spoken() {
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
