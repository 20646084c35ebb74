//! The real Claude Code client, with a model of ours on loopback.

use std::path::{Path, PathBuf};

use codewalk_loopback_model::{LoopbackModel, Script};

use super::User;

/// Returns the client's native binary; none where it is not installed and need not be.
fn client() -> Option<PathBuf> {
    if let Some(client) = std::env::var_os("CODEWALK_TEST_CLAUDE") {
        return Some(client.into());
    }
    assert!(
        std::env::var_os("CODEWALK_REQUIRE_CLIENTS").is_none(),
        "the real Claude Code client is required: CODEWALK_TEST_CLAUDE is not set"
    );
    println!("skipped: CODEWALK_TEST_CLAUDE is not set, so the real Claude Code client is not tested");
    None
}

/// Makes a user with Claude Code, with a model that answers by a script.
pub fn with_claude(script: Script) -> Option<(User, LoopbackModel)> {
    with(script, LoopbackModel::claude_env)
}

/// Makes a user with Claude Code and a subscription, with a model that answers by a script.
#[allow(dead_code, reason = "each test file uses a part of it")]
pub fn with_subscription(script: Script) -> Option<(User, LoopbackModel)> {
    with(script, LoopbackModel::subscriber_env)
}

fn with(
    script: Script,
    env: impl Fn(&LoopbackModel, &Path) -> Vec<(String, String)>,
) -> Option<(User, LoopbackModel)> {
    let client = client()?;
    let user = User::new();
    let model = LoopbackModel::start(script).unwrap();
    let environment: Vec<String> =
        env(&model, &user.home()).into_iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
    user.configure(&format!(
        "[agents.claude]\nkind = \"claude\"\nprogram = {:?}\n[agents.claude.env]\n{}\n",
        client.to_string_lossy(),
        environment.join("\n")
    ));
    Some((user, model))
}
