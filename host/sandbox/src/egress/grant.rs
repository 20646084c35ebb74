//! The policy: what an adapter may send where, and the pure function that judges a request by it.

use std::fmt;
use std::sync::Arc;

use codewalk_core::text::is_unprintable;
use http::Method;
use url::Url;

use super::address::{self, AddressError};
use super::credential::Credential;
use super::resolver::NotPublic;

/// The methods that can be granted. `CONNECT` opens a tunnel and `TRACE` returns what the host added.
const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// What an adapter may send: to one server, below one path, with some methods, with one credential or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    url: Url,
    methods: Vec<Method>,
    credential: Option<Arc<Credential>>,
}

/// Why a grant or a credential makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Its address cannot be used.
    #[error("{0}")]
    Address(AddressError),
    /// Its address has a query, which is not judged.
    #[error("{url:?} has a query; a grant is for a path and all queries")]
    Query {
        /// The address.
        url: String,
    },
    /// It has no methods.
    #[error("methods is empty; name at least one, e.g. methods = [\"POST\"]")]
    NoMethods,
    /// It has a method that cannot be granted.
    #[error("there is no method {method:?} to be granted; write one of {}", listed(&METHODS))]
    Method {
        /// The method.
        method: String,
    },
    /// A credential is for a server, not for a part of one.
    #[error("{url:?} is more than a scheme, a host and a port")]
    NotAnOrigin {
        /// The address.
        url: String,
    },
    /// A credential cannot be sent so.
    #[error("no header can be sent with the name {header:?} and a value that begins with {prefix:?}")]
    Header {
        /// The name of the header.
        header: String,
        /// What stands before the value.
        prefix: String,
    },
}

impl Grant {
    /// Makes a grant for an address and, where that ends in `/`, for all below it.
    ///
    /// # Errors
    /// Where the address is not a plain one, or a method cannot be granted.
    pub fn new(
        url: &str,
        methods: &[String],
        credential: Option<Arc<Credential>>,
    ) -> Result<Self, GrantError> {
        let parsed = address::parse(url)?;
        if parsed.query().is_some() {
            return Err(GrantError::Query { url: url.to_owned() });
        }
        if methods.is_empty() {
            return Err(GrantError::NoMethods);
        }
        let known = |method: &String| {
            self::method(method).ok_or_else(|| GrantError::Method { method: method.clone() })
        };
        let methods = methods.iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { url: parsed, methods, credential })
    }

    /// Returns the credential that may be used with it.
    #[must_use]
    pub fn credential(&self) -> Option<&Credential> {
        self.credential.as_deref()
    }

    /// Returns the server that it is for, as scheme, host and port.
    #[must_use]
    pub fn server(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns whether its credential, if it has one, is for its server: for another one it is never sent.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.credential.as_ref().is_none_or(|credential| *credential.bound_to() == self.url.origin())
    }

    /// Returns whether a request without a credential falls under it.
    #[must_use]
    pub fn allows(&self, method: &str, url: &str) -> bool {
        let request = self::method(method).zip(address::parse(url).ok());
        request.is_some_and(|(method, url)| self.objection(&method, &url, None).is_none())
    }

    /// Returns whether its server has to prove who it is.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// Returns this grant for a part of what it is for.
    pub(crate) fn narrowed(&self, url: Url, methods: Vec<Method>, with_credential: bool) -> Self {
        let credential = self.credential.clone().filter(|_| with_credential);
        Self { url, methods, credential }
    }

    /// Returns the first thing about a request that this grant is not for.
    fn objection(&self, method: &Method, url: &Url, credential: Option<&str>) -> Option<Objection> {
        if self.url.origin() != url.origin() {
            return Some(Objection::Server);
        }
        let granted = self.url.path();
        let is_below = granted.ends_with('/') && url.path().starts_with(granted);
        if url.path() != granted && !is_below {
            return Some(Objection::Path);
        }
        if !self.methods.contains(method) {
            return Some(Objection::Method);
        }
        match (credential, &self.credential) {
            (None, _) => None,
            (Some(wanted), Some(granted)) if granted.name() == wanted => {
                (*granted.bound_to() != url.origin()).then_some(Objection::Binding)
            }
            (Some(_), _) => Some(Objection::Credential),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", listed(&self.methods), self.url)?;
        match &self.credential {
            Some(credential) => write!(f, " with the credential {:?}", credential.name()),
            None => Ok(()),
        }
    }
}

/// Reads a method, in capitals as the standard has them.
pub(super) fn method(text: &str) -> Option<Method> {
    METHODS.into_iter().find(|method| method.as_str() == text)
}

fn listed(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

/// What a request has that a grant is not for; what is judged later is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Objection {
    Server,
    Path,
    Method,
    Credential,
    Binding,
}

/// Returns the grant that a request falls under.
///
/// # Errors
/// Where there is none: the denial.
pub(super) fn judge<'a>(
    adapter: &str,
    grants: &'a [Grant],
    method: &Method,
    url: &Url,
    credential: Option<&str>,
) -> Result<&'a Grant, Box<Denial>> {
    let mut closest = None;
    for grant in grants {
        match grant.objection(method, url, credential) {
            None => return Ok(grant),
            objection => closest = closest.max(objection),
        }
    }
    let known = grants.iter().filter_map(Grant::credential).find(|known| Some(known.name()) == credential);
    let mut target = url.clone();
    target.set_query(None);
    Err(Box::new(Denial {
        method: method.clone(),
        why: match closest {
            None => "it was given no network".to_owned(),
            Some(Objection::Server) => {
                format!("none of its grants is for {}", url.origin().ascii_serialization())
            }
            Some(Objection::Path) => "its grants are for other paths of that server".to_owned(),
            Some(Objection::Method) => format!("its grant for that address is not for {method}"),
            Some(Objection::Credential) => "its grant for that address is for no such credential".to_owned(),
            Some(Objection::Binding) => "the credential is for another server".to_owned(),
        },
        remedy: Remedy::of(adapter, method, &target, credential, known),
        url: target,
    }))
}

/// Returns the denial of a request that falls under a grant, to a name that leads where names may not.
pub(super) fn deny_address(
    adapter: &str,
    method: &Method,
    url: &Url,
    credential: Option<&Credential>,
    found: &NotPublic,
) -> Box<Denial> {
    let mut target = url.clone();
    target.set_query(None);
    let mut numbered = target.clone();
    // The host of an address with a scheme of the web can always be set.
    let _ = numbered.set_ip_host(found.ip);
    let remedy = Remedy::of(adapter, method, &numbered, credential.map(Credential::name), credential);
    Box::new(Denial { method: method.clone(), why: found.to_string(), remedy, url: target })
}

/// A request that the policy does not allow. Its text continues "the adapter NAME ...". It is for the operator; a guest is told
/// less.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("may not send {method} {url}: {why}; {remedy}")]
pub struct Denial {
    method: Method,
    url: Url,
    why: String,
    remedy: Remedy,
}

impl Denial {
    /// Returns the lines of the configuration that would allow it; none where a credential would have to go to another server.
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
enum Remedy {
    /// Write these lines.
    Configuration(String),
    /// Nothing that is said here: a guest named the address, and the operator is not to be talked into giving it a key.
    Nothing { credential: String, bound_to: String },
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(toml) => write!(f, "this in the configuration would allow it:\n{toml}"),
            Self::Nothing { credential, bound_to } => {
                write!(f, "the credential {credential:?} is for {bound_to} and goes nowhere else")
            }
        }
    }
}

impl Remedy {
    fn of(
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
        // A guest wrote the address, and a name may have quotation marks in it.
        let target = quoted(url.as_str());
        let mut toml =
            format!("[[adapters.{}.http]]\nurl = {target}\nmethods = [\"{method}\"]\n", key(adapter));
        if let Some(name) = wanted {
            toml.push_str(&format!("credential = \"{name}\"\n"));
        }
        Self::Configuration(toml)
    }
}

/// Returns a name as TOML has it in a key.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// Returns a text as TOML has it between quotation marks.
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
    use proptest::prelude::*;

    use super::*;
    use crate::egress::SecretSource;
    use crate::egress::invariants::{self, Asked};

    const GROQ: &str = "https://api.groq.com/openai/v1/chat/completions";

    fn credential(bound_to: &str) -> Arc<Credential> {
        let source = SecretSource::Env("GROQ_API_KEY".to_owned());
        Arc::new(Credential::new("groq", source, bound_to).unwrap())
    }

    fn grant(url: &str, methods: &[&str], credential: Option<Arc<Credential>>) -> Result<Grant, GrantError> {
        let methods: Vec<String> = methods.iter().map(|method| (*method).to_owned()).collect();
        Grant::new(url, &methods, credential)
    }

    /// Judges by one grant; returns the reason of a denial.
    fn judged(grant: &Grant, method: &str, url: &str, credential: Option<&str>) -> Result<(), String> {
        let (method, url) = (super::method(method).unwrap(), address::parse(url).unwrap());
        judge("groq-router", std::slice::from_ref(grant), &method, &url, credential)
            .map(drop)
            .map_err(|denial| denial.why)
    }

    #[test]
    fn a_grant_is_for_its_server_path_and_methods_alone() {
        let grant = grant("https://api.groq.com/openai/v1/", &["POST", "GET"], None).unwrap();
        for (method, url) in [
            ("POST", GROQ),
            ("GET", "https://api.groq.com/openai/v1/"),
            ("GET", "https://API.GROQ.com:443/openai/v1/models?limit=1"),
        ] {
            assert_eq!(judged(&grant, method, url, None), Ok(()), "{method} {url}");
        }
        for (method, url, why) in [
            ("POST", "https://api.groq.com.evil.example/openai/v1/x", "none of its grants is for"),
            ("POST", "https://evilapi.groq.com/openai/v1/x", "none of its grants is for"),
            ("POST", "https://groq.com/openai/v1/x", "none of its grants is for"),
            ("POST", "https://api.groq.com./openai/v1/x", "none of its grants is for"),
            ("POST", "https://api.groq.com:444/openai/v1/x", "none of its grants is for"),
            ("POST", "http://127.0.0.1/openai/v1/x", "none of its grants is for"),
            ("POST", "https://api.groq.com/openai/v1", "its grants are for other paths"),
            ("POST", "https://api.groq.com/openai/v10/x", "its grants are for other paths"),
            ("POST", "https://api.groq.com//openai/v1/x", "its grants are for other paths"),
            ("POST", "https://api.groq.com/OpenAI/v1/x", "its grants are for other paths"),
            ("DELETE", GROQ, "its grant for that address is not for DELETE"),
        ] {
            let denied = judged(&grant, method, url, None).unwrap_err();
            assert!(denied.starts_with(why), "{method} {url}: {denied}");
        }
    }

    #[test]
    fn a_grant_without_a_slash_at_its_end_is_for_one_address() {
        let grant = grant(GROQ, &["POST"], None).unwrap();
        assert_eq!(judged(&grant, "POST", &format!("{GROQ}?a=b"), None), Ok(()));
        for other in ["/more", "x", "/"] {
            assert!(judged(&grant, "POST", &format!("{GROQ}{other}"), None).is_err(), "{other}");
        }
    }

    #[test]
    fn c21_addresses_in_other_notations_are_the_same_address() {
        let grant = grant("http://127.0.0.1:80/", &["GET"], None).unwrap();
        for host in ["2130706433", "0177.0.0.1", "0x7f.1", "127.1"] {
            assert_eq!(judged(&grant, "GET", &format!("http://{host}/"), None), Ok(()), "{host}");
        }
        assert_eq!(address::parse("http://[::ffff:127.0.0.1]/"), Err(AddressError::PlainHttp));
    }

    #[test]
    fn c36_a_credential_goes_to_its_own_server_and_by_its_own_name() {
        let own = grant(GROQ, &["POST"], Some(credential("https://api.groq.com"))).unwrap();
        assert_eq!(judged(&own, "POST", GROQ, Some("groq")), Ok(()));
        assert_eq!(judged(&own, "POST", GROQ, None), Ok(()));
        assert!(judged(&own, "POST", GROQ, Some("other")).unwrap_err().contains("no such credential"));
        for server in ["https://api.groq.com:444", "https://groq.com", "http://127.0.0.1"] {
            let other = grant(GROQ, &["POST"], Some(credential(server))).unwrap();
            let denied = judged(&other, "POST", GROQ, Some("groq")).unwrap_err();
            assert_eq!(denied, "the credential is for another server", "{server}");
        }
    }

    #[test]
    fn a_denial_names_the_configuration_that_would_allow_it() {
        let grants = [grant(GROQ, &["POST"], Some(credential("https://api.groq.com"))).unwrap()];
        let url = address::parse("https://api.groq.com/v1/chat?key=x").unwrap();
        let denial = judge("./my router.wasm", &grants, &Method::POST, &url, Some("groq")).unwrap_err();
        assert_eq!(
            denial.to_string(),
            "may not send POST https://api.groq.com/v1/chat: its grants are for other paths of that server; \
             this in the configuration would allow it:\n\
             [[adapters.\"./my router.wasm\".http]]\n\
             url = \"https://api.groq.com/v1/chat\"\n\
             methods = [\"POST\"]\n\
             credential = \"groq\"\n"
        );
    }

    #[test]
    fn a_denial_never_says_how_to_send_a_credential_to_another_server() {
        let own = credential("https://api.groq.com");
        let grants = [grant(GROQ, &["POST"], Some(Arc::clone(&own))).unwrap()];
        let url = address::parse("https://api.groq.com.example/v1/chat").unwrap();
        let denial = judge("a", &grants, &Method::POST, &url, Some("groq")).unwrap_err();
        assert_eq!(
            denial.to_string(),
            "may not send POST https://api.groq.com.example/v1/chat: none of its grants is for \
             https://api.groq.com.example; the credential \"groq\" is for https://api.groq.com and goes nowhere else"
        );
        assert_eq!(denial.toml(), None);
        let found = NotPublic { name: "api.groq.com".to_owned(), ip: "10.0.0.7".parse().unwrap() };
        let url = address::parse(GROQ).unwrap();
        let denial = deny_address("a", &Method::POST, &url, Some(&own), &found);
        assert_eq!(denial.toml(), None, "{denial}");
    }

    #[test]
    fn c24_a_denied_address_is_allowed_where_a_grant_names_the_number() {
        let url = address::parse("https://gateway.example:8443/v1/chat?key=x").unwrap();
        for (ip, written) in [("10.0.0.7", "10.0.0.7"), ("fd00:ec2::254", "[fd00:ec2::254]")] {
            let found = NotPublic { name: "gateway.example".to_owned(), ip: ip.parse().unwrap() };
            let denial = deny_address("a", &Method::POST, &url, None, &found);
            assert_eq!(
                denial.to_string(),
                format!(
                    "may not send POST https://gateway.example:8443/v1/chat: gateway.example leads to {ip}, which is no \
                     address of the public internet and has to be granted as that number; this in the configuration \
                     would allow it:\n\
                     [[adapters.a.http]]\n\
                     url = \"https://{written}:8443/v1/chat\"\n\
                     methods = [\"POST\"]\n"
                )
            );
        }
    }

    #[test]
    fn an_address_with_quotation_marks_is_written_as_toml_reads_it() {
        invariants::request(Asked {
            granted: GROQ,
            granted_method: "POST",
            bound_to: "https://api.groq.com",
            adapter: "a",
            url: "https://a\"pi.groq.com/v1",
            method: "POST",
            credential: Some("groq"),
        });
    }

    #[test]
    fn any_name_of_an_adapter_is_written_as_toml_reads_it() {
        for name in ["groq-router", "", "./my router.wasm", "a\"b\\c\n\u{1b}", "\u{11357}\u{202e}ö"] {
            let table: toml::Table = format!("{} = 1", key(name)).parse().unwrap();
            assert_eq!(table.keys().collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn the_closest_grant_says_what_is_missing() {
        let grants = [
            grant("https://other.example/", &["POST"], None).unwrap(),
            grant(GROQ, &["GET"], None).unwrap(),
            grant("https://api.groq.com/audio/", &["POST"], None).unwrap(),
        ];
        let denial = judge("a", &grants, &Method::POST, &address::parse(GROQ).unwrap(), None).unwrap_err();
        assert_eq!(denial.why, "its grant for that address is not for POST");
    }

    #[test]
    fn a_grant_that_makes_no_sense_is_refused() {
        use GrantError as E;
        let refused = |url, methods: &[&str]| grant(url, methods, None).unwrap_err();
        assert_eq!(refused("http://api.groq.com/", &["GET"]), E::Address(AddressError::PlainHttp));
        assert_eq!(refused("https://a@b.example/", &["GET"]), E::Address(AddressError::UserInfo));
        assert_eq!(refused("api.groq.com", &["GET"]), E::Address(AddressError::Scheme));
        assert!(matches!(refused("https://a.example/?x", &["GET"]), E::Query { .. }));
        assert_eq!(refused(GROQ, &[]), E::NoMethods);
        for method in ["post", "CONNECT", "TRACE", "*", ""] {
            assert_eq!(refused(GROQ, &[method]), E::Method { method: method.to_owned() });
        }
    }

    proptest! {
        #[test]
        fn nothing_outside_of_a_grant_passes_and_a_denial_says_what_would_allow_it(
            url in r"https://(api\.example|API\.example:443|evil\.example)(/|/v1/|/v1|/v1x/)[a-z./%02389eEfF5cCbB;\\@?#:]{0,24}",
            adapter: String,
            credential in prop::option::of(prop::sample::select(vec!["groq", "other"])),
            bound_to in prop::sample::select(vec!["https://api.example", "https://evil.example", "nowhere"]),
        ) {
            let (granted, granted_method) = ("https://api.example/v1/", "GET");
            for method in ["GET", "POST"] {
                let (url, adapter) = (url.as_str(), adapter.as_str());
                invariants::request(Asked { granted, granted_method, bound_to, adapter, url, method, credential });
            }
        }

        #[test]
        fn what_is_encoded_of_a_path_is_refused_or_text_that_leads_nowhere_else(
            parts in prop::collection::vec(prop::sample::select(vec![
                "/", ".", "..", "a", "%c3%a9", "%cc%81", "%E6%A8%A1", "%c0%ae", "%c0%af", "%c1%9c", "%e0%80%ae", "%ef%bc%8e",
                "%ef%bc%8f", "%ef%bc%bc", "%e2%80%a5", "%e2%80%8b", "%e2%88%95", "%c2%85", "%c2%a0", "%00", "%0a", "%20", "%2e",
                "%2f", "%5c", "%3b", "%25", "%2", "%c3", "%a9", "%ed%a0%80",
            ]), 0..6),
        ) {
            invariants::address(&format!("https://a.example/v1/{}", parts.concat()));
        }

        #[test]
        fn any_text_is_either_refused_or_read_as_it_stands(text in r"\PC{0,40}") {
            for url in [text.clone(), format!("https://{text}"), format!("https://a.example/{text}")] {
                invariants::address(&url);
            }
        }
    }
}
