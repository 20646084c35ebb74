//! `codewalk adapters add`: adds a component to the registry, with the grants that the operator approves.

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;

use codewalk_sandbox::{
    AdapterState, Approval, Asker, Grant, GrantRequest, Inspection, Registry, Sandbox, SignatureError,
    Signer, Source, World, digest, is_adapter_name, short_digest,
};
use serde::Serialize;

use super::consent::{Consent, GrantQuestion, Replacement};
use super::credential::{credential_problem, credential_remedy};
use super::find::{chains, find, kind, no_name, ships, unreadable};
use super::patience::compiling;
use super::version;
use crate::cli::leaving::sent;
use crate::cli::print::{SCHEMA, print_json, print_line};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

#[derive(Serialize)]
struct AddedJson<'a> {
    schema: u32,
    r#type: &'static str,
    name: &'a str,
    port: &'a str,
    digest: &'a str,
    /// The owner of the trusted key that signed it.
    signer: Option<String>,
    /// The digest of the component that it replaces.
    replaced: Option<&'a str>,
    /// The grants that it received.
    allowed: &'a [GrantRequest],
    /// The chains that name it.
    chains: &'a [&'static str],
    /// Why it is unusable.
    problem: Option<String>,
    /// What to do about it.
    remedy: Option<String>,
}

pub(super) fn execute(
    config: &Config,
    file: &Path,
    name: Option<String>,
    consent: Consent,
) -> Result<ExitCode, CommandError> {
    // The file is read only once, so that the checked bytes are the stored bytes.
    let component =
        Source::File(file.to_owned()).read().map_err(|problem| unreadable(file, &problem))?.into_owned();
    let refused = |problem: &dyn std::fmt::Display| {
        CommandError::new(ErrorKind::Adapter, format!("{} {problem}", file.display()))
            .with_hint(format!("codewalk adapters check {}", file.display()))
    };
    let sandbox = compose::sandbox(config)?;
    let found = compiling(&file.display().to_string(), || sandbox.inspect_bytes(&component));
    let found = found.map_err(|problem| refused(&problem))?;
    if let Some(problem) = found.problems.first() {
        return Err(refused(problem));
    }
    let world = kind(&found).ok_or_else(|| refused(&"is neither a router nor a summarizer"))?;
    let name = name_for(file, name, &found)?;
    check_table(config, &name, &component, &found)?;
    let signer = match config.trusted_keys.verify_file(file, &component) {
        Ok(signer) => signer,
        Err(problem @ SignatureError::Wrong { .. }) => {
            return Err(refused(&format!("was not added: {problem}")));
        }
        Err(problem) => {
            say(consent, &format!("{}: {problem}", file.display()))?;
            None
        }
    };

    let registry = compose::registry(config)?;
    let known = registry.state(&name)?;
    check_world(&sandbox, &registry, &name, &known, world)?;
    let configured = config.adapters.get(&name);
    let grants = configured.map_or(&[][..], |adapter| &adapter.http);
    let asker = Asker { digest: found.digest.clone(), key: signer.as_ref().map(|signer| signer.key.clone()) };
    let new = found
        .manifest
        .as_ref()
        .map_or_else(Vec::new, |manifest| manifest.missing(&asker, grants, &known.approved));
    if found.manifest.is_none() {
        say(consent, &format!("{name} has no manifest: {}", without_manifest(grants)))?;
    }
    // The file of a configured adapter stays where it is.
    let has_path = configured.is_some_and(|adapter| adapter.path.is_some());
    let replaced =
        (!has_path).then(|| replaced(config, &sandbox, &registry, &name, &known, &found, signer.clone()));
    let replaced = replaced.flatten();
    let question = GrantQuestion {
        name: &name,
        port: world.kind(),
        new: &new,
        dropped: &[],
        replaced: replaced.as_ref(),
    };
    question.settle(config, consent)?;

    // In this order, a running codewalk never waits for approval.
    if let Some(manifest) = &found.manifest {
        registry.approve(&name, manifest, &asker, &new)?;
    }
    let taken = if has_path {
        registry.accept(&name, &component, asker.key.as_deref())
    } else {
        registry.put(&name, &component, asker.key.as_deref())
    };
    taken?;
    let (chains, digest) = (chains(config, &name), &found.digest);
    let by_approval =
        found.manifest.as_ref().map_or_else(Vec::new, |manifest| manifest.missing(&asker, grants, &[]));
    let find = |say: fn(&Config, &GrantRequest) -> Option<String>| {
        by_approval.iter().find_map(|request| say(config, request))
    };
    let (problem, remedy) = (find(credential_problem), find(credential_remedy));
    if consent.json {
        let (name, port, allowed, chains) = (&*name, world.kind(), &*new, &*chains);
        let replaced = replaced.as_ref().map(|replaced| &*replaced.old);
        let signer = signer.map(|signer| signer.to_string());
        let (schema, r#type) = (SCHEMA, "added");
        print_json(&AddedJson {
            schema,
            r#type,
            name,
            port,
            digest,
            signer,
            replaced,
            allowed,
            chains,
            problem,
            remedy,
        })?;
    } else {
        let how = if has_path { "accepted, from its file" } else { "added" };
        let but = problem.map_or_else(String::new, |problem| format!(", but it is unusable: {problem}"));
        print_line(&format!("{how}: {name} ({}, {}){but}", world.kind(), short_digest(digest)))?;
        remedy.iter().try_for_each(|remedy| print_line(remedy))?;
        print_line(&how_to_use(config, &name, world, &chains))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a note, except with JSON output.
fn say(consent: Consent, what: &str) -> Result<(), CommandError> {
    if consent.json { Ok(()) } else { print_line(what) }
}

/// Describes the grants of a component without a manifest.
pub(super) fn without_manifest(grants: &[Grant]) -> String {
    match grants {
        [] => "it asks for nothing, and gets everything that the configuration grants to its name".to_owned(),
        grants => {
            let grants: Vec<String> = grants.iter().map(ToString::to_string).collect();
            format!("it gets everything that the configuration grants to its name: {}", grants.join("; "))
        }
    }
}

/// Returns the component that this one replaces, if any.
fn replaced(
    config: &Config,
    sandbox: &Sandbox,
    registry: &Registry,
    name: &str,
    known: &AdapterState,
    found: &Inspection,
    new_signer: Option<Signer>,
) -> Option<Replacement> {
    let added = Source::File(registry.component(name).ok()?).read().ok().map(Cow::into_owned);
    let there = added.or_else(|| registry.good(name, known.current.as_deref()?).ok());
    let old = there.as_deref().map(digest).or_else(|| known.current.clone());
    let old = old.filter(|old| *old != found.digest)?;
    let old_version = || sandbox.inspect_bytes(there.as_deref()?).ok()?.manifest.map(|found| found.version);
    let version = found.manifest.as_ref().map(|manifest| &*manifest.version);
    let is_old = version::is_old(known, &found.digest, old_version().as_deref(), version);
    let old_signer = known.signed.get(&old).and_then(|key| config.trusted_keys.find(key)).cloned();
    let grants = config.adapters.get(name).map_or(&[][..], |adapter| &adapter.http);
    let mut inherited: Vec<String> =
        grants.iter().map(|grant| format!("{grant}, from the configuration")).collect();
    if let (Some(manifest), Some(signer)) = (&found.manifest, &new_signer) {
        let is_its = |approval: &&Approval| {
            approval.is_for_name(manifest) && approval.key.as_ref() == Some(&signer.key)
        };
        let given = known.approved.iter().filter(is_its);
        inherited.extend(given.map(|approval| format!("{}, approved for {}", approval.request, signer.name)));
    }
    for port in chains(config, name) {
        inherited.push(format!("its place in {port}.chain, where it receives {}", sent(port)));
    }
    Some(Replacement { old, old_signer, new: found.digest.clone(), new_signer, is_old, inherited })
}

/// Checks a component against the configuration of its name.
fn check_table(
    config: &Config,
    name: &str,
    component: &[u8],
    found: &Inspection,
) -> Result<(), CommandError> {
    let configured = config.adapters.get(name);
    match configured.and_then(|adapter| adapter.path.as_deref()) {
        Some(path) => {
            let there = find(config, name)?.spec.source.read();
            if !there.is_ok_and(|there| *there == *component) {
                let what = format!("[adapters.{name}] names another file, {path}");
                return Err(usage(what, "replace that file, remove path from the table, or use --name"));
            }
        }
        None => {
            if let Some(shipped) = compose::reserved(name) {
                return Err(usage(ships(name, shipped), "choose another name with --name"));
            }
        }
    }
    match configured.and_then(|adapter| adapter.pin.as_ref()) {
        Some(pin) if *pin != found.digest => {
            let what = format!(
                "digest mismatch: [adapters.{name}] has digest = {pin:?}, the file has {}",
                found.digest
            );
            let error = CommandError::new(ErrorKind::Configuration, what);
            Err(error.with_hint("correct digest, or remove it"))
        }
        _ => Ok(()),
    }
}

/// Checks that an existing component of that name has the same world, because chains refer to the name.
fn check_world(
    sandbox: &Sandbox,
    registry: &Registry,
    name: &str,
    known: &AdapterState,
    world: World,
) -> Result<(), CommandError> {
    let added = || Some(Source::File(registry.component(name).ok()?).read().ok()?.into_owned());
    let last_good = || registry.good(name, known.current.as_deref()?).ok();
    let kept = [added(), last_good()].into_iter().flatten();
    let mut worlds = kept.filter_map(|component| kind(&sandbox.inspect_bytes(&component).ok()?));
    if let Some(other) = worlds.find(|other| *other != world) {
        let (this, other) = (world.kind(), other.kind());
        let what = format!("{name} is a {other}, but this is a {this}; grants do not carry over");
        let hint = format!("choose another name with --name, or first run `codewalk adapters remove {name}`");
        return Err(usage(what, &hint));
    }
    Ok(())
}

fn usage(what: String, hint: &str) -> CommandError {
    CommandError::new(ErrorKind::Usage, what).with_hint(hint)
}

/// Returns the name: the given one, or that of the manifest, or that of the file.
fn name_for(file: &Path, wanted: Option<String>, found: &Inspection) -> Result<String, CommandError> {
    let own = || found.manifest.as_ref().map(|manifest| manifest.name.clone());
    let of_file = || file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = wanted.or_else(own).or_else(of_file).unwrap_or_default();
    if !is_adapter_name(&name) {
        return Err(usage(no_name(&name), "choose a name with --name"));
    }
    Ok(name)
}

fn how_to_use(config: &Config, name: &str, world: World, chains: &[&str]) -> String {
    let port = world.kind();
    if chains.contains(&port) {
        return format!("it is in {port}.chain; running codewalk processes pick it up automatically");
    }
    let chain = match world {
        World::Router => &config.router_chain,
        World::Summarizer => &config.summarizer_chain,
    };
    let entries: Vec<String> =
        [name].into_iter().chain(chain.iter().map(String::as_str)).map(|e| format!("{e:?}")).collect();
    let config_file = config.paths.config_file.display();
    format!("to use it, add it to the chain in {config_file}:\n\n[{port}]\nchain = [{}]", entries.join(", "))
}
