//! Stalls: running agents without progress.

use crate::time::{Clock, Timestamp};

/// Why a running agent makes no progress.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Stall {
    /// It prints nothing.
    Silent {
        /// The start of the stall.
        since: Timestamp,
    },
    /// It keeps retrying its model request.
    Retrying {
        /// The start of the stall.
        since: Timestamp,
        /// The reason for the retries, and the time of the next one.
        reason: String,
    },
}

impl Stall {
    /// Returns the start of the stall.
    pub const fn since(&self) -> Timestamp {
        match self {
            Self::Silent { since } | Self::Retrying { since, .. } => *since,
        }
    }

    /// Describes the stall in a few words, such as `silent since 14:05 (7 minutes)`.
    pub fn words(&self, clock: Clock) -> String {
        let since = clock.since(self.since());
        match self {
            Self::Silent { .. } => format!("silent since {since}"),
            Self::Retrying { reason, .. } => format!("retrying since {since}: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_described_with_its_local_start_time() {
        let at = |ms| Clock { now: Timestamp(ms), utc_offset_s: 5_400 };
        let since = Timestamp(45_300_000);
        let silent = Stall::Silent { since };
        assert_eq!(silent.words(at(45_720_000)), "silent since 14:05 (7 minutes)");
        let retrying = Stall::Retrying { since, reason: "it failed".to_owned() };
        assert_eq!(retrying.words(at(45_303_000)), "retrying since 14:05 (3 seconds): it failed");
    }
}
