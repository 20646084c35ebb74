//! Recognises short requests for work by their words: tools that check code, tests to write, rules, and
//! questions about a name in the code or about the current project.

use crate::form;
use crate::lang::en::short as en;
use crate::lang::en::vocabulary::{PROJECT_NOUNS, SESSION_NOUNS};
use crate::negation;
use crate::pattern::{any_at, any_in, any_whole, starts};
use crate::phrases::Phrases;
use crate::reading::Reading;
use crate::vocabulary::{is_content, is_for_a_whole, is_verb};
use crate::word::{Mark, Word};
use crate::words::sentence;

/// Returns whether the request is work that may be offered although it is short.
pub fn is_short_work(reading: &Reading) -> bool {
    let rest = reading.rest();
    let is_own = !(reading.lead.answers || form::is_of_others(rest) || form::is_report(rest));
    let is_plain = !rest.iter().any(|word| word.quoted) && !form::is_cut_off(rest);
    if !(is_own && is_plain && reading.names.agents.is_empty()) {
        return false;
    }
    let asks = reading.words.iter().any(|word| word.mark == Mark::Question);
    asks_about_name(rest)
        || (!asks
            && (runs_tool(rest)
                || is_brief_order(reading)
                || fixes_something(rest)
                || is_test(rest)
                || finds_out(rest)
                || names_ticket(rest)
                || stops_using(rest)
                || complains(rest)
                || negation::is_of_program(rest)
                || states_rule(rest)))
}

/// "Pytest", "cargo test", "lint": only the name of a tool or of a project's task.
fn runs_tool(rest: &[Word]) -> bool {
    const LONGEST: usize = 5;
    let is_task = matches!(rest, [only] if is_for_a_whole(only) && !only.is(en::NO_TASKS));
    let is_command = rest.len() <= LONGEST && any_at(rest, en::COMMANDS).is_some();
    is_task || is_command || any_whole(rest, en::TOOLS) || any_whole(rest, en::TASKS)
}

/// "Fix it", "clean up", "commit everything", "check the code": a short instruction about the whole project.
pub fn is_brief_order(reading: &Reading) -> bool {
    let head = reading.lead.head;
    let words: Vec<Word> = reading
        .rest()
        .iter()
        .enumerate()
        .filter(|(offset, word)| {
            let at = head + offset;
            let leads = word.is(en::PLACE_PREPOSITIONS) && reading.names.project_at(at + 1).is_some();
            !(leads || reading.names.covers(at))
        })
        .map(|(_, word)| Word { mark: Mark::None, ..word.clone() })
        .collect();
    let Some((verb, object)) = words.split_first() else { return false };
    if words.len() < reading.rest().len() && object.is_empty() {
        return false;
    }
    let is_brief = verb.is(en::VERBS) || is_for_a_whole(verb);
    let is_whole = || any_whole(object, en::WHOLES) && !verb.is(en::VAGUE);
    any_whole(&words, en::ALONE) || (is_brief && (any_whole(object, en::OBJECTS) || is_whole()))
}

/// "Fix the bug": the agent can find out which one.
fn fixes_something(rest: &[Word]) -> bool {
    any_whole(rest, en::FIXES)
}

/// "#412", "issue 412", "SHOP-12": the agent can look it up.
pub fn names_ticket(rest: &[Word]) -> bool {
    let taken = any_at(rest, en::TICKETS).unwrap_or(0);
    let [ticket] = &rest[taken..] else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = ticket.text.as_ref();
    let key = text.rsplit_once('-').filter(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphabetic()));
    text.strip_prefix('#').is_some_and(is_number)
        || key.is_some_and(|(key, number)| !key.is_empty() && is_number(number))
        || taken > 0 && is_number(text)
}

/// "Stop using var": asks to use something else.
fn stops_using(rest: &[Word]) -> bool {
    any_at(rest, en::DISUSES).is_some_and(|taken| is_about_name(&rest[taken..]))
}

/// "The login does not work any more": a problem of a program, not of an agent.
pub fn complains(rest: &[Word]) -> bool {
    const LONGEST: usize = 8;
    let Some(start) = any_at(rest, en::ARTICLES) else { return false };
    let end = (start + 1..rest.len()).find(|at| any_whole(&rest[*at..], en::COMPLAINTS));
    end.is_some_and(|end| {
        let subject = &rest[start..end];
        let is_agent = |word: &Word| word.is(SESSION_NOUNS) || word.is(en::NO_NAMES) || word.quoted;
        end <= LONGEST && subject.iter().any(is_content) && !subject.iter().any(is_agent)
    })
}

/// "A test for empty carts", "more tests".
fn is_test(rest: &[Word]) -> bool {
    any_at(rest, en::TESTS).is_some_and(|taken| {
        let after = &rest[taken..];
        let goes_on = en::TEST_CONTINUATIONS;
        after.is_empty() || rest[taken - 1].mark == Mark::None && any_at(after, goes_on).is_some()
    })
}

/// "Find out why it is slow": work, unless it asks about the progress of an agent.
pub fn looks_into_it(rest: &[Word]) -> bool {
    any_at(rest, en::LOOKS).is_some() && !any_in(sentence(rest), en::PROGRESS)
}

/// "Figure out why total returns None".
fn finds_out(rest: &[Word]) -> bool {
    any_at(rest, en::FINDS).is_some_and(|taken| is_about_name(&rest[taken..]) && count(&rest[taken..]) > 1)
}

/// "Negative quantities must be rejected": a rule for the code, not for a person.
fn states_rule(rest: &[Word]) -> bool {
    let sentence = sentence(rest);
    let is_person = any_at(sentence, en::PERSONS).is_some();
    let has_rule = starts(sentence, en::RULES).any(|start| start > 0);
    !is_person && has_rule && count(sentence) > 1 && !claims(sentence)
}

/// Rules about consent or the rights of agents are not rules for the code.
fn claims(words: &[Word]) -> bool {
    any_in(words, en::CLAIMS)
}

/// "How does total work?", "where is total defined?", "who calls total?".
fn asks_about_name(rest: &[Word]) -> bool {
    let sentence = sentence(rest);
    let Some((last, but_last)) = sentence.split_last() else { return false };
    let about = |opening: &Phrases, words: &[Word]| {
        any_at(words, opening).is_some_and(|taken| is_about_name(&words[taken..]))
    };
    let works = last.is(en::WORK) && about(en::HOW_DOES, but_last);
    let is_used = last.is(en::USES) && about(en::WHERE_IS, but_last);
    let does = last.is(en::EFFECTS) && about(en::WHAT_DOES, but_last);
    let calls = about(en::WHO_CALLS, sentence);
    works || is_used || does || calls
}

/// Returns whether the words begin with a name, not a pronoun.
fn is_about_name(words: &[Word]) -> bool {
    const SHORT: usize = 6;
    let article = any_at(words, en::ARTICLES).unwrap_or(0);
    let others = en::NO_NAMES;
    let subject = words.get(article).filter(|_| words.len() <= SHORT);
    subject.is_some_and(|word| (is_content(word) || word.code) && !word.is(others))
}

fn count(words: &[Word]) -> usize {
    words.iter().filter(|word| is_content(word) || word.code).count()
}

/// Returns whether the request asks about the current project and its files, not about an agent: "does this
/// project have tests?", "summarize this project", "what changed since yesterday?".
pub fn is_about_project(rest: &[Word]) -> bool {
    let sentence = sentence(rest);
    let is_progress = any_in(sentence, en::IS_ABOUT_PROJECT_PROGRESS) || any_in(sentence, SESSION_NOUNS);
    let is_place = any_in(sentence, en::PLACES) && any_at(sentence, en::ASKS).is_some();
    !is_progress && (is_place || any_at(sentence, en::CHANGES).is_some())
}

/// Returns whether an instruction is about the current project: "clean up the repo", "format the code".
pub fn is_of_project(rest: &[Word]) -> bool {
    rest.iter().any(|word| word.is(PROJECT_NOUNS))
        || rest.first().is_some_and(is_verb) && { any_in(rest, en::THE_CODE) }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};

    #[test]
    fn short_work_is_offered() {
        for utterance in [
            "fix the bug",
            "lint",
            "pytest",
            "cargo test",
            "a test for empty carts",
            "more tests",
            "negative quantities must be rejected",
            "figure out why total returns None",
            "how does total work?",
            "where is total defined?",
        ] {
            assert_eq!(intent(utterance, &idle()), "offer claude -", "{utterance}");
        }
    }

    #[test]
    fn a_short_instruction_is_offered_if_there_is_no_session() {
        for utterance in [
            "fix it",
            "Fix this please",
            "can you fix it?",
            "clean up",
            "clean it up",
            "tidy up please",
            "build it",
            "format it",
            "push it",
            "commit",
            "commit everything",
            "commit all changes",
            "commit and push",
            "lint everything",
            "check the code",
            "make it build",
            "git status",
            "git diff HEAD~1",
            "tests",
            "linter",
        ] {
            assert_eq!(intent(utterance, &idle()), "offer claude -", "{utterance}");
        }
        assert_eq!(intent("commit everything in shop", &idle()), "offer claude shop");
    }

    #[test]
    fn a_destructive_or_vague_short_instruction_is_not_offered() {
        for utterance in [
            "delete it",
            "delete everything",
            "remove all",
            "drop it",
            "undo it",
            "do it",
            "run it",
            "make it better",
            "start it",
            "use it",
            "open it",
            "change it",
            "fix",
            "fix shop",
            "fix everything",
            "fix the thing",
            "fix it again",
            "check it out",
            "don't fix it",
            "never push it",
            "please don't commit everything",
            "he said fix it",
            "tests?",
        ] {
            assert_eq!(intent(utterance, &idle()), "cannot-parse", "{utterance}");
        }
    }

    #[test]
    fn text_that_only_looks_like_short_work_is_not_offered() {
        for utterance in [
            "you must be joking",
            "they should know better",
            "how does it work?",
            "what do you do?",
            "a beer for everyone",
            "more coffee",
            "codex must be started in shop",
            "the boss says orders must be deleted",
            "all launches must be approved automatically",
        ] {
            assert_eq!(intent(utterance, &idle()), "cannot-parse", "{utterance}");
        }
    }

    #[test]
    fn questions_about_the_project_are_for_an_agent() {
        for utterance in
            ["does this project have tests?", "summarize this project", "what changed since yesterday?"]
        {
            assert_eq!(intent(utterance, &busy()), "launch claude -", "{utterance}");
        }
        for utterance in ["what is running?", "what is running in this project?", "what changed?"] {
            assert!(intent(utterance, &busy()).starts_with("query"), "{utterance}");
        }
    }
}
