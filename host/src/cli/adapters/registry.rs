//! `codewalk adapters remove` and `rollback`.

use std::process::ExitCode;

use codewalk_sandbox::short_digest;
use serde::Serialize;

use super::find::{chains, find, unknown};
use super::ignored::in_the_way;
use crate::cli::print::{SCHEMA, print_json, print_line};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

#[derive(Serialize)]
struct RemovedJson<'a> {
    schema: u32,
    r#type: &'static str,
    name: &'a str,
    /// The file that the configuration still names.
    path: Option<&'a str>,
    /// The chains that still name it.
    chains: Vec<&'static str>,
}

#[derive(Serialize)]
struct RolledBackJson<'a> {
    schema: u32,
    r#type: &'static str,
    name: &'a str,
    /// The digest of the version in use.
    digest: &'a str,
}

/// Removes an adapter and all data stored about it.
pub(super) fn remove(config: &Config, name: &str, json: bool) -> Result<ExitCode, CommandError> {
    let path = config.adapters.get(name).and_then(|adapter| adapter.path.as_deref());
    if path.is_none() && codewalk_components::find(name).is_some() {
        let what = format!("{name} ships with codewalk and cannot be removed");
        return Err(
            CommandError::new(ErrorKind::Adapter, what).with_hint("remove it from its chains instead")
        );
    }
    let registry = compose::registry(config)?;
    let component = registry.component(name)?;
    if let Some(what) = in_the_way(&component) {
        let what = format!("{} is {what}, not a component", component.display());
        return Err(CommandError::new(ErrorKind::Adapter, what).with_hint("remove it by hand"));
    }
    registry.remove(name)?;
    let chains = chains(config, name);
    if json {
        print_json(&RemovedJson { schema: SCHEMA, r#type: "removed", name, path, chains })?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(path) = path {
        let forgotten =
            format!("removed what was stored about {name}; [adapters.{name}] still names its file, {path}");
        print_line(&forgotten)?;
        return Ok(ExitCode::SUCCESS);
    }
    print_line(&format!("removed: {name}; running codewalk processes keep the version they have loaded"))?;
    for port in chains {
        print_line(&format!("{port}.chain still names it; remove it from the configuration"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Rolls back to the previous version.
pub(super) fn roll_back(config: &Config, name: &str, json: bool) -> Result<ExitCode, CommandError> {
    let registry = compose::registry(config)?;
    if !registry.names()?.iter().any(|known| known == name) {
        return Err(unknown(name));
    }
    let source = find(config, name)?.spec.source;
    let digest = registry.rollback(name, &source)?;
    if json {
        print_json(&RolledBackJson { schema: SCHEMA, r#type: "rolled_back", name, digest: &digest })?;
    } else {
        let digest = short_digest(&digest);
        print_line(&format!(
            "rolled back: {name} to {digest}; the other version stays unused until you add it again"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
