//! `codewalk adapters show`: everything about one adapter.

use std::process::ExitCode;

use serde::Serialize;

use super::consent::why;
use super::find::find;
use super::list::{figures, given, signed, unfit};
use super::row::{AdapterRow, look};
use crate::cli::print::{SCHEMA, print_json, print_line};
use crate::compose;
use crate::config::Config;
use crate::error::CommandError;

#[derive(Serialize)]
struct ShowJson<'a> {
    schema: u32,
    r#type: &'static str,
    adapter: &'a AdapterRow,
    /// The chains that name it.
    chains: Vec<&'static str>,
}

pub(super) fn execute(config: &Config, name: &str, json: bool) -> Result<ExitCode, CommandError> {
    let found = find(config, name)?;
    let (sandbox, registry) = (compose::sandbox(config)?, compose::registry(config).ok());
    let row = look(config, &sandbox, registry.as_ref(), &found.spec, found.chains.first().copied());
    if json {
        print_json(&ShowJson { schema: SCHEMA, r#type: "adapter", adapter: &row, chains: found.chains })?;
    } else {
        print(&row, &found.chains)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(row: &AdapterRow, chains: &[&str]) -> Result<(), CommandError> {
    let line = |label: &str, text: &str| print_line(&format!("{label:<9} {text}"));
    let named: Vec<String> = chains.iter().map(|port| format!("{port}.chain")).collect();
    let named =
        if named.is_empty() { "not in a chain".to_owned() } else { format!("in {}", named.join(", ")) };
    line("name", &row.name)?;
    line("port", &format!("{}, {named}", row.port))?;
    if let (Some(version), Some(description)) = (&row.version, &row.description) {
        line("version", version)?;
        line("says", description)?;
    }
    if row.digest.is_some() && !row.has_manifest {
        line("manifest", "none: it gets everything that the configuration grants to its name")?;
    }
    line("source", &row.source)?;
    if let Some(signed) = signed(row) {
        line("signature", &signed)?;
    }
    if let (Some(digest), Some(size)) = (&row.digest, row.size) {
        line("digest", digest)?;
        line("size", &format!("{size} bytes"))?;
    }
    line("state", unfit(row.state))?;
    if let Some(problem) = &row.problem {
        line("problem", problem)?;
        if let Some(remedy) = row.remedy.as_ref().filter(|remedy| !problem.contains(remedy.as_str())) {
            line("remedy", remedy)?;
        }
        line("in use", row.serving.as_deref().unwrap_or("nothing"))?;
    }
    row.kept.iter().try_for_each(|digest| line("previous", digest))?;
    for ask in &row.asks {
        let given = match (ask.given, ask.allowed) {
            (true, _) => "granted",
            (false, true) => "approved, but the credential is not for that server",
            (false, false) => "not granted",
        };
        line("asks for", &format!("{}: {given}", ask.request))?;
        if let Some(why) = why(&ask.request) {
            line("", &why)?;
        }
    }
    row.grants.iter().try_for_each(|grant| line("may send", &given(grant)))?;
    match &row.stats {
        Some(stats) => line("figures", &figures(stats)),
        None => Ok(()),
    }
}
