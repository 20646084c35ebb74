//! The real Claude Code clients, with a model of ours on loopback.

use std::path::{Path, PathBuf};

use codewalk_loopback_model::{LoopbackModel, Script};

use super::User;

/// Names the client that all tests run.
const PINNED: &str = "CODEWALK_TEST_CLAUDE";
/// Names the newest client, which a few tests run as well.
const NEWEST: &str = "CODEWALK_TEST_CLAUDE_NEWEST";

/// Returns a client's native binary; `None` if it is not installed and not required.
fn client(variable: &str) -> Option<PathBuf> {
    if let Some(client) = std::env::var_os(variable) {
        return Some(client.into());
    }
    assert!(
        std::env::var_os("CODEWALK_REQUIRE_CLIENTS").is_none(),
        "the real Claude Code client is required: {variable} is not set"
    );
    println!("skipped: {variable} is not set, so the real Claude Code client is not tested");
    None
}

/// Makes a user with Claude Code, with a model that answers by a script.
pub fn with_claude(script: Script) -> Option<(User, LoopbackModel)> {
    let client = client(PINNED)?;
    let model = LoopbackModel::start(script).unwrap();
    let user = user(&client, &model, LoopbackModel::claude_env);
    Some((user, model))
}

/// Makes such a user who pays for a subscription.
pub fn with_subscription(script: Script) -> Option<(User, LoopbackModel)> {
    let client = client(PINNED)?;
    let model = LoopbackModel::start(script).unwrap();
    let user = user(&client, &model, LoopbackModel::subscriber_env);
    Some((user, model))
}

/// Makes a user with each of the clients that are there, whose model answers by a script.
pub fn with_each_claude(script: impl Fn() -> Script) -> Vec<(User, LoopbackModel)> {
    each(script, LoopbackModel::claude_env)
}

/// Makes such users who pay for a subscription.
pub fn with_each_subscriber(script: impl Fn() -> Script) -> Vec<(User, LoopbackModel)> {
    each(script, LoopbackModel::subscriber_env)
}

type Environment = fn(&LoopbackModel, &Path) -> Vec<(String, String)>;

fn each(script: impl Fn() -> Script, environment: Environment) -> Vec<(User, LoopbackModel)> {
    let clients = [PINNED, NEWEST].into_iter().filter_map(client);
    let users = clients.map(|client| {
        let model = LoopbackModel::start(script()).unwrap();
        (user(&client, &model, environment), model)
    });
    users.collect()
}

fn user(client: &Path, model: &LoopbackModel, environment: Environment) -> User {
    let user = User::new();
    let environment: Vec<String> = environment(model, &user.home())
        .into_iter()
        .map(|(name, value)| format!("{name} = {value:?}"))
        .collect();
    user.configure(&format!(
        "[agents.claude]\nkind = \"claude\"\nprogram = {:?}\n[agents.claude.env]\n{}\n",
        client.to_string_lossy(),
        environment.join("\n")
    ));
    user
}
