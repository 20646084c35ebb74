//! Words and styles that several commands share.

use anstyle::{AnsiColor, Style};
use codewalk_core::ids::SessionId;
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::Run;
use codewalk_core::text::{elided, shortened};
use codewalk_core::visible::visible_line;
use codewalk_store::SHOWN;

/// The style of adapters, agents and states.
pub const NAME: Style = AnsiColor::Cyan.on_default();
/// The style of failures.
pub const FAILURE: Style = AnsiColor::Red.on_default();
/// How much of an agent's text is shown on a line, in characters.
pub const LINE: usize = 160;

/// Returns the short ID of a session: the end of its ID.
pub fn short_id(id: SessionId) -> String {
    let id = id.to_string();
    id[id.len() - SHOWN..].to_owned()
}

/// Returns the exit code as a shell reports it: 128 plus the signal if one ended the process.
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
    }
}

/// Returns the name of a tool; anything that does not look like a name is quoted.
pub fn tool_name(tool: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    let is_name = !tool.is_empty() && tool.len() <= 80 && tool.chars().all(is_of_name);
    if is_name { tool.to_owned() } else { format!("the tool \"{}\"", visible_line(&shortened(tool, 128))) }
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
    use super::*;

    #[test]
    fn a_tools_name_that_is_no_name_is_quoted() {
        for (tool, shown) in [
            ("Bash", "Bash"),
            ("mcp__shop-2__buy.it", "mcp__shop-2__buy.it"),
            ("Bash on ls? [yes / no]", "the tool \"Bash on ls? [yes / no]\""),
            ("", "the tool \"\""),
            ("B\u{430}sh", "the tool \"B\u{430}<U+0430>sh\""),
        ] {
            assert_eq!(tool_name(tool), shown);
        }
    }
}
