//! Identifiers, all in the form of a UUID.
//!
//! The core has no randomness. Each envelope carries one fresh UUIDv7, and the core derives the identifiers
//! it needs from it with a counter, so the same inputs always produce the same identifiers.

use core::fmt;
use core::str::FromStr;

/// A 128-bit identifier, written as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u128);

/// The length of a written identifier.
const LENGTH: usize = 36;

/// Bits of a UUIDv7 that hold sub-millisecond data or noise (`rand_a`), here the counter of derived
/// identifiers.
const COUNTER_SHIFT: u32 = 64;
const COUNTER_MASK: u128 = 0xfff << COUNTER_SHIFT;

impl Id {
    /// Wraps the 128 bits of a UUID.
    pub const fn from_u128(bits: u128) -> Self {
        Self(bits)
    }

    /// Returns the `n`th identifier derived from this one; `n` counts modulo 4,096.
    #[must_use]
    pub const fn derived(self, n: u16) -> Self {
        Self((self.0 & !COUNTER_MASK) | (((n & 0xfff) as u128) << COUNTER_SHIFT))
    }
}

/// Returns whether a written identifier has a hyphen at this position.
const fn is_hyphen(place: usize) -> bool {
    matches!(place, 8 | 13 | 18 | 23)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'-'; LENGTH];
        let mut bits = self.0;
        for (_, byte) in text.iter_mut().enumerate().rev().filter(|(i, _)| !is_hyphen(*i)) {
            *byte = b"0123456789abcdef"[(bits & 0xf) as usize];
            bits >>= 4;
        }
        f.write_str(core::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error for a text that is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId(String);

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not an identifier; one looks like 0197f5a2-0000-7000-8000-000000000000", self.0)
    }
}

impl core::error::Error for InvalidId {}

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.chars().take(64).collect());
        if text.len() != LENGTH {
            return Err(invalid());
        }
        let mut bits = 0;
        for (i, byte) in text.bytes().enumerate() {
            match char::from(byte).to_digit(16) {
                Some(digit) if !is_hyphen(i) => bits = bits << 4 | u128::from(digit),
                None if is_hyphen(i) && byte == b'-' => {}
                _ => return Err(invalid()),
            }
        }
        Ok(Self(bits))
    }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize),
            serde(into = "String", try_from = "String")
        )]
        pub struct $name(pub Id);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }
    )+};
}

identifiers! {
    /// Identifies an utterance.
    UtteranceId
    /// Identifies a session.
    SessionId
    /// Identifies a launch confirmation.
    ConfirmationId
    /// Identifies a port call.
    CallId
    /// Identifies a timer.
    TimerId
    /// Identifies the stream of an event: the stream of an utterance or a session.
    StreamId
}

impl From<UtteranceId> for StreamId {
    fn from(id: UtteranceId) -> Self {
        Self(id.0)
    }
}

impl From<SessionId> for StreamId {
    fn from(id: SessionId) -> Self {
        Self(id.0)
    }
}

/// Derives identifiers from an envelope's identifier.
#[derive(Debug)]
pub struct IdSource {
    base: Id,
    next: u16,
}

impl IdSource {
    /// Starts with the identifier of an envelope.
    pub const fn new(base: Id) -> Self {
        Self { base, next: 0 }
    }

    /// Returns the next derived identifier.
    pub fn fresh(&mut self) -> Id {
        self.next += 1;
        self.base.derived(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_round_trips_through_its_text() {
        let id = Id::from_u128(0x0197_f5a2_1234_7abc_8def_0123_4567_89ab);
        assert_eq!(id.to_string(), "0197f5a2-1234-7abc-8def-0123456789ab");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_invalid_identifier_is_rejected() {
        for text in [
            "",
            "0197f5a2",
            "0197f5a2-1234-7abc-8def-0123456789a",
            "0197f5a21-234-7abc-8def-0123456789ab",
            "0197f5a2-1234-7abc-8def-0123456789abc",
            "0197f5a2-1234-7abc-8def-0123456789a\u{e9}",
            "0197f5a2_1234-7abc-8def-0123456789ab",
            "0197f5a2-1234-7abc-8def-01234567-9ab",
            "../../../../../../../../../etc/passw",
            "+197f5a2-1234-7abc-8def-0123456789ab",
        ] {
            assert!(text.parse::<Id>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn derived_identifiers_differ_and_keep_time_version_and_noise() {
        let base = Id::from_u128(0x0197_f5a2_1234_7abc_8def_0123_4567_89ab);
        let mut ids = IdSource::new(base);
        assert_eq!(ids.fresh().to_string(), "0197f5a2-1234-7001-8def-0123456789ab");
        assert_eq!(ids.fresh().to_string(), "0197f5a2-1234-7002-8def-0123456789ab");
    }
}
