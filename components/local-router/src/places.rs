//! Finds unknown places: names that sound like a known one, and names that only look like that of a project.
//! Work there needs a confirmation.

use crate::answer::{self, plain, quote, unclear};
use crate::guess::Guess;
use crate::lang::en::morphology;
use crate::lang::en::places as en;
use crate::lang::en::vocabulary::{PROJECT_NOUNS, VAGUE};
use crate::mention::Mention;
use crate::names::Choice;
use crate::pattern::{any_at, longest_at};
use crate::reading::Reading;
use crate::spelling::{is_alike, key};
use crate::unknown::{self, Unknown};
use crate::vocabulary::{is_content, is_known_verb, is_plain_verb, is_technical, is_verb};
use crate::word::{Mark, Word};
use crate::{Project, Proposal, Request};

/// Returns the unknown place, if the utterance names one.
pub fn guess(reading: &Reading) -> Option<Guess> {
    let projects = &reading.request.projects;
    if reading.request.constraints.project.is_some() || reading.project() != Choice::None {
        return None;
    }
    let taken = |name: String, at: usize, len: usize| alike(projects, name, at, len);
    let word = |at: usize| reading.words[at].text.to_string();
    let gone = gone_to(reading);
    let named = match unknown::project(reading.words, &reading.names) {
        Some(Unknown::Project(name)) => {
            let len = name.split(' ').count();
            let fits = |words: &[Word]| words.iter().map(|word| word.text.as_ref()).eq(name.split(' '));
            let at = reading.words.windows(len).position(fits);
            at.and_then(|at| taken(name, at, len))
        }
        _ => None,
    };
    named
        .or_else(|| {
            (0..reading.words.len()).find_map(|at| {
                let start = at + any_at(&reading.words[at..], en::BEFORE)?;
                [2, 1].into_iter().find_map(|len| taken(placed(reading, start, len)?, start, len))
            })
        })
        .or_else(|| gone.and_then(|at| taken(word(at), at, 1)))
        .or_else(|| {
            let bare = || gone.or_else(|| unknown_ending(reading)).map(word);
            unknown_place(reading).or_else(bare).map(Guess::Unknown)
        })
}

/// Returns the project that a name sounds like, if there is only one.
pub fn alike(projects: &[Project], name: String, at: usize, len: usize) -> Option<Guess> {
    let heard = key(&name);
    let mut fitting = (0..projects.len()).filter(|index| is_alike(&heard, &key(&projects[*index].name)));
    match (fitting.next(), fitting.next()) {
        (Some(index), None) => Some(Guess::Alike { name, mention: Mention { at, len, index, weight: 3 } }),
        _ => None,
    }
}

/// Returns a hint that a project is unknown, with the known ones.
pub fn unknown_hint(projects: &[Project], name: &str) -> String {
    let known = answer::list(projects.iter().map(|project| project.name.as_str()));
    format!("No project {} is known. Known: {known}.", quote(name))
}

/// Returns the proposal for an unknown name, with the known ones.
pub fn unknown_name(request: &Request, unknown: Unknown) -> Proposal {
    let Request { agents, projects, .. } = request;
    let hint = match unknown {
        Unknown::Agent(name) => {
            let known = answer::list(agents.iter().map(|agent| agent.name.as_str()));
            format!("There is no agent {}. Known: {known}.", quote(&name))
        }
        Unknown::Project(name) => unknown_hint(projects, &name),
    };
    unclear(hint, 85, "it names something unknown")
}

/// Returns the proposal for an unknown place, if the utterance names one.
pub fn unknown(reading: &Reading) -> Option<Proposal> {
    match &reading.guess {
        Some(Guess::Unknown(name)) => {
            let hint = unknown_hint(&reading.request.projects, name);
            Some(unclear(hint, 85, "it names something unknown"))
        }
        _ => None,
    }
}

/// Returns the index of a bare name: "switch to billing and ...", "over in billing the tests ...".
fn gone_to(reading: &Reading) -> Option<usize> {
    let words = reading.words;
    let named = |from: usize| {
        let rest = &words[from..];
        let (taken, goes) = longest_at(rest, en::GOES)
            .map(|taken| (taken, true))
            .or_else(|| Some((any_at(rest, en::LIES)?, false)))?;
        let (name, next) = (rest.get(taken)?, rest.get(taken + 1)?);
        let leads = match goes {
            true => next.is(en::NAME_ENDS),
            false => next.is(en::STARTS) || (is_plain_verb(next) && !is_technical(next)),
        };
        (is_bare(reading, from + taken, rest[0].is(en::OVER)) && (leads || name.mark == Mark::Comma))
            .then_some(from + taken)
    };
    named(reading.lead.head).or_else(|| named(0))
}

/// "Fix the failing test in blog": a bare word at the end of a clause, which is not a place in code.
fn unknown_ending(reading: &Reading) -> Option<usize> {
    const FEW: usize = 2;
    let words = reading.words;
    let last = words.iter().rposition(|word| !word.is(en::ASIDES))?;
    let ends = |at: usize| at == last || matches!(words[at].mark, Mark::Comma | Mark::Stop);
    let is_placed = |at: usize| {
        at > FEW
            && words[at - 1].is(en::JUST_IN)
            && words[at - 1].mark == Mark::None
            && is_bare(reading, at, false)
    };
    (0..=last).find(|at| ends(*at) && is_placed(*at))
}

/// Returns whether a word may name a project. A place in code does so only after a verb of motion.
fn is_bare(reading: &Reading, at: usize, is_gone_to: bool) -> bool {
    let name = &reading.words[at];
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    // "In parsing" is not a place, but "in billing" is.
    let is_gerund = name.text.strip_suffix(morphology::GERUND).is_some_and(|stem| {
        is_known_verb(stem)
            || is_known_verb(&format!("{stem}e"))
            || is_known_verb(stem.get(..stem.len().saturating_sub(1)).unwrap_or_default())
    });
    let is_inflected =
        is_gerund || name.text.ends_with(morphology::PARTICIPLE) || name.text.ends_with(morphology::ADVERB);
    let is_ordinary = is_inflected
        || is_verb(name)
        || (is_technical(name) && !name.text.contains('-') && !is_gone_to)
        || name.is(en::OTHERS)
        || unknown::is_label(name)
        || name.is(VAGUE)
        || name.is(PROJECT_NOUNS);
    let is_name = is_content(name) && name.text.chars().all(is_letter) && !name.quoted && !name.code;
    is_name && !is_ordinary && !reading.names.covers(at)
}

/// Returns the words that may be the name of a place, if the next word can follow a name.
fn placed(reading: &Reading, start: usize, len: usize) -> Option<String> {
    let words = reading.words.get(start..start + len)?;
    let next = reading.words.get(start + len);
    let (last, before) = words.split_last()?;
    let ends = last.mark != Mark::None
        || next.is_none_or(|next| next.is(PROJECT_NOUNS) || is_verb(next) || !is_content(next));
    let is_whole = before.iter().all(|word| word.mark == Mark::None);
    let is_ordinary = len == 1 && is_technical(&words[0]);
    let is_name = is_content(&words[0]) && !is_ordinary && !words[0].quoted;
    (ends && is_whole && is_name && !reading.names.covers(start)).then(|| joined(words))
}

/// "In the payment service, fix ...", or at the end of the request if projects have similar names.
fn unknown_place(reading: &Reading) -> Option<String> {
    const MOST: usize = 3;
    let words = reading.words;
    let projects = &reading.request.projects;
    let is_kind = |word: &Word| {
        let is_last =
            |name: &str| name.rsplit(['-', '_', ' ']).next().is_some_and(|last| *last == *word.text);
        projects.iter().any(|project| project.name.contains(['-', '_', ' ']) && is_last(&project.name))
    };
    (0..words.len()).find_map(|at| {
        let start = at + any_at(&words[at..], en::IN_ARTICLE)?;
        let end = (start..words.len().min(start + MOST)).find(|end| {
            words[*end].mark != Mark::None || words[*end].is(en::PLACES) || is_kind(&words[*end])
        })?;
        let last = &words[end];
        let leads = at == reading.lead.head.min(at)
            && matches!(last.mark, Mark::Comma | Mark::Colon)
            && last.is(en::PLACES);
        let is_last = words[end + 1..].iter().all(|word| word.is(en::ASIDES));
        let is_service = last.is(en::SERVICES) && words[at].is(en::IN) && projects.len() > 1 && end > start;
        let ends = (last.mark != Mark::None || is_last) && (is_kind(last) || is_service);
        let is_name = words[start..=end].iter().all(|word| is_content(word) && !word.quoted);
        ((leads || ends) && is_name && !(start..=end).any(|at| reading.names.covers(at)))
            .then(|| joined(&words[start..=end]))
    })
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_ref()).collect::<Vec<_>>().join(" ")
}

/// Returns a launch that needs a confirmation because of its place.
pub fn confirm(reading: &Reading, proposal: Proposal) -> Proposal {
    let projects = &reading.request.projects;
    let (name, reason) = match &reading.guess {
        None => return proposal,
        Some(Guess::Alike { name, mention }) => {
            let project = plain(&projects[mention.index].name);
            (name, format!("{} probably means the project {project}", quote(name)))
        }
        Some(Guess::Unknown(name)) => (name, format!("no project {} is known", quote(name))),
    };
    let missing = unclear(unknown_hint(projects, name), 85, "it names something unknown");
    // An unknown place is just as likely as the current folder.
    answer::offer_beside(proposal, &reason, missing, answer::OFFER_CONFIDENCE)
}

#[cfg(test)]
mod tests {
    use crate::testing::{idle, intent};
    use crate::{Intent, Project, Request, route};

    fn request(projects: &[&str]) -> Request {
        let project = |name: &&str| Project { name: (*name).into(), path: format!("/home/ana/{name}") };
        Request { projects: projects.iter().map(project).collect(), ..idle() }
    }

    #[test]
    fn a_name_is_matched_despite_spelling_differences() {
        let known = request(&["shop", "api-server", "website"]);
        for utterance in [
            "in the API server, fix the endpoint",
            "fix the endpoint in the api server",
            "in api_server fix the endpoint",
            "in the API servers fix the endpoint",
            "fix the endpoint in Api-Server",
            "in the apiserver project, fix the endpoint",
        ] {
            assert_eq!(intent(utterance, &known), "launch claude api-server", "{utterance}");
        }
        assert_eq!(intent("fix the footer in the web site", &known), "launch claude website");
        assert_eq!(intent("copy the eslint config from website to here", &known), "launch claude -");
        assert_eq!(intent("fix the footer in shop and in the api server", &known), "cannot-parse");
    }

    #[test]
    fn a_name_that_sounds_like_a_known_one_needs_a_confirmation() {
        let known = request(&["shop", "api-server", "website"]);
        for (utterance, expected) in [
            ("in the chop project add a footer", "offer claude shop"),
            ("add a footer in web sight", "offer claude website"),
            ("in shopp, add a footer", "offer claude shop"),
        ] {
            assert_eq!(intent(utterance, &known), expected, "{utterance}");
            let proposal = route(&Request { utterance: utterance.into(), ..known.clone() });
            assert!(proposal.reason.contains("probably means the project"), "{}", proposal.reason);
        }
    }

    #[test]
    fn a_place_that_is_not_a_project_needs_a_confirmation() {
        let known = request(&["shop", "api-server", "website"]);
        for utterance in
            ["in the payment service, fix the endpoint", "fix the endpoint in the payment server"]
        {
            assert_eq!(intent(utterance, &known), "offer claude -", "{utterance}");
            let proposal = route(&Request { utterance: utterance.into(), ..known.clone() });
            let candidate = &proposal.candidates[0].intent;
            assert!(matches!(candidate, Intent::CannotParse(hint) if hint.contains("payment")));
        }
        for known in [&known, &request(&[])] {
            let utterance = "fix the failing test in warehouse".to_string();
            let proposal = route(&Request { utterance, ..known.clone() });
            assert!(proposal.confidence < 50);
            assert_eq!(proposal.reason, "no project \"warehouse\" is known");
            assert_eq!(proposal.candidates[0].confidence, proposal.confidence);
            assert!(
                matches!(&proposal.candidates[0].intent, Intent::CannotParse(hint) if hint.starts_with("No \
                    project \"warehouse\" is known."))
            );
        }
        for utterance in
            ["fix the typo in login.rs", "fix the crash in production", "fix the test in the parser"]
        {
            assert_eq!(intent(utterance, &known), "launch claude -", "{utterance}");
        }
        assert_eq!(intent("in the login page, fix the footer", &known), "launch claude -");
        assert_eq!(intent("in the billing project, fix the footer", &known), "cannot-parse");
    }
}
