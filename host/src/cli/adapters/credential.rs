//! The credentials that adapters request: why one is not sent, and how to let an adapter use it.

use std::sync::Arc;
use std::time::Duration;

use codewalk_sandbox::{Credential, CredentialError, GrantRequest, SecretSource, World};

use super::find::{chains, kind};
use crate::compose;
use crate::config::Config;

/// Returns why the credential of a request is not sent, if so. The adapter named both the credential and the
/// server, so no hint says how to give it one.
pub(super) fn credential_problem(config: &Config, request: &GrantRequest) -> Option<String> {
    let name = request.credential.as_deref()?;
    let server = request.server();
    let elsewhere = |known: &Credential| {
        (known.server() != server).then(|| {
            format!("the credential {name:?} is only for {} and is not sent to {server}", known.server())
        })
    };
    let find =
        |mut all: std::slice::Iter<'_, Arc<Credential>>| all.find(|known| known.name() == name).cloned();
    if let Some(known) = find(config.credentials.iter()) {
        let unusable = || known.check().err().map(|problem| problem.to_string());
        let cannot_serve = |why| format!("it cannot work without the credential {name:?}: {why}");
        return elsewhere(&known).or_else(|| unusable().map(cannot_serve));
    }
    let built_in = config.built_in_credential.as_slice();
    let not_given = || format!("the credential {name:?} is not granted for {server}");
    Some(find(built_in.iter()).and_then(|known| elsewhere(&known)).unwrap_or_else(not_given))
}

/// Says how to let an adapter send the credential that it requests.
pub(super) fn credential_remedy(config: &Config, request: &GrantRequest) -> Option<String> {
    remedy(config, request.credential.as_deref()?, &request.server())
}

/// Says how to let adapters use the built-in credential, if one requests it for the server that it belongs
/// to. No other server is ever suggested for a key, because the adapter named that server.
pub(super) fn remedy(config: &Config, name: &str, server: &str) -> Option<String> {
    let built_in = config.built_in_credential.as_ref()?;
    if built_in.name() != name || built_in.server() != server {
        return None;
    }
    let declare = format!(
        "declare it in {}: [credentials.{name}] with {} and for = {server:?}",
        config.paths.config_file.display(),
        place(built_in)
    );
    let is_missing = built_in.check().err().is_some_and(|error| CredentialError::is_missing(&error));
    let store =
        if is_missing { format!("store the key with `codewalk login {name}`, and ") } else { String::new() };
    Some(store + &declare)
}

/// Returns where a credential is stored, as the configuration names it.
fn place(credential: &Credential) -> String {
    match credential.source() {
        SecretSource::Env(variable) if credential.check().is_ok() => format!("env = {variable:?}"),
        _ => format!("file = {:?}", format!("{}.key", credential.name())),
    }
}

/// Says what remains to be done before each installed adapter that was granted a credential can use it.
pub(in crate::cli) fn unused_grants(config: &Config, credential: &Credential) -> Vec<String> {
    let (name, server) = (credential.name(), credential.server());
    let Ok(registry) = compose::registry(config) else { return Vec::new() };
    let is_granted = |adapter: &String| {
        registry.state(adapter).is_ok_and(|known| {
            let of_it = |request: &GrantRequest| {
                request.credential.as_deref() == Some(name) && request.server() == server
            };
            known.approved.iter().any(|approval| of_it(&approval.request))
        })
    };
    let adapters = registry.names().unwrap_or_default().into_iter().filter(is_granted);
    adapters.filter_map(|adapter| left_to_do(config, credential, &adapter)).collect()
}

fn left_to_do(config: &Config, credential: &Credential, adapter: &str) -> Option<String> {
    let mut lines = String::new();
    if !config.credentials.iter().any(|known| known.name() == credential.name()) {
        let (name, server) = (credential.name(), credential.server());
        lines.push_str(&format!("\n[credentials.{name}]\nfile = \"{name}.key\"\nfor = {server:?}\n"));
    }
    if chains(config, adapter).is_empty() {
        let spec = compose::adapter(config, adapter, Duration::MAX).ok().flatten()?;
        let world = kind(&compose::sandbox(config).ok()?.inspect(&spec.source).ok()?)?;
        let chain = match world {
            World::Router => &config.router_chain,
            World::Summarizer => &config.summarizer_chain,
        };
        let chain: Vec<&str> = [adapter].into_iter().chain(chain.iter().map(String::as_str)).collect();
        lines.push_str(&format!("\n[{}]\nchain = {chain:?}\n", world.kind()));
    }
    let file = config.paths.config_file.display();
    (!lines.is_empty()).then(|| format!("to let {adapter} use it, add to {file}:\n{}", lines.trim_end()))
}
