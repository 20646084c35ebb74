//! Reads how long a server asks its clients to wait.

use std::time::{Duration, UNIX_EPOCH};

use crate::http;

/// Returns the milliseconds of a `Retry-After` header, which contains seconds or a date.
pub(crate) fn milliseconds(headers: &[http::Header], now: u64) -> Option<u64> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case("retry-after"))?;
    let value = header.value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let wait = Duration::try_from_secs_f64(seconds).ok()?;
        return u64::try_from(wait.as_millis()).ok();
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let at = u64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
    Some(at.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// This is 2015-10-21T07:28:00Z.
    const NOW: u64 = 1_445_412_480_000;

    fn after(value: &str) -> Option<u64> {
        let header = http::Header { name: "Retry-After".to_owned(), value: value.to_owned() };
        milliseconds(&[header], NOW)
    }

    #[test]
    fn seconds_and_dates_become_milliseconds() {
        for (value, expected) in [
            ("7", Some(7_000)),
            (" 0.25 ", Some(250)),
            ("0", Some(0)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30_000)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("-1", None),
            ("NaN", None),
            ("1e300", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(after(value), expected, "{value:?}");
        }
    }

    #[test]
    fn without_the_header_the_wait_is_unknown() {
        assert_eq!(milliseconds(&[], NOW), None);
    }

    proptest! {
        #[test]
        fn no_value_is_too_odd(value in any::<String>()) {
            let _ = after(&value);
        }
    }
}
