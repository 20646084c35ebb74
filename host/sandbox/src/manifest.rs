//! What an adapter says of itself and asks for: a TOML text inside the component, so that its digest covers it.
//!
//! It is foreign text: bounded, and refused where it has anything that is not understood. Nothing here looks at components
//! (`section` finds the text in one) or at what was granted (`permissions`).

use std::fmt;

use codewalk_core::visible::has_unseen;
use serde::{Deserialize, Serialize};

use super::egress::{Grant, GrantError};
use super::text;
use super::world::World;

/// How long a manifest may be, in bytes.
pub const MAX_MANIFEST: usize = 64 * 1024;
/// How much of the reader's words about a wrong one is repeated.
const MAX_SYNTAX: usize = 512;
/// How many things one adapter may ask for.
const MAX_REQUESTS: usize = 32;
/// How long a name, a version or the name of a credential may be.
const MAX_NAME: usize = 64;
/// How long a sentence for people may be.
const MAX_SENTENCE: usize = 256;
/// Stands for whatever the operator's configuration names.
const ANY: &str = "*";

/// What an adapter says of itself and asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What its author calls it; an operator may use it under another name.
    pub name: String,
    /// What it is.
    pub world: World,
    /// Its author's version.
    pub version: String,
    /// What it does, on one line.
    pub description: String,
    /// What it asks to send where.
    pub http: Vec<GrantRequest>,
}

/// One thing an adapter asks to be allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    /// An address as in a grant, or `*`: whatever the operator's configuration names. The latter is never asked of anyone.
    pub url: String,
    /// The methods.
    pub methods: Vec<String>,
    /// The name of the credential it wants sent along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// What it wants it for, on one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Why a manifest makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is longer than any that is read.
    #[error("it has {size} bytes, at most {MAX_MANIFEST} are read")]
    TooLong {
        /// Its length.
        size: usize,
    },
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// There is more than one.
    #[error("there is more than one; a component has one manifest")]
    Twice,
    /// It is not TOML, lacks something or has something that is not known.
    #[error("{0}")]
    Syntax(String),
    /// A value is not one that can be used.
    #[error("{field} = {value:?}: {expected}")]
    Value {
        /// The key.
        field: &'static str,
        /// Its value, fit to be shown.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// It asks for too much.
    #[error("it has {count} [[http]] tables, at most {MAX_REQUESTS} are read")]
    TooMany {
        /// How many things it asks for.
        count: usize,
    },
    /// It asks for something that nobody could grant.
    #[error("[[http]] url = {url:?}: {error}")]
    Request {
        /// The address, fit to be shown.
        url: String,
        /// What is wrong with it.
        error: GrantError,
    },
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    world: String,
    version: String,
    description: String,
    #[serde(default)]
    http: Vec<GrantRequest>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// Where it is not TOML, or says what no manifest says.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MAX_MANIFEST {
            return Err(ManifestError::TooLong { size: text.len() });
        }
        let Written { name, world, version, description, http } =
            toml::from_str(text).map_err(|error: toml::de::Error| {
                ManifestError::Syntax(text::line(error.message(), MAX_SYNTAX))
            })?;
        if !is_adapter_name(&name) {
            return Err(value("name", &name, "a name has 1 to 64 of a-z, 0-9 and -, and begins with no -"));
        }
        let kind = |known: &World| known.kind() == world;
        let Some(world) = World::ALL.into_iter().find(kind) else {
            return Err(value("world", &world, "there are the worlds router and summarizer"));
        };
        if version.len() > MAX_NAME || version.is_empty() || !version.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(value("version", &version, "a version has 1 to 64 printable characters, e.g. 0.1.0"));
        }
        sentence("description", &description)?;
        if http.len() > MAX_REQUESTS {
            return Err(ManifestError::TooMany { count: http.len() });
        }
        http.iter().try_for_each(GrantRequest::check)?;
        Ok(Self { name, world, version, description, http })
    }
}

/// As the errors and the announcement of what it asks for have it: without its author's words, which may say anything.
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
    /// Returns whether it is for whatever the operator's configuration names.
    #[must_use]
    pub fn is_for_any(&self) -> bool {
        self.url == ANY
    }

    /// Returns what it asks for, without a credential; nothing where that is whatever is configured.
    ///
    /// # Errors
    /// Where nobody could grant it.
    pub(crate) fn grant(&self) -> Result<Option<Grant>, GrantError> {
        // The methods of such a one are checked all the same.
        let url = if self.is_for_any() { "https://any.invalid/" } else { &self.url };
        let grant = Grant::new(url, &self.methods, None)?;
        Ok(Some(grant).filter(|_| !self.is_for_any()))
    }

    /// Returns the server that it is for, as scheme, host and port.
    #[must_use]
    pub fn server(&self) -> String {
        let grant = self.grant().ok().flatten();
        grant.map_or_else(|| self.url.clone(), |grant| grant.server())
    }

    /// Checks all there is to check without knowing what is configured.
    pub(crate) fn check(&self) -> Result<(), ManifestError> {
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

/// Returns which of the names `shipped` a name could be taken for: it is that one, or differs only by hyphens, by case, by
/// characters that look alike or by one slip of the hand.
#[must_use]
pub fn looks_like<'a>(name: &str, shipped: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = skeleton(name);
    shipped.into_iter().find(|known| skeleton(known) == alike || is_one_slip_away(name, known))
}

/// Returns whether one text becomes the other by one letter more, less or different, or by two neighbours that change places.
fn is_one_slip_away(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    match (&one[same..], &other[same..]) {
        ([_, left @ ..], [_, right @ ..]) if left == right => true,
        ([_, left @ ..], right) | (right, [_, left @ ..]) if left == right => true,
        ([a, b, left @ ..], [c, d, right @ ..]) => (a, b) == (d, c) && left == right,
        (left, right) => left.is_empty() && right.is_empty(),
    }
}

/// Returns what stays of a name where look-alikes are one.
fn skeleton(name: &str) -> String {
    let plain = name.to_ascii_lowercase().replace(['-', '_', '.'], "").replace("rn", "m").replace("vv", "w");
    let like = |c| match c {
        '0' => 'o',
        '1' | 'i' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '6' | '9' => 'g',
        '8' => 'b',
        c => c,
    };
    plain.chars().map(like).collect()
}

/// Returns whether an adapter can be kept under that name. Files are named after it, so it is judged before all else.
#[must_use]
pub fn is_adapter_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_credential_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn sentence(field: &'static str, text: &str) -> Result<(), ManifestError> {
    if text.len() > MAX_SENTENCE || has_unseen(text) {
        return Err(value(field, text, "it has one line of at most 256 bytes, all of it visible"));
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
                         [[http]]\nurl = \"https://api.example/v1\"\nmethods = [\"GET\"]\ncredential = \"key\"\nwhy = \"asks\"\n";

    #[test]
    fn what_it_says_comes_back() {
        let manifest = Manifest::parse(WHOLE).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.world), ("a-1", World::Router));
        assert_eq!((manifest.version.as_str(), manifest.description.as_str()), ("0.1.0", "Says so"));
        let [asked] = manifest.http.as_slice() else { panic!("{manifest:?}") };
        assert_eq!(asked.to_string(), "GET https://api.example/v1 with the credential \"key\"");
        assert_eq!(asked.why, "asks");
    }

    #[test]
    fn what_no_manifest_says_is_refused() {
        for (from, to, expected) in [
            ("name = \"a-1\"", "name = \"A\"", "name = \"A\": a name has"),
            ("name = \"a-1\"", "name = \"../a\"", "a name has"),
            ("name = \"a-1\"", "name = \"\"", "a name has"),
            ("name = \"a-1\"", "name = \"-a\"", "a name has"),
            ("\"router\"", "\"judge\"", "there are the worlds"),
            ("\"0.1.0\"", "\"0 1\"", "a version has"),
            ("\"Says so\"", "\"a\\nb\"", "it has one line"),
            ("\"Says so\"", "\"\\u001b[2J\"", "it has one line"),
            ("\"asks\"", "\"\\u202e\"", "it has one line"),
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
    fn a_name_that_could_be_taken_for_another_is_found() {
        let shipped = ["local-router", "groq-summarizer"];
        for name in [
            "local-router",
            "local-router-",
            "localrouter",
            "local--router",
            "Local-Router",
            "l0cal-router",
            "1ocal-router",
            "loca1-r0uter",
            "iocal-router",
            "locall-router",
            "loca-router",
            "lcoal-router",
            "local-rovter",
            "local-routers",
        ] {
            assert_eq!(looks_like(name, shipped), Some("local-router"), "{name}");
        }
        assert_eq!(looks_like("gr0q-surnrnarizer", shipped), Some("groq-summarizer"));
        for name in ["groq-summariser", "grok-summarizer", "goq-summarizer", "Groq-Summarizers"] {
            assert_eq!(looks_like(name, shipped), Some("groq-summarizer"), "{name}");
        }
        for name in ["mine", "router", "local-router-2", "grok-router", "my-local-router", "lcal-ruoter", ""]
        {
            assert_eq!(looks_like(name, shipped), None, "{name}");
        }
    }

    #[test]
    fn what_is_too_long_or_too_much_is_refused() {
        let long = format!("{WHOLE}#{}", "x".repeat(MAX_MANIFEST));
        assert!(matches!(Manifest::parse(&long), Err(ManifestError::TooLong { .. })));
        let http = "[[http]]\nurl = \"*\"\nmethods = [\"GET\"]\n";
        let many = format!("{WHOLE}{}", http.repeat(MAX_REQUESTS));
        assert!(matches!(Manifest::parse(&many), Err(ManifestError::TooMany { count: 33 })));
    }

    proptest! {
        #[test]
        fn an_error_is_fit_to_be_shown(at in 0usize..200, what in any::<String>()) {
            let mut text = WHOLE.to_owned();
            if text.is_char_boundary(at) && at <= text.len() {
                text.insert_str(at, &what);
            }
            if let Err(error) = Manifest::parse(&text) {
                let error = error.to_string();
                prop_assert!(error.len() < 2048 && !error.chars().any(|c| c.is_control() || codewalk_core::text::is_unprintable(c)), "{error:?}");
            }
        }
    }
}
