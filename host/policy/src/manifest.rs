//! The manifest of an adapter: its description and its requests for grants, as TOML inside the component. The
//! digest of the component covers it.
//!
//! A manifest is untrusted, so it is bounded, and rejected if it contains anything unknown. `outline` finds
//! it in a component; `permissions` compares it with the grants.

use std::fmt;

use codewalk_core::terminal_text::has_unseen;
use serde::{Deserialize, Serialize};

use crate::grant::Grant;
use crate::grant_error::GrantError;
use crate::names::{is_adapter_name, is_credential_name};
use crate::text;
use crate::world::World;

/// The maximum size of a manifest, in bytes.
pub const MAX_MANIFEST: usize = 64 * 1024;
/// How much of the parser's error is repeated, in bytes.
const MAX_SYNTAX: usize = 512;
/// How many grants one adapter may request.
const MAX_REQUESTS: usize = 32;
/// The maximum length of a version, in bytes.
const MAX_NAME: usize = 64;
/// The maximum length of a description, in bytes.
const MAX_SENTENCE: usize = 256;
/// Requests everything that the configuration grants.
const ANY: &str = "*";

/// The manifest of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The name that its author chose. The configuration may use another.
    pub name: String,
    /// The world that the adapter implements.
    pub world: World,
    /// The adapter's version.
    pub version: String,
    /// What the adapter does, on one line.
    pub description: String,
    /// The grants that the adapter requests.
    pub http: Vec<GrantRequest>,
}

/// A grant that an adapter requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    /// An address as in a grant, or `*` for everything that the configuration grants, which needs no
    /// approval.
    pub url: String,
    /// The methods.
    pub methods: Vec<String>,
    /// The name of the credential that the adapter needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Why the adapter needs it, on one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Why a manifest is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is too long.
    #[error("it has {size} bytes; at most {MAX_MANIFEST} are read")]
    TooLong {
        /// Its length.
        size: usize,
    },
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// There are several manifests.
    #[error("there are several; a component has one manifest")]
    Twice,
    /// It is not TOML, or has missing or unknown fields.
    #[error("{0}")]
    Syntax(String),
    /// A value is invalid.
    #[error("{field} = {value:?}: {expected}")]
    Value {
        /// The key.
        field: &'static str,
        /// The value, sanitized.
        value: String,
        /// The expected value.
        expected: &'static str,
    },
    /// It has too many requests.
    #[error("it has {count} [[http]] tables; at most {MAX_REQUESTS} are read")]
    TooMany {
        /// The number of its requests.
        count: usize,
    },
    /// It requests something that cannot be granted.
    #[error("[[http]] url = {url:?}: {error}")]
    Request {
        /// The address, sanitized.
        url: String,
        /// What is wrong with it.
        #[source]
        error: GrantError,
    },
}

/// The fields of a manifest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestFile {
    name: String,
    world: String,
    version: String,
    description: String,
    #[serde(default)]
    http: Vec<GrantRequest>,
}

impl Manifest {
    /// Parses a manifest.
    ///
    /// # Errors
    /// If it is not TOML, or a field is missing, unknown or invalid.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MAX_MANIFEST {
            return Err(ManifestError::TooLong { size: text.len() });
        }
        let ManifestFile { name, world, version, description, http } =
            toml::from_str(text).map_err(|error: toml::de::Error| {
                ManifestError::Syntax(text::line(error.message(), MAX_SYNTAX))
            })?;
        if !is_adapter_name(&name) {
            return Err(value(
                "name",
                &name,
                "a name has 1 to 64 of a-z, 0-9 and -, and does not start with -",
            ));
        }
        let kind = |known: &World| known.kind() == world;
        let Some(world) = World::ALL.into_iter().find(kind) else {
            return Err(value("world", &world, "known worlds: router, summarizer"));
        };
        if version.len() > MAX_NAME || version.is_empty() || !version.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(value(
                "version",
                &version,
                "a version has 1 to 64 printable characters, such as 0.1.0",
            ));
        }
        sentence("description", &description)?;
        if http.len() > MAX_REQUESTS {
            return Err(ManifestError::TooMany { count: http.len() });
        }
        http.iter().try_for_each(GrantRequest::check)?;
        Ok(Self { name, world, version, description, http })
    }
}

/// The error without the author's text, which may say anything.
impl fmt::Display for GrantRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.methods.join(", "), self.url)?;
        if let Some(credential) = &self.credential {
            write!(f, " with the credential {credential:?}")?;
        }
        Ok(())
    }
}

impl GrantRequest {
    /// Returns whether it requests everything that the configuration grants.
    #[must_use]
    pub fn is_for_any(&self) -> bool {
        self.url == ANY
    }

    /// Returns the requested grant without its credential, or `None` if it requests everything that the
    /// configuration grants.
    ///
    /// # Errors
    /// If it cannot be granted.
    pub fn grant(&self) -> Result<Option<Grant>, GrantError> {
        // The methods are checked anyway.
        let url = if self.is_for_any() { "https://any.invalid/" } else { &self.url };
        let grant = Grant::new(url, &self.methods, None)?;
        Ok(Some(grant).filter(|_| !self.is_for_any()))
    }

    /// Returns its server: scheme, host and port.
    #[must_use]
    pub fn server(&self) -> String {
        let grant = self.grant().ok().flatten();
        grant.map_or_else(|| self.url.clone(), |grant| grant.server())
    }

    /// Checks the request, independently of the configuration.
    ///
    /// # Errors
    /// If it could never be granted, or one of its texts is invalid.
    pub fn check(&self) -> Result<(), ManifestError> {
        let shown = || text::line(&self.url, MAX_SENTENCE);
        self.grant().map_err(|error| ManifestError::Request { url: shown(), error })?;
        if let Some(name) = &self.credential
            && !is_credential_name(name)
        {
            return Err(value("credential", name, "a name has 1 to 64 of a-z, A-Z, 0-9, - and _"));
        }
        sentence("why", &self.why)
    }
}

fn sentence(field: &'static str, text: &str) -> Result<(), ManifestError> {
    if text.len() > MAX_SENTENCE || has_unseen(text) {
        return Err(value(field, text, "it must be one line of at most 256 bytes, all of it visible"));
    }
    Ok(())
}

fn value(field: &'static str, value: &str, expected: &'static str) -> ManifestError {
    ManifestError::Value { field, value: text::line(value, MAX_NAME), expected }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = "name = \"a-1\"\nworld = \"router\"\nversion = \"0.1.0\"\ndescription = \"Says so\"\n\
                         [[http]]\nurl = \"https://api.example/v1\"\nmethods = [\"GET\"]\n\
                         credential = \"key\"\nwhy = \"asks\"\n";

    #[test]
    fn a_manifest_is_read_completely() {
        let manifest = Manifest::parse(WHOLE).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.world), ("a-1", World::Router));
        assert_eq!((manifest.version.as_str(), manifest.description.as_str()), ("0.1.0", "Says so"));
        let [asked] = manifest.http.as_slice() else { panic!("{manifest:?}") };
        assert_eq!(asked.to_string(), "GET https://api.example/v1 with the credential \"key\"");
        assert_eq!(asked.why, "asks");
    }

    #[test]
    fn an_invalid_manifest_is_refused() {
        for (from, to, expected) in [
            ("name = \"a-1\"", "name = \"A\"", "name = \"A\": a name has"),
            ("name = \"a-1\"", "name = \"../a\"", "a name has"),
            ("name = \"a-1\"", "name = \"\"", "a name has"),
            ("name = \"a-1\"", "name = \"-a\"", "a name has"),
            ("\"router\"", "\"judge\"", "known worlds"),
            ("\"0.1.0\"", "\"0 1\"", "a version has"),
            ("\"Says so\"", "\"a\\nb\"", "it must be one line"),
            ("\"Says so\"", "\"\\u001b[2J\"", "it must be one line"),
            ("\"asks\"", "\"\\u202e\"", "it must be one line"),
            ("\"Says so\"", "\"Says so\\U000E0041\"", "all of it visible"),
            ("\"Says so\"", "\"Says\\u200b so\"", "all of it visible"),
            ("\"asks\"", "\"as\\u3164ks\"", "all of it visible"),
            ("version", "license = \"x\"\nversion", "unknown field `license`"),
            ("why", "secret = true\nwhy", "unknown field `secret`"),
            ("version = \"0.1.0\"", "", "missing field `version`"),
            ("https://api.example/v1", "https://user@api.example/v1", "user name"),
            ("https://api.example/v1", "https://api.example/../v1", ". or .. segments"),
            ("https://api.example/v1", "http://api.example/v1", "plain http"),
            ("https://api.example/v1", "https://api.example/v1?x", "has a query"),
            ("https://api.example/v1", "*.example", "must begin with https"),
            ("[\"GET\"]", "[]", "methods is empty"),
            ("[\"GET\"]", "[\"CONNECT\"]", "there is no method"),
            ("\"key\"", "\"a b\"", "credential = \"a b\""),
            ("[[http]]", "[[http", "unclosed"),
        ] {
            let error = Manifest::parse(&WHOLE.replace(from, to)).expect_err(to).to_string();
            assert!(error.contains(expected), "{to}: {error}");
        }
    }

    #[test]
    fn a_manifest_that_is_too_long_is_refused() {
        let long = format!("{WHOLE}#{}", "x".repeat(MAX_MANIFEST));
        assert!(matches!(Manifest::parse(&long), Err(ManifestError::TooLong { .. })));
        let http = "[[http]]\nurl = \"*\"\nmethods = [\"GET\"]\n";
        let many = format!("{WHOLE}{}", http.repeat(MAX_REQUESTS));
        assert!(matches!(Manifest::parse(&many), Err(ManifestError::TooMany { count: 33 })));
    }

    proptest! {
        #[test]
        fn an_error_is_sanitized(at in 0usize..200, what in any::<String>()) {
            let mut text = WHOLE.to_owned();
            if text.is_char_boundary(at) && at <= text.len() {
                text.insert_str(at, &what);
            }
            if let Err(error) = Manifest::parse(&text) {
                let error = error.to_string();
                let is_safe = |c: char| !c.is_control() && !codewalk_core::terminal_text::is_unprintable(c);
                prop_assert!(error.len() < 2048 && error.chars().all(is_safe), "{error:?}");
            }
        }
    }
}
