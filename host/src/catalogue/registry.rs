//! The registry of adapters: a folder that may be unusable.

use codewalk_sandbox::{AdapterSpec, Grant, Registry, RegistryError};

use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// The hint about a folder that codewalk cannot use.
pub const UNUSABLE_FOLDER: &str = "make it a writable folder, or choose another one with CODEWALK_HOME";

/// Opens the adapter registry. If that fails, built-in adapters and files elsewhere still serve.
pub fn registry(config: &Config) -> Result<Registry, CommandError> {
    Registry::open(config.paths.adapters()).map_err(|error| match error {
        RegistryError::Exposed(exposed) => {
            let what = format!("the adapter folder is not used: {}", exposed.what());
            CommandError::new(ErrorKind::Adapter, what).with_hint(exposed.command()).with_source(exposed)
        }
        error => CommandError::because(ErrorKind::Adapter, "cannot use the adapter folder", error)
            .with_hint(UNUSABLE_FOLDER),
    })
}

/// Returns the grants of an adapter. Without the registry, only the configured ones count.
pub fn grants(config: &Config, registry: Option<&Registry>, spec: &AdapterSpec) -> Vec<Grant> {
    match registry {
        Some(registry) => registry.grants(spec, &config.trusted_keys),
        None => spec.http.clone(),
    }
}

impl From<RegistryError> for CommandError {
    fn from(error: RegistryError) -> Self {
        Self::caused_by(ErrorKind::Adapter, error)
    }
}
