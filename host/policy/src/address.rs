//! Parses addresses, and rejects those that two parsers could read differently.

use std::net::{Ipv4Addr, Ipv6Addr};

use codewalk_core::terminal_text::has_unseen;
use url::{Host, Url};

/// The maximum length of an address, in bytes.
pub const MAX_URL: usize = 8 * 1024;
/// Bytes that must not be encoded in a path: some servers decode before they split the path, some decode
/// twice, some never.
const AMBIGUOUS: &[u8] = b"./\\%;?#";

/// Why an address is rejected before any policy applies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is too long.
    #[error("the address has {size} bytes; at most {MAX_URL} are accepted")]
    TooLong {
        /// Its length in bytes.
        size: usize,
    },
    /// It contains characters that parsers remove or replace.
    #[error("the address may contain only printable ASCII and no backslash; encode everything else")]
    Characters,
    /// It is relative, or has another scheme.
    #[error("the address must begin with https:// or http:// in lower case and name a host")]
    Scheme,
    /// It has a user name or a password.
    #[error("the address must not contain a user name or password; name a credential instead")]
    UserInfo,
    /// It has a fragment, which is never sent.
    #[error("the address must not have a fragment")]
    Fragment,
    /// Its path could be read as a different one.
    #[error(
        "the path must have no . or .. segments and no characters that need encoding; encoded parts must be \
         visible UTF-8 text without {} or characters that look like these",
        String::from_utf8_lossy(AMBIGUOUS)
    )]
    Path,
    /// It is not an address.
    #[error("the address cannot be parsed: {0}")]
    Malformed(#[from] url::ParseError),
    /// It would be sent unencrypted over a network.
    #[error("plain http:// is allowed only to this machine (127.0.0.1, [::1] or localhost); use https://")]
    PlainHttp,
}

/// Parses an address. Rejects every form that another parser could read differently.
///
/// # Errors
/// If the address is not in its plain form.
pub fn parse(text: &str) -> Result<Url, AddressError> {
    if text.len() > MAX_URL {
        return Err(AddressError::TooLong { size: text.len() });
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err(AddressError::Characters);
    }
    if text.contains('#') {
        return Err(AddressError::Fragment);
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.ok_or(AddressError::Scheme)?;
    let (authority, path_and_query) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.is_empty() {
        return Err(AddressError::Scheme);
    }
    if authority.contains('@') {
        return Err(AddressError::UserInfo);
    }
    let path = path_and_query.split('?').next().unwrap_or_default();
    if decoded(path).is_none_or(|path| path.split('/').any(is_dots)) {
        return Err(AddressError::Path);
    }
    let url = Url::parse(text)?;
    if url.path() != if path.is_empty() { "/" } else { path } {
        return Err(AddressError::Path);
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(AddressError::PlainHttp);
    }
    Ok(url)
}

/// Returns the decoded path, or `None` if two servers could decode it differently. Some accept overlong
/// UTF-8, replace characters with similar ASCII ones, drop invisible characters, or decode `%u002e`.
fn decoded(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        if AMBIGUOUS.contains(&byte) {
            return None;
        }
        decoded.push(byte);
        decoded.extend(rest.as_bytes());
    }
    let decoded = String::from_utf8(decoded).ok()?;
    (!has_unseen(&decoded) && !decoded.chars().any(is_look_alike)).then_some(decoded)
}

/// Returns whether a server could mistake a character for one of [`AMBIGUOUS`]. This applies to characters
/// whose Unicode compatibility form contains one of them (`\u{2025}` is `..`, `\u{2100}` is `a/c`), and to
/// other slashes and full stops.
const fn is_look_alike(c: char) -> bool {
    matches!(c,
        '\u{37e}' | '\u{589}' | '\u{2024}'..='\u{2026}' | '\u{2044}' | '\u{2047}'..='\u{2049}'
        | '\u{2100}' | '\u{2101}' | '\u{2105}' | '\u{2106}' | '\u{2215}' | '\u{2216}'
        | '\u{2488}'..='\u{249b}' | '\u{29f5}' | '\u{29f8}' | '\u{29f9}' | '\u{3002}' | '\u{33c2}'
        | '\u{33c7}' | '\u{33d8}' | '\u{fe12}'..='\u{fe16}' | '\u{fe19}' | '\u{fe30}' | '\u{fe52}'
        | '\u{fe54}' | '\u{fe56}' | '\u{fe5f}' | '\u{fe68}' | '\u{fe6a}' | '\u{ff03}' | '\u{ff05}'
        | '\u{ff0e}' | '\u{ff0f}' | '\u{ff1b}' | '\u{ff1f}' | '\u{ff3c}' | '\u{ff61}' | '\u{1f100}')
}

/// Returns whether a server could mistake a segment for `.` or `..`. Some drop everything after the dots (the
/// parameters in `..;a=b`), or spaces at either end.
fn is_dots(segment: &str) -> bool {
    let rest = segment.trim_start_matches(['.', ' ']);
    let is_name = rest.starts_with(|first: char| first.is_alphanumeric() || "-_~".contains(first));
    rest.len() < segment.len() && !is_name
}

/// Returns whether an address names this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &AddressError) {
        assert_eq!(parse(text).as_ref(), Err(expected), "{text}");
    }

    #[test]
    fn plain_addresses_are_accepted_unchanged() {
        for text in [
            "https://api.groq.com/openai/v1/chat/completions",
            "https://api.groq.com/",
            "https://api.groq.com:8443/v1?model=a%2Fb&user=a@b",
            "https://api.groq.com/v1/my%20model%3Alarge/.well-known/..name//x.y",
            "https://api.groq.com/v1/caf%c3%a9/caf%65%CC%81/.%C3%BCber/%E6%A8%A1%E5%9E%8B/%f0%9f%98%80",
            "https://[2001:db8::1]/v1",
            "http://127.0.0.1:9/v1/",
            "http://[::1]:9/",
            "http://localhost:11434/v1",
        ] {
            assert_eq!(parse(text).unwrap().as_str(), text);
        }
    }

    /// Case 20.
    #[test]
    fn case_and_the_usual_port_make_no_difference() {
        let plain = parse("https://api.groq.com/v1").unwrap();
        assert_eq!(parse("https://API.Groq.COM:443/v1").unwrap(), plain);
        assert_ne!(parse("https://api.groq.com./v1").unwrap(), plain);
        refused("https://bücher.example/", &AddressError::Characters);
    }

    /// Case 16.
    #[test]
    fn plain_http_is_allowed_only_to_this_machine() {
        for text in ["http://api.groq.com/", "http://10.0.0.1/", "http://localhost.example/", "http://[::2]/"]
        {
            refused(text, &AddressError::PlainHttp);
        }
    }

    /// Case 18.
    #[test]
    fn a_path_that_could_be_read_as_another_is_refused() {
        for path in [
            "/v1/../admin",
            "/v1/..",
            "/v1/.",
            "/./v1",
            "/v1/%2e%2e/admin",
            "/v1/%2E./admin",
            "/v1%2fadmin",
            "/v1%2Fadmin",
            "/v1/%5cadmin",
            "/v1/%252e%252e/",
            "/v1/..;/admin",
            "/v1/..;x=1/admin",
            "/v1/..%3b/admin",
            "/v1/..%3Bx=1/admin",
            "/v1/..%3f/admin",
            "/v1/..%23/admin",
            "/v1/..,/admin",
            "/v1/.../admin",
            "/v1/%c0%ae%c0%ae/admin",
            "/v1/%ef%bc%8e%ef%bc%8e/admin",
            "/v1/%e2%80%a5/admin",
            "/v1/..%cc%81/admin",
            "/v1/%e0%80%ae%e0%80%ae/admin",
            "/v1/%f0%80%80%ae/admin",
            "/v1/%c0%afadmin",
            "/v1/%c1%9cadmin",
            "/v1/%ed%a0%80",
            "/v1/%f4%90%80%80",
            "/v1/%c3",
            "/v1/%c3/%a9",
            "/v1/%c3x%a9",
            "/v1/%a9",
            "/v1/%ff",
            "/v1/%c2%85admin",
            "/v1/%c2%9b2J",
            "/v1/.%e2%80%8b./admin",
            "/v1/%e2%80%aeadmin",
            "/v1/%ef%bb%bf../admin",
            "/v1/%ef%bc%8fadmin",
            "/v1/%ef%bc%bcadmin",
            "/v1/..%ef%bc%9badmin",
            "/v1/%ef%bc%8525/admin",
            "/v1/%e2%88%95admin",
            "/v1/%e2%81%84admin",
            "/v1/%e2%84%80",
            "/v1/%e2%92%88",
            "/v1/%3b",
            "/v1/a%2eb",
            "/v1/..%09/admin",
            "/v1/..%20/admin",
            "/v1/%20../admin",
            "/v1/.%0a./admin",
            "/v1/a%0d%0ahost:b",
            "/v1/a%7f",
            "/v1/%u002e%u002e/admin",
            "/v1/%",
            "/v1/%2",
            "/v1/%+2",
            "/v1/%zz",
            "/v1/%00",
            "/v1/\"quoted\"",
            "/v1/{id}",
        ] {
            refused(&format!("https://api.groq.com{path}"), &AddressError::Path);
        }
        refused("https://api.groq.com/v1\\..\\admin", &AddressError::Characters);
        refused("https://api.groq.com\\@evil.example/", &AddressError::Characters);
    }

    /// Case 19.
    #[test]
    fn a_user_name_is_refused() {
        for text in
            ["https://a@b.example/", "https://a:b@c.example/", "https://@b.example/", "https://:@b.example"]
        {
            refused(text, &AddressError::UserInfo);
        }
    }

    /// Case 29.
    #[test]
    fn an_address_that_is_not_absolute_is_refused() {
        for text in [
            "",
            "/v1",
            "//api.groq.com/v1",
            "api.groq.com",
            "https:api.groq.com",
            "https:/api.groq.com",
            "https:///api.groq.com",
            "HTTPS://api.groq.com",
            "ftp://api.groq.com/",
            "file:///etc/passwd",
            "https://",
            "https://?x",
        ] {
            refused(text, &AddressError::Scheme);
        }
        for text in ["https://api.groq.com:99999/", "https://[::1/", "https://a b/", "https://:443/"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    /// Case 34.
    #[test]
    fn line_breaks_tabs_and_fragments_are_refused() {
        for text in [
            "https://a.example/\r\nHost: b",
            "https://a.exa\tmple/",
            " https://a.example/",
            "https://a.example/ ",
        ] {
            refused(text, &AddressError::Characters);
        }
        refused("https://a.example/#x", &AddressError::Fragment);
        refused(&format!("https://a.example/{}", "x".repeat(MAX_URL)), &AddressError::TooLong { size: 8210 });
    }
}
