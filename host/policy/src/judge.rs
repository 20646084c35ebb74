//! Judges a request by an adapter's grants, as a pure function.

use http::Method;
use url::Url;

use crate::credential::Credential;
use crate::denial::{Denial, Remedy};
use crate::grant::{Grant, Objection};
use crate::public::NotPublic;

/// Returns the grant that covers a request.
///
/// # Errors
/// If no grant covers it: the denial.
pub fn judge<'a>(
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
            None => "it has no network access".to_owned(),
            Some(Objection::Server) => {
                format!("none of its grants covers {}", url.origin().ascii_serialization())
            }
            Some(Objection::Path) => "its grants cover other paths of that server".to_owned(),
            Some(Objection::Method) => format!("its grant for that address does not cover {method}"),
            Some(Objection::Credential) => "its grant for that address has no such credential".to_owned(),
            Some(Objection::Binding) => "the credential is for another server".to_owned(),
        },
        remedy: Remedy::of(adapter, method, &target, credential, known),
        url: target,
    }))
}

/// Returns the denial of a granted request whose host name resolves to an address that is not public.
pub fn deny_address(
    adapter: &str,
    method: &Method,
    url: &Url,
    credential: Option<&Credential>,
    found: &NotPublic,
) -> Box<Denial> {
    let mut target = url.clone();
    target.set_query(None);
    let mut numbered = target.clone();
    // The host of an http or https address can always be replaced.
    let _ = numbered.set_ip_host(found.ip);
    let remedy = Remedy::of(adapter, method, &numbered, credential.map(Credential::name), credential);
    Box::new(Denial { method: method.clone(), why: found.to_string(), remedy, url: target })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::address::{self, AddressError};
    use crate::credential::SecretSource;
    use crate::grant_error::GrantError;
    use crate::invariants::{self, EgressCase};

    const GROQ: &str = "https://api.groq.com/openai/v1/chat/completions";

    fn credential(bound_to: &str) -> Arc<Credential> {
        let source = SecretSource::Env("GROQ_API_KEY".to_owned());
        Arc::new(Credential::new("groq", source, bound_to).unwrap())
    }

    fn grant(url: &str, methods: &[&str], credential: Option<Arc<Credential>>) -> Result<Grant, GrantError> {
        let methods: Vec<String> = methods.iter().map(|method| (*method).to_owned()).collect();
        Grant::new(url, &methods, credential)
    }

    /// Judges by one grant. Returns the reason for a denial.
    fn judged(grant: &Grant, method: &str, url: &str, credential: Option<&str>) -> Result<(), String> {
        let (method, url) = (crate::grant::method(method).unwrap(), address::parse(url).unwrap());
        judge("groq-router", std::slice::from_ref(grant), &method, &url, credential)
            .map(drop)
            .map_err(|denial| denial.why)
    }

    #[test]
    fn a_grant_covers_only_its_server_path_and_methods() {
        let grant = grant("https://api.groq.com/openai/v1/", &["POST", "GET"], None).unwrap();
        for (method, url) in [
            ("POST", GROQ),
            ("GET", "https://api.groq.com/openai/v1/"),
            ("GET", "https://API.GROQ.com:443/openai/v1/models?limit=1"),
        ] {
            assert_eq!(judged(&grant, method, url, None), Ok(()), "{method} {url}");
        }
        for (method, url, why) in [
            ("POST", "https://api.groq.com.evil.example/openai/v1/x", "none of its grants covers"),
            ("POST", "https://evilapi.groq.com/openai/v1/x", "none of its grants covers"),
            ("POST", "https://groq.com/openai/v1/x", "none of its grants covers"),
            ("POST", "https://api.groq.com./openai/v1/x", "none of its grants covers"),
            ("POST", "https://api.groq.com:444/openai/v1/x", "none of its grants covers"),
            ("POST", "http://127.0.0.1/openai/v1/x", "none of its grants covers"),
            ("POST", "https://api.groq.com/openai/v1", "its grants cover other paths"),
            ("POST", "https://api.groq.com/openai/v10/x", "its grants cover other paths"),
            ("POST", "https://api.groq.com//openai/v1/x", "its grants cover other paths"),
            ("POST", "https://api.groq.com/OpenAI/v1/x", "its grants cover other paths"),
            ("DELETE", GROQ, "its grant for that address does not cover DELETE"),
        ] {
            let denied = judged(&grant, method, url, None).unwrap_err();
            assert!(denied.starts_with(why), "{method} {url}: {denied}");
        }
    }

    #[test]
    fn a_grant_without_a_final_slash_covers_one_address() {
        let grant = grant(GROQ, &["POST"], None).unwrap();
        assert_eq!(judged(&grant, "POST", &format!("{GROQ}?a=b"), None), Ok(()));
        for other in ["/more", "x", "/"] {
            assert!(judged(&grant, "POST", &format!("{GROQ}{other}"), None).is_err(), "{other}");
        }
    }

    /// Case 21.
    #[test]
    fn addresses_in_other_notations_are_the_same_address() {
        let grant = grant("http://127.0.0.1:80/", &["GET"], None).unwrap();
        for host in ["2130706433", "0177.0.0.1", "0x7f.1", "127.1"] {
            assert_eq!(judged(&grant, "GET", &format!("http://{host}/"), None), Ok(()), "{host}");
        }
        assert_eq!(address::parse("http://[::ffff:127.0.0.1]/"), Err(AddressError::PlainHttp));
    }

    /// Case 36.
    #[test]
    fn a_credential_goes_to_its_own_server_and_by_its_own_name() {
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
            "may not send POST https://api.groq.com/v1/chat: its grants cover other paths of that server; \
             this configuration would allow it:\n\
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
            "may not send POST https://api.groq.com.example/v1/chat: none of its grants covers \
             https://api.groq.com.example; the credential \"groq\" is for https://api.groq.com only"
        );
        assert_eq!(denial.toml(), None);
        let found = NotPublic { name: "api.groq.com".to_owned(), ip: "10.0.0.7".parse().unwrap() };
        let url = address::parse(GROQ).unwrap();
        let denial = deny_address("a", &Method::POST, &url, Some(&own), &found);
        assert_eq!(denial.toml(), None, "{denial}");
    }

    /// Case 24.
    #[test]
    fn a_denied_address_is_allowed_by_a_grant_for_the_number() {
        let url = address::parse("https://gateway.example:8443/v1/chat?key=x").unwrap();
        for (ip, written) in [("10.0.0.7", "10.0.0.7"), ("fd00:ec2::254", "[fd00:ec2::254]")] {
            let found = NotPublic { name: "gateway.example".to_owned(), ip: ip.parse().unwrap() };
            let denial = deny_address("a", &Method::POST, &url, None, &found);
            assert_eq!(
                denial.to_string(),
                format!(
                    "may not send POST https://gateway.example:8443/v1/chat: gateway.example leads \
                     to {ip}, which is not on the public internet and must be granted by number; this \
                     configuration would allow it:\n\
                     [[adapters.a.http]]\n\
                     url = \"https://{written}:8443/v1/chat\"\n\
                     methods = [\"POST\"]\n"
                )
            );
        }
    }

    #[test]
    fn an_address_with_quotation_marks_is_valid_toml() {
        invariants::request(EgressCase {
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
    fn the_closest_grant_decides_the_reason() {
        let grants = [
            grant("https://other.example/", &["POST"], None).unwrap(),
            grant(GROQ, &["GET"], None).unwrap(),
            grant("https://api.groq.com/audio/", &["POST"], None).unwrap(),
        ];
        let denial = judge("a", &grants, &Method::POST, &address::parse(GROQ).unwrap(), None).unwrap_err();
        assert_eq!(denial.why, "its grant for that address does not cover POST");
    }

    #[test]
    fn an_invalid_grant_is_refused() {
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
        fn nothing_outside_a_grant_passes_and_a_denial_names_the_remedy(
            server in r"https://(api\.example|API\.example:443|evil\.example)",
            path in r"(/|/v1/|/v1|/v1x/)[a-z./%02389eEfF5cCbB;\\@?#:]{0,24}",
            adapter: String,
            credential in prop::option::of(prop::sample::select(vec!["groq", "other"])),
            bound_to in prop::sample::select(vec!["https://api.example", "https://evil.example", "nowhere"]),
        ) {
            let (granted, granted_method) = ("https://api.example/v1/", "GET");
            let url = format!("{server}{path}");
            for method in ["GET", "POST"] {
                let (url, adapter) = (url.as_str(), adapter.as_str());
                let case =
                    EgressCase { granted, granted_method, bound_to, adapter, url, method, credential };
                invariants::request(case);
            }
        }

        #[test]
        fn an_encoded_path_is_refused_or_stays_below_its_folder(
            parts in prop::collection::vec(prop::sample::select(vec![
                "/", ".", "..", "a", "%c3%a9", "%cc%81", "%E6%A8%A1", "%c0%ae", "%c0%af", "%c1%9c",
                "%e0%80%ae",
                "%ef%bc%8e", "%ef%bc%8f", "%ef%bc%bc", "%e2%80%a5", "%e2%80%8b", "%e2%88%95", "%c2%85",
                "%c2%a0",
                "%00",
                "%0a",
                "%20",
                "%2e",
                "%2f", "%5c", "%3b", "%25", "%2", "%c3", "%a9", "%ed%a0%80",
            ]), 0..6),
        ) {
            invariants::address(&format!("https://a.example/v1/{}", parts.concat()));
        }

        #[test]
        fn any_text_is_refused_or_read_unchanged(text in r"\PC{0,40}") {
            for url in [text.clone(), format!("https://{text}"), format!("https://a.example/{text}")] {
                invariants::address(&url);
            }
        }
    }
}
