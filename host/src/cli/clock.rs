//! Times as a person reads them here.

use codewalk_core::time::Timestamp;
use jiff::tz::TimeZone;

use crate::driver;

/// The present time, and the zone a person lives in.
pub struct Clock {
    now: Timestamp,
    zone: TimeZone,
}

impl Clock {
    /// Returns the clock of this machine.
    pub fn here() -> Self {
        Self { now: driver::now(), zone: TimeZone::system() }
    }

    /// Returns the same as the core tells times by.
    pub fn of_core(&self) -> codewalk_core::time::Clock {
        let now = i64::try_from(self.now.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let utc_offset_s = now.map_or(0, |now| self.zone.to_offset(now).seconds());
        codewalk_core::time::Clock { now: self.now, utc_offset_s }
    }

    /// Returns a moment in local time.
    pub fn local(&self, at: Timestamp) -> String {
        let moment = i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        moment.map_or_else(
            || "at an invalid time".to_owned(),
            |moment| moment.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        )
    }

    /// Returns how long something has lasted.
    pub fn since(&self, then: Timestamp) -> String {
        duration(self.now.since(then))
    }

    /// Returns how long ago something was, in one unit.
    pub fn age(&self, then: Timestamp) -> String {
        match self.now.since(then) / 1000 {
            0..60 => "just now".to_owned(),
            _ => format!("{} ago", self.since(then).split(' ').next().unwrap_or_default()),
        }
    }
}

/// Returns a length of time, in milliseconds, in words.
pub fn duration(ms: u64) -> String {
    match ms / 1000 {
        0 => format!("{ms} ms"),
        s @ 1..60 => format!("{s}s"),
        s @ 60..3_600 => format!("{}m {}s", s / 60, s % 60),
        s @ 3_600..172_800 => format!("{}h {}m", s / 3_600, s % 3_600 / 60),
        s => format!("{}d", s / 86_400),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Returns a clock an hour and a half ahead of Greenwich.
    pub fn clock(now: u64) -> Clock {
        let zone = TimeZone::fixed(jiff::tz::offset(1).saturating_add(jiff::SignedDuration::from_mins(30)));
        Clock { now: Timestamp(now), zone }
    }

    #[test]
    fn moments_are_told_in_local_time() {
        assert_eq!(clock(0).local(Timestamp(1_700_000_000_000)), "2023-11-14 23:43:20");
        assert_eq!(clock(0).local(Timestamp(u64::MAX)), "at an invalid time");
    }

    #[test]
    fn ages_have_one_unit_and_lengths_two() {
        let clock = clock(100_000_000);
        assert_eq!(clock.age(Timestamp(100_000_000 - 59_000)), "just now");
        assert_eq!(clock.age(Timestamp(100_000_000 - 3_700_000)), "1h ago");
        assert_eq!(clock.since(Timestamp(100_000_000 - 3_700_000)), "1h 1m");
        assert_eq!(duration(200_000_000), "2d");
    }
}
