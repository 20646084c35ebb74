//! The value of a credential.

use std::cmp::Reverse;

use http::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// The maximum length of a credential, in bytes.
pub(crate) const MAX_SECRET: u64 = 16 * 1024;

/// The value of a credential. Its `Debug` output hides it.
#[derive(Debug)]
pub struct Secret {
    secret: SecretString,
    header: HeaderValue,
}

impl Secret {
    /// Creates a value, or returns `None` if no header can carry it.
    #[must_use]
    pub fn new(text: &str, prefix: &str) -> Option<Self> {
        let secret = SecretString::from(text.trim().to_owned());
        let value = secret.expose_secret();
        if value.is_empty() || value.len() as u64 > MAX_SECRET {
            return None;
        }
        let mut header = HeaderValue::from_str(&format!("{prefix}{value}")).ok()?;
        header.set_sensitive(true);
        Some(Self { secret, header })
    }

    /// Creates a value from `USER:PASSWORD`, or returns `None` if the text has another form.
    pub(crate) fn login(text: &str) -> Option<Self> {
        let value = text.trim();
        let is_login = value.len() as u64 <= MAX_SECRET
            && !value.chars().any(char::is_control)
            && value.split_once(':').is_some_and(|(user, _)| !user.is_empty());
        // It is sent encoded, so the value itself need not be valid in a header.
        is_login.then(|| Self {
            secret: SecretString::from(value.to_owned()),
            header: HeaderValue::from_static(""),
        })
    }

    /// Returns the user name and the password.
    #[must_use]
    pub fn user_and_password(&self) -> (&str, &str) {
        let value = self.secret.expose_secret();
        value.split_once(':').unwrap_or((value, ""))
    }

    /// Returns the value of its header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Returns its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.secret.expose_secret().as_bytes()
    }

    /// Returns the position and length of its next occurrence in a text.
    #[must_use]
    pub fn find(&self, text: &[u8], from: usize) -> Option<(usize, Reverse<usize>)> {
        let at = memchr::memmem::find(&text[from..], self.bytes())?;
        Some((from + at, Reverse(self.bytes().len())))
    }

    /// Returns how many of its first bytes, but not all of them, are at the end of a text.
    #[must_use]
    pub fn begun(&self, text: &[u8]) -> usize {
        let secret = self.bytes();
        let most = (secret.len() - 1).min(text.len());
        (1..=most).rev().find(|&len| text.ends_with(&secret[..len])).unwrap_or_default()
    }
}
