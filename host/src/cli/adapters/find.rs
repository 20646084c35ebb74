//! Finds an adapter by its name.

use std::path::Path;
use std::time::Duration;

use codewalk_sandbox::{AdapterSpec, Inspection, Problem, RegistryError, World};

use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// An adapter, and the chains that name it.
pub(super) struct NamedAdapter {
    pub(super) spec: AdapterSpec,
    /// The chains that name it.
    pub(super) chains: Vec<&'static str>,
}

/// Finds an adapter by its name, in a chain or not.
pub(super) fn find(config: &Config, name: &str) -> Result<NamedAdapter, CommandError> {
    // The adapter is only inspected, never called.
    let spec = compose::adapter(config, name, Duration::MAX)?.ok_or_else(|| unknown(name))?;
    Ok(NamedAdapter { spec, chains: chains(config, name) })
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

/// Returns the world of a component.
pub(super) fn kind(found: &Inspection) -> Option<World> {
    found.manifest.as_ref().map(|manifest| manifest.world).or_else(|| found.worlds.first().copied())
}

pub(super) fn unknown(name: &str) -> CommandError {
    RegistryError::Unknown { name: name.to_owned() }.into()
}

/// Explains which names are valid.
pub(super) fn no_name(name: &str) -> String {
    RegistryError::Name { name: name.to_owned() }.to_string()
}

/// Says that a name belongs to a built-in adapter, or is too similar to one.
pub(super) fn ships(name: &str, shipped: &str) -> String {
    if name == shipped {
        return format!("{name} is an adapter that ships with codewalk");
    }
    format!("{name} is too similar to {shipped}, an adapter that ships with codewalk")
}

/// Returns the error about a file that cannot be read.
pub(super) fn unreadable(file: &Path, problem: &Problem) -> CommandError {
    let file = file.display();
    match problem {
        Problem::NotFound { .. } => CommandError::new(ErrorKind::Adapter, format!("no such file: {file}"))
            .with_hint("build it, or correct the path"),
        _ => CommandError::new(ErrorKind::Adapter, format!("{file} {problem}")),
    }
}
