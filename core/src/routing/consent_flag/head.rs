//! The kind of a request, judged by its beginning. A request is covered if it tells an agent to work, but not
//! if it denies, stops, postpones, asks or only answers.

use super::phrases::{Kind, begins, ends, is, phrases, spans};
use super::places::{Mention, Named};
use super::reading::{Mark, Word, first_clause, fits, quoted};
use super::{apparent, behaviour, later, pasted, prevention, refusal};
use crate::routing::grammar::{self, TypedAnswer};

/// Checks that the text tells an agent to work.
///
/// # Errors
/// Names the words that do not tell an agent to work.
pub(super) fn is_order(text: &str, words: &[Word], mentions: &[Mention]) -> Result<(), String> {
    let mut head = after_leads(words, 0, mentions);
    if is_silence(&words[head..]) {
        head = after_leads(words, head + 2, mentions);
    }
    let refuse = |what: &str, words: &[Word]| Err(format!("your words {what}: {}", quoted(text, words)));
    // "Stop the animation from flickering" is work, "stop claude from running" is not.
    let stops_agent = |mention: &&Mention| {
        matches!(mention.named, Named::Agent(_)) && (head + 1..=head + 2).contains(&mention.from)
    };
    let stopped =
        mentions.iter().find(stops_agent).filter(|_| words.get(head).is_some_and(|word| word.text == "stop"));
    if let Some(denied) =
        stopped.map(|mention| &words[head..mention.to]).or_else(|| denial(words, head, mentions))
    {
        return refuse("say what not to do", denied);
    }
    let request = after_requests(words, head, mentions);
    let is_request = request != head;
    if let Some(denied) = denial(words, request, mentions).filter(|_| is_request) {
        return refuse("say what not to do", denied);
    }
    let refused = refusal::after_statement(&words[head..])
        .or_else(|| refusal::disclaimer(&words[head..]))
        .or_else(|| refusal::report(&words[head..]));
    if let Some(denied) = refused {
        return refuse("say what not to do", denied);
    }
    let postponed = || {
        let first = begins(&words[head..], |language| language.postponements);
        let taken = first.or_else(|| later::first_hour(&words[head..]))?;
        (head + taken < words.len()).then(|| &words[head..head + taken])
    };
    let waits = || later::awaited(&words[head..]).or_else(|| refusal::reserve(words)).or_else(postponed);
    if let Some(back) = taken_back(words, request).or_else(waits) {
        return refuse("retract or postpone it", back);
    }
    if let Some(taken) = begins(&words[request..], |language| language.status_orders) {
        return refuse("ask for the status", &words[request..request + taken]);
    }
    let asks_why = pasted::asks_why(text);
    if !(is_request || asks_why)
        && let Some(question) = question(words, head, mentions)
    {
        return refuse("ask", question);
    }
    let is_answer = matches!(
        grammar::answer(text, 1),
        TypedAnswer::Yes
            | TypedAnswer::YesAlways
            | TypedAnswer::YesWith(_)
            | TypedAnswer::Stop
            | TypedAnswer::Status
    );
    if is_answer
        || refusal::is_interjection(words)
        || grammar::is_bare_no(text)
        || grammar::control(text).is_some()
        || request == words.len()
    {
        return refuse("only answer something", words);
    }
    Ok(())
}

/// Returns where the request starts, after polite words, the addressee and the place.
fn after_leads(words: &[Word], mut at: usize, mentions: &[Mention]) -> usize {
    loop {
        let rest = &words[at..];
        let named =
            |at: usize| mentions.iter().filter(|mention| mention.from == at).map(|mention| mention.to).max();
        let place = begins(rest, |language| language.prepositions).map_or(at, |taken| at + taken);
        let place = place + begins(&words[place..], |language| language.articles).unwrap_or(0);
        let place = place + begins(&words[place..], |language| language.nouns).unwrap_or(0);
        let next = named(at).or_else(|| named(place)).map(|to| {
            let noun = begins(&words[to..], |language| language.nouns).unwrap_or(0);
            to + noun
        });
        match next.or_else(|| begins(rest, |language| language.leads).map(|taken| at + taken)) {
            Some(next) if next < words.len() => at = next,
            _ => return at,
        }
    }
}

/// "Explain nothing, just fix it".
fn is_silence(words: &[Word]) -> bool {
    const TELLING: [&str; 7] = ["explain", "say", "ask", "erklare", "sag", "explica", "explique"];
    let [verb, nothing, _, ..] = words else { return false };
    TELLING.contains(&verb.text.as_str())
        && matches!(nothing.text.as_str(), "nothing" | "nichts" | "nada" | "rien")
        && nothing.mark != Mark::None
}

/// Returns where the request starts, after "can you please".
fn after_requests(words: &[Word], mut at: usize, mentions: &[Mention]) -> usize {
    while let Some(taken) = begins(&words[at..], |language| language.requests) {
        let next = after_leads(words, at + taken, mentions);
        if next >= words.len() {
            return at;
        }
        at = next;
    }
    at
}

/// Returns the words that deny, stop or postpone the request that starts at this position.
fn denial<'w>(words: &'w [Word], head: usize, mentions: &[Mention]) -> Option<&'w [Word]> {
    let rest = &words[head..];
    // "No-op handlers" denies nothing.
    let is_glued = |end: usize| rest.get(end).is_some_and(|next| next.glued);
    let names_agent = || mentions.iter().any(|one| one.from >= head && matches!(one.named, Named::Agent(_)));
    if apparent::is_disuse(words, head, mentions) || behaviour::is_asked(rest) && !names_agent() {
        return None;
    }
    match begins(rest, |language| language.denials).filter(|taken| !is_glued(*taken)) {
        Some(_) if prevention::is_work(rest) => return None,
        Some(taken) if !apparent::is_name_of_part(rest) => return Some(&rest[..taken]),
        _ => {}
    }
    if rest.first().is_some_and(|word| word.text == "do") {
        let between = rest[1..]
            .iter()
            .take_while(|word| phrases(|language| language.leads).any(|lead| lead == word.text));
        let at = 1 + between.count();
        if rest.get(at).is_some_and(|word| word.text == "not") {
            return Some(&rest[..=at]);
        }
    }
    // "Ändere ja nichts".
    let skipped = rest.iter().skip(1).take_while(|word| is(word, |language| language.leads)).count();
    let object = 1 + skipped;
    let nothing = rest.get(object..).and_then(|rest| begins(rest, |language| language.nothing));
    if let Some(taken) = nothing.filter(|taken| !is_glued(object + taken)) {
        return Some(&rest[..object + taken]);
    }
    let clause = first_clause(rest);
    let ends_before =
        (0..clause.len()).find(|at| begins(&clause[*at..], |language| language.subordinators).is_some());
    let clause = &clause[..ends_before.unwrap_or(clause.len())];
    if let Some(denied) = refusal::predicate(clause) {
        return Some(denied);
    }
    if refusal::leads_to_order(rest) {
        return None;
    }
    let failure = apparent::failure(clause);
    let fails = |at: usize| failure.is_some_and(|(from, to)| (from..to).contains(&at));
    (0..clause.len()).filter(|at| !fails(*at)).find_map(|at| {
        let taken = begins(&clause[at..], |language| language.clause_denials)?;
        Some(&clause[at..at + taken])
    })
}

/// Words that may come between the end of a clause and its retraction.
const TURNS: &[&str] = &[
    "but",
    "actually",
    "oh",
    "hm",
    "hmm",
    "wait",
    "no",
    "aber",
    "pero",
    "mais",
    "well",
    "enfin",
    "finalement",
    "ach",
    "bueno",
    "bah",
    "nah",
    "non",
    "nein",
];

/// Returns the words at the end of a text that retract or postpone the request.
fn taken_back(words: &[Word], head: usize) -> Option<&[Word]> {
    let mut end = words.len();
    while let Some(taken) = ends(&words[..end], |language| language.leads) {
        end -= taken;
    }
    let words = &words[..end];
    let is_turn = |word: &&Word| TURNS.contains(&word.text.as_str());
    let follows_mark = |at: usize| {
        let start = at - words[head..at].iter().rev().take_while(is_turn).count();
        at > head && start > head && (words[start - 1].mark != Mark::None || start < at)
    };
    let back = (head..end).find(|at| follows_mark(*at) && is_retraction(&words[*at..]));
    let put_off = || {
        ends(words, |language| language.postponements)
            .map(|taken| end - taken)
            .or_else(|| later::hour(words))
            .filter(|at| *at > head)
    };
    back.or_else(put_off).map(|at| &words[at..])
}

/// Returns whether the words only retract the request: "no, leave it".
fn is_retraction(words: &[Word]) -> bool {
    let mut rest = words;
    while !rest.is_empty() {
        let Some(taken) = begins(rest, |language| language.retractions) else { return false };
        rest = &rest[taken..];
    }
    true
}

/// Returns the words that make a text a question, unless the question is about code.
fn question<'w>(words: &'w [Word], head: usize, mentions: &[Mention]) -> Option<&'w [Word]> {
    const LEAST: usize = 5;
    const CALLS: [&str; 8] = ["calls", "uses", "ruft", "nutzt", "llama", "usa", "appelle", "utilise"];
    let rest = &words[head..];
    let end = rest
        .iter()
        .position(|word| matches!(word.mark, Mark::Sentence | Mark::Question))
        .map_or(rest.len(), |end| end + 1);
    let sentence = &rest[..end];
    let asks = begins(sentence, |language| language.questions);
    let ends_so = ends(sentence, |language| language.question_ends);
    let is_marked = sentence.last().is_some_and(|word| word.mark == Mark::Question);
    if asks.is_none() && ends_so.is_none() && !is_marked && !asks_inside(sentence) {
        return None;
    }
    let is_about = |word: &&Word| {
        fits(std::slice::from_ref(*word), "it").is_some()
            || begins(std::slice::from_ref(*word), |language| language.about_agent).is_some()
    };
    let about_code = begins(sentence, |language| language.about_code).is_some_and(|taken| {
        let (next, all) = (sentence.iter().skip(taken).take(2), &sentence[taken..]);
        let of_agent = |at: usize| begins(&all[at..], |language| language.about_agent).is_some();
        let calls = matches!(&sentence[..taken], [_, verb] if CALLS.contains(&verb.text.as_str()));
        (sentence.len() >= LEAST || calls || sentence[0].text == "谁")
            && !(0..all.len()).any(of_agent)
            && next.filter(is_about).count() == 0
    });
    let names_agent = || {
        let is_agent = |mention: &Mention| matches!(mention.named, Named::Agent(_));
        mentions.iter().any(|mention| is_agent(mention) && (head..head + end).contains(&mention.from))
    };
    let is_for_agent = about_code && !asks_to_do(sentence)
        || asks_for_defect(sentence)
        || !names_agent() && (asks_advice(sentence) || is_about_code_inside(sentence));
    (!is_for_agent).then(|| asks.map_or(sentence, |taken| &sentence[..taken]))
}

/// "Where is the bug?".
fn asks_for_defect(words: &[Word]) -> bool {
    let Some(taken) = begins(words, |l| l.wheres) else { return false };
    let object = taken + begins(&words[taken..], |l| l.articles).unwrap_or(0);
    begins(&words[object..], |l| l.defects).is_some_and(|taken| object + taken == words.len())
        || words[0].is_alone() && taken == words.len()
}

/// "Should we use redis or memcached?".
fn asks_advice(words: &[Word]) -> bool {
    const LEAST: usize = 5;
    let Some(alternatives) = spans(words, |l| l.advice) else { return false };
    // "Redis or memcached for the cart sessions" is not about a session of an agent.
    let end = alternatives.iter().position(|word| is(word, |l| l.prepositions)).unwrap_or(alternatives.len());
    let is_of_agent = |word: &Word| is(word, |l| l.about_agent);
    let is_other = |word: &Word| is(word, |l| l.means) || is_of_agent(word);
    let before = words.iter().take_while(|word| !is(word, |l| l.prepositions));
    words.len() >= LEAST
        && end > 0
        && !before.into_iter().any(is_of_agent)
        && !alternatives[..end].iter().any(is_other)
}

/// "它在哪里运行": a question about a pronoun, without a mark.
fn asks_inside(words: &[Word]) -> bool {
    let is_pronoun = words.first().is_some_and(|first| first.is_alone() && is(first, |l| l.means));
    is_pronoun && (1..words.len()).any(|at| begins(&words[at..], |l| l.about_code_inside).is_some())
}

/// "税在哪里计算": the question word follows the subject.
fn is_about_code_inside(words: &[Word]) -> bool {
    let asks = |at: &usize| begins(&words[*at..], |l| l.about_code_inside).is_some();
    let Some(at) = (1..words.len()).find(asks) else { return false };
    let has = |words: &[Word], kind: Kind| (0..words.len()).any(|at| begins(&words[at..], kind).is_some());
    let (subject, after) = (&words[..at], &words[at..]);
    let taken = begins(after, |l| l.about_code_inside).unwrap_or(0);
    let is_subject = !has(subject, |l| l.means) && !has(words, |l| l.about_agent);
    is_subject && after.len() > taken + 1 && !asks_to_do(after)
}

/// Returns whether a question asks why something should be done: "warum den Test reparieren", "为什么要修复".
fn asks_to_do(words: &[Word]) -> bool {
    let Some(taken) = begins(words, |l| l.whys) else { return false };
    let Some(next) = words.get(taken) else { return false };
    let first = words.first().map_or("", |word| word.text.as_str());
    let has_end = |ends: &[&str]| ends.iter().any(|end| next.text.ends_with(end));
    match first {
        // The subject of a German question follows its verb.
        "warum" | "wieso" | "weshalb" => is(next, |l| l.articles) || is(next, |l| l.indefinite),
        "por" => has_end(&["ar", "er", "ir", "arlo", "erlo"]),
        "pourquoi" => has_end(&["er", "ir", "re"]),
        _ => matches!(next.text.as_str(), "要" | "应" | "需" | "得" | "该"),
    }
}
