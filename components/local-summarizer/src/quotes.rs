//! Quotes the agent, and the earlier summary.

use speech::{prose, words};

/// The maximum number of words in a remark next to the steps.
const REMARK_WORDS: usize = 20;
/// The maximum number of words in a reply that is the only content.
const REPLY_WORDS: usize = 45;
/// The maximum number of words in a question.
const QUESTION_WORDS: usize = 24;
/// The maximum number of words of the earlier summary.
const EARLIER_WORDS: usize = 20;
/// Beginnings of sentences that are true only at the time of the summary.
const OF_THEIR_TIME: [&str; 18] = [
    "Nothing was done",
    "Not all was done",
    "Not everything was done",
    "It changed nothing",
    "It was interrupted",
    "It waits",
    "It needs input",
    "It also asks",
    "It asks",
    "And ",
    "It is ",
    "It now ",
    "The task",
    "You also say",
    "It says",
    "It fails:",
    "The last error",
    "You can",
];

/// Returns the last sentence of a text, in which the agent usually tells its next step.
pub fn newest(text: &str) -> Option<String> {
    let sentences = telling(words::tail(text), |sentence| !sentence.ends_with('?'));
    Some(remark(sentences.last()?, REMARK_WORDS))
}

/// Returns the first sentence of a text that reports a result.
pub fn outcome(text: &str) -> Option<String> {
    let sentences = telling(words::head(text), |sentence| !sentence.ends_with(['?', ':']));
    Some(remark(sentences.first()?, REMARK_WORDS))
}

/// Returns the first sentences of a text that is an answer.
pub fn reply(text: &str) -> Option<String> {
    let sentences = telling(words::head(text), |sentence| !sentence.ends_with(['?', ':']));
    let mut reply = remark(sentences.first()?, REPLY_WORDS);
    for next in &sentences[1..] {
        let next = remark(next, REPLY_WORDS);
        if words::count(&reply) + words::count(&next) > REPLY_WORDS {
            break;
        }
        reply = format!("{reply} {next}");
    }
    Some(reply)
}

/// Returns the question that a text ends with.
pub fn question(text: &str) -> Option<String> {
    let sentences = prose::sentences(words::tail(text));
    let question = sentences.last().filter(|last| last.ends_with('?'))?;
    Some(format!("It asks: {}", words::cut(question, QUESTION_WORDS, usize::MAX)))
}

/// Returns the sentences of a summary that still hold and that are not repetitions.
pub fn earlier(summary: &str, shown: &[String]) -> Option<String> {
    let shown: Vec<_> = shown.iter().map(|sentence| timeless(sentence)).collect();
    let mut earlier = String::new();
    for sentence in prose::sentences(words::head(summary)) {
        let sentence = timeless(&sentence);
        let is_of_its_time = OF_THEIR_TIME.iter().any(|beginning| sentence.starts_with(beginning));
        let is_news = !is_of_its_time && !sentence.ends_with('?') && !shown.contains(&sentence);
        if is_news && words::count(&earlier) + words::count(&sentence) <= EARLIER_WORDS {
            let blank = if earlier.is_empty() { "" } else { " " };
            earlier = [&earlier, blank, &sentence].concat();
        }
    }
    (!earlier.is_empty()).then(|| prose::closed(format!("Earlier: {earlier}")))
}

fn timeless(sentence: &str) -> String {
    sentence.trim_start_matches("Earlier: ").replace("So far it", "It").replace("Lately it", "It")
}

/// Returns the sentences with content, without fillers such as "Done!" and "Perfect."
fn telling(text: &str, is_meant: fn(&str) -> bool) -> Vec<String> {
    let mut sentences = prose::sentences(text);
    sentences.retain(|sentence| is_meant(sentence));
    if !sentences.iter().all(|sentence| is_filler(sentence)) {
        sentences.retain(|sentence| !is_filler(sentence));
    }
    sentences
}

fn is_filler(sentence: &str) -> bool {
    let bare = sentence.trim_end_matches(['.', '!', ':']).to_ascii_lowercase();
    // In scripts without spaces, the number of words says nothing.
    (bare.is_ascii() && !bare.contains(' '))
        || matches!(bare.as_str(), "all done" | "all set" | "got it" | "on it")
}

fn remark(sentence: &str, most_words: usize) -> String {
    words::cut(&prose::without_elapsed_time(sentence), most_words, usize::MAX)
}
