//! `codewalk adapters check`: inspects a component.

use std::path::Path;
use std::process::ExitCode;

use codewalk_core::terminal_text::visible_line;
use codewalk_sandbox::{
    CompileLimits, GrantRequest, Inspection, Problem, SignatureError, Signer, Source, TrustedKeys,
};
use serde::Serialize;

use super::add::without_manifest;
use super::consent::why;
use super::find::unreadable;
use super::patience::compiling;
use crate::cli::load::config;
use crate::cli::print::{SCHEMA, print_json, print_line};
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
    /// The owner of the trusted key that signed it.
    signer: Option<String>,
    /// Why its signature does not count, if it has one.
    signature_problem: Option<String>,
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
    // A file can be checked even if the configuration is invalid.
    let config = config().map_err(|error| error.say()).ok();
    let limits = config.as_ref().map_or_else(CompileLimits::default, |config| config.compile);
    let keys = config.map_or_else(TrustedKeys::default, |config| config.trusted_keys);
    let sandbox = compose::empty_sandbox(limits)?;
    let source = Source::File(file.to_owned());
    let found = compiling(&file.display().to_string(), || sandbox.inspect(&source));
    let found = found.map_err(|problem| unreadable(file, &problem))?;
    let signature: Signed = source.read().map_or(Ok(None), |component| keys.verify_file(file, &component));
    let is_wrong = matches!(signature, Err(SignatureError::Wrong { .. }));
    let usable = found.problems.is_empty() && !found.worlds.is_empty() && !is_wrong;
    let file = file.display().to_string();
    if json {
        print_json(&as_json(file, &found, &signature, usable))?;
    } else {
        for (label, text) in lines(file, &found, &signature) {
            print_line(&format!("{label:<8} {text}"))?;
        }
        print_line(if usable { "\nThis adapter is usable." } else { "\nThis adapter is not usable." })?;
    }
    Ok(if usable { ExitCode::SUCCESS } else { ExitCode::from(ErrorKind::Adapter.exit_status()) })
}

/// The signer of a file.
type Signed = Result<Option<Signer>, SignatureError>;

fn as_json<'a>(file: String, found: &'a Inspection, signature: &Signed, usable: bool) -> CheckJson<'a> {
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
        signer: signature.iter().flatten().map(ToString::to_string).next(),
        signature_problem: signature.as_ref().err().map(ToString::to_string),
        problems: found.problems.iter().map(ToString::to_string).collect(),
        usable,
    }
}

/// Returns the findings as labelled lines.
fn lines(file: String, found: &Inspection, signature: &Signed) -> Vec<(&'static str, String)> {
    let mut lines =
        vec![("file", file), ("digest", found.digest.clone()), ("size", format!("{} bytes", found.size))];
    lines.extend(found.worlds.iter().map(|world| ("world", world.to_string())));
    lines.extend(found.imports.iter().map(|name| ("imports", name.clone())));
    lines.extend(found.exports.iter().map(|name| ("exports", name.clone())));
    lines.push(match signature {
        Ok(Some(signer)) => ("signed", format!("by {signer}")),
        Ok(None) => ("signed", "no".to_owned()),
        Err(problem) => ("signed", problem.to_string()),
    });
    let is_broken = found.problems.iter().any(|problem| matches!(problem, Problem::Manifest(_)));
    match &found.manifest {
        Some(manifest) => {
            lines.push(("name", manifest.name.clone()));
            lines.push(("version", manifest.version.clone()));
            lines.push(("says", visible_line(&manifest.description)));
            for request in &manifest.http {
                lines.push(("asks for", request.to_string()));
                lines.extend(why(request).map(|why| ("", why)));
            }
            if manifest.http.is_empty() {
                lines.push(("asks for", "nothing".to_owned()));
            }
        }
        None if is_broken => lines.push(("manifest", "invalid".to_owned())),
        None => lines.push(("manifest", format!("none: {}", without_manifest(&[])))),
    }
    lines.extend(found.problems.iter().map(|problem| ("problem", problem.to_string())));
    lines
}
