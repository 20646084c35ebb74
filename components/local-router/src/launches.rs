//! Proposes new work for a recognised request. An unrecognised request starts nothing.

use crate::proposal::propose;
use crate::reading::Reading;
use crate::requests::form;
use crate::{Proposal, offers, statements};

/// Returns a launch, or the reason why there is none.
pub fn read(reading: &Reading) -> Proposal {
    match form(reading) {
        Some(form) => propose(reading, form),
        None => offers::or_missing(reading, &|reading| {
            offers::is_plain_work(reading) || statements::is_about_software(reading)
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, describe, idle, intent};
    use crate::{Constraints, Intent, Request, route};

    #[test]
    fn named_agents_and_projects_are_used_and_constraints_win() {
        assert_eq!(intent("use codex to fix the pager in api", &idle()), "launch codex api");
        assert_eq!(intent("fix the pager", &idle()), "launch claude -");
        let constraints = Constraints { agent: Some("codex".into()), project: Some("web".into()) };
        let fixed = Request { constraints, ..idle() };
        assert_eq!(intent("use claude to fix the pager in api", &fixed), "launch codex web");
    }

    #[test]
    fn equally_likely_names_lead_to_a_question() {
        let proposal = route(&Request { utterance: "fix the footer in shop and in api".into(), ..idle() });
        assert!(matches!(proposal.intent, Intent::CannotParse(hint) if hint.contains("shop, api")));
        let candidates: Vec<String> = proposal.candidates.iter().map(|one| describe(&one.intent)).collect();
        assert_eq!(candidates, ["launch claude shop", "launch claude api"]);
        assert!(proposal.candidates.iter().all(|one| one.confidence == proposal.confidence));
    }

    #[test]
    fn new_work_beside_a_live_session_may_be_a_follow_up() {
        let proposal = route(&Request { utterance: "add a footer to shop".into(), ..busy() });
        assert_eq!(describe(&proposal.intent), "launch claude shop");
        assert_eq!(describe(&proposal.candidates[0].intent), "follow-up login");
        assert!(proposal.candidates[0].confidence < proposal.confidence);
    }

    #[test]
    fn the_users_words_are_the_prompt() {
        let utterance = "  use codex to fix „Größe“ in shop \n";
        let Intent::Launch(launch) = route(&Request { utterance: utterance.into(), ..idle() }).intent else {
            panic!("it is a launch");
        };
        assert_eq!(launch.prompt, utterance.trim());
    }

    #[test]
    fn without_an_agent_nothing_is_proposed() {
        let none = Request { agents: Vec::new(), ..idle() };
        assert_eq!(intent("fix the pager in shop", &none), "cannot-parse");
    }
}
