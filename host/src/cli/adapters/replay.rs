//! `codewalk adapters replay`: repeats the recorded calls of a session.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use codewalk_core::session::Session;
use codewalk_sandbox::{Player, Problem, RecordedCall, Recording, Sandbox, Source, Subject, World};
use serde::Serialize;

use super::difference::difference;
use super::find::unreadable;
use super::patience::compiling;
use crate::cli::find_session::find_session;
use crate::cli::print::{SCHEMA, print_json, print_line};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

#[derive(Serialize)]
struct ReplayJson {
    schema: u32,
    r#type: &'static str,
    session: String,
    calls: Vec<Row>,
}

/// A call and its new result.
#[derive(Serialize)]
struct Row {
    port: Option<World>,
    adapter: String,
    /// The component that answered originally.
    digest: String,
    /// The component that is called now.
    asked: Option<String>,
    equal: bool,
    difference: Option<String>,
    problem: Option<String>,
}

/// Which component is called.
enum By {
    /// The original component: one of the candidates, if it still exists. The components found so far are
    /// stored by digest.
    Same { candidates: Vec<Source>, found: BTreeMap<String, Option<Player>> },
    /// The given component, for calls of its port.
    Other(Player),
}

pub(super) fn execute(
    config: &Config,
    id: &str,
    with: Option<&Path>,
    json: bool,
) -> Result<ExitCode, CommandError> {
    let session = find_session(compose::open_store(config)?.as_ref(), id)?;
    let sandbox = compose::sandbox(config)?;
    let mut by = match with {
        Some(file) => By::Other(player(&sandbox, file)?),
        None => By::Same { candidates: candidates(config)?, found: BTreeMap::new() },
    };
    let (calls, is_whole) = calls(config, &session)?;
    let recorded = calls.len();
    let calls: Vec<RecordedCall> = calls.into_iter().filter(|call| by.serves(call)).collect();
    let left_out = recorded - calls.len();
    let rows = compose::block_on(async {
        let mut rows = Vec::new();
        for call in calls {
            rows.push(replayed(&sandbox, &mut by, call).await);
        }
        Ok(rows)
    })?;
    let equal = rows.iter().filter(|row| row.equal).count();
    let all_equal = equal == rows.len();
    if json {
        let session = session.id.to_string();
        print_json(&ReplayJson { schema: SCHEMA, r#type: "replay", session, calls: rows })?;
    } else {
        rows.iter().try_for_each(print_row)?;
        print_line(&format!("{equal} of {} calls gave the same answer{}", rows.len(), of_others(left_out)))?;
    }
    Ok(if all_equal && is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(ErrorKind::Adapter.exit_status())
    })
}

impl By {
    fn serves(&self, call: &RecordedCall) -> bool {
        match self {
            Self::Same { .. } => true,
            Self::Other(player) => serves(player, call),
        }
    }

    /// Returns the component to call, or `None` if it no longer exists.
    fn player(&mut self, sandbox: &Sandbox, call: &RecordedCall) -> Result<Option<Player>, Problem> {
        match self {
            Self::Other(player) => Ok(Some(player.clone())),
            Self::Same { candidates, found } => {
                if let Some(player) = found.get(&call.digest) {
                    return Ok(player.clone());
                }
                let player = compiling(&call.adapter, || sandbox.player_again(call, candidates))?;
                found.insert(call.digest.clone(), player.clone());
                Ok(player)
            }
        }
    }
}

/// Returns whether a component has the port of a call, if the call names one.
pub(super) fn serves(player: &Player, call: &RecordedCall) -> bool {
    call.port.is_none_or(|port| player.worlds().contains(&port))
}

/// Reports the number of skipped calls, as the end of a sentence.
pub(super) fn of_others(left_out: usize) -> String {
    match left_out {
        0 => String::new(),
        n => format!("; skipped {n} for another port"),
    }
}

/// Loads the component to call.
pub(super) fn player(sandbox: &Sandbox, file: &Path) -> Result<Player, CommandError> {
    let source = Source::File(file.to_owned());
    let player = compiling(&file.display().to_string(), || sandbox.player(&source));
    player.map_err(|problem| match problem {
        Problem::NotFound { .. } => unreadable(file, &problem),
        _ => CommandError::new(ErrorKind::Adapter, format!("{} {problem}", file.display()))
            .with_hint(format!("codewalk adapters check {}", file.display())),
    })
}

/// Returns where the original component may still be.
fn candidates(config: &Config) -> Result<Vec<Source>, CommandError> {
    let embedded = codewalk_components::all().iter().map(|embedded| Source::Embedded(embedded.bytes));
    let in_use = compose::adapters(config)?.into_iter().map(|(_, spec)| spec.source);
    Ok(embedded.chain(in_use).collect())
}

/// Returns the recorded calls of a session and of its utterance, and whether all of them can be read.
fn calls(config: &Config, session: &Session) -> Result<(Vec<RecordedCall>, bool), CommandError> {
    let recorder = compose::recorder(config);
    let mut calls = Vec::new();
    let mut is_whole = true;
    let subjects = session.utterance.map(Subject::Utterance);
    for subject in subjects.into_iter().chain([Subject::Session(session.id)]) {
        let file = recorder.file(subject);
        let unreadable = |error: io::Error| {
            CommandError::because(ErrorKind::Adapter, format!("cannot read {}", file.display()), error)
                .with_hint("check its permissions")
        };
        let Recording { calls: read, unreadable: left_out } = recorder.read(subject).map_err(unreadable)?;
        if let Some((lines, first)) = left_out {
            is_whole = false;
            let what = match lines {
                1 => format!("skipped 1 line; it {first}"),
                _ => format!("skipped {lines} lines; the first {first}"),
            };
            CommandError::new(ErrorKind::Adapter, format!("{}: {what}", file.display())).say();
        }
        calls.extend(read);
    }
    if calls.is_empty() {
        return Err(CommandError::new(ErrorKind::Usage, format!("no recording of session {}", session.id))
            .with_hint(format!(
                "set `recording = true` in {} to record adapter calls from then on",
                config.paths.config_file.display()
            )));
    }
    calls.sort_by_key(|call| call.at);
    Ok((calls, is_whole))
}

async fn replayed(sandbox: &Sandbox, by: &mut By, call: RecordedCall) -> Row {
    let row = Row {
        port: call.port,
        adapter: call.adapter.clone(),
        digest: call.digest.clone(),
        asked: None,
        equal: false,
        difference: None,
        problem: None,
    };
    let player = match by.player(sandbox, &call) {
        Ok(Some(player)) => player,
        Ok(None) => {
            let gone = "the component that answered no longer exists; choose one with --with FILE";
            return Row { problem: Some(gone.to_owned()), ..row };
        }
        Err(problem) => return Row { problem: Some(format!("the component {problem}")), ..row },
    };
    let row = Row { asked: Some(player.digest().to_owned()), ..row };
    match player.replay(&call).await {
        Ok(now) => {
            let difference = difference(&call.said(), &now.said(), ("recorded", "now"));
            Row { equal: difference.is_none(), difference, ..row }
        }
        Err(error) => Row { problem: Some(format!("the call {error}")), ..row },
    }
}

fn print_row(row: &Row) -> Result<(), CommandError> {
    let port = row.port.map_or("-", World::kind);
    let how = match (&row.problem, &row.difference) {
        (Some(problem), _) => format!("cannot be replayed: {problem}"),
        (None, Some(difference)) => format!("differs:\n{difference}"),
        (None, None) => "the same".to_owned(),
    };
    print_line(&format!("{port:<10}  {:<18}  {how}", row.adapter))
}
