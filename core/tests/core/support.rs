//! The world of a story: one state and a sequence of inputs, each step of which is applied and checked.

use codewalk_core::command::{Command, Constraints, Decision, Project, Utterance};
use codewalk_core::consent::Confirmation;
use codewalk_core::event::{Event, EventKind, SessionEvent, UtteranceEvent, UtteranceResult};
use codewalk_core::ids::{CallId, Id, SessionId, TimerId};
use codewalk_core::intent::{Candidate, Intent, Proposal};
use codewalk_core::orchestrator::{Call, Effect, Envelope, Input, Notice, Reply, Step};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::{AdapterReply, PortError};
use codewalk_core::session::{AgentProcess, Exit, Observation, RequestKind, Session, Summary};
use codewalk_core::state::{Agent, State, StateContext};
use codewalk_core::time::Timestamp;

pub struct World {
    pub state: State,
    pub events: Vec<Event>,
    pub now: u64,
    pub next_id: u128,
}

pub fn settings() -> StateContext {
    let agent = |name: &str, default| Agent { name: name.to_owned(), default };
    let project = |name: &str| Project { name: name.to_owned(), path: format!("/home/me/{name}") };
    StateContext {
        agents: vec![agent("claude", true), agent("codex", false)],
        projects: vec![project("shop"), project("api")],
        ..StateContext::default()
    }
}

pub fn terminal() -> Origin {
    Origin { channel: Channel::Terminal, name: "terminal-1".to_owned() }
}

pub fn utterance(text: &str) -> Utterance {
    Utterance {
        text: text.to_owned(),
        constraints: Constraints::default(),
        default_project: None,
        permission: PermissionMode::Ask,
        consent_flag: None,
        attended: true,
        question: false,
        answers: None,
        pasted: false,
    }
}

/// Sends a prompt to a session's agent, or resumes the session, with a person present.
pub fn prompt(session: SessionId, prompt: &str) -> Command {
    let permission = PermissionMode::default();
    Command::Prompt { session, prompt: prompt.to_owned(), attended: true, permission }
}

pub fn launch(project: &str, prompt: &str) -> Intent {
    Intent::Launch {
        agent: "claude".to_owned(),
        project: Some(project.to_owned()),
        prompt: prompt.to_owned(),
    }
}

pub fn approval(subject: &str) -> RequestKind {
    RequestKind::Approval {
        tool: "Bash".to_owned(),
        subject: subject.to_owned(),
        detail: String::new(),
        agent_words: String::new(),
        marks: Vec::new(),
        rules: vec!["Bash(make:*)".to_owned()],
    }
}

/// Returns the digest of a request: equal for equal kinds.
pub fn digest(kind: &RequestKind) -> String {
    format!("{kind:?}")
}

pub fn asked(request: &str, kind: RequestKind) -> Observation {
    Observation::RequestOpened { request: request.to_owned(), digest: digest(&kind), kind }
}

/// Answers a request about `make` with its digest.
pub fn decide(session: SessionId, request: &str, decision: Decision) -> Command {
    Command::Decide { session, request: request.to_owned(), digest: digest(&approval("make")), decision }
}

pub fn answered<T>(answer: T) -> AdapterReply<T> {
    AdapterReply { answer, adapter: "router".to_owned(), fallback_from: Vec::new() }
}

impl World {
    pub fn new() -> Self {
        Self { state: State::new(settings()), events: Vec::new(), now: 1_000_000, next_id: 1 }
    }

    pub fn envelope(&mut self, input: Input) -> Envelope {
        self.next_id += 1;
        Envelope { id: Id::from_u128(self.next_id), now: Timestamp(self.now), input }
    }

    pub fn input(&mut self, input: Input) -> Step {
        let envelope = self.envelope(input);
        let before = self.state.clone();
        let step = self.state.decide(&envelope);
        assert_eq!(self.state, before, "decide changed something");
        for event in &step.events {
            self.state.apply(event).expect("a decided event applies");
            self.events.push(event.clone());
        }
        step
    }

    pub fn command(&mut self, command: Command) -> Step {
        self.input(Input::Command { origin: terminal(), command })
    }

    /// Types a text at the terminal while the open confirmation is visible.
    pub fn say(&mut self, text: &str) -> Step {
        let answers = self.state.confirmation_at(&terminal()).map(|open| open.id);
        self.command(Command::Say(Utterance { answers, ..utterance(text) }))
    }

    pub fn reply(&mut self, call: CallId, reply: Reply) -> Step {
        self.input(Input::PortReplied { call, reply })
    }

    /// Answers the open router call.
    pub fn propose(&mut self, intent: Intent, others: Vec<(Intent, u8)>) -> Step {
        self.propose_at(intent, 80, others)
    }

    /// Answers the open router call with this confidence.
    pub fn propose_at(&mut self, intent: Intent, confidence: u8, others: Vec<(Intent, u8)>) -> Step {
        let call = self.state.utterances().find_map(|(_, u)| u.routing).expect("a router is asked");
        let candidates =
            others.into_iter().map(|(intent, confidence)| Candidate { intent, confidence }).collect();
        let proposal = Proposal { intent, confidence, candidates, reason: "because".to_owned() };
        self.reply(call, Reply::Routed(Ok(answered(proposal))))
    }

    pub fn confirmation(&self) -> Confirmation {
        self.state.confirmation_at(&terminal()).cloned().expect("a confirmation is open")
    }

    /// Brings a session to `Running` by request, confirmation and start.
    pub fn running(&mut self, project: &str, text: &str) -> SessionId {
        self.say(text);
        self.propose(launch(project, text), Vec::new());
        let step = self.say("yes");
        let (session, call) = start_call(&step);
        self.reply(call, Reply::Started(Ok(AgentProcess { pid: 4711, started_at: Timestamp(self.now) })));
        session
    }

    pub fn observe(&mut self, session: SessionId, observation: Observation) -> Step {
        let run = self.session(session).run().expect("a run").number;
        self.input(Input::Observed { session, run, observation })
    }

    /// Reports this many entries of a session.
    pub fn printed(&mut self, session: SessionId, entries: u64) -> Step {
        self.input(Input::EntriesAppended { session, entries })
    }

    pub fn exit(&mut self, session: SessionId, code: i32) -> Step {
        self.observe(session, Observation::ProcessExited(Exit { code: Some(code), signal: None }))
    }

    pub fn fire(&mut self, timer: TimerId) -> Step {
        self.input(Input::TimerFired { timer })
    }

    pub fn session(&self, id: SessionId) -> &Session {
        self.state.session(id).expect("the session is known")
    }

    pub fn summarized(&mut self, call: CallId, text: &str) -> Step {
        self.reply(call, Reply::Summarized(Ok(answered(Summary { text: text.to_owned(), covers: 1 }))))
    }
}

pub fn calls(step: &Step) -> Vec<(CallId, &Call)> {
    step.effects
        .iter()
        .filter_map(|e| if let Effect::Call { id, call } = e { Some((*id, call)) } else { None })
        .collect()
}

pub fn start_call(step: &Step) -> (SessionId, CallId) {
    calls(step)
        .into_iter()
        .find_map(|(id, call)| if let Call::Start(launch) = call { Some((launch.session, id)) } else { None })
        .expect("an agent is started")
}

pub fn started() -> Reply {
    Reply::Started(Ok(AgentProcess { pid: 4711, started_at: Timestamp(1_000_000) }))
}

pub fn starts(step: &Step) -> usize {
    calls(step).into_iter().filter(|(_, call)| matches!(call, Call::Start(_))).count()
}

pub fn notices(step: &Step) -> Vec<&Notice> {
    step.effects
        .iter()
        .filter_map(|e| if let Effect::Notice { notice, .. } = e { Some(notice) } else { None })
        .collect()
}

pub fn result(step: &Step) -> Option<&UtteranceResult> {
    step.events.iter().find_map(|e| match &e.kind {
        EventKind::Utterance { event: UtteranceEvent::Closed { result }, .. } => Some(result),
        _ => None,
    })
}

pub fn session_events(step: &Step) -> Vec<&SessionEvent> {
    step.events
        .iter()
        .filter_map(|e| if let EventKind::Session { event, .. } = &e.kind { Some(event) } else { None })
        .collect()
}

pub fn unavailable(message: &str) -> PortError {
    PortError::Unavailable { message: message.to_owned() }
}
