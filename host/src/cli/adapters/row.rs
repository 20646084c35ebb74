//! An adapter as shown to users and programs: state, requests, grants and statistics.

use std::sync::Arc;

use codewalk_sandbox::{
    AdapterSpec, AdapterState, Asker, Credential, CredentialError, Grant, GrantRequest, Inspection, Manifest,
    Problem, Registry, Sandbox, SignatureError, Signer, Source, Stats, TrustedKeys, World, is_adapter_name,
};
use serde::Serialize;

use super::credential;
use super::find::kind;
use super::patience::compiling;
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// An adapter.
#[derive(Serialize)]
pub(in crate::cli) struct AdapterRow {
    /// Its port.
    pub(in crate::cli) port: &'static str,
    pub(in crate::cli) name: String,
    pub(super) source: String,
    pub(super) digest: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) version: Option<String>,
    pub(super) description: Option<String>,
    pub(in crate::cli) state: State,
    /// The digest of the version in use, which may be an earlier one.
    pub(in crate::cli) serving: Option<String>,
    /// The earlier versions for a rollback, the latest first.
    pub(super) kept: Vec<String>,
    /// Its grants.
    pub(in crate::cli) grants: Vec<GrantRow>,
    pub(super) has_manifest: bool,
    /// The grants that it requests.
    pub(super) asks: Vec<AskRow>,
    /// The owner of the trusted key that signed it.
    pub(super) signer: Option<String>,
    /// Why its signature does not count, if it has one.
    pub(super) signature_problem: Option<String>,
    pub(in crate::cli) problem: Option<String>,
    /// What to do about the problem, if known.
    pub(in crate::cli) remedy: Option<String>,
    pub(super) stats: Option<StatsRow>,
}

/// Whether the present component is usable.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum State {
    /// It is usable.
    Live,
    /// It requests more than was granted.
    WaitsForApproval,
    /// It failed, or the operator rolled it back.
    RolledBack,
    /// It has a problem.
    Unusable,
    /// It does not exist.
    Missing,
}

/// A grant. It contains the credential's name and whether the credential is available, never its value.
#[derive(Serialize)]
pub(in crate::cli) struct GrantRow {
    pub(in crate::cli) may_send: String,
    pub(in crate::cli) credential: Option<String>,
    pub(in crate::cli) credential_problem: Option<String>,
    /// The server that the credential belongs to, if it is a different one. In that case the credential is
    /// never sent.
    pub(in crate::cli) credential_is_for: Option<String>,
    /// Whether the credential is missing, rather than unusable.
    #[serde(skip)]
    pub(super) is_missing: bool,
}

/// A grant that an adapter requests.
#[derive(Serialize)]
pub(super) struct AskRow {
    #[serde(flatten)]
    pub(super) request: GrantRequest,
    /// Whether it was approved.
    pub(super) allowed: bool,
    /// Whether it is granted, together with the credential.
    pub(super) given: bool,
}

/// An adapter's statistics, across all runs.
#[derive(Serialize)]
pub(super) struct StatsRow {
    pub(super) calls: u64,
    pub(super) errors: u64,
    pub(super) traps: u64,
    pub(super) timeouts: u64,
    pub(super) denials: u64,
    /// The peak memory of a call, in bytes.
    pub(super) peak_memory: u64,
    pub(super) p50_us: Option<u64>,
    pub(super) p99_us: Option<u64>,
}

impl GrantRow {
    fn of(grant: &Grant) -> Self {
        let credential = grant.credential();
        let problem = credential.and_then(|credential| credential.check().err());
        Self {
            may_send: grant.to_string(),
            credential_is_for: credential.filter(|_| !grant.is_bound()).map(Credential::server),
            credential: credential.map(|credential| credential.name().to_owned()),
            is_missing: problem.as_ref().is_some_and(CredentialError::is_missing),
            credential_problem: problem.map(|problem| problem.to_string()),
        }
    }
}

impl AdapterRow {
    /// Returns the error about a missing adapter that a chain names.
    pub(super) fn as_error(&self) -> Option<CommandError> {
        let problem = self.problem.as_ref().filter(|_| self.state == State::Missing)?;
        let mut error = CommandError::new(ErrorKind::Configuration, problem);
        error.hint.clone_from(&self.remedy);
        Some(error)
    }
}

/// Inspects an adapter. Without a chain, its manifest determines the port.
pub(super) fn look(
    config: &Config,
    sandbox: &Sandbox,
    registry: Option<&Registry>,
    spec: &AdapterSpec,
    port: Option<&'static str>,
) -> AdapterRow {
    let (name, keys) = (spec.name.clone(), &config.trusted_keys);
    let (source, is_file) = match &spec.source {
        Source::Embedded(_) => ("ships with codewalk".to_owned(), false),
        Source::File(path) => (path.display().to_string(), true),
    };
    let mut problem = None;
    let known = match registry.filter(|_| is_file && is_adapter_name(&name)) {
        Some(registry) => registry.state(&name).unwrap_or_else(|error| {
            problem = Some(Problem::Registry(error));
            AdapterState::default()
        }),
        None => AdapterState::default(),
    };
    let found = match compiling(&name, || sandbox.inspect(&spec.source)) {
        Ok(found) => Some(found),
        Err(error) => {
            problem.get_or_insert(error);
            None
        }
    };
    let manifest = found.as_ref().and_then(|found| found.manifest.clone());
    let port = port.or_else(|| Some(kind(found.as_ref()?)?.kind())).unwrap_or("-");
    let (digest, size) =
        (found.as_ref().map(|found| found.digest.clone()), found.as_ref().map(|found| found.size));
    let grants: Vec<GrantRow> = compose::grants(config, registry, spec).iter().map(GrantRow::of).collect();
    let signed = digest.as_deref().map_or(Ok(None), |digest| signer(spec, &known, digest, keys));
    let signature_problem = signed.as_ref().err().map(ToString::to_string);
    let signer = signed.ok().flatten();
    let asker = Asker {
        digest: digest.clone().unwrap_or_default(),
        key: signer.as_ref().map(|signer| signer.key.clone()),
    };
    if let Some(found) = found {
        problem = problem.or_else(|| wrong(spec, &known, found, port, is_file, &asker));
    }
    let state = match &problem {
        // The problem is shown next to the grant.
        None if grants.iter().any(|grant| grant.credential_problem.is_some()) => State::Unusable,
        None => State::Live,
        Some(Problem::WaitsForApproval { .. }) => State::WaitsForApproval,
        Some(Problem::RolledBack { .. }) => State::RolledBack,
        Some(_) => State::Unusable,
    };
    // An earlier version is in use.
    let mut kept = known.current.iter().chain(&known.history);
    let is_pinned = |good: &String| spec.pin.as_ref().is_none_or(|pin| pin == good);
    let last_good = kept.find(|good| Some(*good) != digest.as_ref() && is_pinned(good)).cloned();
    AdapterRow {
        serving: match (state, &problem) {
            (State::Live, _) => digest.clone(),
            (_, Some(_)) => last_good,
            // Without its credential, the adapter is not loaded.
            (_, None) => None,
        },
        version: manifest.as_ref().map(|manifest| manifest.version.clone()),
        description: manifest.as_ref().map(|manifest| manifest.description.clone()),
        has_manifest: manifest.is_some(),
        asks: asks(manifest, &asker, spec, &known),
        signer: signer.map(|signer| signer.to_string()),
        signature_problem,
        remedy: match &problem {
            Some(Problem::WaitsForApproval { .. }) => Some(format!("codewalk adapters approve {name}")),
            Some(Problem::UnknownCredential { name, server }) => credential::remedy(config, name, server),
            _ => None,
        },
        problem: problem.map(|problem| problem.to_string()),
        stats: registry.and_then(|registry| stats(registry, &name)),
        kept: known.history,
        port,
        name,
        source,
        digest,
        size,
        state,
        grants,
    }
}

/// Returns the signer of a component: as stored for an added component, or according to the signature next to
/// its file.
pub(super) fn signer(
    spec: &AdapterSpec,
    known: &AdapterState,
    digest: &str,
    keys: &TrustedKeys,
) -> Result<Option<Signer>, SignatureError> {
    if let Some(signer) = known.signed.get(digest).and_then(|key| keys.find(key)) {
        return Ok(Some(signer.clone()));
    }
    let Source::File(file) = &spec.source else { return Ok(None) };
    spec.source.read().map_or(Ok(None), |component| keys.verify_file(file, &component))
}

/// Returns the row for an adapter that a chain names but that does not exist.
pub(super) fn missing(port: &'static str, name: &str, error: CommandError) -> AdapterRow {
    AdapterRow {
        port,
        name: name.to_owned(),
        source: "-".to_owned(),
        digest: None,
        size: None,
        version: None,
        description: None,
        state: State::Missing,
        serving: None,
        kept: Vec::new(),
        grants: Vec::new(),
        has_manifest: false,
        asks: Vec::new(),
        signer: None,
        signature_problem: None,
        problem: Some(error.message),
        remedy: error.hint,
        stats: None,
    }
}

/// Returns the problem that the sandbox would report when loading the component.
fn wrong(
    spec: &AdapterSpec,
    known: &AdapterState,
    found: Inspection,
    port: &str,
    is_file: bool,
    asker: &Asker,
) -> Option<Problem> {
    if spec.pin.is_none()
        && let Err(exposed) = spec.source.check_exposure()
    {
        return Some(exposed);
    }
    let Inspection { digest, worlds, manifest, exports, problems, .. } = found;
    if let Some(pin) = spec.pin.clone().filter(|pin| *pin != digest) {
        return Some(Problem::Pinned { name: spec.name.clone(), digest, pin });
    }
    if known.rejected.contains(&digest) {
        return Some(Problem::RolledBack { digest });
    }
    if let Some(problem) = problems.into_iter().next() {
        return Some(problem);
    }
    if let Some(world) = World::ALL.into_iter().find(|world| world.kind() == port && !worlds.contains(world))
    {
        return Some(Problem::MissingExport { world, exports });
    }
    let manifest = manifest.filter(|_| is_file)?;
    let requests = manifest.missing(asker, &spec.http, &known.approved);
    if !requests.is_empty() {
        return Some(Problem::WaitsForApproval { name: spec.name.clone(), requests });
    }
    approved(&manifest, asker, known).find_map(|request| {
        let name = request.credential.clone()?;
        let is_known = spec.credentials.iter().any(|known| *known.name() == *name);
        (!is_known).then(|| Problem::UnknownCredential { name, server: request.server() })
    })
}

/// Returns an adapter's approved requests.
fn approved<'a>(
    manifest: &'a Manifest,
    asker: &Asker,
    known: &AdapterState,
) -> impl Iterator<Item = &'a GrantRequest> {
    let missing = manifest.missing(asker, &[], &known.approved);
    manifest.http.iter().filter(move |request| !request.is_for_any() && !missing.contains(request))
}

fn asks(manifest: Option<Manifest>, asker: &Asker, spec: &AdapterSpec, known: &AdapterState) -> Vec<AskRow> {
    let Some(manifest) = manifest else { return Vec::new() };
    let missing = manifest.missing(asker, &spec.http, &known.approved);
    // A configured grant names its own credential.
    let granted_by_approval = manifest.missing(asker, &spec.http, &[]);
    let has_credential = |request: &GrantRequest| {
        request.credential.as_deref().is_none_or(|name| {
            let is_it = |known: &Arc<Credential>| known.name() == name && known.server() == request.server();
            !granted_by_approval.contains(request) || spec.credentials.iter().any(is_it)
        })
    };
    let row = |request: &GrantRequest| {
        let allowed = !missing.contains(request);
        AskRow { allowed, given: allowed && has_credential(request), request: request.clone() }
    };
    manifest.http.iter().map(row).collect()
}

fn stats(registry: &Registry, name: &str) -> Option<StatsRow> {
    if !is_adapter_name(name) {
        return None;
    }
    // Statistics that cannot be read start over.
    let stats: Stats = registry.stats(name).ok()?;
    Some(StatsRow {
        calls: stats.calls,
        errors: stats.errors,
        traps: stats.traps,
        timeouts: stats.timeouts,
        denials: stats.denials,
        peak_memory: stats.peak_memory,
        p50_us: compose::micros(&stats, 0.5),
        p99_us: compose::micros(&stats, 0.99),
    })
}
