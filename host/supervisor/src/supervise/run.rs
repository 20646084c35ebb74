//! Supervises an agent from its start to the end of everything it started.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use super::agent::{Agent, now};
use super::control::Control;
use super::ladder::{Ladder, Rung};
use crate::deliveries::Delivery;
use crate::folder::{EXIT, Folder, LEFT};
use crate::messages::Kind;
use crate::records::{Exit, ExitReason, Launch, Left, VERSION};
use crate::sys::{self, Reaped, SignalPipe, Target};

/// How often and how long to try to record the end, if the disk is full.
const RECORD_AGAIN: Duration = Duration::from_secs(1);
const RECORD_TRIES: u32 = 60;
/// How long to wait after a poll that failed.
const POLL_AGAIN: Duration = Duration::from_millis(100);

/// A run whose agent was started.
#[derive(Debug)]
pub(super) struct Run {
    folder: Folder,
    /// Locked while this process lives.
    _lock: File,
    launch: Launch,
    agent: Agent,
    signals: SignalPipe,
    control: Control,
    started_at: u64,
    reason: ExitReason,
    ladder: Option<Ladder>,
    /// How and when the agent ended.
    end: Option<(ExitStatus, u64)>,
    /// Whether a process of the run lives or waits to be reaped.
    children: bool,
    /// Whether `left` may be out of date.
    children_changed: bool,
    left: Left,
    /// Whether `exit` is written.
    recorded: bool,
    peak_memory: u64,
    cpu_ms: u64,
}

/// The parts of a run that its launch creates.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) launch: Launch,
    pub(super) agent: Agent,
    pub(super) signals: SignalPipe,
    pub(super) control: Control,
    pub(super) started_at: u64,
}

/// What a poll returned.
#[derive(Debug, Default)]
struct Ready {
    signals: bool,
    bell: bool,
    input: bool,
    /// Whether a pipe can be read, and then whether it has hung up.
    output: [Option<bool>; 2],
}

impl Run {
    pub(super) fn new(folder: Folder, lock: File, parts: Parts) -> Self {
        let Parts { launch, agent, signals, control, started_at } = parts;
        Self {
            folder,
            _lock: lock,
            launch,
            agent,
            signals,
            control,
            started_at,
            reason: ExitReason::Ended,
            ladder: None,
            end: None,
            children: true,
            children_changed: false,
            left: Left::default(),
            recorded: false,
            peak_memory: 0,
            cpu_ms: 0,
        }
    }

    /// Supervises until no process of the run lives.
    pub(super) fn supervise(&mut self) {
        sys::trim_memory();
        // Messages may have been appended before this process could hear the bell.
        self.obey();
        self.agent.input.forward();
        while !self.settle() {
            let ready = self.wait();
            self.handle(&ready);
        }
        self.agent.output.drain();
        for _ in 0..RECORD_TRIES {
            if self.recorded || self.record() {
                break;
            }
            std::thread::sleep(RECORD_AGAIN);
        }
        // It is also right if it stays: its processes are gone.
        let _ = self.folder.remove(LEFT);
    }

    /// Waits for an event. There is no timeout unless a stop is in progress.
    fn wait(&self) -> Ready {
        let timeout = self.ladder.as_ref().and_then(Ladder::next).map(until);
        let outputs = self.agent.output.pipes();
        let input = self.agent.input.waiting();
        let mut fds =
            vec![PollFd::new(&self.signals, PollFlags::IN), PollFd::new(self.control.bell(), PollFlags::IN)];
        fds.extend(outputs.iter().flatten().map(|pipe| PollFd::new(*pipe, PollFlags::IN)));
        fds.extend(input.iter().map(|pipe| PollFd::new(*pipe, PollFlags::OUT)));
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ready::default(),
            Err(_) => {
                // The system is out of memory. Children may have ended.
                std::thread::sleep(POLL_AGAIN);
                return Ready { signals: true, ..Ready::default() };
            }
        }
        let mut events = fds.iter().map(PollFd::revents);
        let mut next = || events.next().unwrap_or(PollFlags::empty());
        let mut ready = Ready { signals: !next().is_empty(), bell: !next().is_empty(), ..Ready::default() };
        for (pipe, output) in outputs.iter().zip(&mut ready.output) {
            let events = if pipe.is_some() { next() } else { PollFlags::empty() };
            *output = (!events.is_empty()).then(|| !events.contains(PollFlags::IN));
        }
        ready.input = input.is_some() && !next().is_empty();
        ready
    }

    fn handle(&mut self, ready: &Ready) {
        if ready.bell {
            self.control.silence();
            self.obey();
            self.agent.input.bell_rang();
            // Processes that were started since the last look.
            self.children_changed = true;
        }
        for (stream, output) in ready.output.iter().enumerate() {
            if let Some(hung_up) = *output {
                self.agent.output.pump(stream, hung_up);
            }
        }
        if ready.input || ready.bell {
            self.agent.input.forward();
        }
        if ready.signals {
            let signals = self.signals.take();
            if signals.end {
                self.stop(ExitReason::Stopped);
            }
            self.reap();
        }
    }

    /// Carries out the messages in `control`.
    fn obey(&mut self) {
        while let Some(message) = self.control.next() {
            match message.kind {
                Kind::Interrupt if self.end.is_none() => {
                    sys::signal_tree(self.living_agent(), Target::AgentGroup, Signal::INT);
                }
                Kind::Stop => self.stop(ExitReason::Stopped),
                Kind::Interrupt | Kind::Input | Kind::CloseInput => continue,
            }
            self.agent.input.receipts().record(&message.call, Delivery::Delivered);
        }
    }

    fn stop(&mut self, reason: ExitReason) {
        if self.ladder.as_ref().is_some_and(|ladder| !ladder.is_stuck()) {
            return;
        }
        if !self.recorded {
            self.reason = reason;
        }
        self.agent.input.close();
        let agent = self.living_agent();
        let rung = if agent.is_some() { Rung::Interrupt } else { Rung::Terminate };
        self.ladder = Some(Ladder::start(self.launch.ladder, rung, agent));
    }

    fn living_agent(&self) -> Option<Pid> {
        self.end.is_none().then(|| self.agent.pid())
    }

    /// Reaps the agent and orphans that have ended.
    fn reap(&mut self) {
        loop {
            match sys::reap() {
                Reaped::Child { pid, status, peak_memory, cpu_ms } => {
                    self.children_changed = true;
                    self.peak_memory = self.peak_memory.max(peak_memory);
                    self.cpu_ms += cpu_ms;
                    if self.living_agent() == Some(pid) {
                        self.end = Some((status, now()));
                        self.agent.input.close();
                        self.agent.output.drain();
                    }
                }
                Reaped::Running => return,
                Reaped::None => {
                    self.children = false;
                    return;
                }
            }
        }
    }

    /// Does what follows from the state. Returns whether the run is over.
    fn settle(&mut self) -> bool {
        if let Some(reason) = self.agent.output.exceeded() {
            self.stop(reason);
        }
        let Some((status, _)) = self.end else {
            self.climb();
            return false;
        };
        if !self.children {
            return true;
        }
        if self.ladder.is_none() && !self.recorded && !status.success() {
            // What an agent that crashed has started is of no use to anyone.
            self.ladder = Some(Ladder::start(self.launch.ladder, Rung::Terminate, None));
        }
        self.climb();
        if self.ladder.as_ref().is_none_or(Ladder::is_stuck) {
            self.list();
            if !self.recorded {
                self.record();
            }
        }
        false
    }

    fn climb(&mut self) {
        let agent = self.living_agent();
        if let Some(ladder) = &mut self.ladder {
            ladder.climb(agent);
        }
    }

    /// Lists the processes that outlive the agent.
    fn list(&mut self) {
        if !std::mem::take(&mut self.children_changed) {
            return;
        }
        let left = Left { processes: sys::list() };
        // The list is for people; the processes are found without it.
        if left != self.left && self.folder.write(LEFT, &left).is_ok() {
            self.left = left;
        }
    }

    /// Records the end of the agent. Returns whether that was possible.
    fn record(&mut self) -> bool {
        let Some((status, ended_at)) = self.end else { return false };
        let exit = Exit {
            version: VERSION,
            reason: self.reason,
            code: status.code(),
            signal: status.signal(),
            started_at: Some(self.started_at),
            ended_at,
            peak_memory: self.peak_memory,
            cpu_ms: self.cpu_ms,
            output: self.agent.output.written(),
            message: None,
        };
        self.recorded = match self.folder.write(EXIT, &exit) {
            Ok(()) => true,
            // The run folder was removed.
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        self.recorded
    }
}

fn until(instant: Instant) -> Timespec {
    // Rounded up, so that the wait does not end too early.
    let time = instant.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
    Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(time.subsec_nanos()),
    }
}
