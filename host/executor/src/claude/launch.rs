//! The command line of Claude Code.

use codewalk_core::permission::PermissionMode;
use codewalk_core::ports::Launch;
use uuid::Uuid;

use super::version::Version;
use crate::error::ExecutorError;
use crate::protocol::is_conversation;

/// Variables that the agent sets for its child processes. An agent that sees them assumes that it is nested.
pub(crate) const NESTING_VARIABLES: [&str; 2] = ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"];

/// Starts a conversation in JSON lines, with permission requests and reports on the state of prompts.
const CONVERSATION: [&str; 9] = [
    "-p",
    "--input-format",
    "stream-json",
    "--output-format",
    "stream-json",
    "--verbose",
    "--replay-user-messages",
    "--permission-prompt-tool",
    "stdio",
];

/// Returns the arguments that codewalk adds.
///
/// The permission mode and the sources of settings are always given. Without them, a repository's settings
/// would determine what runs without asking, and its hooks and servers would run immediately.
///
/// # Errors
/// If the identifier of the conversation to resume is invalid.
pub(crate) fn arguments(
    launch: &Launch,
    trusted: bool,
    version: Option<Version>,
) -> Result<Vec<String>, ExecutorError> {
    let conversation = match &launch.resume {
        Some(id) if is_conversation(id) => ["--resume".to_owned(), id.clone()],
        Some(id) => {
            return Err(ExecutorError::Conversation {
                agent: launch.agent.clone(),
                conversation: crate::text::one_line(id, 64),
            });
        }
        None if launch.run == 1 => ["--session-id".to_owned(), launch.session.to_string()],
        // The identifier of the session may be taken, by a run that failed before it reported that
        // identifier.
        None => ["--session-id".to_owned(), Uuid::now_v7().to_string()],
    };
    let security = [
        "--permission-mode",
        mode(launch.permission, version),
        "--setting-sources",
        if trusted { "user,project,local" } else { "user" },
    ];
    Ok(CONVERSATION.into_iter().chain(security).map(str::to_owned).chain(conversation).collect())
}

/// Returns the name of a permission mode. An unknown version counts as a new one.
fn mode(permission: PermissionMode, version: Option<Version>) -> &'static str {
    match permission {
        PermissionMode::Plan => "plan",
        PermissionMode::Ask if version.is_some_and(|version| version < Version::MANUAL) => "default",
        PermissionMode::Ask | PermissionMode::Unenforced => "manual",
        PermissionMode::AcceptEdits => "acceptEdits",
        PermissionMode::Bypass => "bypassPermissions",
    }
}

#[cfg(test)]
mod tests {
    use codewalk_core::command::Project;
    use codewalk_core::ids::{Id, SessionId};

    use super::*;

    fn launch(run: u32, resume: Option<&str>) -> Launch {
        Launch {
            session: SessionId(Id::from_u128(7)),
            run,
            agent: "claude".to_owned(),
            project: Project { name: "shop".to_owned(), path: "/shop".to_owned() },
            prompt: "fix it".to_owned(),
            permission: PermissionMode::Ask,
            resume: resume.map(str::to_owned),
        }
    }

    fn line(launch: &Launch, trusted: bool) -> String {
        arguments(launch, trusted, None).unwrap().join(" ")
    }

    #[test]
    fn by_default_an_agent_asks_and_ignores_project_settings() {
        let base = "-p --input-format stream-json --output-format stream-json --verbose \
            --replay-user-messages --permission-prompt-tool stdio";
        assert_eq!(
            line(&launch(1, None), false),
            format!(
                "{base} --permission-mode manual --setting-sources user \
                --session-id 00000000-0000-0000-0000-000000000007"
            )
        );
        let bold = Launch { permission: PermissionMode::AcceptEdits, ..launch(2, Some("abc-1")) };
        assert_eq!(
            line(&bold, true),
            format!(
                "{base} --permission-mode acceptEdits --setting-sources user,project,local --resume abc-1"
            )
        );
    }

    #[test]
    fn a_version_that_does_not_know_manual_asks_by_default() {
        for (version, mode) in [
            (None, "manual"),
            (Some(Version(2, 1, 332)), "manual"),
            (Some(Version(2, 1, 200)), "manual"),
            (Some(Version(2, 1, 199)), "default"),
            (Some(Version(2, 0, 30)), "default"),
        ] {
            let line = arguments(&launch(1, None), false, version).unwrap().join(" ");
            assert!(line.contains(&format!("--permission-mode {mode} ")), "{version:?}: {line}");
        }
        let plan = Launch { permission: PermissionMode::Plan, ..launch(1, None) };
        let line = arguments(&plan, false, Some(Version(2, 0, 30))).unwrap().join(" ");
        assert!(line.contains("--permission-mode plan "), "{line}");
    }

    #[test]
    fn a_second_run_without_a_conversation_uses_a_new_identifier() {
        let args = arguments(&launch(2, None), false, None).unwrap();
        assert_ne!(args.last(), arguments(&launch(2, None), false, None).unwrap().last());
        assert_eq!(args[args.len() - 2], "--session-id");
    }

    #[test]
    fn an_invalid_identifier_is_never_resumed() {
        for id in ["", "--dangerously-skip-permissions", "a b", "../x", "\u{1b}[2J", &"a".repeat(200)] {
            assert!(arguments(&launch(2, Some(id)), false, None).is_err(), "{id:?}");
        }
    }
}
