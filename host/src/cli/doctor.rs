//! `codewalk doctor`: checks the setup and suggests fixes.

mod keys;
mod network;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use codewalk_core::command::{Constraints, Project};
use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::ids::{Id, SessionId, UtteranceId};
use codewalk_core::origin::Channel;
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::routing::request::RouteRequest;
use codewalk_core::session::SessionState;
use codewalk_core::summarization::{SummaryBrief, SummaryRequest};
use codewalk_core::terminal_text::{shortened, visible_line};
use codewalk_executor::{AgentSpec, ClaudeVersion, Version};
use codewalk_store::FileSystem;
use serde::Serialize;

use super::adapters::{self, AdapterRow, State};
use super::leaving;
use super::print::{SCHEMA, print_json, print_line};
use crate::compose::{self, ChainEntry, ThroughProxy, UNUSABLE_FOLDER};
use crate::config::{Config, StorePlace};
use crate::driver;
use crate::error::{CommandError, ErrorKind};
use keys::MissingKey;

/// How long a compiler may take to print its version.
const VERSION: Duration = Duration::from_secs(10);
/// The compilation target of guests.
const GUEST_TARGET: &str = "wasm32-unknown-unknown";

#[derive(Serialize)]
struct Findings {
    schema: u32,
    r#type: &'static str,
    agents: Vec<AgentRow>,
    adapters: Vec<AdapterRow>,
    /// What adapters may send, and what the requests contain.
    leaves_the_machine: Vec<String>,
    /// Why no server can be verified, if one has to be.
    trusts_nobody: Option<String>,
    /// The replies of adapters that use the network; only with `--online`.
    online: Vec<OnlineRow>,
    projects: Vec<ProjectRow>,
    store: StoreRow,
    folders: Vec<FolderRow>,
    authors: AuthorsRow,
    problems: Vec<ProblemRow>,
}

#[derive(Serialize)]
struct AgentRow {
    name: String,
    default: bool,
    program: Option<String>,
    version: Option<String>,
    /// The peculiarity of that version.
    note: Option<String>,
    works: &'static str,
    problem: Option<String>,
}

#[derive(Serialize)]
struct OnlineRow {
    adapter: String,
    problem: Option<String>,
    /// The clause that follows its name.
    #[serde(skip)]
    said: String,
    /// Its model, if it uses one.
    model: Option<network::ModelRow>,
}

impl OnlineRow {
    fn new(adapter: String, clause: Option<String>, model: Option<network::ModelRow>) -> Self {
        // The name is shown beside it.
        let why = |clause: &String| clause.strip_prefix("does not answer: ").unwrap_or(clause).to_owned();
        let problem = clause.as_ref().map(why);
        Self { adapter, problem, said: clause.unwrap_or_else(|| "answers".to_owned()), model }
    }
}

impl fmt::Display for OnlineRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.adapter, self.said)
    }
}

#[derive(Serialize)]
struct StoreRow {
    form: &'static str,
    path: String,
    /// The name of its file system, if the system reports it.
    file_system: Option<String>,
    problem: Option<String>,
    /// Why some sessions cannot be read, and what to do about it.
    unreadable_sessions: Vec<String>,
}

/// A configured project.
#[derive(Serialize)]
struct ProjectRow {
    name: String,
    path: String,
    problem: Option<String>,
}

/// A folder that runs write to.
#[derive(Serialize)]
struct FolderRow {
    /// What it contains.
    of: &'static str,
    path: String,
    problem: Option<String>,
    /// What to do about a problem.
    #[serde(skip)]
    remedy: String,
}

#[derive(Serialize)]
struct AuthorsRow {
    compiler: Option<String>,
    target: bool,
}

/// Something that does not work, and what to do about it.
#[derive(Clone, Serialize)]
struct ProblemRow {
    what: String,
    remedy: String,
}

pub(super) fn execute(config: &Config, online: bool, json: bool) -> Result<ExitCode, CommandError> {
    let registry = compose::registry(config);
    let (adapters, unusable) = match adapters::rows(config) {
        Ok(adapters) => (adapters, registry.err()),
        Err(error) => (Vec::new(), Some(error)),
    };
    let (agents, online, authors) = compose::block_on(async {
        let online = if online { ask_all(config, &adapters).await? } else { Vec::new() };
        Ok((agents(config).await, online, authors().await))
    })?;
    let mut findings = Findings {
        schema: SCHEMA,
        r#type: "doctor",
        leaves_the_machine: leaving(config, &adapters),
        trusts_nobody: network::untrusting(config),
        online,
        projects: projects(config),
        store: store(config),
        folders: folders(config),
        authors,
        problems: Vec::new(),
        agents,
        adapters,
    };
    findings.problems = problems(&findings, &keys::missing(config, &findings.adapters), unusable);
    if json {
        print_json(&findings)?;
    } else {
        print(&findings)?;
    }
    let works = findings.problems.is_empty();
    Ok(if works { ExitCode::SUCCESS } else { ExitCode::from(ErrorKind::Configuration.exit_status()) })
}

async fn agents(config: &Config) -> Vec<AgentRow> {
    let mut rows = Vec::new();
    for (name, spec) in &config.agents {
        let works = match spec {
            AgentSpec::Claude { .. } => "prompts, follow-ups, approvals, interrupt, resume",
            AgentSpec::Demo { .. } => "scripted demo",
            AgentSpec::Command { .. } => "one prompt; no approvals, no follow-ups, no resume",
        };
        let (program, version, note, problem) = match spec.locate(name) {
            Ok(program) => {
                let version = match spec {
                    AgentSpec::Claude { env, .. } => claude_version(&program, env, config).await.map(Some),
                    // Other programs may do anything with a flag.
                    AgentSpec::Demo { .. } | AgentSpec::Command { .. } => Ok(None),
                };
                let program = Some(program.display().to_string());
                match version {
                    Ok(version) => {
                        let (version, note) = version.unzip();
                        (program, version, note.flatten(), None)
                    }
                    Err(problem) => (program, None, None, Some(problem)),
                }
            }
            Err(error) => (None, None, None, Some(error.to_string())),
        };
        let default = *name == config.default_agent;
        rows.push(AgentRow { name: name.clone(), default, program, version, note, works, problem });
    }
    rows.sort_by_key(|row| !row.default);
    rows
}

/// Returns the version of Claude Code and its peculiarity, or why it is unusable.
async fn claude_version(
    program: &Path,
    env: &BTreeMap<String, String>,
    config: &Config,
) -> Result<(String, Option<String>), String> {
    let said = ClaudeVersion::ask(program, env, &config.secret_variables).await;
    let said = said.map_err(|why| format!("{} is not a usable Claude Code: {why}", program.display()))?;
    if said.is_too_old() {
        let (line, oldest) = (said.line(), Version::OLDEST);
        return Err(format!("{} is {line}; codewalk needs {oldest} or newer", program.display()));
    }
    Ok((said.line().to_owned(), said.note()))
}

/// Returns what adapters may send, and what the requests contain.
fn leaving(config: &Config, adapters: &[AdapterRow]) -> Vec<String> {
    let of_adapter = |row: &AdapterRow| -> Vec<String> {
        row.grants.iter().map(|grant| leaving::leaving(row.port, &row.name, &grant.may_send)).collect()
    };
    let mut lines: Vec<String> = adapters.iter().flat_map(of_adapter).collect();
    if let Some(proxy) = config.uplink.proxy.as_ref().filter(|_| !lines.is_empty()) {
        lines.push(format!("everything goes through the proxy {proxy}"));
    }
    lines
}

/// Sends a small request to each adapter that may use the network.
async fn ask_all(config: &Config, known: &[AdapterRow]) -> Result<Vec<OnlineRow>, CommandError> {
    let mut rows = Vec::new();
    if known.iter().all(|row| row.grants.is_empty()) {
        return Ok(rows);
    }
    // The servers may accept other forms now.
    compose::forget_forms(config);
    let (sandbox, registry) = (compose::sandbox(config)?, compose::registry(config).ok());
    for ChainEntry { port, name, adapter } in compose::entries(config) {
        // Without its key, an adapter could only report that again.
        let can_ask = |row: &AdapterRow| {
            let has_keys = row.grants.iter().all(|grant| grant.credential_problem.is_none());
            row.port == port && row.name == name && !row.grants.is_empty() && has_keys
        };
        // The row of a missing adapter says so.
        let Ok(spec) = adapter else { continue };
        if !known.iter().any(can_ask) {
            continue;
        }
        let adapter = spec.name.clone();
        let model = network::compare(config, &sandbox, &spec).await;
        let specs = vec![spec];
        let asked = match port {
            "router" => {
                let chain = sandbox.router_chain(specs.clone());
                let chain = ThroughProxy::new(config, registry.as_ref(), &specs, chain);
                chain.route(&route_request()).await.map(drop)
            }
            _ => {
                let chain = sandbox.summarizer_chain(specs.clone());
                let chain = ThroughProxy::new(config, registry.as_ref(), &specs, chain);
                chain.summarize(&summary_request()).await.map(drop)
            }
        };
        let problem = asked.err().map(|error| clause(&adapter, port, &error.to_string()));
        rows.push(OnlineRow::new(adapter, problem, model));
    }
    Ok(rows)
}

/// Returns why the only adapter of a chain did not answer, as a clause that follows its name.
fn clause(adapter: &str, port: &str, error: &str) -> String {
    let of_chain = error.strip_prefix(&*format!("no {port} answered: ")).unwrap_or(error);
    let after_name = of_chain.strip_prefix(&*format!("the adapter \"{adapter}\" "));
    let Some(clause) = after_name else { return format!("does not answer: {of_chain}") };
    match clause.strip_prefix("says: ") {
        Some(why) => format!("does not answer: {why}"),
        None => clause.to_owned(),
    }
}

fn route_request() -> RouteRequest {
    RouteRequest {
        id: UtteranceId(Id::from_u128(0)),
        utterance: "is anything running?".to_owned(),
        channel: Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: Vec::new(),
        agents: Vec::new(),
        sessions: Vec::new(),
        constraints: Constraints::default(),
        now: driver::now(),
    }
}

fn summary_request() -> SummaryRequest {
    let said = Text::Whole { text: "I looked at the file and changed nothing.".to_owned() };
    SummaryRequest {
        order: SummaryBrief {
            session: SessionId(Id::from_u128(0)),
            utterance: "look at the file".to_owned(),
            state: SessionState::Completed,
            ended_because: None,
            waiting_for: Vec::new(),
            question: None,
            previous: None,
            byte_budget: 200,
            now: driver::now(),
        },
        entries: vec![EntryKind::AgentText { text: said }],
        total_entries: 1,
    }
}

/// Checks that the configured projects exist.
fn projects(config: &Config) -> Vec<ProjectRow> {
    let rows = config.projects.iter().map(|configured| {
        let Project { name, path } = &configured.project;
        let problem = match std::fs::metadata(path) {
            Ok(folder) if folder.is_dir() => None,
            Ok(_) => Some("not a folder".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        ProjectRow { name: name.clone(), path: path.clone(), problem }
    });
    rows.collect()
}

fn store(config: &Config) -> StoreRow {
    let (form, path) = match &config.store {
        StorePlace::Sqlite(path) => ("sqlite", path),
        StorePlace::Files(path) => ("files", path),
    };
    let used = compose::open_store(config).and_then(|mut store| {
        let used = store.sessions(1, None).and_then(|_| store.try_to_keep()).and_then(|()| store.problems());
        used.map_err(CommandError::from)
    });
    let (unreadable, problem) = match used {
        Ok(unreadable) => (unreadable, None),
        Err(error) => (
            Vec::new(),
            Some([Some(error.message), error.hint].into_iter().flatten().collect::<Vec<_>>().join("; ")),
        ),
    };
    let unreadable_sessions = unreadable.iter().map(ToString::to_string).collect();
    let file_system = FileSystem::of(path).map(|found| found.name);
    StoreRow { form, path: path.display().to_string(), file_system, problem, unreadable_sessions }
}

/// Tests the folders that runs write to.
fn folders(config: &Config) -> Vec<FolderRow> {
    let compiled = format!("until then, every command recompiles its adapters: {UNUSABLE_FOLDER}");
    let folders = [
        ("sessions", config.paths.sessions(), UNUSABLE_FOLDER.to_owned()),
        ("compiled adapters", config.paths.components(), compiled),
    ];
    let tried = |(of, path, remedy): (_, PathBuf, _)| {
        let problem = write_in(&path).err().map(|error| error.to_string());
        FolderRow { of, path: path.display().to_string(), problem, remedy }
    };
    folders.into_iter().map(tried).collect()
}

/// Creates an unnamed file in a folder, which is removed at once.
fn write_in(folder: &Path) -> io::Result<()> {
    // A missing folder is created in its parent when it is needed.
    let there = folder.ancestors().find(|folder| !matches!(folder.try_exists(), Ok(false)));
    tempfile::tempfile_in(there.unwrap_or(folder)).map(drop)
}

/// Looks for the tools that authors of adapters need.
async fn authors() -> AuthorsRow {
    let rustc = |args: &'static [&'static str]| async move {
        let mut command = tokio::process::Command::new("rustc");
        command.args(args).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(VERSION, command.output()).await.ok()?.ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        output.status.success().then(|| text.trim().to_owned())
    };
    let compiler = rustc(&["--version"]).await.map(|version| shortened(&version, 80));
    let registry = rustc(&["--print", "target-libdir", "--target", GUEST_TARGET]).await;
    AuthorsRow { compiler, target: registry.is_some_and(|folder| Path::new(&folder).is_dir()) }
}

fn problems(findings: &Findings, missing: &[MissingKey], unusable: Option<CommandError>) -> Vec<ProblemRow> {
    let mut problems = Vec::new();
    let mut add = |what: String, remedy: String| problems.push(ProblemRow { what, remedy });
    for agent in &findings.agents {
        // Only the default agent has to exist.
        if let Some(problem) = agent.problem.as_ref().filter(|_| agent.default) {
            let other = "choose another agent: default_agent in config.toml";
            let remedy = match agent.program {
                Some(_) => format!(
                    "update it with `claude update`, reinstall it, correct program in [agents.{}], or {other}",
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
        // The problem of its folder is reported already.
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
        // Missing trust and missing keys are reported already.
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

/// Names the agents that cannot be started, which is not a problem unless they are used.
fn but(agents: &[AgentRow]) -> String {
    let missing = agents.iter().filter(|agent| agent.problem.is_some());
    let missing: Vec<&str> = missing.map(|agent| agent.name.as_str()).collect();
    match missing.len() {
        0 => String::new(),
        1 => format!(", except the agent {}", missing.join(", ")),
        _ => format!(", except the agents {}", missing.join(", ")),
    }
}

/// Prints a text on one line, whatever names and paths it contains.
fn print_one(line: &str) -> Result<(), CommandError> {
    print_line(&visible_line(line))
}

fn print(findings: &Findings) -> Result<(), CommandError> {
    print_line("agents")?;
    for agent in &findings.agents {
        let found = match (&agent.problem, &agent.program, &agent.version) {
            (Some(problem), ..) => problem.clone(),
            (None, Some(program), Some(version)) => format!("{program}, {version}"),
            (None, program, _) => program.clone().unwrap_or_default(),
        };
        let default = if agent.default { " (default)" } else { "" };
        print_one(&format!("  {}{default}: {found}", agent.name))?;
        print_line(&format!("      {}", agent.works))?;
        if let Some(note) = &agent.note {
            print_one(&format!("      {note}"))?;
        }
    }
    print_line("adapters")?;
    findings.adapters.iter().try_for_each(adapters::print_row_briefly)?;
    print_line("leaves this machine")?;
    if findings.leaves_the_machine.is_empty() {
        print_line("  nothing")?;
    }
    for line in &findings.leaves_the_machine {
        print_one(&format!("  {line}"))?;
    }
    for row in &findings.online {
        print_one(&format!("  {row}"))?;
        if let Some(model) = &row.model {
            print_one(&format!("      {model}"))?;
        }
    }
    let StoreRow { form, path, file_system, problem, .. } = &findings.store;
    let on = file_system.as_ref().map_or_else(String::new, |name| format!(", on {name}"));
    let state = problem.as_deref().unwrap_or("ok");
    print_line("store")?;
    print_one(&format!("  {form} in {path}{on}: {state}"))?;
    print_line("folders")?;
    for FolderRow { of, path, problem, .. } in &findings.folders {
        let state = problem.as_deref().unwrap_or("ok");
        print_one(&format!("  {of} in {path}: {state}"))?;
    }
    let AuthorsRow { compiler, target } = &findings.authors;
    let compiler = compiler.as_deref().unwrap_or("no Rust compiler on the PATH; see https://rustup.rs");
    let target = if *target {
        format!("{GUEST_TARGET} is installed")
    } else {
        format!(
            "{GUEST_TARGET} is missing: rustup target add {GUEST_TARGET}, or your distribution's package \
             (Debian: libstd-rust-dev-wasm32)"
        )
    };
    print_line(&format!("adapter development\n  {compiler}\n  {target}"))?;
    if findings.problems.is_empty() {
        return print_line(&format!("\nEverything configured works{}.", but(&findings.agents)));
    }
    print_line("\nproblems")?;
    for ProblemRow { what, remedy } in &findings.problems {
        // The reason is shown beside the store already.
        let is_said = problem.as_ref() == Some(what);
        let what = if is_said { "the store is unusable (see above)" } else { what };
        print_one(&format!("  {what}"))?;
        print_one(&format!("      {remedy}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_of_an_adapter_is_a_clause_after_its_name() {
        for (error, said, problem) in [
            (None, "answers", None),
            (Some("the adapter \"a\" says: it failed"), "does not answer: it failed", Some("it failed")),
            (
                Some("the adapter \"a\" gave an answer that cannot be used: no JSON"),
                "gave an answer that cannot be used: no JSON",
                Some("gave an answer that cannot be used: no JSON"),
            ),
            (
                Some("the adapter \"a\" did not answer within 9 ms"),
                "did not answer within 9 ms",
                Some("did not answer within 9 ms"),
            ),
            (Some("nobody knows"), "does not answer: nobody knows", Some("nobody knows")),
        ] {
            let clause = error.map(|error| clause("a", "router", &format!("no router answered: {error}")));
            let row = OnlineRow::new("a".to_owned(), clause, None);
            assert_eq!(row.to_string(), format!("a {said}"));
            assert_eq!(row.problem.as_deref(), problem);
        }
    }
}
