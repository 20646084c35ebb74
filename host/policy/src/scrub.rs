//! Removes credentials from responses.
//!
//! The exact value is found, however chunks split it. An encoded value (base64, percent encoding, a hash) is
//! not found: a server that receives a credential can always leak it, one character at a time.

use std::cmp::Reverse;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use crate::secret::Secret;

/// The replacement for a credential in a text.
const SCRUBBED: &[u8] = b"[credential]";

/// The credentials of one adapter, in no particular order.
#[derive(Clone, Debug)]
pub struct Secrets(Arc<[Secret]>);

/// Removes credentials from a text that arrives in chunks.
#[derive(Debug)]
pub struct Scrubber {
    secrets: Secrets,
    /// The end of the text so far, which may be the start of a credential.
    held: Vec<u8>,
}

impl Secrets {
    /// Collects credentials.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// Starts a new text.
    #[must_use]
    pub fn scrubber(&self) -> Scrubber {
        Scrubber { secrets: self.clone(), held: Vec::new() }
    }

    /// Returns a complete text without credentials.
    #[must_use]
    pub fn scrub(&self, bytes: &[u8]) -> Vec<u8> {
        self.scrubber().pass(bytes, true)
    }

    /// Returns headers without credentials. A header whose name contains a credential is dropped.
    #[must_use]
    pub fn scrub_headers(&self, headers: &HeaderMap) -> HeaderMap {
        let mut clean = HeaderMap::with_capacity(headers.len());
        for (name, value) in headers {
            if self.0.iter().any(|secret| contains_in_small_letters(name.as_str(), secret)) {
                continue;
            }
            if let Ok(value) = HeaderValue::from_bytes(&self.scrub(value.as_bytes())) {
                clean.append(name, value);
            }
        }
        clean
    }

    /// Returns where an incomplete credential at the end of a text begins, or the length of the text.
    fn begun(&self, text: &[u8]) -> usize {
        let longest = self.0.iter().map(|secret| secret.begun(text)).max();
        text.len() - longest.unwrap_or_default()
    }
}

/// Header names are in lower case.
fn contains_in_small_letters(name: &str, secret: &Secret) -> bool {
    let lower = secret.bytes().to_ascii_lowercase();
    memchr::memmem::find(name.as_bytes(), &lower).is_some()
}

impl Scrubber {
    /// Returns the part of the text that can no longer change, without credentials. After the last chunk,
    /// that is all of it.
    pub fn pass(&mut self, chunk: &[u8], is_last: bool) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(chunk);
        // The end of that part. It moves if a credential spans it.
        let certain = |from: usize| {
            if is_last { text.len() } else { from + self.secrets.begun(&text[from..]) }
        };
        let (mut out, mut end, mut until) = (Vec::with_capacity(text.len()), 0, certain(0));
        let mut next: Vec<_> = self.secrets.0.iter().map(|secret| secret.find(&text, 0)).collect();
        // From left to right; if several start at the same position, the longest counts.
        while let Some((at, Reverse(len))) = next.iter().flatten().copied().min()
            && at < until
        {
            out.extend_from_slice(&text[end..at]);
            out.extend_from_slice(SCRUBBED);
            end = at + len;
            if end > until {
                until = certain(end);
            }
            for (secret, next) in self.secrets.0.iter().zip(&mut next) {
                if next.is_some_and(|(at, _)| at < end) {
                    *next = secret.find(&text, end);
                }
            }
        }
        out.extend_from_slice(&text[end..until]);
        self.held = text.split_off(until);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::invariants;

    fn secrets(values: &[&str]) -> Secrets {
        Secrets::new(values.iter().map(|value| Secret::new(value, "").unwrap()))
    }

    fn in_chunks(secrets: &Secrets, text: &[u8], size: usize) -> Vec<u8> {
        let mut scrubber = secrets.scrubber();
        let mut out: Vec<u8> = text.chunks(size).flat_map(|chunk| scrubber.pass(chunk, false)).collect();
        out.extend(scrubber.pass(b"", true));
        out
    }

    /// Case 37.
    #[test]
    fn a_secret_is_scrubbed_anywhere_and_however_it_is_split() {
        let secrets = secrets(&["gsk_1234"]);
        for (said, left) in [
            ("gsk_1234", "[credential]"),
            ("gsk_1234gsk_1234", "[credential][credential]"),
            ("a gsk_1234 b gsk_1234.", "a [credential] b [credential]."),
            ("gsk_123 gsk_", "gsk_123 gsk_"),
            ("ggsk_1234gsk", "g[credential]gsk"),
            ("", ""),
        ] {
            for size in 1..=said.len().max(1) {
                let out = in_chunks(&secrets, said.as_bytes(), size);
                assert_eq!(String::from_utf8(out).unwrap(), left, "in chunks of {size}");
            }
        }
    }

    /// Case 37.
    #[test]
    fn a_secret_that_is_part_of_another_does_not_reveal_the_rest() {
        let secrets = secrets(&["key", "my-key-2", "key-2-long"]);
        for (said, left) in [
            ("my-key-2", "[credential]"),
            ("key-2-long", "[credential]"),
            ("key-2-lon", "[credential]-2-lon"),
            ("my-key", "my-[credential]"),
            ("my-key-2-long", "[credential]-long"),
        ] {
            for size in 1..=said.len() {
                let out = in_chunks(&secrets, said.as_bytes(), size);
                assert_eq!(String::from_utf8(out).unwrap(), left, "in chunks of {size}");
            }
        }
    }

    /// Case 37.
    #[test]
    fn headers_are_scrubbed_in_value_and_name() {
        let secrets = secrets(&["Abc_123"]);
        let headers = [("x-said", "it is Abc_123"), ("x-abc_123", "x"), ("x-other", "y")];
        let headers: HeaderMap = headers
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .into_iter()
            .collect();
        let clean = secrets.scrub_headers(&headers);
        assert_eq!(clean.len(), 2);
        assert_eq!(clean["x-said"], "it is [credential]");
    }

    proptest! {
        #[test]
        fn no_response_contains_a_secret(said in "(gsk_|gsk_1|key|e|[a-z]|credential]){0,12}") {
            invariants::scrubbing(said.as_bytes());
        }

        #[test]
        fn secrets_are_scrubbed_however_a_response_is_chunked(
            text in "[abc]{0,40}",
            values in prop::collection::vec("[abc]{1,5}", 1..4),
            sizes in prop::collection::vec(1usize..8, 1..20),
        ) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let secrets = secrets(&values);
            let whole = secrets.scrub(text.as_bytes());
            let (mut scrubber, mut rest, mut out) = (secrets.scrubber(), text.as_bytes(), Vec::new());
            for size in sizes {
                let (chunk, more) = rest.split_at(size.min(rest.len()));
                out.extend(scrubber.pass(chunk, false));
                rest = more;
            }
            out.extend(scrubber.pass(rest, true));
            prop_assert_eq!(&out, &whole);
            let left = String::from_utf8(whole).unwrap();
            for part in left.split("[credential]") {
                prop_assert!(values.iter().all(|value| !part.contains(value)), "{} of {}", part, text);
            }
        }
    }
}
