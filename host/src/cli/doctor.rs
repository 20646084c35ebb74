//! `codewalk doctor`: checks the setup and suggests fixes.

mod agents;
mod findings;
mod keys;
mod machine;
mod network;
mod online;
mod problems;
mod report;

use std::process::ExitCode;

use super::adapters::{self, AdapterRow};
use super::leaving;
use super::print::{SCHEMA, print_json};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};
use findings::Findings;

pub(super) fn execute(config: &Config, online: bool, json: bool) -> Result<ExitCode, CommandError> {
    let registry = compose::registry(config);
    let (adapters, unusable) = match adapters::rows(config) {
        Ok(adapters) => (adapters, registry.err()),
        Err(error) => (Vec::new(), Some(error)),
    };
    let (agents, online, authors) = compose::block_on(async {
        let online = if online { online::ask_all(config, &adapters).await? } else { Vec::new() };
        Ok((agents::agents(config).await, online, machine::authors().await))
    })?;
    let mut findings = Findings {
        schema: SCHEMA,
        r#type: "doctor",
        leaves_the_machine: leaving(config, &adapters),
        trusts_nobody: network::untrusting(config),
        online,
        projects: machine::projects(config),
        store: machine::store(config),
        folders: machine::folders(config),
        authors,
        problems: Vec::new(),
        agents,
        adapters,
    };
    findings.problems = problems::problems(&findings, &keys::missing(config, &findings.adapters), unusable);
    if json {
        print_json(&findings)?;
    } else {
        report::print(&findings)?;
    }
    let works = findings.problems.is_empty();
    Ok(if works { ExitCode::SUCCESS } else { ExitCode::from(ErrorKind::Configuration.exit_status()) })
}

/// Returns what adapters may send, and what the requests contain.
fn leaving(config: &Config, adapters: &[AdapterRow]) -> Vec<String> {
    let of_adapter = |row: &AdapterRow| -> Vec<String> {
        row.grants.iter().map(|grant| leaving::leaving(row.port, &row.name, &grant.may_send)).collect()
    };
    let mut lines: Vec<String> = adapters.iter().flat_map(of_adapter).collect();
    if let Some(proxy) = config.uplink.proxy.as_ref().filter(|_| !lines.is_empty()) {
        lines.push(format!("everything goes through the proxy {proxy}"));
    }
    lines
}
