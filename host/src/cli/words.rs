//! Words and styles that several commands share.

use anstyle::{AnsiColor, Style};
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::Run;
use codewalk_core::terminal_text::{elided, visible_line};
use codewalk_protocol::words::tool_name;

/// The style of adapters, agents and states.
pub const NAME: Style = AnsiColor::Cyan.on_default();
/// The style of failures.
pub const FAILURE: Style = AnsiColor::Red.on_default();
/// How many characters of an agent's text are shown on a line.
pub const LINE: usize = 160;

/// Returns the exit code as a shell reports it: 128 plus the signal number if a signal ended the process.
pub fn exit_code(run: &Run) -> Option<i32> {
    let exit = run.exit?;
    exit.code.or_else(|| exit.signal.map(|signal| 128 + signal))
}

/// Describes a permission mode.
pub const fn mode(permission: PermissionMode) -> &'static str {
    match permission {
        PermissionMode::Plan => "plan: only plans",
        PermissionMode::Ask => "ask: asks before changing anything",
        PermissionMode::AcceptEdits => "accept-edits: edits files in the project without asking",
        PermissionMode::Bypass => "bypass: does everything without asking",
        PermissionMode::Unenforced => "not enforced: this agent does not ask",
    }
}

/// Describes a tool call, with its subject if known.
pub fn call(tool: &str, subject: &str) -> String {
    match visible_line(&elided(subject, LINE)) {
        subject if subject.is_empty() => tool_name(tool),
        subject => format!("{}: {subject}", tool_name(tool)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_store_finds_a_session_by_its_short_id() {
        assert_eq!(codewalk_protocol::words::SHORT_ID, codewalk_store::SHOWN);
    }
}
