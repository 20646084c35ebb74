//! The router port. Every conversion names all fields and cases, so that drift between `wit/` and the core does not
//! compile.

use codewalk_core::call::{
    Agent, Candidate, Intent, MAX_CANDIDATES, MAX_UTTERANCE, OpenConfirmation, Proposal, RouteRequest,
    SessionBrief, Speaker, Turn,
};
use codewalk_core::command::{Channel, Constraints, ControlAction, Project};
use codewalk_core::time::Timestamp;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::{Answer, MAX_EXPLANATION, Nonsense, Port, check_types, port_error, session_state, types};
use crate::host_functions::CallState;
use crate::text;
use crate::world::World;

pub(super) mod wit {
    wasmtime::component::bindgen!({
        path: [
            "../../wit/types",
            "../../wit/http",
            "../../wit/log",
            "../../wit/config",
            "../../wit/router",
        ],
        world: "codewalk:router/router-adapter",
        imports: { "codewalk:http/http": async },
        exports: { default: async },
    });
}

use wit::exports::codewalk::router::router as port;

/// How long the name of an agent, a project or a session may be, in bytes.
const MAX_NAME: usize = 4096;
/// How long a reason may be, in bytes.
const MAX_REASON: usize = 512;

/// The router port.
#[derive(Debug)]
pub(crate) struct Routing;

impl Port for Routing {
    const WORLD: World = World::Router;
    type Question = RouteRequest;
    type Answer = Proposal;
    type Request = port::Request;
    type Ready = wit::RouterAdapterPre<CallState>;

    fn request(question: &RouteRequest) -> port::Request {
        request(question)
    }

    fn ready(pre: InstancePre<CallState>) -> wasmtime::Result<Self::Ready> {
        type Returned = (Result<port::Proposal, types::PortError>,);
        check_types::<(&port::Request,), Returned>(&pre, Self::WORLD, "route")?;
        wit::RouterAdapterPre::new(pre)
    }

    async fn call(
        ready: &Self::Ready,
        store: &mut Store<CallState>,
        request: &port::Request,
    ) -> wasmtime::Result<Answer<Proposal>> {
        let guest = ready.instantiate_async(&mut *store).await?;
        let answer = guest.codewalk_router_router().call_route(store, request).await?;
        Ok(answer.map(proposal).map_err(port_error))
    }
}

fn request(question: &RouteRequest) -> port::Request {
    let RouteRequest {
        utterance,
        channel,
        confirmation,
        turns,
        projects,
        agents,
        sessions,
        constraints: Constraints { agent, project },
        now: Timestamp(now),
    } = question;
    port::Request {
        utterance: utterance.clone(),
        channel: match channel {
            Channel::Terminal => types::Channel::Terminal,
            Channel::Script => types::Channel::Script,
            Channel::Demo => types::Channel::Demo,
        },
        confirmation: confirmation.as_ref().map(|OpenConfirmation { id, question }| port::OpenConfirmation {
            id: id.to_string(),
            question: question.clone(),
        }),
        turns: turns.iter().map(turn).collect(),
        projects: projects
            .iter()
            .map(|Project { name, path }| port::Project { name: name.clone(), path: path.clone() })
            .collect(),
        agents: agents
            .iter()
            .map(|Agent { name, default }| port::Agent { name: name.clone(), default: *default })
            .collect(),
        sessions: sessions.iter().map(session).collect(),
        constraints: port::Constraints { agent: agent.clone(), project: project.clone() },
        now: *now,
    }
}

fn turn(turn: &Turn) -> port::Turn {
    let Turn { speaker, text } = turn;
    port::Turn {
        speaker: match speaker {
            Speaker::User => port::Speaker::User,
            Speaker::Codewalk => port::Speaker::Codewalk,
        },
        text: text.clone(),
    }
}

fn session(session: &SessionBrief) -> port::Session {
    let SessionBrief { id, utterance, agent, project, state, changed_at: Timestamp(changed_at) } = session;
    port::Session {
        id: id.to_string(),
        utterance: utterance.clone(),
        agent: agent.clone(),
        project: project.clone(),
        state: session_state(*state),
        changed_at: *changed_at,
    }
}

fn proposal(proposal: port::Proposal) -> Result<Proposal, Nonsense> {
    let port::Proposal { intent: reading, confidence, candidates, reason } = proposal;
    Ok(Proposal {
        intent: intent(reading)?,
        confidence: percent(confidence),
        candidates: candidates.into_iter().take(MAX_CANDIDATES).map(candidate).collect::<Result<_, _>>()?,
        reason: text::line(&reason, MAX_REASON),
    })
}

fn candidate(candidate: port::Candidate) -> Result<Candidate, Nonsense> {
    let port::Candidate { intent: reading, confidence } = candidate;
    Ok(Candidate { intent: intent(reading)?, confidence: percent(confidence) })
}

fn intent(reading: port::Intent) -> Result<Intent, Nonsense> {
    Ok(match reading {
        port::Intent::Launch(port::Launch { agent, project, prompt }) => Intent::Launch {
            agent: name("agent", &agent)?,
            project: project.map(|project| name("project", &project)).transpose()?,
            prompt: words("prompt", &prompt)?,
        },
        port::Intent::FollowUp(port::FollowUp { session, prompt }) => {
            Intent::FollowUp { session: name("session", &session)?, prompt: words("prompt", &prompt)? }
        }
        port::Intent::Query(port::Query { session, question }) => Intent::Query {
            session: session.map(|session| name("session", &session)).transpose()?,
            question: words("question", &question)?,
        },
        port::Intent::Control(port::Control { session, action }) => Intent::Control {
            session: name("session", &session)?,
            action: match action {
                port::ControlAction::Interrupt => ControlAction::Interrupt,
                port::ControlAction::Stop => ControlAction::Stop,
                port::ControlAction::Resume => ControlAction::Resume,
            },
        },
        port::Intent::CannotParse(hint) => Intent::CannotParse { hint: text::line(&hint, MAX_EXPLANATION) },
    })
}

fn percent(percent: u8) -> u8 {
    percent.min(100)
}

/// Returns a name, or refuses one that is too long: cut, it could be someone else's.
fn name(what: &str, name: &str) -> Result<String, Nonsense> {
    within(what, name, MAX_NAME)?;
    // A replaced character takes up to three bytes.
    Ok(text::line(name, 3 * MAX_NAME))
}

/// Returns what someone is to be told, or refuses what is too long: cut, it could mean something else.
fn words(what: &str, words: &str) -> Result<String, Nonsense> {
    within(what, words, MAX_UTTERANCE)?;
    Ok(text::block(words, 3 * MAX_UTTERANCE))
}

fn within(what: &str, text: &str, max: usize) -> Result<(), Nonsense> {
    if text.len() <= max {
        return Ok(());
    }
    let size = text.len();
    Err(Nonsense(format!("a {what} of {size} bytes, at most {max} are taken")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(prompt: &str) -> port::Intent {
        port::Intent::Launch(port::Launch {
            agent: "clau\u{1b}de".to_owned(),
            project: None,
            prompt: prompt.to_owned(),
        })
    }

    fn answer(intent: port::Intent, candidates: Vec<port::Candidate>) -> port::Proposal {
        port::Proposal { intent, confidence: 255, candidates, reason: "because\n\u{1b}[2J".repeat(100) }
    }

    #[test]
    fn a_proposal_is_bounded_and_disarmed() {
        let candidate =
            port::Candidate { intent: port::Intent::CannotParse("hint".repeat(1000)), confidence: 101 };
        let proposal = proposal(answer(launch("fix\nit\u{7}"), vec![candidate; 9])).unwrap();
        assert_eq!(
            proposal.intent,
            Intent::Launch {
                agent: "clau\u{fffd}de".to_owned(),
                project: None,
                prompt: "fix\nit\u{fffd}".to_owned(),
            }
        );
        assert_eq!(proposal.confidence, 100);
        assert_eq!(proposal.candidates.len(), MAX_CANDIDATES);
        assert_eq!(proposal.candidates[0].confidence, 100);
        assert!(
            matches!(&proposal.candidates[0].intent, Intent::CannotParse { hint } if hint.len() <= MAX_EXPLANATION)
        );
        assert!(proposal.reason.len() <= MAX_REASON);
        assert!(!proposal.reason.contains(['\u{1b}', '\n']));
    }

    #[test]
    fn a_prompt_of_the_greatest_length_is_taken_whole_and_a_longer_one_refused() {
        let longest = "\u{7}".repeat(MAX_UTTERANCE);
        let taken = proposal(answer(launch(&longest), Vec::new())).unwrap();
        let whole = "\u{fffd}".repeat(MAX_UTTERANCE);
        assert!(matches!(taken.intent, Intent::Launch { prompt, .. } if prompt == whole));

        let refused = proposal(answer(launch(&format!("{longest}x")), Vec::new()));
        assert_eq!(refused.unwrap_err().0, "a prompt of 65537 bytes, at most 65536 are taken");
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        let session = "x".repeat(MAX_NAME + 1);
        let control = port::Intent::Control(port::Control { session, action: port::ControlAction::Stop });
        assert!(proposal(answer(control, Vec::new())).is_err());
    }
}
