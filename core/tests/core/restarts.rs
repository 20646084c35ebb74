//! Restarts: whatever was in flight, the state becomes that of a process that was never killed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::support::{self, World};
use codewalk_core::command::{Command, ControlAction, Decision, Utterance};
use codewalk_core::event::{Event, EventKind, SessionEvent, UtteranceEvent, UtteranceResult};
use codewalk_core::ids::{CallId, Id, SessionId, TimerId};
use codewalk_core::intent::{Intent, Proposal};
use codewalk_core::orchestrator::{Call, Effect, Envelope, FoundRun, Input, Reply, Step};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::port_reply::PortError;
use codewalk_core::session::{AgentProcess, Exit, Observation, Outcome, SessionState, Summary};
use codewalk_core::state::{MAX_SETTLED, Speaker, State};
use codewalk_core::time::Timestamp;
use proptest::prelude::*;

/// An external event; numbers select a session.
#[derive(Clone, Debug)]
enum Move {
    Say(u8),
    Yes,
    Prompt(usize),
    Ask(usize, u8),
    Decide(usize, u8, u8),
    Control(usize, bool),
    Print(usize, u64),
    Identify(usize),
    Exit(usize, u8),
    Wait,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let session = 0..3usize;
    let one = prop_oneof![
        4 => (0..4u8).prop_map(Move::Say),
        6 => Just(Move::Yes),
        2 => session.clone().prop_map(Move::Prompt),
        3 => (session.clone(), 0..3u8).prop_map(|(session, request)| Move::Ask(session, request)),
        3 => (session.clone(), 0..3u8, any::<u8>())
            .prop_map(|(session, request, how)| Move::Decide(session, request, how)),
        2 => (session.clone(), any::<bool>()).prop_map(|(session, stop)| Move::Control(session, stop)),
        2 => (session.clone(), 0..100u64).prop_map(|(session, entries)| Move::Print(session, entries)),
        1 => session.clone().prop_map(Move::Identify),
        1 => (session, 0..2u8).prop_map(|(session, code)| Move::Exit(session, code)),
        1 => Just(Move::Wait),
    ];
    prop::collection::vec(one, 1..30)
}

/// The world around the core. A kill loses the core's state, the calls and the timers, but not the stored
/// events or the runs.
struct Simulation {
    state: State,
    stored: Vec<Event>,
    calls: VecDeque<(CallId, Call)>,
    timers: BTreeMap<TimerId, Timestamp>,
    runs: BTreeMap<(SessionId, u32), FoundRun>,
    exits: VecDeque<(SessionId, u32)>,
    now: u64,
    moves: u128,
    steps: usize,
    kills: Vec<usize>,
    /// Whether a kill ended a confirmation, so that the history differs from then on.
    has_ended_a_confirmation: bool,
}

/// Returns an identifier for an envelope that depends only on its cause.
fn caused_by(cause: impl Hash) -> Id {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &cause).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    Id::from_u128(half(0) << 64 | half(1))
}

impl Simulation {
    fn new(kills: Vec<usize>) -> Self {
        Self {
            state: State::new(support::settings()),
            stored: Vec::new(),
            calls: VecDeque::new(),
            timers: BTreeMap::new(),
            runs: BTreeMap::new(),
            exits: VecDeque::new(),
            now: 1_000_000,
            moves: 0,
            steps: 0,
            kills,
            has_ended_a_confirmation: false,
        }
    }

    fn input(&mut self, id: Id, input: Input) {
        let step = self.state.decide(&Envelope { id, now: Timestamp(self.now), input });
        for event in &step.events {
            self.state.apply(event).expect("a decided event applies");
        }
        self.stored.extend(step.events);
        for effect in step.effects {
            match effect {
                Effect::Call { id, call } => self.calls.push_back((id, call)),
                Effect::ArmTimer { timer, at } => {
                    self.timers.insert(timer, at);
                }
                Effect::Relay { .. } => panic!("everything runs here"),
                Effect::Notice { .. } => {}
            }
        }
    }

    /// Kills the process if it should be killed at this point. Returns whether it did.
    fn is_killed(&mut self) -> bool {
        self.steps += 1;
        if !self.kills.contains(&self.steps) {
            return false;
        }
        self.has_ended_a_confirmation |= self.state.confirmations().next().is_some();
        self.calls.clear();
        self.timers.clear();
        self.state = State::new(support::settings());
        for event in &self.stored {
            self.state.apply(event).expect("a stored event applies");
        }
        let runs = self.runs.values().cloned().collect();
        self.input(caused_by(("restart", self.steps)), Input::Restarted { runs });
        true
    }

    /// Performs everything that follows from the last move.
    fn settle(&mut self) {
        loop {
            if self.is_killed() {
                continue;
            }
            if let Some((call, request)) = self.calls.pop_front() {
                let reply = self.perform(call, &request);
                if !self.is_killed() {
                    self.input(caused_by(call), Input::PortReplied { call, reply });
                }
            } else if let Some((session, run)) = self.exits.pop_front() {
                let exit = Exit { code: None, signal: Some(15) };
                let observation = Observation::ProcessExited(exit);
                let input = Input::Observed { session, run, observation };
                self.input(caused_by(("exit", session, run)), input);
            } else {
                return;
            }
        }
    }

    fn perform(&mut self, call: CallId, request: &Call) -> Reply {
        let (session, is_stop) = match request {
            Call::Route(request) => {
                let said = |turn: &codewalk_core::state::Turn| {
                    turn.speaker == Speaker::User && turn.text == request.utterance
                };
                let earlier = request.turns.iter().filter(|turn| said(turn)).count();
                let prompt = format!("{} ({earlier} times before)", request.utterance);
                let intent = support::launch("shop", &prompt);
                let reason = "because".to_owned();
                let proposal = Proposal { intent, confidence: 80, candidates: Vec::new(), reason };
                return Reply::Routed(Ok(support::answered(proposal)));
            }
            Call::Summarize(_) => {
                return Reply::Summarized(Ok(support::answered(Summary {
                    text: "done".to_owned(),
                    covers: 1,
                })));
            }
            Call::Start(launch) => {
                let process = AgentProcess { pid: 1, started_at: Timestamp(self.now) };
                let (session, run) = (launch.session, launch.run);
                let found = FoundRun { session, run, process: Some(process), delivered: BTreeSet::new() };
                let before = self.runs.insert((session, run), found);
                assert_eq!(before, None, "an agent was started twice");
                return Reply::Started(Ok(process));
            }
            Call::Send { session, .. } | Call::Decide { session, .. } | Call::Interrupt { session } => {
                (*session, false)
            }
            Call::Stop { session } => (*session, true),
        };
        let run = self.runs.range_mut((session, 0)..=(session, u32::MAX)).next_back().expect("a run").1;
        assert!(run.delivered.insert(call), "a call was delivered twice");
        if is_stop {
            self.exits.push_back((session, run.run));
        }
        Reply::Delivered { session, result: Ok(()) }
    }

    fn take(&mut self, next: &Move) {
        self.moves += 1;
        self.now += 20_000;
        let id = Id::from_u128(self.moves << 80 | self.moves);
        let due: Vec<TimerId> =
            self.timers.iter().filter(|(_, at)| at.0 <= self.now).map(|(timer, _)| *timer).collect();
        for timer in due {
            self.timers.remove(&timer);
            self.input(caused_by((timer, self.now)), Input::TimerFired { timer });
            self.settle();
        }
        if let Some(input) = self.outside(next) {
            self.input(id, input);
        }
        self.settle();
    }

    fn outside(&self, next: &Move) -> Option<Input> {
        let session = |n: usize| {
            let mut sessions: Vec<SessionId> = self.state.sessions().iter().map(|s| s.id).collect();
            sessions.sort();
            sessions.get(n).copied()
        };
        let command = |command| Some(Input::Command { origin: support::terminal(), command });
        let observed = |n: usize, observation| {
            let session = session(n)?;
            let run = self.state.session(session)?.run()?.number;
            Some(Input::Observed { session, run, observation })
        };
        match next {
            Move::Say(n) => command(Command::Say(support::utterance(&format!("fix problem {n}")))),
            Move::Yes => {
                let answers = self.state.confirmation_at(&support::terminal()).map(|open| open.id);
                let said = Utterance { answers, ..support::utterance("yes") };
                answers.and_then(|_| command(Command::Say(said)))
            }
            Move::Prompt(n) => command(support::prompt(session(*n)?, "more")),
            Move::Ask(n, request) => {
                observed(*n, support::asked(&format!("r{request}"), support::approval("make")))
            }
            Move::Decide(n, request, how) => {
                let decision = match how % 4 {
                    0 => Decision::allow(),
                    1 => Decision::Allow { rule: Some(0), tell: Some("and more".to_owned()) },
                    2 => Decision::deny("no"),
                    _ => Decision::Deny { message: "no".to_owned(), end_turn: true },
                };
                command(support::decide(session(*n)?, &format!("r{request}"), decision))
            }
            Move::Control(n, stop) => {
                let action = if *stop { ControlAction::Stop } else { ControlAction::Interrupt };
                command(Command::Control { session: session(*n)?, action, flag: None })
            }
            Move::Print(n, entries) => {
                session(*n).map(|session| Input::EntriesAppended { session, entries: *entries })
            }
            Move::Identify(n) => {
                observed(*n, Observation::ConversationIdentified { conversation: "c".to_owned() })
            }
            Move::Exit(n, code) => {
                observed(*n, Observation::ProcessExited(Exit { code: Some(i32::from(*code)), signal: None }))
            }
            Move::Wait => None,
        }
    }

    fn run(moves: &[Move], kills: Vec<usize>) -> Self {
        let mut simulation = Self::new(kills);
        for next in moves {
            simulation.take(next);
        }
        simulation
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4 * ProptestConfig::default().cases,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_killed_process_reaches_the_same_state(
        moves in moves(),
        kills in prop::collection::vec(1..150usize, 1..4),
    ) {
        let whole = Simulation::run(&moves, Vec::new());
        let killed = Simulation::run(&moves, kills);
        for session in killed.state.sessions() {
            prop_assert_eq!(&session.deliveries, &Vec::new(), "nothing stays open");
            prop_assert_eq!(session.summary_call, None);
        }
        if !killed.has_ended_a_confirmation {
            prop_assert_eq!(&killed.state, &whole.state);
            let delivered = |simulation: &Simulation| simulation.runs.values().cloned().collect::<Vec<_>>();
            prop_assert_eq!(delivered(&killed), delivered(&whole));
        }
    }
}

/// Restarts the process, which finds these runs.
fn restart(world: &mut World, runs: Vec<FoundRun>) -> Step {
    world.state = State::new(support::settings());
    for event in &world.events {
        world.state.apply(event).expect("a stored event applies");
    }
    world.input(Input::Restarted { runs })
}

fn found(session: SessionId, delivered: impl IntoIterator<Item = CallId>) -> FoundRun {
    let process = Some(AgentProcess { pid: 4711, started_at: Timestamp(1) });
    FoundRun { session, run: 1, process, delivered: delivered.into_iter().collect() }
}

fn session_events(step: &Step) -> Vec<&SessionEvent> {
    step.events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Session { event, .. } => Some(event),
            _ => None,
        })
        .collect()
}

#[test]
fn a_restart_ends_an_open_confirmation_with_the_reason() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(support::launch("shop", "fix it"), Vec::new());
    let step = restart(&mut world, Vec::new());
    let closed = step.events.iter().find_map(|event| match &event.kind {
        EventKind::Utterance { event: UtteranceEvent::Closed { result }, .. } => Some(result.clone()),
        _ => None,
    });
    let reason = "codewalk was restarted; repeat the request".to_owned();
    assert_eq!(closed, Some(UtteranceResult::Declined { reason }));
    assert_eq!(world.state.confirmations().count(), 0);
}

#[test]
fn a_run_that_is_not_found_after_a_restart_is_lost_with_its_messages() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.command(support::prompt(session, "more"));
    let step = restart(&mut world, Vec::new());
    assert!(matches!(
        session_events(&step).as_slice(),
        [
            SessionEvent::DeliveryFailed { error: PortError::Unavailable { .. }, .. },
            SessionEvent::RunEnded { exit: None, outcome: Outcome::Lost }
        ]
    ));
    assert_eq!(world.session(session).state, SessionState::Lost);
}

#[test]
fn an_agent_that_was_being_stopped_is_not_started_again() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(support::launch("shop", "fix it"), Vec::new());
    let (session, _) = support::start_call(&world.say("yes"));
    world.command(Command::Control { session, action: ControlAction::Stop, flag: None });
    let step = restart(&mut world, Vec::new());
    assert!(support::calls(&step).iter().all(|(_, call)| !matches!(call, Call::Start(_))));
    assert_eq!(world.session(session).state, SessionState::Cancelled);
}

#[test]
fn a_message_to_the_previous_run_is_not_delivered_to_the_next_one() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, Observation::ConversationIdentified { conversation: "c".to_owned() });
    world.command(Command::Control { session, action: ControlAction::Stop, flag: None });
    world.exit(session, 0);
    let step = world.command(support::prompt(session, "more"));
    let (_, call) = support::start_call(&step);
    world.reply(call, support::started());
    let step = restart(&mut world, vec![FoundRun { run: 2, ..found(session, []) }]);
    assert!(support::calls(&step).iter().all(|(_, call)| !matches!(call, Call::Stop { .. })));
}

#[test]
fn a_failed_delivery_is_an_event_and_a_second_reply_is_ignored() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let (call, _) = support::calls(&world.command(support::prompt(session, "more")))[0];
    let error = PortError::Unavailable { message: "its input is closed".to_owned() };
    let reply = Reply::Delivered { session, result: Err(error.clone()) };
    let step = world.reply(call, reply.clone());
    assert_eq!(session_events(&step), [&SessionEvent::DeliveryFailed { call, error }]);
    assert_eq!(world.reply(call, reply), Step::default());
}

#[test]
fn a_delivered_message_of_an_ended_run_is_settled_by_a_restart() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let (call, _) = support::calls(&world.command(support::prompt(session, "more")))[0];
    world.exit(session, 0);
    let step = restart(&mut world, vec![found(session, [call])]);
    assert_eq!(session_events(&step), [&SessionEvent::Delivered { call }]);
}

#[test]
fn only_the_newest_settled_sessions_stay_in_memory() {
    let mut world = World::new();
    let first = world.running("shop", "stays, since it runs");
    let mut last = first;
    for _ in 0..MAX_SETTLED + 10 {
        world.now += 1;
        last = world.running("shop", "fix it");
        let (call, _) = support::calls(&world.exit(last, 0))[0];
        world.summarized(call, "done");
    }
    assert_eq!(world.state.sessions().len(), MAX_SETTLED + 1);
    assert!(world.state.session(first).is_some() && world.state.session(last).is_some());
}

/// Runs an agent for another front end, with consent in advance.
fn run_from_script(world: &mut World) -> SessionId {
    let origin = Origin { channel: Channel::Script, name: "script-1".to_owned() };
    let utterance = Utterance {
        consent_flag: Some("--yes".to_owned()),
        attended: false,
        default_project: Some("shop".to_owned()),
        ..support::utterance("fix the login")
    };
    let step = world.input(Input::Command { origin, command: Command::Say(utterance) });
    let (call, _) = support::calls(&step)[0];
    let intent = support::launch("shop", "fix the login");
    let proposal = Proposal { intent, confidence: 80, candidates: Vec::new(), reason: "because".to_owned() };
    let step = world.reply(call, Reply::Routed(Ok(support::answered(proposal))));
    let (session, call) = support::start_call(&step);
    world.reply(call, support::started());
    session
}

#[test]
fn a_settled_session_stays_while_a_confirmation_refers_to_it() {
    let mut world = World::new();
    let first = world.running("shop", "fix it");
    world.observe(first, Observation::ConversationIdentified { conversation: "c".to_owned() });
    let (call, _) = support::calls(&world.exit(first, 0))[0];
    world.summarized(call, "done");
    let step = world.command(Command::Say(support::utterance("continue it")));
    let (call, _) = support::calls(&step)[0];
    let intent = Intent::FollowUp { session: first.to_string(), prompt: "continue it".to_owned() };
    let proposal = Proposal { intent, confidence: 80, candidates: Vec::new(), reason: "because".to_owned() };
    world.reply(call, Reply::Routed(Ok(support::answered(proposal))));
    assert!(world.state.confirmation_at(&support::terminal()).is_some());
    for _ in 0..=MAX_SETTLED {
        world.now += 1;
        let session = run_from_script(&mut world);
        let (call, _) = support::calls(&world.exit(session, 0))[0];
        world.summarized(call, "done");
    }
    assert!(world.state.session(first).is_some());
}

#[test]
fn the_turns_of_a_closed_front_end_are_forgotten() {
    let mut world = World::new();
    world.say("fix it");
    assert_eq!(world.state.turns(&support::terminal()).len(), 1);
    world.state.forget_origin(&support::terminal());
    assert_eq!(world.state.turns(&support::terminal()), Vec::new());
}
