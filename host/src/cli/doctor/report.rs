//! The findings as text.

use codewalk_core::terminal_text::visible_line;

use super::agents::but;
use super::findings::{Findings, ProblemRow};
use super::machine::{AuthorsRow, FolderRow, GUEST_TARGET, StoreRow};
use crate::cli::adapters;
use crate::cli::print::print_line;
use crate::error::CommandError;

/// Prints a text on one line, whatever names and paths it contains.
fn print_one(line: &str) -> Result<(), CommandError> {
    print_line(&visible_line(line))
}

pub(super) fn print(findings: &Findings) -> Result<(), CommandError> {
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
        // The reason has already been shown next to the store.
        let is_said = problem.as_ref() == Some(what);
        let what = if is_said { "the store is unusable (see above)" } else { what };
        print_one(&format!("  {what}"))?;
        print_one(&format!("      {remedy}"))?;
    }
    Ok(())
}
