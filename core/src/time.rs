//! Time: passed to the core with each input, never read from a clock.

use core::fmt;

/// Milliseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Returns the time `ms` milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Returns the milliseconds since `earlier`; 0 if `earlier` is in fact later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

/// The current time and the time zone of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The current time.
    pub now: Timestamp,
    /// The offset of local time from UTC, in seconds.
    pub utc_offset_s: i32,
}

impl Clock {
    /// Formats a local start time, and the time elapsed since then: `14:05 (7 minutes)`.
    pub fn since(self, then: Timestamp) -> String {
        const DAY: i64 = 24 * 60 * 60;
        let seconds = i64::try_from(then.0 / 1000).unwrap_or(0);
        let minutes = seconds.saturating_add(self.utc_offset_s.into()).rem_euclid(DAY) / 60;
        format!("{:02}:{:02} ({})", minutes / 60, minutes % 60, duration(self.now.since(then)))
    }
}

impl Clock {
    /// Formats a time in local time: `2026-11-30 15:05`.
    pub fn moment(self, at: Timestamp) -> String {
        const DAY: i64 = 24 * 60 * 60;
        let seconds = i64::try_from(at.0 / 1000).unwrap_or(0).saturating_add(self.utc_offset_s.into());
        let (days, minutes) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY) / 60);
        let (year, month, day) = date(days);
        format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Returns the date that is this many days after 1970-01-01. Years start in March, so that a leap day comes
/// last.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + next, month, day)
}

/// Formats a duration in its largest unit.
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
    fn a_time_is_formatted_with_its_date() {
        for (seconds, utc_offset_s, words) in [
            (0, 0, "1970-01-01 00:00"),
            (951_782_399, 0, "2000-02-28 23:59"),
            (951_782_400, 0, "2000-02-29 00:00"),
            (1_796_051_100, 0, "2026-11-30 15:05"),
            (1_767_225_599, 3_600, "2026-01-01 00:59"),
            (4_107_542_400, -3_600, "2100-02-28 23:00"),
            (253_402_300_799, 0, "9999-12-31 23:59"),
        ] {
            let clock = Clock { now: Timestamp(0), utc_offset_s };
            assert_eq!(clock.moment(Timestamp(seconds * 1000)), words);
        }
    }

    #[test]
    fn a_start_time_is_local_and_a_duration_in_its_largest_unit() {
        let since = |ms: u64, utc_offset_s| {
            Clock { now: Timestamp(5_000 + ms), utc_offset_s }.since(Timestamp(5_000))
        };
        for (ms, words) in [
            (0, "0 seconds"),
            (1_999, "1 second"),
            (59_999, "59 seconds"),
            (60_000, "1 minute"),
            (7_199_000, "119 minutes"),
            (7_200_000, "2 hours"),
        ] {
            assert_eq!(since(ms, 0), format!("00:00 ({words})"));
        }
        assert_eq!(since(0, -3_600), "23:00 (0 seconds)");
        assert_eq!(since(0, 20_700), "05:45 (0 seconds)");
    }
}
