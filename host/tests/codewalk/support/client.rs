//! The real Claude Code clients, with a loopback model.

use std::path::{Path, PathBuf};

use codewalk_loopback_model::{LoopbackModel, Script};

use super::User;

/// The client that all tests run.
const PINNED: &str = "CODEWALK_TEST_CLAUDE";
/// The newest client, which a few tests run as well.
const NEWEST: &str = "CODEWALK_TEST_CLAUDE_NEWEST";

/// Returns a client's native binary. Tests that use it are ignored unless requested.
fn client(variable: &str) -> PathBuf {
    let client = std::env::var_os(variable);
    client.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test`")).into()
}

/// Creates a user with Claude Code and a model that follows a script.
pub fn with_claude(script: Script) -> (User, LoopbackModel) {
    let client = client(PINNED);
    let model = LoopbackModel::start(script).unwrap();
    let user = user(&client, &model, LoopbackModel::claude_env);
    (user, model)
}

/// Creates such a user with a subscription.
pub fn with_subscription(script: Script) -> (User, LoopbackModel) {
    let client = client(PINNED);
    let model = LoopbackModel::start(script).unwrap();
    let user = user(&client, &model, LoopbackModel::subscriber_env);
    (user, model)
}

/// Creates a user for each of the clients, with a model that follows a script.
pub fn with_each_claude(script: impl Fn() -> Script) -> Vec<(User, LoopbackModel)> {
    each(script, LoopbackModel::claude_env)
}

/// Creates such users with a subscription.
pub fn with_each_subscriber(script: impl Fn() -> Script) -> Vec<(User, LoopbackModel)> {
    each(script, LoopbackModel::subscriber_env)
}

type Environment = fn(&LoopbackModel, &Path) -> Vec<(String, String)>;

fn each(script: impl Fn() -> Script, environment: Environment) -> Vec<(User, LoopbackModel)> {
    let clients = [PINNED, NEWEST].into_iter().map(client);
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
