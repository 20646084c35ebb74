//! Agents that are at work and do not get on.

use crate::time::Timestamp;

/// How an agent that is at work does not get on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Stall {
    /// It prints nothing.
    Silent {
        /// Since when.
        since: Timestamp,
    },
    /// It asks its model again and again.
    Retrying {
        /// Since when.
        since: Timestamp,
        /// Why, and when next.
        reason: String,
    },
}

impl Stall {
    /// Returns since when it lasts.
    pub const fn since(&self) -> Timestamp {
        match self {
            Self::Silent { since } | Self::Retrying { since, .. } => *since,
        }
    }

    /// Says it in a few words, such as `silent for 7 minutes`.
    pub fn words(&self, now: Timestamp) -> String {
        let lasts = duration(now.since(self.since()));
        match self {
            Self::Silent { .. } => format!("silent for {lasts}"),
            Self::Retrying { reason, .. } => format!("retrying for {lasts}: {reason}"),
        }
    }
}

/// Returns a duration in its largest unit.
pub(crate) fn duration(ms: u64) -> String {
    let (number, unit) = match ms / 1000 {
        seconds @ ..60 => (seconds, "second"),
        seconds @ ..7_200 => (seconds / 60, "minute"),
        seconds => (seconds / 3600, "hour"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_says_how_long_it_lasts_in_its_largest_unit() {
        for (ms, words) in [
            (0, "0 seconds"),
            (1_999, "1 second"),
            (59_999, "59 seconds"),
            (60_000, "1 minute"),
            (7_199_000, "119 minutes"),
            (7_200_000, "2 hours"),
        ] {
            let silent = Stall::Silent { since: Timestamp(5_000) };
            assert_eq!(silent.words(Timestamp(5_000 + ms)), format!("silent for {words}"));
        }
        let retrying = Stall::Retrying { since: Timestamp(0), reason: "it failed".to_owned() };
        assert_eq!(retrying.words(Timestamp(3_000)), "retrying for 3 seconds: it failed");
    }
}
