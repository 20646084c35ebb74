//! Warnings about a requested permission that a session does not get.

use std::cmp::Ordering;

use codewalk_core::permission::PermissionMode;
use codewalk_core::session::{Run, Session};
use codewalk_protocol::words::short_id;

use super::words::mode;

/// Returns a warning if a session does not get the permission requested by the flag.
pub fn other_than(session: &Session, requested: PermissionMode) -> Option<String> {
    let run = session.run()?;
    if session.state.has_ended() { lowered(run, requested) } else { kept(session, run, requested) }
}

/// A running agent keeps its permission.
fn kept(session: &Session, run: &Run, requested: PermissionMode) -> Option<String> {
    let (id, flag) = (short_id(session.id), name(requested));
    let change = match requested.cmp(&run.permission) {
        Ordering::Equal => return None,
        Ordering::Less => {
            format!(
                "to lower it: codewalk sessions stop {id}, then codewalk sessions resume {id} --permission \
                 {flag}"
            )
        }
        Ordering::Greater => {
            format!("to raise it, start a new session: codewalk run --permission {flag} \"...\"")
        }
    };
    Some(format!("permission: the running agent keeps {}; {change}", mode(run.permission)))
}

/// A new run of a session cannot have more permissions than the previous one.
fn lowered(last: &Run, requested: PermissionMode) -> Option<String> {
    let may = last.permission.for_resume().narrowed(requested);
    let why = match requested {
        _ if may == requested => return None,
        PermissionMode::Bypass => "bypass is granted for one run only",
        _ => "a run may do no more than the previous one",
    };
    Some(format!("permission: {}, because {why}", mode(may)))
}

/// Returns the name of a permission.
fn name(permission: PermissionMode) -> &'static str {
    mode(permission).split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use codewalk_core::session::Outcome;

    use super::super::samples::{ended, session};
    use super::*;

    #[test]
    fn a_resume_says_if_it_may_do_less_than_requested() {
        let session = session([ended(Outcome::Completed)]);
        assert_eq!(
            other_than(&session, PermissionMode::Bypass).unwrap(),
            "permission: ask: asks before changing anything, because bypass is granted for one run only"
        );
        let edits = other_than(&session, PermissionMode::AcceptEdits).unwrap();
        assert!(edits.contains("than the previous one"), "{edits}");
        assert_eq!(other_than(&session, PermissionMode::Ask), None);
        assert_eq!(other_than(&session, PermissionMode::Plan), None);
    }

    #[test]
    fn a_running_session_says_what_permission_it_keeps_and_how_to_change_it() {
        let session = session([]);
        for requested in [PermissionMode::AcceptEdits, PermissionMode::Bypass] {
            assert_eq!(
                other_than(&session, requested).unwrap(),
                format!(
                    "permission: the running agent keeps ask: asks before changing anything; to raise it, \
                     start a new session: codewalk run --permission {} \"...\"",
                    name(requested)
                )
            );
        }
        assert!(other_than(&session, PermissionMode::Plan).unwrap().ends_with(
            "to lower it: codewalk sessions stop 00000abc, then codewalk sessions resume 00000abc \
             --permission plan"
        ));
        assert_eq!(other_than(&session, PermissionMode::Ask), None);
    }
}
