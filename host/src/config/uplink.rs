//! The proxy and the certificates for the network: `[network]`. The environment does not affect them.

use std::sync::Arc;

use codewalk_sandbox::{Credential, Proxy, Uplink};

use super::checks::invalid;
use super::file::NetworkFile;
use super::paths::Paths;
use crate::error::CommandError;

/// Reads `[network]`. `credentials` are the configured credentials.
pub(super) fn uplink(
    paths: &Paths,
    file: NetworkFile,
    credentials: &[Arc<Credential>],
) -> Result<Uplink, CommandError> {
    let NetworkFile { ca_file, proxy, proxy_credential } = file;
    let problem = |what: String| invalid(&paths.config_file, format!("[network]: {what}"));
    // The error must not repeat the value, which may contain a password.
    let proxy = proxy.map(|text| {
        Proxy::parse(&text).map_err(|error| {
            problem(format!("proxy: {error}")).with_hint(
                "for example: proxy = \"http://proxy.example:3128\"; if it needs a user name and a password, \
                 add proxy_credential = \"proxy\" and [credentials.proxy] with file = \"proxy.key\" and \
                 for = \"http://proxy.example:3128\", then run `codewalk login proxy`",
            )
        })
    });
    let proxy = match (proxy.transpose()?, proxy_credential) {
        (proxy, None) => proxy,
        (None, Some(_)) => {
            return Err(problem("proxy_credential is set, but proxy is not".to_owned())
                .with_hint("set it, for example: proxy = \"http://proxy.example:3128\""));
        }
        (Some(proxy), Some(name)) => {
            let address = proxy.address();
            let Some(credential) = credentials.iter().find(|known| known.name() == name) else {
                return Err(problem(format!("proxy_credential: unknown credential {name:?}"))
                    .with_hint(format!("add [credentials.{name}] with file and for = {address:?}")));
            };
            let bound_to = credential.server();
            if bound_to != address {
                return Err(problem(format!(
                    "proxy_credential: {name:?} is for {bound_to}, but the proxy is {address}"
                ))
                .with_hint(format!("set for = {address:?} in [credentials.{name}]")));
            }
            Some(proxy.with_credential(Arc::clone(credential)))
        }
    };
    let ca_file = ca_file.map(|path| paths.config_folder().join(paths.expanded(&path)));
    Ok(Uplink { ca_file, proxy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::resolved::tests::load;

    #[test]
    fn the_environment_does_not_affect_the_proxy() {
        let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].map(|name| (name, "http://p:1"));
        assert_eq!(load("", &variables).unwrap().uplink, Uplink::default());
        let text = "[network]\nca_file = \"corp.pem\"\nproxy = \"http://proxy.corp:3128\"";
        let config = load(text, &[]).unwrap();
        assert_eq!(config.uplink.ca_file, Some(config.paths.config_folder().join("corp.pem")));
        assert_eq!(config.uplink.proxy, Some(Proxy::parse("http://proxy.corp:3128").unwrap()));
        for (proxy, expected) in
            [("proxy.corp:3128", "must begin with http://"), ("http://a:b@p:1", "user name")]
        {
            let error = load(&format!("[network]\nproxy = \"{proxy}\""), &[]).unwrap_err();
            assert!(
                error.message.contains("[network]: proxy: ") && error.message.contains(expected),
                "{error}"
            );
            assert!(!error.message.contains("a:b"), "{error}");
            assert!(error.hint.is_some());
        }
    }

    #[test]
    fn a_proxy_gets_its_user_name_and_password_from_a_credential() {
        const PROXY: &str = "proxy = \"http://proxy.corp:3128\"";
        let file = |network: &str, bound_to: &str| {
            format!("[network]\n{network}\n[credentials.corp]\nfile = \"corp.key\"\nfor = \"{bound_to}\"")
        };
        let named = format!("{PROXY}\nproxy_credential = \"corp\"");
        let config = load(&file(&named, "http://proxy.corp:3128"), &[]).unwrap();
        let proxy = config.uplink.proxy.unwrap();
        assert_eq!(proxy.to_string(), "http://proxy.corp:3128 with the credential \"corp\"");
        assert_eq!(config.credentials[0].name(), "corp");
        let other = "proxy_credential = \"other\"";
        for (text, expected) in [
            (
                file(&named, "https://api.example.com"),
                "is for https://api.example.com, but the proxy is http://",
            ),
            (file(&named, "http://me:secret@proxy.corp:3128"), "must not contain a user name or password"),
            (file(&format!("{PROXY}\n{other}"), "https://api.example.com"), "unknown credential \"other\""),
            (file("proxy_credential = \"corp\"", "http://proxy.corp:3128"), "proxy is not"),
        ] {
            let error = load(&text, &[]).unwrap_err();
            assert!(error.message.contains(expected), "{text}: {error}");
            assert!(error.hint.is_some() && !format!("{error:?}").contains("secret"), "{error:?}");
        }
    }
}
