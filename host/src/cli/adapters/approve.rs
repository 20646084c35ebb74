//! `codewalk adapters approve`: grants an adapter its requests.

use std::process::ExitCode;

use codewalk_sandbox::{Approval, Asker, GrantRequest, Manifest, Source, digest, is_adapter_name};
use serde::Serialize;

use super::consent::{Consent, GrantQuestion};
use super::find::{NamedAdapter, find, kind};
use super::patience::compiling;
use super::row::signer;
use crate::cli::print::{SCHEMA, print_json, print_line};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

#[derive(Serialize)]
struct ApprovedJson<'a> {
    schema: u32,
    r#type: &'static str,
    name: &'a str,
    /// The grants that it received.
    allowed: &'a [GrantRequest],
    /// The grants that it no longer requests.
    dropped: &'a [GrantRequest],
}

pub(super) fn execute(config: &Config, name: &str, consent: Consent) -> Result<ExitCode, CommandError> {
    let NamedAdapter { spec, .. } = find(config, name)?;
    let refused = |what: String| CommandError::new(ErrorKind::Adapter, what);
    if matches!(spec.source, Source::Embedded(_)) {
        return Err(refused(format!(
            "{name} ships with codewalk; set what it may send in the configuration"
        )));
    }
    if !is_adapter_name(name) {
        return Err(refused(format!("cannot store approvals for {name:?}: the chain names it by its file"))
            .with_hint("add it with `codewalk adapters add`, or name it with [adapters.NAME] and a path"));
    }
    let sandbox = compose::sandbox(config)?;
    let found = compiling(name, || sandbox.inspect(&spec.source));
    let found = found.map_err(|problem| refused(format!("the adapter {name} {problem}")))?;
    if let Some(problem) = found.problems.first() {
        return Err(refused(format!("the adapter {name} {problem}")));
    }
    let port = kind(&found).map_or("-", |world| world.kind());
    let registry = compose::registry(config)?;
    let known = registry.state(name)?;
    let signer = signer(&spec, &known, &found.digest, &config.trusted_keys).ok().flatten();
    let asker = Asker { digest: found.digest.clone(), key: signer.map(|signer| signer.key) };
    let manifest = found.manifest.as_ref();
    let new = manifest.map_or_else(Vec::new, |m| m.missing(&asker, &spec.http, &known.approved));
    let dropped = manifest.map_or_else(Vec::new, |m| dropped(m, &asker, &known.approved));
    GrantQuestion { name, port, new: &new, dropped: &dropped, replaced: None }.settle(config, consent)?;
    if let Some(manifest) = &found.manifest {
        registry.approve(name, manifest, &asker, &new)?;
    }
    // Only the inspected component is stored.
    let component = spec.source.read().ok().filter(|component| digest(component) == asker.digest);
    if let Some(component) = component.filter(|_| !new.is_empty()) {
        registry.prefer(name, &component, asker.key.as_deref())?;
    }

    if consent.json {
        let (allowed, dropped) = (&*new, &*dropped);
        print_json(&ApprovedJson { schema: SCHEMA, r#type: "approved", name, allowed, dropped })?;
    } else if new.is_empty() {
        print_line(&format!("{name} asks for nothing new"))?;
    } else {
        print_line(&format!("approved: {name}; running codewalk processes pick it up automatically"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the approvals that this component does not request. They remain for earlier versions after a
/// rollback. A component cannot use a grant that it does not request.
fn dropped(manifest: &Manifest, asker: &Asker, approved: &[Approval]) -> Vec<GrantRequest> {
    let requests = manifest.http.iter().filter(|request| !request.is_for_any()).count();
    let is_asked_for = |given: &Approval| {
        let given = Approval { digest: Some(asker.digest.clone()), ..given.clone() };
        manifest.missing(asker, &[], &[given]).len() < requests
    };
    let mut dropped: Vec<GrantRequest> = Vec::new();
    for given in approved.iter().filter(|given| given.is_for_name(manifest) && !is_asked_for(given)) {
        if !dropped.contains(&given.request) {
            dropped.push(given.request.clone());
        }
    }
    dropped
}
