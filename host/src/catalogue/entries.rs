//! The entries of the chains, resolved to adapters.

use std::sync::Arc;
use std::time::Duration;

use codewalk_sandbox::{AdapterSpec, Experience, Source, is_adapter_name, looks_like};

use super::forms::Forms;
use super::registry::registry;
use crate::config::{AdapterConfig, Config, ModelEndpoint};
use crate::error::{CommandError, ErrorKind};

/// An entry of a chain.
pub struct ChainEntry<'a> {
    /// The port that the chain serves.
    pub port: &'static str,
    /// Its name in the chain.
    pub name: &'a str,
    /// The adapter.
    pub adapter: ResolvedAdapter,
}

/// An adapter, or the reason why it is not available.
pub type ResolvedAdapter = Result<AdapterSpec, CommandError>;

/// Returns the entries of both chains in the order they are tried.
pub fn entries(config: &Config) -> Vec<ChainEntry<'_>> {
    let routers = ("router", &config.router_chain, config.router_deadline);
    let summarizers = ("summarizer", &config.summarizer_chain, config.summarizer_deadline);
    let mut entries = Vec::new();
    for (port, chain, deadline) in [routers, summarizers] {
        entries.extend(chain.iter().map(|name| ChainEntry {
            port,
            name,
            adapter: entry(config, name, deadline),
        }));
    }
    entries
}

/// Returns the adapters of both chains in the order they are tried, each with the port it serves.
pub fn adapters(config: &Config) -> Result<Vec<(&'static str, AdapterSpec)>, CommandError> {
    entries(config).into_iter().map(|ChainEntry { port, adapter, .. }| Ok((port, adapter?))).collect()
}

/// Returns the routers in the order they are tried.
pub fn routers(config: &Config) -> Result<Vec<AdapterSpec>, CommandError> {
    chain(config, &config.router_chain, config.router_deadline)
}

/// Returns the summarizers in the order they are tried.
pub fn summarizers(config: &Config) -> Result<Vec<AdapterSpec>, CommandError> {
    chain(config, &config.summarizer_chain, config.summarizer_deadline)
}

fn chain(config: &Config, entries: &[String], deadline: Duration) -> Result<Vec<AdapterSpec>, CommandError> {
    entries.iter().map(|name| entry(config, name, deadline)).collect()
}

fn entry(config: &Config, name: &str, deadline: Duration) -> ResolvedAdapter {
    adapter(config, name, deadline)?.ok_or_else(|| no_adapter(name))
}

/// Finds the adapter that an entry of a chain refers to: a configured file, a built-in adapter, an installed
/// one, or a file.
pub fn adapter(
    config: &Config,
    entry: &str,
    deadline: Duration,
) -> Result<Option<AdapterSpec>, CommandError> {
    let configured = config.adapters.get(entry);
    let source = match configured.and_then(|adapter| adapter.path.as_deref()) {
        Some(path) => file(config, path),
        None => match codewalk_components::find(entry) {
            Some(embedded) => Source::Embedded(embedded.bytes),
            None => match in_registry(config, entry)? {
                Some(source) => source,
                None if entry.contains(['/', '.']) => file(config, entry),
                None => return Ok(None),
            },
        },
    };
    let AdapterConfig { config: settings, http, pin, limits, deadline: own_deadline, .. } =
        configured.cloned().unwrap_or_default();
    let endpoint = ModelEndpoint::of(entry, &settings).filter(|_| matches!(source, Source::Embedded(_)));
    let experience = endpoint.map(|endpoint| Arc::new(Forms::of(config, endpoint)) as Arc<dyn Experience>);
    Ok(Some(AdapterSpec {
        experience,
        config: settings,
        http,
        credentials: config.credentials.clone(),
        deadline: own_deadline.or(Some(deadline)),
        limits: Some(limits),
        pin,
        ..AdapterSpec::new(entry, source)
    }))
}

fn no_adapter(entry: &str) -> CommandError {
    let known: Vec<&str> = codewalk_components::all().iter().map(|embedded| embedded.name).collect();
    CommandError::new(
        ErrorKind::Configuration,
        format!(
            "a chain names {entry:?}, which is not an adapter: not built in ({}), not installed, not a file",
            known.join(", ")
        ),
    )
    .with_hint(format!(
        "install it with `codewalk adapters add {entry}.wasm`, name a file such as ./{entry}.wasm, or add \
         [adapters.{entry}] with a path"
    ))
}

fn file(config: &Config, path: &str) -> Source {
    Source::File(config.paths.config_folder().join(config.paths.expanded(path)))
}

/// Returns the file of an installed adapter, or `None` if the registry does not know it. If the file is
/// missing, the last good version serves.
fn in_registry(config: &Config, name: &str) -> Result<Option<Source>, CommandError> {
    if !is_adapter_name(name) || reserved(name).is_some() {
        return Ok(None);
    }
    let Ok(registry) = registry(config) else {
        // The sandbox rejects this file with the reason, and the chain's next adapter serves.
        return Ok(Some(Source::File(config.paths.adapters().join(name).with_extension("wasm"))));
    };
    let component = registry.component(name)?;
    let is_known = component.is_file() || registry.state(name)?.current.is_some();
    Ok(is_known.then_some(Source::File(component)))
}

/// Returns the built-in adapter whose name equals or resembles the given one; no other adapter may have such
/// a name.
pub fn reserved(name: &str) -> Option<&'static str> {
    looks_like(name, codewalk_components::all().iter().map(|embedded| embedded.name))
}

/// Returns the installed adapters by name.
pub fn registry_adapters(config: &Config) -> Result<Vec<(String, ResolvedAdapter)>, CommandError> {
    let names = registry(config)?.names()?;
    // For some names, the registry has only statistics.
    let known = |name: &String| match in_registry(config, name) {
        Ok(Some(_)) => adapter(config, name, config.router_deadline).transpose(),
        Ok(None) => None,
        Err(error) => Some(Err(error)),
    };
    Ok(names.into_iter().filter_map(|name| known(&name).map(|adapter| (name, adapter))).collect())
}
