//! Finds the adapter that a name stands for.

use std::path::Path;
use std::time::Duration;

use codewalk_sandbox::{AdapterSpec, Problem, RegistryError};

use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// An adapter, and who uses it.
pub(super) struct Found {
    pub(super) spec: AdapterSpec,
    /// The chains that name it.
    pub(super) chains: Vec<&'static str>,
}

/// Finds an adapter by its name, whether a chain names it or not.
pub(super) fn find(config: &Config, name: &str) -> Result<Found, CommandError> {
    // It is looked at and not asked.
    let spec = compose::adapter(config, name, Duration::MAX)?.ok_or_else(|| unknown(name))?;
    Ok(Found { spec, chains: chains(config, name) })
}

/// Returns the chains that name an adapter.
pub(super) fn chains(config: &Config, name: &str) -> Vec<&'static str> {
    let chains = [("router", &config.router_chain), ("summarizer", &config.summarizer_chain)];
    chains
        .into_iter()
        .filter(|(_, chain)| chain.iter().any(|entry| entry == name))
        .map(|(port, _)| port)
        .collect()
}

pub(super) fn unknown(name: &str) -> CommandError {
    failed(&RegistryError::Unknown { name: name.to_owned() })
}

/// Says what a name must be.
pub(super) fn no_name(name: &str) -> String {
    RegistryError::Name { name: name.to_owned() }.to_string()
}

/// Says that a name is taken by an adapter that ships, or could be taken for its name.
pub(super) fn ships(name: &str, shipped: &str) -> String {
    if name == shipped {
        return format!("{name} is an adapter that ships with codewalk");
    }
    format!("{name} is too similar to {shipped}, an adapter that ships with codewalk")
}

pub(super) fn failed(error: &RegistryError) -> CommandError {
    CommandError::new(ErrorKind::Adapter, error)
}

/// Says why a file that the command line names cannot be read.
pub(super) fn unreadable(file: &Path, problem: &Problem) -> CommandError {
    let file = file.display();
    match problem {
        Problem::NotFound { .. } => CommandError::new(ErrorKind::Adapter, format!("no such file: {file}"))
            .with_hint("build it, or correct the path"),
        _ => CommandError::new(ErrorKind::Adapter, format!("{file} {problem}")),
    }
}
