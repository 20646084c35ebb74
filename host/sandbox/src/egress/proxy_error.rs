//! Errors of an exchange through a proxy. They name the proxy, because the server may be blameless.

use std::error::Error;

use codewalk_policy::Proxy;

use super::error::EgressError;

/// How the error of a proxy that opened no tunnel begins; the rest says why.
const TUNNEL: &str = "tunnel error: ";

/// What to check if the proxy itself does not work.
const CHECK: &str = "check proxy in [network]";

/// Describes why an exchange with a server through a proxy failed. `root` is the root cause.
pub(super) fn describe(proxy: &Proxy, server: &str, error: &reqwest::Error, root: &str) -> EgressError {
    let address = proxy.address();
    if let Some(why) = tunnel_error(error) {
        let why = without_tunnel(proxy, &address, &why, root);
        return unreachable(format!("{server} cannot be reached: {why}"));
    }
    if error.is_timeout() && error.is_connect() {
        return late(format!(
            "{server} took too long: no connection through the proxy {address} in time; {CHECK}"
        ));
    }
    if error.is_timeout() {
        return late(format!("{server} took too long through the proxy {address}: {root}"));
    }
    let hint = match root.contains("certificate") {
        true => "; if the proxy decrypts connections, name its certificate with ca_file in [network]",
        false => "",
    };
    unreachable(format!("{server} cannot be reached through the proxy {address}: {root}{hint}"))
}

/// Returns the error for a server that a proxy does not reach.
pub(super) const fn unreachable(reason: String) -> EgressError {
    EgressError::Proxy { reason, is_late: false }
}

const fn late(reason: String) -> EgressError {
    EgressError::Proxy { reason, is_late: true }
}

/// Says why a proxy did not open a tunnel.
fn without_tunnel(proxy: &Proxy, address: &str, why: &str, root: &str) -> String {
    match (why, proxy.credential()) {
        ("proxy authorization required", Some(credential)) => {
            format!("the proxy {address} refused the credential {}; check its value", credential.name())
        }
        ("proxy authorization required", None) => format!(
            "the proxy {address} requires a user name and password; name a credential with \
             proxy_credential in [network]"
        ),
        ("unsuccessful", _) => format!(
            "the proxy {address} refused the tunnel to it; ask its operator to allow this server, or {CHECK}"
        ),
        ("failed to create underlying connection", _) => {
            format!("cannot connect to the proxy {address}: {root}; {CHECK}")
        }
        _ => format!("the proxy {address} broke off the connection; {CHECK}"),
    }
}

/// Returns why the proxy did not open a tunnel, if that is among the causes. The type of that cause is not
/// public.
fn tunnel_error(error: &dyn Error) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(why) = error.to_string().strip_prefix(TUNNEL) {
            return Some(why.to_owned());
        }
        cause = error.source();
    }
    None
}
