//! Fits sentences into an answer. Facts that a person must know are not dropped for facts that are merely
//! useful.

use std::borrow::Cow;

use speech::words;

/// The maximum number of words in an answer: as much as a person will listen to, and well under the 100 that
/// the port allows.
pub const MOST_WORDS: usize = 59;
/// The minimum number of words and bytes for bad news to be useful.
const LEAST_NEWS: (usize, usize) = (6, 16);

/// Selects the sentences that fit: bad news before other sentences, the most serious first. Returns them in
/// their original order; the first one is cut rather than left out.
pub fn fitted(sentences: &[String], bad_news: &[String], most_bytes: usize) -> String {
    let Some((first, others)) = sentences.split_first() else { return String::new() };
    let mut out = words::cut(first, MOST_WORDS, most_bytes);
    let (mut words_left, mut bytes_left) =
        (MOST_WORDS.saturating_sub(words::count(&out)), most_bytes.saturating_sub(out.len()));
    let place = |sentence: &&String| bad_news.iter().position(|bad| bad == *sentence);
    let mut by_weight: Vec<(usize, &String)> = others.iter().enumerate().collect();
    by_weight.sort_by_key(|(_, sentence)| place(sentence).unwrap_or(usize::MAX));
    let mut kept: Vec<(usize, Cow<'_, str>)> = Vec::new();
    for (at, sentence) in by_weight {
        let mut sentence = Cow::Borrowed(sentence.as_str());
        if words::count(&sentence) > words_left || sentence.len() + 1 > bytes_left {
            // Bad news is cut rather than dropped.
            if place(&&others[at]).is_none() || words_left < LEAST_NEWS.0 || bytes_left <= LEAST_NEWS.1 {
                continue;
            }
            sentence = Cow::Owned(words::cut(&sentence, words_left, bytes_left - 1));
        }
        (words_left, bytes_left) = (
            words_left.saturating_sub(words::count(&sentence)),
            bytes_left.saturating_sub(sentence.len() + 1),
        );
        kept.push((at, sentence));
    }
    kept.sort_unstable();
    for (_, sentence) in kept {
        out.push(' ');
        out.push_str(&sentence);
    }
    out
}
