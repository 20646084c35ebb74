//! Ends the processes of a run with harder and harder signals.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::records::LadderTimes;
use crate::sys::{self, Target};

/// How often the rest of a tree is killed: a process may have started another one in the last moment.
const KILL_AGAIN: Duration = Duration::from_millis(20);
/// After this time the system cannot end the processes; they end when it can.
const KILL_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rung {
    Interrupt,
    Terminate,
    Kill,
}

/// A stop that is in progress.
#[derive(Debug)]
pub(super) struct Ladder {
    times: LadderTimes,
    rung: Rung,
    since: Instant,
    next: Instant,
}

impl Ladder {
    /// Starts at a rung. `agent` is `None` once it is reaped.
    pub(super) fn start(times: LadderTimes, rung: Rung, agent: Option<Pid>) -> Self {
        let now = Instant::now();
        let mut ladder = Self { times, rung, since: now, next: now };
        ladder.step(rung, agent);
        ladder
    }

    /// Returns when to climb, or `None` if killing does not help.
    pub(super) fn next(&self) -> Option<Instant> {
        (!self.is_stuck()).then_some(self.next)
    }

    /// Returns whether processes survive being killed.
    pub(super) fn is_stuck(&self) -> bool {
        self.rung == Rung::Kill && self.since.elapsed() >= KILL_TIMEOUT
    }

    /// Continues if it is time. An agent that has ended does not need the time that is left for it.
    pub(super) fn climb(&mut self, agent: Option<Pid>) {
        let rung = match self.rung {
            Rung::Interrupt if agent.is_none() => Rung::Terminate,
            _ if Instant::now() < self.next => return,
            Rung::Interrupt => Rung::Terminate,
            Rung::Terminate | Rung::Kill => Rung::Kill,
        };
        self.step(rung, agent);
    }

    fn step(&mut self, rung: Rung, agent: Option<Pid>) {
        if rung != self.rung {
            self.since = Instant::now();
        }
        self.rung = rung;
        let (target, signal, pause) = match rung {
            Rung::Interrupt => {
                (Target::AgentGroup, Signal::INT, Duration::from_millis(self.times.interrupt_ms))
            }
            Rung::Terminate => (Target::Tree, Signal::TERM, Duration::from_millis(self.times.terminate_ms)),
            Rung::Kill => (Target::Tree, Signal::KILL, KILL_AGAIN),
        };
        sys::signal_tree(agent, target, signal);
        self.next = Instant::now() + pause;
    }
}
