//! Invariants of the egress policy, for any request from a guest and any grant from an operator.
//!
//! Each function panics if its invariant is broken. Property tests and a fuzz target call these functions.

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a broken invariant panics; for tests only"
)]

use std::sync::Arc;

use codewalk_core::terminal_text::is_unprintable;
use http::header::HeaderName;
use url::Url;

use crate::address::{MAX_URL, parse};
use crate::credential::{Credential, SecretSource};
use crate::grant::{Grant, method};
use crate::headers::{MAX_HEADER_BYTES, MAX_HEADERS, check};
use crate::judge::judge;
use crate::scrub::Secrets;
use crate::secret::Secret;

/// The maximum length of an error, not counting the text that it repeats.
const REASON: usize = 512;

/// Checks that an address is either rejected or read the same way by every parser.
pub fn address(text: &str) {
    let url = match parse(text) {
        Ok(url) => url,
        Err(refused) => return check_words(&refused.to_string(), 0),
    };
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{url}");
    assert!(text.len() <= MAX_URL && url.as_str().bytes().all(|byte| byte.is_ascii_graphic()), "{url}");
    let is_local = ["127.", "[::1]", "localhost"]
        .iter()
        .any(|local| url.host_str().is_some_and(|host| host.starts_with(local)));
    assert!(url.scheme() == "https" || (url.scheme() == "http" && is_local), "{url}");
    let written = text.split('?').next().unwrap_or_default();
    assert!(written.ends_with(url.path()) || (url.path() == "/" && !written.ends_with('/')), "{url}");
    assert!(stays_below("/", url.path()), "{url} leaves its own server");
    let (decoded, encoded) = decoded(url.path());
    let decoded = String::from_utf8(decoded).expect("a path is UTF-8 when it is decoded");
    assert!(!decoded.chars().any(|c| is_unprintable(c) || c.is_whitespace() && c != ' '), "{decoded:?}");
    assert!(!encoded.iter().any(|byte| b"./\\%;?#\0".contains(byte)), "{url} has {encoded:?} encoded");
    assert!(stays_below("/", &folded(&decoded)), "{url} leaves its own server");
    // Encoding a query makes the address longer.
    if url.as_str().len() <= MAX_URL {
        assert_eq!(parse(url.as_str()).as_ref(), Ok(&url), "it is a different address when parsed again");
    }
}

/// An operator's grant and a guest's request.
#[derive(Clone, Copy, Debug)]
pub struct EgressCase<'a> {
    pub granted: &'a str,
    pub granted_method: &'a str,
    /// The server that the credential is bound to.
    pub bound_to: &'a str,
    pub adapter: &'a str,
    pub url: &'a str,
    pub method: &'a str,
    pub credential: Option<&'a str>,
}

/// Checks that a request passes only within its grant, and that the configuration suggested by a denial would
/// allow it.
pub fn request(case: EgressCase<'_>) {
    let EgressCase { granted, granted_method, bound_to, adapter, url, method: text, credential } = case;
    let source = || SecretSource::Env("GROQ_API_KEY".to_owned());
    let known = Credential::new("groq", source(), bound_to);
    let known = known.map_err(|error| check_words(&error.to_string(), 8 * bound_to.len())).ok();
    let bound = known.clone().map(|_| parse(bound_to).map(|url| url.origin()));
    let grant = Grant::new(granted, &[granted_method.to_owned()], known.clone().map(Arc::new));
    let grant = grant.map_err(|e| check_words(&e.to_string(), 8 * (granted.len() + granted_method.len())));
    let (Ok(url), Some(method)) = (parse(url), method(text)) else { return };
    let grants = Vec::from_iter(grant.ok());
    let denial = match judge(adapter, &grants, &method, &url, credential) {
        Ok(grant) => {
            let server = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port());
            let within = parse(granted).expect("it was granted");
            assert_eq!(server(&url), server(&within), "another server");
            assert_eq!(method.as_str(), granted_method);
            if url.path() != within.path() {
                assert!(within.path().ends_with('/') && stays_below(within.path(), url.path()), "{url}");
            }
            if let Some(name) = credential {
                assert_eq!(grant.credential().map(Credential::name), Some(name));
                assert_eq!(bound, Some(Ok(url.origin())), "a credential for another server");
            }
            return;
        }
        Err(denial) => denial,
    };
    // A credential that no grant names is unknown.
    let is_known = !grants.is_empty() && known.is_some() && credential == Some("groq");
    if url.as_str().len() > MAX_URL || (credential.is_some() && !is_known) {
        return;
    }
    let Some(toml) = denial.toml() else {
        assert!(is_known && bound != Some(Ok(url.origin())), "no remedy for what could be granted: {denial}");
        return;
    };
    assert!(!toml.contains("[credentials"), "{toml}");
    let file: toml::Table = toml.parse().expect("what a denial tells to write is TOML");
    let entry = &file["adapters"][adapter]["http"][0];
    let text = |value: &toml::Value| value.as_str().expect("a text").to_owned();
    let allowed = text(&entry["url"]);
    let grant = Grant::new(&allowed, &[text(&entry["methods"][0])], known.map(Arc::new));
    let grants = [grant.expect("what a denial tells to write is a grant")];
    assert!(judge(adapter, &grants, &method, &url, credential).is_ok(), "{toml}");
}

/// Checks that headers are either rejected or unchanged: few, small, and none that only the host sets.
pub fn headers(given: &[(&str, &str)], credential: Option<&HeaderName>) {
    let map = match check(given.iter().copied(), credential) {
        Ok(map) => map,
        Err(refused) => return check_words(&refused.to_string(), 8 * MAX_HEADER_BYTES),
    };
    let size: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(map.len() == given.len() && map.len() <= MAX_HEADERS && size <= MAX_HEADER_BYTES);
    for (name, value) in &map {
        let is_given = |(n, v): &(&str, &str)| n.eq_ignore_ascii_case(name.as_str()) && *v == value;
        assert!(given.iter().any(is_given), "{name}: {value:?}");
        assert!(value.as_bytes().iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control()), "{value:?}");
        assert!(Some(name) != credential, "{name} is the credential's");
        // As read by a server that turns names into variables.
        let twin = name.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        for reserved in
            ["host", "authorization", "cookie", "content_length", "transfer_encoding", "te", "proxy"]
        {
            assert_ne!(twin, reserved);
        }
        assert!(!twin.starts_with("proxy_") && !twin.starts_with("x_forwarded_"), "{name}");
    }
}

/// Checks that credentials are removed from a response, however it is split into chunks.
pub fn scrubbing(bytes: &[u8]) {
    let values = ["gsk_gsk_1", "key", "e"];
    let secrets = Secrets::new(values.iter().filter_map(|value| Secret::new(value, "Bearer ")));
    let whole = secrets.scrub(bytes);
    let left = String::from_utf8_lossy(&whole).replace("[credential]", "\0");
    assert!(!values.iter().any(|value| left.contains(value)), "{left:?}");
    for piece in [1, 2, 7] {
        let (mut scrubber, mut passed) = (secrets.scrubber(), Vec::new());
        bytes.chunks(piece).for_each(|chunk| passed.extend(scrubber.pass(chunk, false)));
        passed.extend(scrubber.pass(&[], true));
        assert_eq!(passed, whole, "in pieces of {piece}");
    }
}

/// Returns the decoded path, and the bytes that were encoded.
fn decoded(path: &str) -> (Vec<u8>, Vec<u8>) {
    let mut parts = path.split('%');
    let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
    let mut encoded = Vec::new();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        encoded.push(byte.expect("two digits follow each %"));
        decoded.extend(encoded.last());
        decoded.extend(&part.as_bytes()[2..]);
    }
    (decoded, encoded)
}

/// Returns a text as read by a server that mistakes similar dots and slashes for ASCII ones.
fn folded(text: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) - 0xfee0);
    text.chars().fold(String::new(), |mut folded, c| {
        match c {
            '\u{ff01}'..='\u{ff5e}' => folded.extend(wide(c)),
            '\u{2024}' | '\u{3002}' | '\u{fe52}' | '\u{ff61}' => folded.push('.'),
            '\u{2025}' | '\u{fe30}' => folded.push_str(".."),
            '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{fe68}' => folded.push('/'),
            '\\' => folded.push('/'),
            c if is_unprintable(c) => {}
            c => folded.push(c),
        }
        folded
    })
}

/// Returns whether a path is below a folder even for a server that decodes twice and then resolves dots.
fn stays_below(folder: &str, path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let path = path.replace("%25", "%").replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
    let path = path.replace("%3b", ";").replace("%20", " ").replace("%3f", "?").replace("%23", "#");
    let Some(below) = path.strip_prefix(&folder.to_ascii_lowercase()) else { return false };
    let mut depth = 0;
    below.split('/').all(|segment| {
        depth += match segment.split([';', '?', '#']).next().map(str::trim) {
            Some("..") => -1,
            Some("." | "") => 0,
            _ => 1,
        };
        depth >= 0
    })
}

/// Checks that an error is not empty, has a bounded length, and contains no control characters.
fn check_words(text: &str, repeated: usize) {
    assert!(!text.is_empty() && text.len() <= REASON + repeated, "{} bytes", text.len());
    assert!(!text.contains(char::is_control), "{text:?}");
}
