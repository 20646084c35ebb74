//! Properties that hold for any inputs in any order.

mod inputs;

use crate::support;
use codewalk_core::command::{Answer, Command, Constraints, ControlAction, Decision};
use codewalk_core::event::{ConsentEvent, Event, EventKind, SessionEvent};
use codewalk_core::ids::{CallId, ConfirmationId, Id, SessionId, TimerId};
use codewalk_core::intent::{Candidate, Intent, Proposal};
use codewalk_core::orchestrator::{Call, Effect, Envelope, FoundRun, Input, Reply, Step};
use codewalk_core::origin::{Actor, Channel, Origin};
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::PortError;
use codewalk_core::session::{
    AgentProcess, Artifact, Denial, Exit, FailedSubagent, FileChange, Observation, RequestKind, SessionState,
    Stall, Summary, UndeliveredPrompts, UnsearchedFolders, Usage,
};
use codewalk_core::state::State;
use codewalk_core::time::Timestamp;
use inputs::{observation, reply};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// An abstract input: its numbers select from the sessions, calls and so on that exist at that point.
#[derive(Clone, Debug)]
enum Op {
    Say { origin: u8, text: String, flag: bool, attended: bool, constrained: bool, permission: u8 },
    Answer { origin: u8, which: usize, answer: u8 },
    Decide { origin: u8, session: usize, request: u8, decision: u8 },
    Control { origin: u8, session: usize, action: u8, flag: bool },
    Prompt { origin: u8, session: usize },
    Print { session: usize, entries: u64 },
    Observe { session: usize, run_back: u8, what: u8, n: u8 },
    Reply { which: usize, kind: u8, session: usize, confidence: u8 },
    Fire { which: usize },
    Wait { ms: i64 },
    Restart { found: usize },
}

fn op() -> impl Strategy<Value = Op> {
    let text = prop_oneof![
        Just("fix the login test".to_owned()),
        Just("yes".to_owned()),
        Just("no".to_owned()),
        Just("2".to_owned()),
        Just("stop".to_owned()),
        Just("status".to_owned()),
        Just("edit: other".to_owned()),
        "\\PC{0,20}",
    ];
    prop_oneof![
        4 => (0..3u8, text, any::<bool>(), any::<bool>(), any::<bool>(), any::<u8>()).prop_map(
            |(origin, text, flag, attended, constrained, permission)| {
                Op::Say { origin, text, flag, attended, constrained, permission }
            }
        ),
        2 => (0..3u8, any::<usize>(), any::<u8>())
            .prop_map(|(origin, which, answer)| Op::Answer { origin, which, answer }),
        2 => (0..3u8, any::<usize>(), 0..3u8, any::<u8>())
            .prop_map(|(origin, session, request, decision)| {
                Op::Decide { origin, session, request, decision }
            }),
        2 => (0..3u8, any::<usize>(), any::<u8>(), any::<bool>())
            .prop_map(|(origin, session, action, flag)| Op::Control { origin, session, action, flag }),
        1 => (0..3u8, any::<usize>()).prop_map(|(origin, session)| Op::Prompt { origin, session }),
        1 => (any::<usize>(), 0..100u64).prop_map(|(session, entries)| Op::Print { session, entries }),
        9 => (any::<usize>(), 0..3u8, any::<u8>(), 0..4u8)
            .prop_map(|(session, run_back, what, n)| Op::Observe { session, run_back, what, n }),
        10 => (any::<usize>(), any::<u8>(), any::<usize>(), 0..=100u8)
            .prop_map(|(which, kind, session, confidence)| Op::Reply { which, kind, session, confidence }),
        1 => any::<usize>().prop_map(|which| Op::Fire { which }),
        1 => (-10_000i64..700_000).prop_map(|ms| Op::Wait { ms }),
        1 => any::<usize>().prop_map(|found| Op::Restart { found }),
    ]
}

struct Machine {
    state: State,
    events: Vec<Event>,
    open_calls: Vec<(CallId, Call)>,
    timers: Vec<TimerId>,
    confirmations: BTreeSet<ConfirmationId>,
    flags: BTreeMap<codewalk_core::ids::UtteranceId, bool>,
    versions: BTreeMap<codewalk_core::ids::StreamId, u64>,
    now: i64,
    next: u128,
}

fn origin(n: u8) -> Origin {
    let channel = [Channel::Terminal, Channel::Script, Channel::Demo][n as usize % 3];
    Origin { channel, name: format!("o{n}") }
}

fn pick<T: Copy>(all: &[T], n: usize) -> Option<T> {
    if all.is_empty() { None } else { Some(all[n % all.len()]) }
}

impl Machine {
    fn new() -> Self {
        Self {
            state: State::new(support::settings()),
            events: Vec::new(),
            open_calls: Vec::new(),
            timers: Vec::new(),
            confirmations: BTreeSet::new(),
            flags: BTreeMap::new(),
            versions: BTreeMap::new(),
            now: 1_000_000,
            next: 1,
        }
    }

    fn sessions(&self) -> Vec<SessionId> {
        self.state.sessions().iter().map(|s| s.id).collect()
    }

    fn input(&mut self, op: Op) -> Option<Input> {
        let sessions = self.sessions();
        let command = |n, command| Some(Input::Command { origin: origin(n), command });
        match op {
            Op::Wait { ms } => {
                self.now += ms;
                None
            }
            Op::Say { origin, text, flag, attended, constrained, permission } => {
                let mut said = support::utterance(&text);
                said.answers = pick(&self.confirmations.iter().copied().collect::<Vec<_>>(), text.len());
                said.pasted = text.len() % 7 == 0;
                said.consent_flag = flag.then(|| "--yes".to_owned());
                said.attended = attended;
                said.permission = [
                    PermissionMode::Plan,
                    PermissionMode::Ask,
                    PermissionMode::AcceptEdits,
                    PermissionMode::Bypass,
                ][permission as usize % 4];
                if constrained {
                    said.constraints =
                        Constraints { agent: Some("codex".to_owned()), project: Some("api".to_owned()) };
                }
                command(origin, Command::Say(said))
            }
            Op::Answer { origin, which, answer } => {
                let all: Vec<ConfirmationId> = self.confirmations.iter().copied().collect();
                let answer = match answer % 5 {
                    0 | 1 => Answer::Yes,
                    2 => Answer::No,
                    3 => Answer::Choose { number: which % 4 },
                    _ => Answer::Edit { prompt: "other".to_owned() },
                };
                pick(&all, which)
                    .and_then(|confirmation| command(origin, Command::Answer { confirmation, answer }))
            }
            Op::Decide { origin, session, request, decision } => {
                pick(&sessions, session).and_then(|session| {
                    let decision = match decision % 3 {
                        0 => Decision::Allow {
                            rule: None,
                            tell: (request % 2 == 0).then(|| "words".to_owned()),
                        },
                        1 => Decision::Deny { message: "no".to_owned(), end_turn: request % 2 == 0 },
                        _ => Decision::Answers { answers: vec!["blue".to_owned()] },
                    };
                    let request = format!("r{request}");
                    command(origin, support::decide(session, &request, decision))
                })
            }
            Op::Control { origin, session, action, flag } => pick(&sessions, session).and_then(|session| {
                let action = [ControlAction::Interrupt, ControlAction::Stop, ControlAction::Resume]
                    [action as usize % 3];
                command(
                    origin,
                    Command::Control { session, action, flag: flag.then(|| "--timeout".to_owned()) },
                )
            }),
            Op::Prompt { origin, session } => {
                pick(&sessions, session).and_then(|session| command(origin, support::prompt(session, "more")))
            }
            Op::Print { session, entries } => {
                pick(&sessions, session).map(|session| Input::EntriesAppended { session, entries })
            }
            Op::Observe { session, run_back, what, n } => pick(&sessions, session).map(|session| {
                let last = self.state.session(session).and_then(|s| s.run()).map_or(0, |r| r.number);
                Input::Observed {
                    session,
                    run: last.saturating_sub(run_back.into()),
                    observation: observation(what, n),
                }
            }),
            Op::Reply { which, kind, session, confidence } => {
                if self.open_calls.is_empty() {
                    return None;
                }
                let (call, request) = self.open_calls.swap_remove(which % self.open_calls.len());
                Some(Input::PortReplied {
                    call,
                    reply: reply(&request, kind, pick(&sessions, session), confidence),
                })
            }
            Op::Restart { found } => {
                self.open_calls.clear();
                self.timers.clear();
                let is_found = |at: usize| found >> (3 * at % 30) & 7 != 0;
                let runs = sessions.iter().enumerate().filter(|(at, _)| is_found(*at));
                let runs = runs.filter_map(|(at, id)| {
                    let session = self.state.session(*id)?;
                    let deliveries = session.deliveries.iter().filter(|_| is_found(at + 1));
                    Some(FoundRun {
                        session: *id,
                        run: session.run()?.number,
                        process: is_found(at + 2)
                            .then_some(AgentProcess { pid: 1, started_at: Timestamp(1) }),
                        delivered: deliveries.map(|delivery| delivery.call).collect(),
                    })
                });
                Some(Input::Restarted { runs: runs.collect() })
            }
            Op::Fire { which } => pick(&self.timers, which).map(|timer| Input::TimerFired { timer }),
        }
    }

    fn run(&mut self, op: Op) {
        let Some(input) = self.input(op) else { return };
        self.next += 1;
        let envelope = Envelope {
            id: Id::from_u128(self.next << 80 | self.next),
            now: Timestamp(u64::try_from(self.now).unwrap_or(0)),
            input,
        };
        let step = self.state.decide(&envelope);
        self.check_consent(&envelope.input, &step);
        for new in self.state.numbered(&step.events) {
            let version = self.versions.entry(new.event.stream()).or_insert(0);
            *version += 1;
            assert_eq!(new.version, *version, "positions in a stream have no gaps: {:?}", new.event);
        }
        for event in &step.events {
            assert!(event.at >= self.state.now(), "time ran backwards");
            self.state.apply(event).expect("a decided event is legal");
            self.note(event);
            self.events.push(event.clone());
        }
        for effect in step.effects {
            match effect {
                Effect::Call { id, call } => self.open_calls.push((id, call)),
                Effect::ArmTimer { timer, .. } => self.timers.push(timer),
                Effect::Relay { .. } => panic!("everything runs here"),
                Effect::Notice { .. } => {}
            }
        }
        for session in self.state.sessions() {
            let may_stall = session.state == SessionState::Running;
            assert!(session.stall.is_none() || may_stall, "a {} session is stalled", session.state.as_str());
        }
        let origins: Vec<&Origin> = self.state.confirmations().map(|c| &c.origin).collect();
        let distinct: BTreeSet<&Origin> = origins.iter().copied().collect();
        assert_eq!(origins.len(), distinct.len(), "two confirmations are open at one origin");
    }

    fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Consent {
                event: ConsentEvent::ConfirmationRequested { confirmation, .. }, ..
            } => {
                self.confirmations.insert(*confirmation);
            }
            EventKind::Consent { event: ConsentEvent::PlanChanged { replacement, .. }, .. } => {
                self.confirmations.extend(*replacement);
            }
            EventKind::Utterance {
                utterance,
                event: codewalk_core::event::UtteranceEvent::Received { utterance: said, .. },
            } => {
                self.flags.insert(*utterance, said.consent_flag.is_some());
            }
            _ => {}
        }
    }

    /// Checks that every start and every allowed tool call has the consent of a person, a flag or a policy.
    fn check_consent(&self, input: &Input, step: &Step) {
        let commanded = matches!(input, Input::Command { .. });
        // A restart repeats calls that were consented to.
        let is_restart = matches!(input, Input::Restarted { .. });
        let mut granted = false;
        let mut decided = false;
        for event in &step.events {
            match &event.kind {
                EventKind::Consent { utterance, event: ConsentEvent::Granted { by, confirmation, plan } } => {
                    granted = true;
                    match by {
                        Actor::Flag { .. } => {
                            assert!(self.flags.get(utterance).copied().unwrap_or(false));
                            assert!(matches!(plan, codewalk_core::consent::Plan::Launch { .. }));
                        }
                        // Only a follow-up to the agent of one's own terminal needs no confirmation.
                        Actor::Person { .. } | Actor::Policy { .. } => {
                            assert!(
                                commanded && confirmation.is_some()
                                    || matches!(plan, codewalk_core::consent::Plan::FollowUp { .. })
                            )
                        }
                    }
                }
                EventKind::Session { event: SessionEvent::RequestDecided { decision, by, .. }, .. } => {
                    decided = true;
                    if !matches!(decision, Decision::Deny { .. }) {
                        assert!(commanded, "only a command allows: {by:?}");
                    }
                }
                _ => {}
            }
        }
        for effect in &step.effects {
            match effect {
                Effect::Call { call: Call::Start(_) | Call::Send { .. }, .. } => {
                    let explicit = matches!(
                        input,
                        Input::Command {
                            command: Command::Prompt { .. }
                                | Command::Decide { decision: Decision::Allow { tell: Some(_), .. }, .. }
                                | Command::Control { action: ControlAction::Resume, .. },
                            ..
                        }
                    );
                    assert!(granted || explicit || is_restart, "something started without consent");
                }
                Effect::Call { call: Call::Decide { .. }, .. } => assert!(decided || is_restart),
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2 * ProptestConfig::default().cases,
        ..ProptestConfig::default()
    })]

    #[test]
    fn consent_comes_first_and_state_is_the_fold_of_its_events(ops in prop::collection::vec(op(), 0..80)) {
        let mut machine = Machine::new();
        for op in ops {
            machine.run(op);
        }
        let mut folded = State::new(support::settings());
        for event in &machine.events {
            folded.apply(event).expect("a recorded event applies");
        }
        prop_assert_eq!(&folded, &machine.state);
    }

    #[test]
    fn any_text_can_be_an_answer_without_harm(text in "\\PC{0,300}", readings in 0usize..7) {
        let _ = codewalk_core::routing::grammar::answer(&text, readings);
        let _ = codewalk_core::routing::grammar::control(&text);
    }
}

#[test]
fn the_machine_reaches_every_state() {
    // Checks that random inputs reach every state; otherwise the properties would prove little.
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..400 {
        let ops = prop::collection::vec(op(), 40..120).new_tree(&mut runner).expect("ops").current();
        let mut machine = Machine::new();
        for op in ops {
            machine.run(op);
            seen.extend(machine.state.sessions().iter().map(|s| s.state.as_str()));
        }
    }
    assert_eq!(seen.len(), 7, "{seen:?}");
}
