//! Problems and their remedies.

use super::findings::{Findings, ProblemRow};
use super::keys::MissingKey;
use super::network;
use super::online::OnlineRow;
use crate::cli::adapters::{self, State};
use crate::error::CommandError;

/// Lists the problems. `unusable` is the problem of the adapter folder.
pub(super) fn problems(
    findings: &Findings,
    missing: &[MissingKey],
    unusable: Option<CommandError>,
) -> Vec<ProblemRow> {
    let mut problems = Vec::new();
    let mut add = |what: String, remedy: String| problems.push(ProblemRow { what, remedy });
    for agent in &findings.agents {
        // Only the default agent needs to exist.
        if let Some(problem) = agent.problem.as_ref().filter(|_| agent.default) {
            let other = "choose another agent: default_agent in config.toml";
            let remedy = match agent.program {
                Some(_) => format!(
                    "update it with `claude update`, reinstall it, correct program in [agents.{}], or \
                     {other}",
                    agent.name
                ),
                // The error says how to install it.
                None => other.to_owned(),
            };
            add(problem.clone(), remedy);
        }
    }
    let hint = unusable.as_ref().and_then(|error| error.hint.clone()).unwrap_or_default();
    if let Some(error) = unusable {
        add(error.message, hint.clone());
    }
    for adapter in &findings.adapters {
        // The previous version is in use, as intended.
        let is_settled = adapter.state == State::RolledBack && adapter.serving.is_some();
        // The problem with its folder has already been reported.
        let is_reported = |problem: &&String| !hint.is_empty() && problem.contains(&hint);
        if let Some(problem) = adapter.problem.as_ref().filter(|_| !is_settled).filter(|p| !is_reported(p)) {
            let remedy = adapter.remedy.as_deref().unwrap_or("fix it");
            let remedy = format!("{remedy}, or remove it from {}.chain", adapter.port);
            add(format!("{} {}", adapter.name, adapters::unfit_because(adapter.state, problem)), remedy);
        }
        for grant in &adapter.grants {
            if let (Some(credential), Some(server)) = (&grant.credential, &grant.credential_is_for) {
                let what = format!(
                    "the credential {credential} is only for {server}: {} may not send it elsewhere",
                    adapter.name
                );
                add(
                    what,
                    format!(
                        "remove credential from that grant, or {} from {}.chain",
                        adapter.name, adapter.port
                    ),
                );
            }
        }
    }
    missing.iter().for_each(|key| add(key.what(), key.remedy()));
    if let Some(why) = &findings.trusts_nobody {
        let remedy = match (why.contains(" is not used: "), why.starts_with("[network] ca_file")) {
            (true, _) => "until then, adapters reach only servers on this machine",
            (_, true) => "correct ca_file, or remove it to use the system certificates",
            (false, false) => {
                "install the system certificates (ca-certificates), or set ca_file in [network]"
            }
        };
        add(format!("cannot verify any server: {why}"), remedy.to_owned());
    }
    for what in network::certificates_named_in_vain(&|name| std::env::var_os(name)) {
        add(what, "correct or unset it to use the system certificates".to_owned());
    }
    for row @ OnlineRow { problem, .. } in &findings.online {
        // Missing trust and missing keys have already been reported.
        let is_said = |problem: &String| {
            let nobody = findings.trusts_nobody.as_ref();
            nobody.is_some_and(|why| problem.contains(why.as_str()))
                || missing.iter().any(|key| key.is_said_in(problem))
        };
        if problem.as_ref().is_some_and(|problem| !is_said(problem)) {
            add(row.to_string(), "until then, the next adapter in its chain answers".to_owned());
        }
    }
    if let Some(problem) = &findings.store.problem {
        add(problem.clone(), format!("fix {}, or set store in config.toml", findings.store.path));
    }
    for folder in &findings.folders {
        if let Some(problem) = &folder.problem {
            add(format!("cannot write to {}: {problem}", folder.path), folder.remedy.clone());
        }
    }
    for project in &findings.projects {
        if let Some(problem) = &project.problem {
            let remedy = "create it, or correct or remove it: [[projects]] in config.toml".to_owned();
            add(
                format!("cannot use the folder {} of the project {}: {problem}", project.path, project.name),
                remedy,
            );
        }
    }
    for problem in &findings.store.unreadable_sessions {
        add(problem.clone(), "until then, this session is skipped; all others work".to_owned());
    }
    problems
}
