//! Recognises short plain work by its own words: tools that check code, tests to be written, what must be, and
//! questions about a name in the code or about the project that one stands in.

use crate::pattern::{Phrases, any_at, any_in, any_whole, phrases, starts};
use crate::reading::Reading;
use crate::vocabulary::{PROJECT_NOUNS, SESSION_NOUNS, is_content, is_for_a_whole, is_verb};
use crate::wishes;
use crate::words::{Mark, Word, sentence};

/// Says whether it is work that may be offered although it is short.
pub fn is_short_work(reading: &Reading) -> bool {
    let rest = reading.rest();
    let is_own = !(reading.lead.answers || wishes::is_of_others(rest) || wishes::is_report(rest));
    let is_plain = !rest.iter().any(|word| word.quoted) && !wishes::is_cut_off(rest);
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
                || states_rule(rest)))
}

/// "Pytest", "cargo test", "lint": a tool or a task of a project by itself.
fn runs_tool(rest: &[Word]) -> bool {
    const TOOLS: &Phrases = phrases! {"
        ?run|rerun|execute|try ?the pytest|jest|vitest|eslint|ruff|mypy|clippy|rustfmt|prettier|tsc|tox|flake8|pylint|
            gofmt|rubocop|phpunit|rspec|mocha|cypress|playwright|pre-commit|shellcheck|isort|biome|
            golangci-lint ?check|fix|format|run|again;
        ?run|rerun|execute|try cargo|npm|pnpm|yarn|make|gradle|mvn|go|bun|deno|dotnet|composer|mix ?run test|
            tests|build|lint|check|fmt|format|clippy|fix|audit|bench|doc|docs|typecheck|install|update|start|dev|run
    "};
    /// Tools with commands of their own, which may have arguments.
    const COMMANDS: &Phrases = phrases! {"
        ?run|execute git status|diff|log|commit|push|pull|fetch|stash|add|branch|checkout|switch|merge|rebase|tag|blame|show|
            bisect|grep|describe|restore|cherry-pick;
        ?run|execute gh pr|issue|run|release|workflow; ?run|execute docker build|compose|ps|run|push|pull|logs;
        ?run|execute docker-compose|terraform|kubectl up|build|plan|apply|get|logs|validate
    "};
    /// What is a task by its name alone: "tests".
    const TASKS: &Phrases = phrases! {"
        ?the|all|unit|integration|run|rerun ?the|all|unit|integration|end-to-end tests|linter|linters|formatter|typechecker|
            benchmarks|typechecks|linting|formatting ?please|again|now;
        ?the docs|dependencies|deps|changelog|coverage ?please|now
    "};
    const LONGEST: usize = 5;
    const NO_TASKS: &Phrases = phrases!("describe|explain|summarize|summarise|speed|test");
    let is_task = matches!(rest, [only] if is_for_a_whole(only) && !only.is(NO_TASKS));
    let is_command = rest.len() <= LONGEST && any_at(rest, COMMANDS).is_some();
    is_task || is_command || any_whole(rest, TOOLS) || any_whole(rest, TASKS)
}

/// "Fix it", "clean up", "commit everything", "check the code": an order of few words about all that is there.
pub fn is_brief_order(reading: &Reading) -> bool {
    const VERBS: &Phrases = phrases! {"
        fix|repair|debug|check|double-check|verify|validate|inspect|improve|polish|simplify|update|commit|push|publish|
            rebase|squash|merge|install|rebuild|regenerate|reformat|finish
    "};
    /// Those that say too little where it is about everything.
    const VAGUE: &Phrases = phrases!("fix|repair|debug|improve|polish|finish");
    const OBJECTS: &Phrases = phrases! {"
        it|this|that|them ?all ?up ?please|now|quickly; up ?please|now; it|this|that|them ?all up ?please|now;
        ?up ?all ?of the|this|my|our code|codebase|repo|repository|project|workspace|sources ?please|now
    "};
    const WHOLES: &Phrases = phrases! {"
        ?it|up everything|all ?please|now; ?all ?of ?the|my|our|your changes|files|sources ?please|now
    "};
    const ALONE: &Phrases = phrases!(
        "commit|push|rebase|rebuild|reformat|regenerate ?please|now; commit and push ?it|everything|all ?please|now;
        make|get it|this|everything ?to build|building|compile|compiling|work|working|pass|passing|green ?please|now"
    );
    let head = reading.lead.head;
    let words: Vec<Word> = reading
        .rest()
        .iter()
        .enumerate()
        .filter(|(offset, word)| {
            let at = head + offset;
            let leads = word.is(phrases!("in|for|of")) && reading.names.project_at(at + 1).is_some();
            !(leads || reading.names.covers(at))
        })
        .map(|(_, word)| Word { mark: Mark::None, ..word.clone() })
        .collect();
    let Some((verb, object)) = words.split_first() else { return false };
    if words.len() < reading.rest().len() && object.is_empty() {
        return false;
    }
    let is_brief = verb.is(VERBS) || is_for_a_whole(verb);
    let is_whole = || any_whole(object, WHOLES) && !verb.is(VAGUE);
    any_whole(&words, ALONE) || (is_brief && (any_whole(object, OBJECTS) || is_whole()))
}

/// "Fix the bug": which one is for the agent to find.
fn fixes_something(rest: &[Word]) -> bool {
    const FIXES: &Phrases = phrases! {"
        fix|find|solve|debug|repair|resolve|reproduce|investigate|diagnose ?and|or ?fix|solve the|all|every ?other
            bug|bugs|issue|issues|problem|problems
    "};
    any_whole(rest, FIXES)
}

/// "A test for empty carts", "more tests".
fn is_test(rest: &[Word]) -> bool {
    const TESTS: &Phrases = phrases! {"
        a|an|another|more|better|some|new|additional|fewer|faster ?unit|integration|regression|smoke|property|
            end-to-end|good|simple test|tests|docs|documentation|comments|logging|types|validation
    "};
    any_at(rest, TESTS).is_some_and(|taken| {
        let after = &rest[taken..];
        let goes_on = phrases!("for|of|that|which|to|in|with|on|about|around|against|when|where|please");
        after.is_empty() || rest[taken - 1].mark == Mark::None && any_at(after, goes_on).is_some()
    })
}

/// "Find out why it is slow": work, unless it asks how far an agent is, or why it ended.
pub fn looks_into_it(rest: &[Word]) -> bool {
    const LOOKS: &Phrases = phrases! {"
        find|figure|work|look|check|see|investigate|debug|analyze ?out|into why it|this is|does|do|can|will|keeps|crashes|
            fails|hangs|breaks|leaks|throws|flickers|returns|shows|prints|loads|starts|stops|runs|times
    "};
    const PROGRESS: &Phrases = phrases!("waiting|asking|stuck|long|done|finished|blocked|idle|taking");
    any_at(rest, LOOKS).is_some() && !any_in(sentence(rest), PROGRESS)
}

/// "Figure out why total returns None".
fn finds_out(rest: &[Word]) -> bool {
    const FINDS: &Phrases = phrases! {"
        figure|find|work out why|how|where|what|which|whether|if|when;
        check|see|investigate|debug|analyze|analyse|explain|understand|look ?into why|how|where|whether|if
    "};
    any_at(rest, FINDS).is_some_and(|taken| is_about_name(&rest[taken..]) && count(&rest[taken..]) > 1)
}

/// "Negative quantities must be rejected": what the code must do, not what a person must.
fn states_rule(rest: &[Word]) -> bool {
    const RULES: &Phrases = phrases! {"
        must|should ?not|never|always|only be|have|return|returns|raise|throw|fail|reject|accept|use|show|keep|stay|
            work|allow|handle|contain|support|include|become|get|give|come|print|log|report|round|require
    "};
    const PERSONS: &Phrases = phrases! {"
        i|we|you|he|she|they|it|that|this|someone|somebody|everyone|everybody|nobody|people|there|codewalk|one;
        who|what|why|how|when|where|which; no one
    "};
    let sentence = sentence(rest);
    let is_person = any_at(sentence, PERSONS).is_some();
    let has_rule = starts(sentence, RULES).any(|start| start > 0);
    !is_person && has_rule && count(sentence) > 1 && !claims(sentence)
}

/// What has to do with consent, or what an agent may do, is no rule of the code.
fn claims(words: &[Word]) -> bool {
    const CLAIMS: &Phrases = phrases! {"
        yes|approve|approved|approval|approvals|confirm|confirmed|confirmation|confirmations|consent|permission|
            permissions|bypass|sudo|instructions|launches|launch|agents|agent|session|sessions|ai|assistant
    "};
    any_in(words, CLAIMS)
}

/// "How does total work?", "where is total defined?", "who calls total?".
fn asks_about_name(rest: &[Word]) -> bool {
    const USES: &Phrases = phrases! {"
        defined|declared|implemented|used|called|set|tested|handled|stored|computed|calculated|documented|
            configured|created|validated|initialized|imported|exported|parsed|rendered|registered|assigned
    "};
    let sentence = sentence(rest);
    let Some((last, but_last)) = sentence.split_last() else { return false };
    let about = |opening: &Phrases, words: &[Word]| {
        any_at(words, opening).is_some_and(|taken| is_about_name(&words[taken..]))
    };
    let works = last.is(phrases!("work|works")) && about(phrases!("how do|does"), but_last);
    let is_used = last.is(USES) && about(phrases!("where|how|when is|are|was|does|do"), but_last);
    let does =
        last.is(phrases!("do|return|mean|raise|throw|expect")) && about(phrases!("what do|does"), but_last);
    let calls = about(phrases!("who|what calls|uses|imports|sets|raises|throws|returns"), sentence);
    works || is_used || does || calls
}

/// Says whether it begins with the name of something, and not with a pronoun.
fn is_about_name(words: &[Word]) -> bool {
    const SHORT: usize = 6;
    let article = any_at(words, phrases!("the|our|a|an|this|that")).unwrap_or(0);
    let others =
        phrases!("codewalk|claude|agent|agents|session|sessions|one|life|world|universe|thing|things");
    let subject = words.get(article).filter(|_| words.len() <= SHORT);
    subject.is_some_and(|word| (is_content(word) || word.code) && !word.is(others))
}

fn count(words: &[Word]) -> usize {
    words.iter().filter(|word| is_content(word) || word.code).count()
}

/// Says whether it asks about the project that one stands in and its files, and not about what an agent does there:
/// "does this project have tests?", "summarize this project", "what changed since yesterday?".
pub fn is_about_project(rest: &[Word]) -> bool {
    const CHANGES: &Phrases = phrases! {"
        what|which ?files|file|code|tests ?has|have ?been changed ?in ?this|the ?repo|project|code|repository
            since;
        what changed in this|the project|repo|repository|codebase|code
    "};
    const PLACES: &Phrases = phrases!(
        "this|our project|repo|repository|codebase|code|folder|directory|workspace; the code|codebase|repo|repository"
    );
    const ASKS: &Phrases = phrases! {"
        summarize|summarise|describe|explain|outline ?to|for ?me;
        what|which|how|where|why|who|does|do|is|are|has|have; tell|show me what|how|which|where|whether|if
    "};
    const PROGRESS: &Phrases = phrases! {"
        status|progress|running|happening|going|doing|done|finished|waiting|stuck|ready|update|news|summary|
            failed|cost|costs|working|now|yet|they|you
    "};
    let sentence = sentence(rest);
    let is_progress = any_in(sentence, PROGRESS) || any_in(sentence, SESSION_NOUNS);
    let is_place = any_in(sentence, PLACES) && any_at(sentence, ASKS).is_some();
    !is_progress && (is_place || any_at(sentence, CHANGES).is_some())
}

/// Says whether an order is about the project that one stands in: "clean up the repo", "format the code".
pub fn is_of_project(rest: &[Word]) -> bool {
    rest.iter().any(|word| word.is(PROJECT_NOUNS))
        || rest.first().is_some_and(is_verb) && { any_in(rest, phrases!("the|all|our|this|my code|sources")) }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};

    #[test]
    fn short_plain_work_is_offered() {
        for wish in [
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
            assert_eq!(intent(wish, &idle()), "offer claude -", "{wish}");
        }
    }

    #[test]
    fn an_order_of_few_words_is_offered_where_there_is_no_session() {
        for wish in [
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
            assert_eq!(intent(wish, &idle()), "offer claude -", "{wish}");
        }
        assert_eq!(intent("commit everything in shop", &idle()), "offer claude shop");
    }

    #[test]
    fn an_order_of_few_words_that_may_destroy_or_says_nothing_is_not_offered() {
        for wish in [
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
            assert_eq!(intent(wish, &idle()), "cannot-parse", "{wish}");
        }
    }

    #[test]
    fn what_only_looks_like_short_work_is_not_offered() {
        for wish in [
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
            assert_eq!(intent(wish, &idle()), "cannot-parse", "{wish}");
        }
    }

    #[test]
    fn questions_about_the_project_are_for_an_agent() {
        for wish in
            ["does this project have tests?", "summarize this project", "what changed since yesterday?"]
        {
            assert_eq!(intent(wish, &busy()), "launch claude -", "{wish}");
        }
        for wish in ["what is running?", "what is running in this project?", "what changed?"] {
            assert!(intent(wish, &busy()).starts_with("query"), "{wish}");
        }
    }
}
