//! The router port. Every conversion names all fields and cases, so that drift between `wit/` and the core
//! does not compile.

use codewalk_core::command::{Constraints, Project};
use codewalk_core::intent::Proposal;
use codewalk_core::origin::Channel;
use codewalk_core::routing::request::{OpenConfirmation, RouteRequest};
use codewalk_core::session::SessionBrief;
use codewalk_core::state::{Agent, Speaker, Turn};
use codewalk_core::time::Timestamp;
use codewalk_policy::World;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::answers::{UnusableAnswer, proposal};
use super::linkers::{check_types, session_state};
use super::port::{GuestReply, Port};
use super::state::CallState;
use crate::recording::Subject;
use crate::wit::router::{RouterAdapterPre, port};
use crate::wit::types;

/// The router port.
#[derive(Debug)]
pub(crate) struct Routing;

impl Port for Routing {
    const WORLD: World = World::Router;
    type Question = RouteRequest;
    type Answer = Proposal;
    type Request = port::Request;
    type Returned = port::Proposal;
    type Ready = RouterAdapterPre<CallState>;

    fn request(question: &RouteRequest) -> port::Request {
        request(question)
    }

    fn now(request: &port::Request) -> u64 {
        request.now
    }

    fn subject(question: &RouteRequest) -> Subject {
        Subject::Utterance(question.id)
    }

    fn blank() -> port::Request {
        port::Request {
            utterance: String::new(),
            channel: types::Channel::Script,
            confirmation: None,
            turns: Vec::new(),
            projects: Vec::new(),
            agents: Vec::new(),
            sessions: Vec::new(),
            constraints: port::Constraints { agent: None, project: None },
            now: 0,
        }
    }

    fn answer(returned: port::Proposal, _: &port::Request) -> Result<Proposal, UnusableAnswer> {
        proposal(returned)
    }

    fn ready(pre: InstancePre<CallState>) -> wasmtime::Result<Self::Ready> {
        type Returned = (Result<port::Proposal, types::PortError>,);
        check_types::<(&port::Request,), Returned>(&pre, Self::WORLD, "route")?;
        RouterAdapterPre::new(pre)
    }

    async fn call(
        ready: &Self::Ready,
        store: &mut Store<CallState>,
        request: &port::Request,
    ) -> wasmtime::Result<GuestReply<Self>> {
        let guest = ready.instantiate_async(&mut *store).await?;
        guest.codewalk_router_router().call_route(store, request).await
    }
}

fn request(question: &RouteRequest) -> port::Request {
    let RouteRequest {
        // With its ID, a router could recognise repeated requests.
        id: _,
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
