//! Times in human-readable form.

use codewalk_core::time::Timestamp;
use codewalk_protocol::words::{self, duration};
use jiff::tz::TimeZone;

use crate::driver;

/// The present time and the local time zone.
pub struct Clock {
    now: Timestamp,
    zone: TimeZone,
}

impl Clock {
    /// Returns the clock of this machine.
    pub fn here() -> Self {
        Self { now: driver::now(), zone: TimeZone::system() }
    }

    /// Returns the present time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the clock in the form that the core needs.
    pub fn of_core(&self) -> codewalk_core::time::Clock {
        let now = i64::try_from(self.now.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let utc_offset_s = now.map_or(0, |now| self.zone.to_offset(now).seconds());
        codewalk_core::time::Clock { now: self.now, utc_offset_s }
    }

    /// Returns a timestamp in local time.
    pub fn local(&self, at: Timestamp) -> String {
        let moment = i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        moment.map_or_else(
            || "at an invalid time".to_owned(),
            |moment| moment.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        )
    }

    /// Returns the time that has passed since a timestamp.
    pub fn since(&self, then: Timestamp) -> String {
        duration(self.now.since(then))
    }

    /// Returns how long ago a timestamp was, in a single unit.
    pub fn age(&self, then: Timestamp) -> String {
        words::age(self.now, then)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Returns a clock that is one and a half hours ahead of UTC.
    pub fn clock(now: u64) -> Clock {
        let zone = TimeZone::fixed(jiff::tz::offset(1).saturating_add(jiff::SignedDuration::from_mins(30)));
        Clock { now: Timestamp(now), zone }
    }

    #[test]
    fn times_are_shown_in_local_time() {
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
