wit_bindgen::generate!({
    path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/router"],
    world: "codewalk:router/router-adapter",
    generate_all,
});

use codewalk::types::types::PortError;
use exports::codewalk::router::router::{Guest, Intent, Launch, Proposal, Request};

struct KeywordRouter;

impl Guest for KeywordRouter {
    /// Launches the default agent for every request that begins with "please".
    fn route(request: Request) -> Result<Proposal, PortError> {
        let agent = request.agents.iter().find(|agent| agent.default);
        let intent = match agent {
            Some(agent) if request.utterance.starts_with("please") => {
                Intent::Launch(Launch { agent: agent.name.clone(), project: None, prompt: request.utterance })
            }
            _ => Intent::CannotParse("begin your request with \"please\"".to_owned()),
        };
        Ok(Proposal { intent, confidence: 90, candidates: vec![], reason: "it is polite".to_owned() })
    }
}

export!(KeywordRouter);
