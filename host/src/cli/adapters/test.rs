//! `codewalk adapters test`: tests a component against cases in the form of recorded calls.

use std::path::Path;
use std::process::ExitCode;

use codewalk_core::terminal_text::shortened;
use codewalk_sandbox::{CompileLimits, Player, RecordedCall, Recording, read_calls, read_regular};
use serde::Serialize;
use serde_json::Value;

use super::difference::{as_far_as_expected, difference};
use super::replay::{of_others, player, serves};
use crate::cli::load::config;
use crate::cli::print::{SCHEMA, print_json, print_line};
use crate::compose;
use crate::error::{CommandError, ErrorKind};

/// The maximum size of a file of cases, in bytes.
const MAX_CASES: u64 = 256 * 1024 * 1024;

#[derive(Serialize)]
struct TestJson {
    schema: u32,
    r#type: &'static str,
    file: String,
    digest: String,
    passed: usize,
    failed: usize,
    /// The number of cases for another port.
    left_out: usize,
    cases: Vec<Row>,
}

/// A case and its result.
#[derive(Serialize)]
struct Row {
    utterance: String,
    passed: bool,
    difference: Option<String>,
    problem: Option<String>,
}

pub(super) fn execute(file: &Path, cases_file: &Path, json: bool) -> Result<ExitCode, CommandError> {
    let mut cases = cases(cases_file)?;
    let limits = config().map_or_else(|_| CompileLimits::default(), |config| config.compile);
    let player = player(&compose::empty_sandbox(limits)?, file)?;
    let all = cases.len();
    cases.retain(|case| serves(&player, case));
    let left_out = all - cases.len();
    if cases.is_empty() {
        let what = format!("{}: no cases for {}", cases_file.display(), file.display());
        return Err(CommandError::new(ErrorKind::Usage, what).with_hint("each case names its port"));
    }
    let rows = compose::block_on(async {
        let mut rows = Vec::new();
        for case in cases {
            rows.push(tested(&player, case).await);
        }
        Ok(rows)
    })?;
    let failed = rows.iter().filter(|row| !row.passed).count();
    let passed = rows.len() - failed;
    if json {
        let (file, digest) = (file.display().to_string(), player.digest().to_owned());
        let (schema, r#type, cases) = (SCHEMA, "test", rows);
        print_json(&TestJson { schema, r#type, file, digest, passed, failed, left_out, cases })?;
    } else {
        (1..).zip(&rows).try_for_each(|(number, row)| print_row(number, row))?;
        print_line(&format!("{passed} passed, {failed} failed{}", of_others(left_out)))?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(ErrorKind::Adapter.exit_status()) })
}

/// Reads cases: an array of objects, one object, or one object on each line.
fn cases(file: &Path) -> Result<Vec<RecordedCall>, CommandError> {
    let wrong = |what: String| {
        CommandError::new(ErrorKind::Usage, format!("{}: {what}", file.display()))
            .with_hint("docs/adapters.md describes the format of cases")
    };
    let bytes = read_regular(file, MAX_CASES).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_CASES {
        return Err(wrong(format!("larger than {MAX_CASES} bytes")));
    }
    let read = |number: usize, case: &Value| {
        RecordedCall::read(&case.to_string()).map_err(|error| wrong(format!("case {number} {error}")))
    };
    let cases = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Array(cases)) => {
            (1..).zip(&cases).map(|(number, case)| read(number, case)).collect::<Result<_, _>>()?
        }
        Ok(case) => vec![read(1, &case)?],
        Err(error) if bytes.trim_ascii_start().starts_with(b"[") => {
            return Err(wrong(format!("not an array of cases: {error}")));
        }
        Err(_) => {
            let Recording { calls, unreadable } =
                read_calls(&*bytes).map_err(|error| wrong(error.to_string()))?;
            if let Some((lines, first)) = unreadable {
                return Err(wrong(format!("{lines} lines are not cases; the first {first}")));
            }
            calls
        }
    };
    if cases.is_empty() {
        return Err(wrong("no cases found".to_owned()));
    }
    Ok(cases)
}

async fn tested(player: &Player, mut case: RecordedCall) -> Row {
    if let [world] = player.worlds() {
        case.port.get_or_insert(*world);
    }
    let utterance = case.request.get("utterance").and_then(Value::as_str).unwrap_or_default().to_owned();
    let row = Row { utterance, passed: false, difference: None, problem: None };
    let expected = case.outcome();
    if expected.as_object().is_none_or(|expected| expected.len() != 1) {
        let problem = "the case must expect exactly one answer, error or problem";
        return Row { problem: Some(problem.to_owned()), ..row };
    }
    match player.replay(&case).await {
        Ok(now) => {
            let there = as_far_as_expected(&now.outcome(), &expected);
            let difference = difference(&expected, &there, ("expected", "answered"));
            Row { passed: difference.is_none(), difference, ..row }
        }
        Err(error) => Row { problem: Some(format!("the case {error}")), ..row },
    }
}

fn print_row(number: usize, row: &Row) -> Result<(), CommandError> {
    let what = shortened(&row.utterance, 60);
    let verdict = if row.passed { "passed" } else { "FAILED" };
    print_line(&format!("{verdict}  {number:>4}  {what}"))?;
    for why in [&row.problem, &row.difference].into_iter().flatten() {
        print_line(why)?;
    }
    Ok(())
}
