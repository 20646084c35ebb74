//! Permission modes: a lattice in which origins can only narrow.

use crate::origin::Channel;

/// What an agent may do without asking, strictest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum PermissionMode {
    /// It may only plan.
    Plan,
    /// It asks before each tool call that changes something.
    #[default]
    Ask,
    /// It may edit files in the project.
    AcceptEdits,
    /// It never asks.
    Bypass,
    /// codewalk cannot hold it to any mode, because it does not ask for approval.
    Unenforced,
}

impl PermissionMode {
    /// Returns the stricter of two modes.
    #[must_use]
    pub fn narrowed(self, other: Self) -> Self {
        self.min(other)
    }

    /// Returns the mode for a resumed run: a bypass applies to one run only.
    #[must_use]
    pub fn for_resume(self) -> Self {
        if self >= Self::Bypass { Self::Ask } else { self }
    }
}

/// Says that an agent without approvals cannot be held to a mode.
#[must_use]
pub fn not_enforceable(agent: &str) -> String {
    format!("{agent} does not ask for approval, so codewalk cannot enforce a permission mode for it")
}

/// Returns the most permissive mode that a channel may grant.
#[must_use]
pub const fn ceiling(channel: Channel) -> PermissionMode {
    match channel {
        Channel::Terminal | Channel::Script => PermissionMode::Bypass,
        Channel::Demo => PermissionMode::Ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [PermissionMode; 5] = [
        PermissionMode::Plan,
        PermissionMode::Ask,
        PermissionMode::AcceptEdits,
        PermissionMode::Bypass,
        PermissionMode::Unenforced,
    ];

    #[test]
    fn narrowing_never_widens() {
        for a in ALL {
            for b in ALL {
                assert!(a.narrowed(b) <= a && a.narrowed(b) <= b);
                assert_eq!(a.narrowed(b), b.narrowed(a));
            }
        }
    }

    #[test]
    fn a_resume_never_inherits_a_bypass() {
        for mode in ALL {
            assert!(mode.for_resume() <= mode);
            assert!(mode.for_resume() < PermissionMode::Bypass);
        }
    }
}
