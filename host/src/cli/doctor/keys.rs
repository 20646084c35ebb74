//! Missing keys: each is reported once, with all of its uses.

use std::collections::BTreeSet;

use codewalk_sandbox::{Credential, CredentialError};

use crate::cli::adapters::AdapterRow;
use crate::config::Config;

/// A missing or invalid key.
pub(super) struct MissingKey {
    /// The name of the credential.
    name: String,
    /// What needs the key.
    needed_by: Vec<String>,
    error: CredentialError,
}

impl MissingKey {
    /// Says what needs the key, and why it is missing.
    pub(super) fn what(&self) -> String {
        let (last, others) =
            self.needed_by.split_last().map_or(("nothing", &[][..]), |(l, o)| (l.as_str(), o));
        let (who, verb) = match others {
            [] => (last.to_owned(), "needs"),
            others => (format!("{} and {last}", others.join(", ")), "need"),
        };
        format!("{who} {verb} the key {}: {}", self.name, self.error.problem())
    }

    /// Returns whether a text reports this problem.
    pub(super) fn is_said_in(&self, text: &str) -> bool {
        text.contains(&self.error.problem())
    }

    /// Returns what to do about it.
    pub(super) fn remedy(&self) -> String {
        self.error.remedy()
    }
}

/// Finds the missing keys of the adapters in use and of the proxy.
pub(super) fn missing(config: &Config, adapters: &[AdapterRow]) -> Vec<MissingKey> {
    let known = || config.credentials.iter().chain(&config.built_in_credential).map(AsRef::as_ref);
    let missing = |credential: &Credential| {
        let error = credential.check().err()?;
        let needed_by = needed_by(credential.name(), config, adapters);
        (!needed_by.is_empty()).then(|| MissingKey { name: credential.name().to_owned(), needed_by, error })
    };
    known().filter_map(missing).collect()
}

fn needed_by(name: &str, config: &Config, adapters: &[AdapterRow]) -> Vec<String> {
    let users = adapters
        .iter()
        .filter(|row| row.grants.iter().any(|grant| grant.credential.as_deref() == Some(name)));
    let users: BTreeSet<&str> = users.map(|row| row.name.as_str()).collect();
    let proxy = config.uplink.proxy.as_ref().and_then(|proxy| proxy.credential());
    let proxy = proxy.filter(|credential| credential.name() == name).map(|_| "the proxy".to_owned());
    users.into_iter().map(str::to_owned).chain(proxy).collect()
}
