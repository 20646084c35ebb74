//! `codewalk adapters`.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use codewalk_core::text::printable;
use codewalk_sandbox::{Grant, Source};
use serde::Serialize;

use super::result::SCHEMA;
use super::{print_json, print_line};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

#[derive(Serialize)]
struct ListJson {
    schema: u32,
    r#type: &'static str,
    adapters: Vec<AdapterRow>,
}

/// An adapter in use.
#[derive(Serialize)]
pub(super) struct AdapterRow {
    pub(super) port: &'static str,
    pub(super) name: String,
    source: String,
    digest: Option<String>,
    size: Option<u64>,
    pub(super) grants: Vec<GrantRow>,
    pub(super) problem: Option<String>,
}

/// What an adapter may send where; of a credential its name and whether it is there, never its value.
#[derive(Serialize)]
pub(super) struct GrantRow {
    pub(super) may_send: String,
    pub(super) credential: Option<String>,
    pub(super) credential_problem: Option<String>,
}

impl GrantRow {
    fn of(grant: &Grant) -> Self {
        let credential = grant.credential();
        Self {
            may_send: grant.to_string(),
            credential: credential.map(|credential| credential.name().to_owned()),
            credential_problem: credential
                .and_then(|credential| credential.check().err())
                .map(|problem| problem.to_string()),
        }
    }
}

#[derive(Serialize)]
struct CheckJson<'a> {
    schema: u32,
    r#type: &'static str,
    file: String,
    digest: &'a str,
    size: u64,
    worlds: Vec<String>,
    imports: &'a [String],
    exports: &'a [String],
    problems: Vec<String>,
}

/// Says what an adapter of a port may send to others by a grant, and what that holds.
pub(super) fn leaving(port: &str, name: &str, grant: &impl Display) -> String {
    let what = match port {
        "router" => "what you say, and the names of your projects, agents and sessions",
        _ => "what your agents say and print, and what they wait for",
    };
    format!("{name} may send {what}: {grant}")
}

/// Looks at all adapters in use.
pub(super) fn rows(config: &Config) -> Result<Vec<AdapterRow>, CommandError> {
    let sandbox = compose::sandbox(Some(config))?;
    let mut adapters = Vec::new();
    for (port, spec) in compose::adapters(config)? {
        let source = match &spec.source {
            Source::Embedded(_) => "ships with codewalk".to_owned(),
            Source::File(path) => path.display().to_string(),
        };
        let grants = spec.http.iter().map(GrantRow::of).collect();
        let mut row =
            AdapterRow { port, name: spec.name, source, digest: None, size: None, grants, problem: None };
        match sandbox.inspect(&spec.source) {
            Ok(found) => {
                let fits = found.worlds.iter().any(|world| world.kind() == port);
                row.problem = match found.problems.first() {
                    Some(problem) => Some(problem.to_string()),
                    None => (!fits).then(|| format!("it is no {port}")),
                };
                row.digest = Some(found.digest);
                row.size = Some(found.size);
            }
            Err(problem) => row.problem = Some(problem.to_string()),
        }
        adapters.push(row);
    }
    Ok(adapters)
}

pub(super) fn list(config: &Config, json: bool) -> Result<ExitCode, CommandError> {
    let adapters = rows(config)?;
    if json {
        print_json(&ListJson { schema: SCHEMA, r#type: "adapters", adapters })?;
    } else {
        adapters.iter().try_for_each(print_row)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints an adapter and what it may send.
pub(super) fn print_row(row: &AdapterRow) -> Result<(), CommandError> {
    let digest = row.digest.as_deref().map_or("-", |digest| digest.get(..12).unwrap_or(digest));
    let size = row.size.map_or_else(|| "-".to_owned(), |size| format!("{} KB", size.div_ceil(1000)));
    print_line(&printable(&format!(
        "{:<10}  {:<18}  {digest:<12}  {size:>8}  {}",
        row.port, row.name, row.source
    )))?;
    for GrantRow { may_send, credential, credential_problem } in &row.grants {
        let credential = match (credential, credential_problem) {
            (None, _) => String::new(),
            (Some(_), None) => ", which is there".to_owned(),
            (Some(_), Some(problem)) => format!(", which is missing: {problem}"),
        };
        print_line(&printable(&format!("            may send {may_send}{credential}")))?;
    }
    if let Some(problem) = &row.problem {
        print_line(&printable(&format!("            cannot be used: {problem}")))?;
    }
    Ok(())
}

pub(super) fn check(file: &Path, json: bool) -> Result<ExitCode, CommandError> {
    let sandbox = compose::sandbox(None)?;
    let found = sandbox
        .inspect(&Source::File(file.to_owned()))
        .map_err(|problem| CommandError::new(ErrorKind::Adapter, format!("{}: {problem}", file.display())))?;
    let worlds: Vec<String> = found.worlds.iter().map(ToString::to_string).collect();
    let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    let usable = problems.is_empty() && !worlds.is_empty();
    if json {
        print_json(&CheckJson {
            schema: SCHEMA,
            r#type: "check",
            file: file.display().to_string(),
            digest: &found.digest,
            size: found.size,
            worlds,
            imports: &found.imports,
            exports: &found.exports,
            problems,
        })?;
    } else {
        print_line(&format!("file     {}", printable(&file.display().to_string())))?;
        print_line(&format!("digest   {}", found.digest))?;
        print_line(&format!("size     {} bytes", found.size))?;
        for (label, lines) in [
            ("world", &worlds),
            ("imports", &found.imports),
            ("exports", &found.exports),
            ("problem", &problems),
        ] {
            for line in lines {
                print_line(&format!("{label:<8} {}", printable(line)))?;
            }
        }
        print_line(if usable { "\nIt can be used." } else { "\nIt cannot be used." })?;
    }
    Ok(if usable { ExitCode::SUCCESS } else { ExitCode::from(ErrorKind::Adapter.exit_status()) })
}
