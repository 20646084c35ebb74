//! The permissions of an adapter: the intersection of its requests and its grants.

use std::sync::Arc;

use http::Method;
use url::Url;

use crate::approval::{Approval, Asker};
use crate::credential::Credential;
use crate::grant::Grant;
use crate::manifest::{GrantRequest, Manifest};

/// The permissions of an adapter, and the requests that were not granted.
#[derive(Debug)]
pub struct Permissions {
    /// Its grants.
    pub grants: Vec<Grant>,
    /// The requests that were not granted.
    pub missing: Vec<GrantRequest>,
}

/// An approved credential that is not configured for the server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no credential {name:?} is configured for {server}")]
pub struct UnknownCredential {
    /// The name of the credential.
    pub name: String,
    /// The server that would receive it.
    pub server: String,
}

/// A grant or a request, for comparison.
struct Rule<'a> {
    url: &'a Url,
    methods: &'a [Method],
    credential: Option<&'a str>,
}

impl Manifest {
    /// Returns the requests that neither the configuration nor an approval covers.
    #[must_use]
    pub fn missing(&self, asker: &Asker, configured: &[Grant], approved: &[Approval]) -> Vec<GrantRequest> {
        let missing = self.http.iter().filter(|request| !self.is_given(request, asker, configured, approved));
        missing.cloned().collect()
    }

    /// Returns whether one grant or one approval covers a whole request.
    fn is_given(
        &self,
        request: &GrantRequest,
        asker: &Asker,
        configured: &[Grant],
        approved: &[Approval],
    ) -> bool {
        let Ok(Some(grant)) = request.grant() else {
            // A request for everything that is configured needs no approval.
            return true;
        };
        let wanted =
            Rule { url: grant.url(), methods: grant.methods(), credential: request.credential.as_deref() };
        let covers = |Approval { request, .. }: &Approval| {
            let credential = request.credential.as_deref();
            let grant = request.grant().ok().flatten();
            grant.is_some_and(|grant| Rule { credential, ..Rule::of(&grant) }.covers(&wanted))
        };
        configured.iter().any(|grant| Rule::of(grant).covers(&wanted))
            || approved.iter().filter(|approval| approval.is_for(self, asker)).any(covers)
    }
}

/// Returns the permissions of an adapter with this manifest. An adapter without a manifest gets everything
/// that is configured.
///
/// # Errors
/// If an approved credential is not configured.
pub fn permissions(
    manifest: Option<&Manifest>,
    asker: &Asker,
    configured: &[Grant],
    approved: &[Approval],
    credentials: &[Arc<Credential>],
) -> Result<Permissions, UnknownCredential> {
    let Some(manifest) = manifest else {
        return Ok(Permissions { grants: configured.to_vec(), missing: Vec::new() });
    };
    if manifest.http.iter().any(GrantRequest::is_for_any) {
        return Ok(Permissions {
            grants: configured
                .iter()
                .cloned()
                .chain(granted(manifest, asker, approved, credentials)?)
                .collect(),
            missing: manifest.missing(asker, configured, approved),
        });
    }
    let narrowed = configured.iter().flat_map(|grant| {
        let requests = manifest.http.iter();
        requests.filter_map(move |request| narrowed(grant, request))
    });
    Ok(Permissions {
        grants: narrowed.chain(granted(manifest, asker, approved, credentials)?).collect(),
        missing: manifest.missing(asker, configured, approved),
    })
}

/// Returns grants for the approved requests of a manifest.
fn granted(
    manifest: &Manifest,
    asker: &Asker,
    approved: &[Approval],
    credentials: &[Arc<Credential>],
) -> Result<Vec<Grant>, UnknownCredential> {
    let requests = manifest.http.iter().filter(|request| manifest.is_given(request, asker, &[], approved));
    let mut grants = Vec::new();
    for request in requests.filter(|request| !request.is_for_any()) {
        let credential = match &request.credential {
            None => None,
            Some(name) => {
                let known = credentials.iter().find(|credential| credential.name() == name);
                Some(
                    known
                        .cloned()
                        .ok_or_else(|| UnknownCredential { name: name.clone(), server: request.server() })?,
                )
            }
        };
        grants.extend(Grant::new(&request.url, &request.methods, credential).ok());
    }
    Ok(grants)
}

/// Returns the intersection of a grant and a request.
fn narrowed(grant: &Grant, request: &GrantRequest) -> Option<Grant> {
    let wanted = request.grant().ok()??;
    let (given, asked_for) = (Rule::of(grant), Rule::of(&wanted));
    let url = if given.contains(asked_for.url) {
        asked_for.url
    } else if asked_for.contains(given.url) {
        given.url
    } else {
        return None;
    };
    let methods: Vec<Method> =
        given.methods.iter().filter(|method| asked_for.methods.contains(method)).cloned().collect();
    let with_credential = given.credential.is_some() && given.credential == request.credential.as_deref();
    (!methods.is_empty()).then(|| grant.narrowed(url.clone(), methods, with_credential))
}

impl<'a> Rule<'a> {
    fn of(grant: &'a Grant) -> Self {
        Self {
            url: grant.url(),
            methods: grant.methods(),
            credential: grant.credential().map(Credential::name),
        }
    }

    /// Returns whether an address is this one or, if this one ends in `/`, below it.
    fn contains(&self, url: &Url) -> bool {
        let (within, path) = (self.url.path(), url.path());
        self.url.origin() == url.origin()
            && (path == within || (within.ends_with('/') && path.starts_with(within)))
    }

    fn covers(&self, request: &Self) -> bool {
        self.contains(request.url)
            && request.methods.iter().all(|method| self.methods.contains(method))
            && (request.credential.is_none() || request.credential == self.credential)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credential::SecretSource;
    use crate::world::World;

    fn manifest(http: Vec<GrantRequest>) -> Manifest {
        Manifest {
            name: "a".to_owned(),
            world: World::Router,
            version: "1".to_owned(),
            description: String::new(),
            http,
        }
    }

    /// The component that makes the requests.
    fn asker() -> Asker {
        Asker { digest: "d1".to_owned(), key: None }
    }

    /// Approvals for that component.
    fn approvals(requests: &[GrantRequest]) -> Vec<Approval> {
        let approved = |request: &GrantRequest| {
            let (world, name, request) = (World::Router, "a".to_owned(), request.clone());
            Approval { world, name, request, digest: Some("d1".to_owned()), key: None }
        };
        requests.iter().map(approved).collect()
    }

    fn asks(url: &str, methods: &[&str], credential: Option<&str>) -> GrantRequest {
        let methods = methods.iter().map(|method| (*method).to_owned()).collect();
        GrantRequest {
            url: url.to_owned(),
            methods,
            credential: credential.map(str::to_owned),
            why: String::new(),
        }
    }

    fn key() -> Arc<Credential> {
        Arc::new(Credential::new("key", SecretSource::Env("KEY".to_owned()), "https://a.example").unwrap())
    }

    fn gives(url: &str, methods: &[&str], credential: Option<Arc<Credential>>) -> Grant {
        let methods: Vec<String> = methods.iter().map(|method| (*method).to_owned()).collect();
        Grant::new(url, &methods, credential).unwrap()
    }

    /// The permissions as text, and the number of missing ones.
    fn judged(
        asked: Vec<GrantRequest>,
        configured: &[Grant],
        approved: &[GrantRequest],
    ) -> (Vec<String>, usize) {
        let Permissions { grants, missing } =
            permissions(Some(&manifest(asked)), &asker(), configured, &approvals(approved), &[key()])
                .unwrap();
        (grants.iter().map(ToString::to_string).collect(), missing.len())
    }

    #[test]
    fn permissions_are_the_intersection_of_grants_and_requests() {
        let wide = [gives("https://a.example/", &["GET", "POST"], Some(key()))];
        let asked = || vec![asks("https://a.example/v1/", &["POST"], None)];
        assert_eq!(judged(asked(), &wide, &[]), (vec!["POST https://a.example/v1/".to_owned()], 0));
        let with_key = vec![asks("https://a.example/v1/", &["POST"], Some("key"))];
        let expected = "POST https://a.example/v1/ with the credential \"key\"".to_owned();
        assert_eq!(judged(with_key, &wide, &[]), (vec![expected], 0));
        // The configuration covers only a part of the request: that part is permitted, and the rest is
        // missing.
        let narrow = [gives("https://a.example/v1/chat", &["POST"], None)];
        assert_eq!(judged(asked(), &narrow, &[]), (vec!["POST https://a.example/v1/chat".to_owned()], 1));
        assert_eq!(judged(asked(), &[gives("https://b.example/", &["POST"], None)], &[]), (vec![], 1));
        assert_eq!(judged(Vec::new(), &wide, &[]), (vec![], 0));
    }

    #[test]
    fn without_a_manifest_the_configuration_applies() {
        let configured = [gives("https://a.example/", &["GET"], None)];
        let Permissions { grants, missing } = permissions(None, &asker(), &configured, &[], &[]).unwrap();
        assert_eq!((grants.as_slice(), missing.len()), (configured.as_slice(), 0));
    }

    #[test]
    fn a_request_for_everything_configured_is_never_missing_or_approved() {
        let configured = [gives("https://a.example/", &["GET"], Some(key()))];
        let expected = vec!["GET https://a.example/ with the credential \"key\"".to_owned()];
        assert_eq!(judged(vec![asks("*", &["POST"], None)], &configured, &[]), (expected, 0));
        let any = || vec![asks("*", &["POST"], None)];
        assert_eq!(judged(any(), &[], &any()), (vec![], 0));
        assert_eq!(judged(vec![asks("https://a.example/", &["POST"], None)], &[], &any()), (vec![], 1));
    }

    #[test]
    fn an_approval_covers_only_smaller_requests() {
        let approved = [asks("https://a.example/v1/", &["GET", "POST"], Some("key"))];
        let given =
            |url, methods, credential| judged(vec![asks(url, methods, credential)], &[], &approved).1 == 0;
        assert!(given("https://a.example/v1/", &["POST"], Some("key")));
        assert!(given("https://a.example/v1/chat", &["GET"], None));
        assert!(!given("https://a.example/v1", &["GET"], None));
        assert!(!given("https://a.example/v1/", &["GET", "PUT"], None));
        assert!(!given("https://a.example:444/v1/", &["GET"], None));
        assert!(!given("https://a.example/v1/", &["GET"], Some("other")));
    }

    #[test]
    fn an_approval_covers_only_one_component_with_its_name_and_world() {
        let asked = || vec![asks("https://a.example/", &["GET"], None)];
        let approved = approvals(&asked());
        let missing = |manifest: Manifest| manifest.missing(&asker(), &[], &approved).len();
        assert_eq!(missing(manifest(asked())), 0);
        assert_eq!(missing(Manifest { name: "b".to_owned(), ..manifest(asked()) }), 1);
        assert_eq!(missing(Manifest { world: World::Summarizer, ..manifest(asked()) }), 1);
        let other = Asker { digest: "d2".to_owned(), key: None };
        assert_eq!(manifest(asked()).missing(&other, &[], &approved).len(), 1, "the name is the same");
    }

    #[test]
    fn a_signed_approval_covers_its_signer_and_an_unbound_one_nothing() {
        let asked = || vec![asks("https://a.example/v1/", &["GET"], None)];
        let missing = |asked: Vec<GrantRequest>, key: Option<&str>, approved: &[Approval]| {
            let update = Asker { digest: "d2".to_owned(), key: key.map(str::to_owned) };
            manifest(asked).missing(&update, &[], approved).len()
        };
        let [mut approval] = <[Approval; 1]>::try_from(approvals(&asked())).unwrap();
        approval.key = Some("RW1".to_owned());
        let approved = [approval.clone()];
        assert_eq!(missing(asked(), Some("RW1"), &approved), 0);
        assert_eq!(missing(vec![asks("https://a.example/", &["GET"], None)], Some("RW1"), &approved), 1);
        assert_eq!(missing(asked(), Some("RW2"), &approved), 1);
        assert_eq!(missing(asked(), None, &approved), 1);
        (approval.key, approval.digest) = (None, None);
        assert_eq!(missing(asked(), None, &[approval]), 1, "it has no digest");
    }

    #[test]
    fn an_approved_credential_that_is_not_configured_is_an_error() {
        let asked = vec![asks("https://a.example/", &["GET"], Some("other"))];
        let refused =
            permissions(Some(&manifest(asked.clone())), &asker(), &[], &approvals(&asked), &[key()]);
        assert!(matches!(refused, Err(UnknownCredential { name, .. }) if name == "other"));
    }

    proptest! {
        #[test]
        fn permissions_exceed_neither_the_grants_nor_the_requests(
            given in prop::sample::subsequence(vec![0usize, 1, 2, 3, 4, 5], 0..3),
            asked in prop::sample::subsequence(vec![0usize, 1, 2, 3, 4, 5], 0..3),
        ) {
            const PLACES: [(&str, &[&str]); 6] = [
                ("https://a.example/", &["GET"]),
                ("https://a.example/v1/", &["GET", "POST"]),
                ("https://a.example/v1/chat", &["POST"]),
                ("https://a.example/v1", &["POST"]),
                ("https://b.example/", &["GET", "POST"]),
                ("https://b.example/v1/", &["PUT"]),
            ];
            let grant = |n: &usize| gives(PLACES[*n].0, PLACES[*n].1, None);
            let request = |n: &usize| asks(PLACES[*n].0, PLACES[*n].1, None);
            let configured: Vec<Grant> = given.iter().map(grant).collect();
            let requests: Vec<GrantRequest> = asked.iter().map(request).collect();
            let manifest = manifest(requests.clone());
            let used = permissions(Some(&manifest), &asker(), &configured, &[], &[]).unwrap().grants;
            for grant in &used {
                let is_covered = |by: &Grant| Rule::of(by).covers(&Rule::of(grant));
                prop_assert!(configured.iter().any(is_covered), "{grant}");
                let mut asked = requests.iter().filter_map(|asked| asked.grant().ok().flatten());
                prop_assert!(asked.any(|asked| is_covered(&asked)), "{grant}");
            }
        }
    }
}
