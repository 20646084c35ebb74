//! A router for codewalk. Edit `route`; `wit/` documents its requests and answers.

wit_bindgen::generate!({ path: "wit", world: "router-adapter", generate_all });

use codewalk::types::types::PortError;
use exports::codewalk::router::router::{Guest, Intent, Launch, Proposal, Request};

struct Router;

impl Guest for Router {
    /// Determines the intent of a request. It only makes a proposal: the user confirms before anything
    /// starts.
    fn route(request: Request) -> Result<Proposal, PortError> {
        // Edit here: this router treats every request as work for the default agent, in the project that the
        // request names.
        let Some(agent) = request.agents.iter().find(|agent| agent.default) else {
            return Err(PortError::InvalidRequest("no agent is configured".to_owned()));
        };
        let mut words = request.utterance.split_whitespace();
        let project = words.find_map(|word| request.projects.iter().find(|project| project.name == word));
        let (agent, project) = (agent.name.clone(), project.map(|project| project.name.clone()));
        Ok(Proposal {
            intent: Intent::Launch(Launch { agent, project, prompt: request.utterance }),
            confidence: 60,
            candidates: vec![],
            reason: "every request is work".to_owned(),
        })
    }
}

// The linkers of other targets, which `cargo test` needs, reject the names of a component's exports.
#[cfg(target_arch = "wasm32")]
export!(Router);
