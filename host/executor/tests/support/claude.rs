//! Claude Code in a temporary home, and its model on loopback.

use std::collections::BTreeMap;

use codewalk_core::command::Decision;
use codewalk_core::ports::Launch;
use codewalk_core::session::{Exit, Observation, Usage};
use codewalk_executor::AgentSpec;
use codewalk_loopback_model::{LoopbackModel, Script};

use super::Host;

/// The client, its model and a host.
pub struct Client {
    pub host: Host,
    pub model: LoopbackModel,
    _home: tempfile::TempDir,
}

/// Prepares a client whose model follows a script.
pub fn client(script: Script) -> Client {
    let program = std::env::var("CODEWALK_TEST_CLAUDE");
    let program = program.unwrap_or_else(|error| panic!("needs Claude Code: CODEWALK_TEST_CLAUDE: {error}"));
    let home = tempfile::tempdir().unwrap();
    let model = LoopbackModel::start(script).unwrap();
    let env: BTreeMap<_, _> = model.claude_env(home.path()).into_iter().collect();
    let host = Host::with(AgentSpec::Claude { program, extra_args: Vec::new(), env }, |settings| {
        // The credentials and proxies of the user who runs the tests are not for the client.
        settings.removed_env = std::env::vars().map(|(name, _)| name).filter(|name| name != "PATH").collect();
    });
    Client { host, model, _home: home }
}

impl Client {
    pub async fn start(&self, prompt: &str) -> Launch {
        let launch = self.host.launch(prompt);
        self.host.start(&launch).await;
        launch
    }

    /// Allows everything until the agent ends.
    pub async fn allow_all(&mut self, launch: &Launch) -> Exit {
        loop {
            let next = self.host.observed(|observation| match observation {
                Observation::RequestOpened { request, .. } => Some(Ok(request.clone())),
                Observation::ProcessExited(exit) => Some(Err(*exit)),
                _ => None,
            });
            match next.await {
                Ok(request) => {
                    self.host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
                }
                Err(exit) => return exit,
            }
        }
    }

    /// The usage that the model reported, as codewalk counts it.
    pub fn spent(&self) -> (u64, u64) {
        let total = self.model.usage_total();
        let input = total.input_tokens + total.cache_creation_input_tokens + total.cache_read_input_tokens;
        (input, total.output_tokens)
    }

    pub fn used(&self) -> (u64, u64) {
        let Usage { input_tokens, output_tokens, cost_usd } = self.host.usage().unwrap();
        assert!(cost_usd.is_some());
        (input_tokens, output_tokens)
    }
}
