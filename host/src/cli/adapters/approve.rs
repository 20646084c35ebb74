//! `codewalk adapters approve`: gives an adapter what it asks for.

use std::process::ExitCode;

use codewalk_core::text::printable;
use codewalk_sandbox::{Approval, GrantRequest, Manifest, Source, is_adapter_name};
use serde::Serialize;

use super::consent::{Asked, Consent};
use super::find::{Found, failed, find};
use super::patience::compiling;
use super::row::kind;
use crate::cli::result::SCHEMA;
use crate::cli::{print_json, print_line};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

#[derive(Serialize)]
struct ApprovedJson<'a> {
    schema: u32,
    r#type: &'static str,
    name: &'a str,
    /// What it was allowed by this.
    allowed: &'a [GrantRequest],
    /// What it was allowed before and asks for no longer.
    dropped: &'a [GrantRequest],
}

pub(super) fn execute(config: &Config, name: &str, consent: Consent) -> Result<ExitCode, CommandError> {
    let Found { spec, .. } = find(config, name)?;
    let refused = |what: String| CommandError::new(ErrorKind::Adapter, what);
    if matches!(spec.source, Source::Embedded(_)) {
        return Err(refused(format!("{name} ships with codewalk; the configuration says what it may send")));
    }
    if !is_adapter_name(name) {
        return Err(refused(format!(
            "nothing can be kept of an adapter that a chain names by its file, {name:?}"
        ))
        .with_hint(
            "add it with `codewalk adapters add`, or give it a name with [adapters.NAME] and a path",
        ));
    }
    let sandbox = compose::sandbox(Some(config))?;
    let found = compiling(name, || sandbox.inspect(&spec.source));
    let found = found.map_err(|problem| refused(format!("the adapter {name} {problem}")))?;
    if let Some(problem) = found.problems.first() {
        return Err(refused(format!("the adapter {name} {problem}")));
    }
    let port = kind(&found).map_or("-", |world| world.kind());
    let library = compose::library(config)?;
    let known = library.state(name).map_err(|error| failed(&error))?;
    let new = found.manifest.as_ref().map_or_else(Vec::new, |m| m.missing(&spec.http, &known.approved));
    let dropped = found.manifest.as_ref().map_or_else(Vec::new, |m| dropped(m, &known.approved));
    Asked { name, port, new: &new, dropped: &dropped }.settle(config, consent)?;
    if let Some(manifest) = &found.manifest {
        library.approve(name, manifest, &new).map_err(|error| failed(&error))?;
    }

    if consent.json {
        let (allowed, dropped) = (&*new, &*dropped);
        print_json(&ApprovedJson { schema: SCHEMA, r#type: "approved", name, allowed, dropped })?;
    } else if new.is_empty() {
        print_line(&printable(&format!("{name} asks for nothing that it was not given")))?;
    } else {
        print_line(&printable(&format!("{name} may; a codewalk that runs takes it over by itself")))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns what was approved and is asked for no longer, in part or as it was. It stays approved, for the versions before
/// that may be gone back to; what is not asked for cannot be used.
fn dropped(manifest: &Manifest, approved: &[Approval]) -> Vec<GrantRequest> {
    let asked = manifest.http.iter().filter(|asked| !asked.is_for_any()).count();
    let is_asked_for = |given: &&Approval| manifest.missing(&[], std::slice::from_ref(given)).len() < asked;
    let own = approved.iter().filter(|given| given.is_for(manifest));
    own.filter(|given| !is_asked_for(given)).map(|given| given.request.clone()).collect()
}
