//! What an agent was not allowed to do, each thing named once. What was allowed in the end is no longer named: the events
//! still say that it was denied at first.

use crate::command::{Actor, Decision};
use crate::permission::PermissionMode;
use crate::session::{Denial, MAX_DENIED, RequestKind, Run};
use crate::text::shortened;

/// The tool of a denial where the agent was not allowed to carry out its plan.
pub const PLAN: &str = "plan";
/// How much of a plan a denial names, in characters.
const PLAN_CHARS: usize = 120;

/// What denies a request where nobody is there to be asked.
pub const NOT_ATTENDED: &str = "there is no terminal to ask at";

/// Returns on whose word an agent does not do what nobody was asked about.
pub fn by_agent() -> Actor {
    Actor::Policy { name: "the agent's own rules".to_owned() }
}

/// Takes note of how a request was answered.
pub fn decided(run: &mut Run, kind: &RequestKind, decision: &Decision, by: &Actor) {
    let is_denied = matches!(decision, Decision::Deny { .. });
    match kind {
        RequestKind::Approval { tool, subject, .. } if is_denied => {
            add(
                &mut run.denied,
                Denial { tool: tool.clone(), subject: subject.clone(), by: Some(by.clone()) },
            );
        }
        RequestKind::Approval { tool, subject, .. } => {
            run.denied.retain(|denial| denial.tool != *tool || denial.subject != *subject);
        }
        // Where it may only plan anyway, a plan was all that was asked for.
        RequestKind::Plan { .. }
            if is_denied && run.permission == PermissionMode::Plan && matches!(by, Actor::Policy { .. }) => {}
        RequestKind::Plan { plan } if is_denied => {
            let subject = shortened(plan, PLAN_CHARS);
            add(&mut run.denied, Denial { tool: PLAN.to_owned(), subject, by: Some(by.clone()) });
        }
        // The one that was accepted took the place of those before it.
        RequestKind::Plan { .. } => run.denied.retain(|denial| denial.tool != PLAN),
        // Whoever leaves a question unanswered forbids nothing.
        RequestKind::Questions { .. } => {}
    }
}

/// Adds a denial to those of a run; what was denied before is named once, with who denied it last.
pub fn add(denied: &mut Vec<Denial>, new: Denial) {
    let named = denied.iter().position(|known| known.tool == new.tool && known.subject == new.subject);
    match named {
        Some(at) => denied[at] = new,
        None if denied.len() < MAX_DENIED => denied.push(new),
        None => {}
    }
}
