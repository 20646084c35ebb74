//! `codewalk adapters list`: the adapters in use, what they may send, and the unused adapters.

use std::process::ExitCode;

use codewalk_sandbox::short_digest;
use serde::Serialize;

use super::ignored::{IgnoredFile, ignored_files};
use super::row::{AdapterRow, GrantRow, State, StatsRow, look, missing};
use crate::cli::print::{SCHEMA, print_json, print_line};
use crate::compose::{self, ChainEntry, ResolvedAdapter};
use crate::config::Config;
use crate::error::CommandError;

#[derive(Serialize)]
struct ListJson {
    schema: u32,
    r#type: &'static str,
    /// The adapters of the chains, in their order.
    adapters: Vec<AdapterRow>,
    /// The added adapters that no chain names.
    unused: Vec<AdapterRow>,
    /// The ignored files.
    left_out: Vec<IgnoredFile>,
}

pub(super) fn execute(config: &Config, json: bool) -> Result<ExitCode, CommandError> {
    let adapters = rows(config)?;
    let mut problems: Vec<CommandError> = compose::registry(config).err().into_iter().collect();
    let (unused, left_out) = match problems.is_empty() {
        true => (unused(config, &adapters)?, ignored_files(config)?),
        false => (Vec::new(), Vec::new()),
    };
    problems.extend(adapters.iter().filter_map(AdapterRow::as_error));
    if json {
        print_json(&ListJson { schema: SCHEMA, r#type: "adapters", adapters, unused, left_out })?;
    } else {
        adapters.iter().try_for_each(|row| print_row(row).and_then(|()| print_figures(row)))?;
        if !unused.is_empty() {
            print_line("\nadded, but not in a chain")?;
            unused.iter().try_for_each(print_row)?;
        }
        if !left_out.is_empty() {
            print_line(&format!("\nignored files in {}", config.paths.adapters().display()))?;
        }
        for IgnoredFile { file, why } in &left_out {
            print_line(&format!("  {file}: {why}"))?;
        }
    }
    problems.iter().for_each(CommandError::say);
    Ok(problems.first().map_or(ExitCode::SUCCESS, CommandError::exit_code))
}

/// Inspects the adapters in use.
pub(in crate::cli) fn rows(config: &Config) -> Result<Vec<AdapterRow>, CommandError> {
    let (sandbox, registry) = (compose::sandbox(config)?, compose::registry(config).ok());
    let row = |ChainEntry { port, name, adapter }: ChainEntry<'_>| match adapter {
        Ok(spec) => look(config, &sandbox, registry.as_ref(), &spec, Some(port)),
        Err(error) => missing(port, name, error),
    };
    Ok(compose::entries(config).into_iter().map(row).collect())
}

/// Inspects the added adapters that are not in use.
fn unused(config: &Config, used: &[AdapterRow]) -> Result<Vec<AdapterRow>, CommandError> {
    let mut unused = compose::registry_adapters(config)?;
    unused.retain(|(name, _)| used.iter().all(|row| row.name != *name));
    if unused.is_empty() {
        return Ok(Vec::new());
    }
    let (sandbox, registry) = (compose::sandbox(config)?, compose::registry(config).ok());
    let row = |(name, adapter): (String, ResolvedAdapter)| match adapter {
        Ok(spec) => look(config, &sandbox, registry.as_ref(), &spec, None),
        Err(error) => missing("-", &name, error),
    };
    Ok(unused.into_iter().map(row).collect())
}

/// Prints an adapter and what it may send.
fn print_row(row: &AdapterRow) -> Result<(), CommandError> {
    print_row_with(row, given)
}

/// Prints an adapter and what it may send, without saying why keys are missing.
pub(in crate::cli) fn print_row_briefly(row: &AdapterRow) -> Result<(), CommandError> {
    print_row_with(row, given_briefly)
}

fn print_row_with(row: &AdapterRow, given: fn(&GrantRow) -> String) -> Result<(), CommandError> {
    let digest = row.digest.as_deref().map_or("-", short_digest);
    let size = row.size.map_or_else(|| "-".to_owned(), |size| format!("{} KB", size.div_ceil(1000)));
    print_line(&format!("{:<10}  {:<18}  {digest:<12}  {size:>8}  {}", row.port, row.name, row.source))?;
    if let Some(signed) = signed(row) {
        print_line(&format!("            {signed}"))?;
    }
    for grant in &row.grants {
        print_line(&format!("            may send {}", given(grant)))?;
    }
    if let Some(problem) = &row.problem {
        print_line(&format!("            {}", unfit_because(row.state, problem)))?;
        // Most problems already say what to do.
        if let Some(remedy) = row.remedy.as_ref().filter(|remedy| !problem.contains(remedy.as_str())) {
            print_line(&format!("            {remedy}"))?;
        }
        if let Some(serving) = &row.serving {
            print_line(&format!("            until then, {} is used", short_digest(serving)))?;
        }
    }
    Ok(())
}

fn print_figures(row: &AdapterRow) -> Result<(), CommandError> {
    match &row.stats {
        Some(stats) if stats.calls > 0 => print_line(&format!("            {}", figures(stats))),
        _ => Ok(()),
    }
}

/// Describes the state of an adapter.
pub(super) const fn unfit(state: State) -> &'static str {
    match state {
        State::Live => "active",
        State::WaitsForApproval => "waits for approval",
        State::RolledBack => "is not used",
        State::Unusable | State::Missing => "cannot be used",
    }
}

/// Describes the state of an unusable adapter, with the reason.
pub(in crate::cli) fn unfit_because(state: State, problem: &str) -> String {
    let how = unfit(state);
    // Some problems already include the state.
    if problem.starts_with(how) || problem.starts_with(unfit(State::RolledBack)) {
        problem.to_owned()
    } else {
        format!("{how}: {problem}")
    }
}

/// Describes the signature of an adapter, if it has one.
pub(super) fn signed(row: &AdapterRow) -> Option<String> {
    let signer = row.signer.as_ref().map(|signer| format!("signed by {signer}"));
    signer.or_else(|| row.signature_problem.clone())
}

/// Describes a grant, and whether its credential is available.
pub(super) fn given(grant: &GrantRow) -> String {
    let problem = grant.credential_problem.as_ref().map(|problem| format!(": {problem}"));
    given_briefly(grant) + &problem.unwrap_or_default()
}

fn given_briefly(grant: &GrantRow) -> String {
    let GrantRow { may_send, credential, credential_problem, credential_is_for, is_missing } = grant;
    if let Some(server) = credential_is_for {
        return format!("{may_send} (not sent: it is only for {server})");
    }
    match (credential, credential_problem) {
        (None, _) => may_send.clone(),
        (Some(_), None) => format!("{may_send} (available)"),
        (Some(_), Some(_)) if *is_missing => format!("{may_send} (missing)"),
        (Some(_), Some(_)) => format!("{may_send} (unusable)"),
    }
}

/// Describes the statistics of an adapter.
pub(super) fn figures(stats: &StatsRow) -> String {
    let StatsRow { calls, errors, traps, timeouts, denials, peak_memory, p50_us, p99_us } = stats;
    #[expect(clippy::cast_precision_loss, reason = "it is shown with two digits")]
    let ms = |us: &Option<u64>| us.map_or_else(|| "-".to_owned(), |us| format!("{:.2} ms", us as f64 / 1e3));
    format!(
        "calls {calls}, p50 {}, p99 {}, memory up to {} KB, errors {errors}, traps {traps}, timeouts \
         {timeouts}, denials {denials}",
        ms(p50_us),
        ms(p99_us),
        peak_memory.div_ceil(1000),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unused_adapter_is_reported_once() {
        let exposed = "is not used: others can write to \"/a.wasm\" (mode 666)";
        assert_eq!(unfit_because(State::Unusable, exposed), exposed);
        assert_eq!(unfit_because(State::Unusable, "is too large"), "cannot be used: is too large");
        assert_eq!(unfit_because(State::RolledBack, "was rolled back"), "is not used: was rolled back");
    }
}
