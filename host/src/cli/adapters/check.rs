//! `codewalk adapters check`: whether a file is an adapter, of which kind, what it asks for and what is wrong with it.

use std::path::Path;
use std::process::ExitCode;

use codewalk_core::text::printable;
use codewalk_sandbox::{GrantRequest, Inspection, Source};
use serde::Serialize;

use super::find::unreadable;
use super::patience::compiling;
use crate::cli::result::SCHEMA;
use crate::cli::{print_json, print_line};
use crate::compose;
use crate::error::{CommandError, ErrorKind};

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
    manifest: Option<ManifestJson<'a>>,
    problems: Vec<String>,
    usable: bool,
}

#[derive(Serialize)]
struct ManifestJson<'a> {
    name: &'a str,
    world: &'a str,
    version: &'a str,
    description: &'a str,
    http: &'a [GrantRequest],
}

pub(super) fn execute(file: &Path, json: bool) -> Result<ExitCode, CommandError> {
    let sandbox = compose::sandbox(None)?;
    let source = Source::File(file.to_owned());
    let found = compiling(&file.display().to_string(), || sandbox.inspect(&source));
    let found = found.map_err(|problem| unreadable(file, &problem))?;
    let usable = found.problems.is_empty() && !found.worlds.is_empty();
    let file = file.display().to_string();
    if json {
        print_json(&as_json(file, &found, usable))?;
    } else {
        for (label, text) in lines(file, &found) {
            print_line(&format!("{label:<8} {}", printable(&text)))?;
        }
        print_line(if usable { "\nIt can be used." } else { "\nIt cannot be used." })?;
    }
    Ok(if usable { ExitCode::SUCCESS } else { ExitCode::from(ErrorKind::Adapter.exit_status()) })
}

fn as_json(file: String, found: &Inspection, usable: bool) -> CheckJson<'_> {
    CheckJson {
        schema: SCHEMA,
        r#type: "check",
        file,
        digest: &found.digest,
        size: found.size,
        worlds: found.worlds.iter().map(ToString::to_string).collect(),
        imports: &found.imports,
        exports: &found.exports,
        manifest: found.manifest.as_ref().map(|manifest| ManifestJson {
            name: &manifest.name,
            world: manifest.world.kind(),
            version: &manifest.version,
            description: &manifest.description,
            http: &manifest.http,
        }),
        problems: found.problems.iter().map(ToString::to_string).collect(),
        usable,
    }
}

/// Says what there is to say, each thing with its label.
fn lines(file: String, found: &Inspection) -> Vec<(&'static str, String)> {
    let mut lines =
        vec![("file", file), ("digest", found.digest.clone()), ("size", format!("{} bytes", found.size))];
    lines.extend(found.worlds.iter().map(|world| ("world", world.to_string())));
    lines.extend(found.imports.iter().map(|name| ("imports", name.clone())));
    lines.extend(found.exports.iter().map(|name| ("exports", name.clone())));
    match &found.manifest {
        Some(manifest) => {
            lines.push(("name", manifest.name.clone()));
            lines.push(("version", manifest.version.clone()));
            lines.push(("says", manifest.description.clone()));
            lines.extend(manifest.http.iter().map(|request| ("asks for", request.to_string())));
            if manifest.http.is_empty() {
                lines.push(("asks for", "nothing".to_owned()));
            }
        }
        None => lines.push(("manifest", "none: it asks for nothing".to_owned())),
    }
    lines.extend(found.problems.iter().map(|problem| ("problem", problem.to_string())));
    lines
}
