//! Digests of confirmations: a yes counts only for the confirmation that a front end has shown.

use std::collections::BTreeMap;

use codewalk_core::command::{Answer, Command};
use codewalk_core::consent::Plan;
use codewalk_core::event::{ConsentEvent, EventKind, StoredEvent};
use codewalk_core::ids::ConfirmationId;
use codewalk_core::query::Page;
use serde::Serialize;

use crate::follow::{Follow, OpenConfirmation};

/// The error for an answer to another confirmation.
const OTHER: &str = "the question has changed: send the `digest` of the one that you have shown";

/// All parts of a confirmation that are shown. The digest is computed from its JSON.
#[derive(Serialize)]
struct ConfirmationView<'a> {
    confirmation: ConfirmationId,
    /// The plans: agent, folder, prompt and permission, or session.
    plans: &'a [Plan],
    /// The utterance that led to it.
    said: &'a str,
    /// The router and its confidence.
    understood: Option<(&'a str, u8)>,
}

/// Returns the digest of a confirmation.
fn of(open: &OpenConfirmation) -> Option<String> {
    let understood = open.routed.as_ref();
    let view = ConfirmationView {
        confirmation: open.id,
        plans: &open.plans,
        said: &open.utterance,
        understood: understood.map(|routed| (routed.adapter.as_str(), routed.answer.confidence)),
    };
    let view = serde_json::to_vec(&view).ok()?;
    Some(blake3::hash(&view).to_hex().to_string())
}

/// Returns the digest of the confirmation that an event opens. `follow` has already absorbed the event.
pub fn of_event(recorded: &StoredEvent, follow: &Follow) -> Option<String> {
    match recorded.event.kind {
        EventKind::Consent {
            event: ConsentEvent::ConfirmationRequested { .. } | ConsentEvent::PlanChanged { .. },
            ..
        } => follow.confirmation().and_then(of),
        _ => None,
    }
}

/// Returns the digests of the confirmations on a page, by identifier.
pub fn of_page(page: &Page, follow: &Follow) -> BTreeMap<String, String> {
    let Page::Confirmations { confirmations } = page else { return BTreeMap::new() };
    let open = follow
        .confirmation()
        .filter(|open| confirmations.iter().any(|confirmation| confirmation.id == open.id));
    open.and_then(|open| Some((open.id.to_string(), of(open)?))).into_iter().collect()
}

/// Checks that an answer that may give consent names the open confirmation. The core rejects answers to
/// closed ones.
pub fn check(command: &Command, digest: Option<&str>, follow: &Follow) -> Result<(), &'static str> {
    let answered = match command {
        Command::Answer { answer: Answer::No, .. } => None,
        Command::Answer { confirmation, .. } => Some(*confirmation),
        Command::Say(said) => said.answers,
        _ => None,
    };
    let open = follow.confirmation().filter(|open| Some(open.id) == answered);
    match open {
        Some(open) if of(open).as_deref() != digest || digest.is_none() => Err(OTHER),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use codewalk_core::command::Project;
    use codewalk_core::ids::Id;
    use codewalk_core::permission::PermissionMode;

    use super::*;

    fn open(id: u128, prompt: &str, permission: PermissionMode) -> OpenConfirmation {
        let project = Project { name: "shop".to_owned(), path: "/home/me/shop".to_owned() };
        let plan =
            Plan::Launch { agent: "claude".to_owned(), project, prompt: prompt.to_owned(), permission };
        let id = ConfirmationId(Id::from_u128(id));
        OpenConfirmation { id, plans: vec![plan], utterance: "fix it".to_owned(), routed: None }
    }

    #[test]
    fn another_question_has_another_digest() {
        let one = of(&open(1, "fix it", PermissionMode::Ask));
        assert_eq!(one.as_ref().map(String::len), Some(64));
        assert_eq!(one, of(&open(1, "fix it", PermissionMode::Ask)));
        for other in [
            open(2, "fix it", PermissionMode::Ask),
            open(1, "fix it all", PermissionMode::Ask),
            open(1, "fix it", PermissionMode::Bypass),
            OpenConfirmation { utterance: "fix".to_owned(), ..open(1, "fix it", PermissionMode::Ask) },
        ] {
            assert_ne!(of(&other), one);
        }
    }
}
