//! Prepares the model's text to be spoken: keeps whole sentences that fit, without markup and identifiers.

use speech::{prose, words};

/// The maximum number of words in a summary: the port allows fewer than 100.
const MOST_WORDS: usize = 95;

/// Returns the sentences of a summary, without markup, identifiers and durations.
pub(crate) fn sentences(summary: &str) -> Vec<String> {
    let sentences = prose::sentences(words::head(summary)).into_iter();
    sentences.map(|sentence| prose::closed(prose::without_elapsed_time(&sentence))).collect()
}

/// Returns the sentences that fit, in their order, pending approvals and questions first. The first sentence
/// is cut rather than left out.
pub(crate) fn fitted(waiting: &[String], sentences: &[String], most_bytes: usize) -> String {
    let mut out = String::new();
    for sentence in waiting.iter().chain(sentences) {
        if out.is_empty() {
            out = words::cut(sentence, MOST_WORDS, most_bytes);
            continue;
        }
        let fits = out.len() + 1 + sentence.len() <= most_bytes
            && words::count(&out) + words::count(sentence) <= MOST_WORDS;
        // A sentence may be unclear without the one before it.
        if !fits {
            break;
        }
        out.push(' ');
        out.push_str(sentence);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
        texts.map(str::to_owned).into()
    }

    #[test]
    fn the_text_of_a_model_becomes_speakable() {
        let summary = "**It** runs the `tests` in 3.2 s. It changes /home/ana/shop/src/login.rs at \
            3fa2b1c9d\u{1b}[2J\n\
                       - one test fails";
        assert_eq!(
            sentences(summary),
            ["It runs the `tests`.", "It changes /home/ana/shop/src/login.rs at an id.", "one test fails."]
        );
        assert_eq!(sentences(" \u{7}\n---"), Vec::<String>::new());
    }

    #[test]
    fn pending_requests_come_first_and_whole_sentences_follow() {
        let waiting = texts(["It needs input."]);
        let summary = texts(["It runs the tests.", "Two of them fail.", "It stops."]);
        assert_eq!(
            fitted(&waiting, &summary, 1000),
            "It needs input. It runs the tests. Two of them fail. It stops."
        );
        assert_eq!(fitted(&waiting, &summary, 46), "It needs input. It runs the tests.");
        assert_eq!(fitted(&[], &summary, 15), "It runs the…");
        assert_eq!(fitted(&[], &texts(["äöü äöü äöü"]), 10), "äöü…");
    }

    #[test]
    fn a_summary_has_fewer_than_a_hundred_words() {
        let long = vec!["It does one more thing.".to_owned(); 50];
        assert!(words::count(&fitted(&[], &long, usize::MAX)) < 100);
        let endless = vec!["word ".repeat(500)];
        assert!(words::count(&fitted(&[], &endless, usize::MAX)) < 100);
    }
}
