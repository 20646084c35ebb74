//! A denied request: the reason, and the configuration that would allow it.

use std::fmt;

use codewalk_core::terminal_text::is_unprintable;
use http::Method;
use url::Url;

use crate::credential::Credential;

/// A request that the policy denies. The text continues "the adapter NAME ...". It is for the operator; a
/// guest learns less.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("may not send {method} {url}: {why}; {remedy}")]
pub struct Denial {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) why: String,
    pub(crate) remedy: Remedy,
}

impl Denial {
    /// Returns the configuration that would allow it, or `None` if a credential would have to go to another
    /// server.
    #[must_use]
    pub fn toml(&self) -> Option<&str> {
        match &self.remedy {
            Remedy::Configuration(toml) => Some(toml),
            Remedy::Nothing { .. } => None,
        }
    }
}

/// What an operator can do about a denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Add these lines to the configuration.
    Configuration(String),
    /// Nothing is suggested: a guest chose the address, and must not persuade the operator to send a key
    /// there.
    Nothing { credential: String, bound_to: String },
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(toml) => write!(f, "this configuration would allow it:\n{toml}"),
            Self::Nothing { credential, bound_to } => {
                write!(f, "the credential {credential:?} is for {bound_to} only")
            }
        }
    }
}

impl Remedy {
    pub(crate) fn of(
        adapter: &str,
        method: &Method,
        url: &Url,
        wanted: Option<&str>,
        known: Option<&Credential>,
    ) -> Self {
        if let Some(known) = known.filter(|known| *known.bound_to() != url.origin()) {
            return Self::Nothing {
                credential: known.name().to_owned(),
                bound_to: known.bound_to().ascii_serialization(),
            };
        }
        // The address comes from a guest. A name in it may contain quotation marks.
        let target = quoted(url.as_str());
        let mut toml =
            format!("[[adapters.{}.http]]\nurl = {target}\nmethods = [\"{method}\"]\n", key(adapter));
        if let Some(name) = wanted {
            toml.push_str(&format!("credential = \"{name}\"\n"));
        }
        Self::Configuration(toml)
    }
}

/// Returns a name as a TOML key.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// Returns a text as a TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() || is_unprintable(c) => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_adapter_name_is_a_valid_toml_key() {
        for name in ["groq-router", "", "./my router.wasm", "a\"b\\c\n\u{1b}", "\u{11357}\u{202e}ö"] {
            let table: toml::Table = format!("{} = 1", key(name)).parse().unwrap();
            assert_eq!(table.keys().collect::<Vec<_>>(), [name]);
        }
    }
}
