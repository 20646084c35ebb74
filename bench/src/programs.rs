//! Whole runs of the program.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::Duration;

use codewalk_core::command::Project;
use codewalk_core::event::{Event, EventKind, NewEvent, SessionEvent, SummaryEvent};
use codewalk_core::ids::{CallId, Id, SessionId};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::AdapterReply;
use codewalk_core::ports::SessionStore;
use codewalk_core::session::{AgentProcess, Exit, Outcome, Summary};
use codewalk_core::time::Timestamp;
use codewalk_store::SqliteStore;

use crate::fallible::Fallible;
use crate::measure::{Samples, human};
use crate::table::Row;
use crate::user::{self, User};

/// The argument that makes this program report the peak memory of another.
const MEASURED: &str = "peak-memory-of";
const MEBIBYTE: u64 = 1024 * 1024;
const SESSIONS: u32 = 10_000;
const RUN: [&str; 6] = ["run", "--yes", "--agent", "tool", "--", "fix the flaky login test"];

/// Measures `--version` and `run`.
pub fn rows() -> Fallible<Vec<Row>> {
    // The agent ends immediately.
    let user = User::new("[agents.tool]\nkind = \"command\"\ncommand = [\"true\", \"{prompt}\"]\n")?;
    let mut version = Samples::default();
    for _ in 0..300 {
        version.time(|| user::run(&mut user.codewalk(&["--version"])?))?;
    }
    user::run(&mut user.codewalk(&RUN)?)?;
    let (mut with, mut without) = (Samples::default(), Samples::default());
    for _ in 0..100 {
        with.time(|| user::run(&mut user.codewalk(&RUN)?))?;
        without.time(|| user::run(Command::new("true").current_dir(user.project())))?;
    }
    let added = with.p50().saturating_sub(without.p50());
    let peaks = (0..5).map(|_| peak(&user)).collect::<Fallible<Vec<u64>>>()?;
    let peak = peaks.into_iter().max().unwrap_or_default();
    Ok(vec![
        Row::new(
            "--version, p50 / p99",
            version.summary(),
            "5 ms",
            version.p50() <= Duration::from_millis(5),
        ),
        Row::new(
            "overhead of `run` over its agent, p50",
            human(added),
            "30 ms",
            added <= Duration::from_millis(30),
        )
        .reference(format!("the agent alone {}", human(without.p50()))),
        Row::new(
            "peak memory of `run`",
            format!("{:.1} MB", peak as f64 / 1e6),
            "60 MB",
            peak <= 60 * 1_000_000,
        ),
    ])
}

/// Measures a list of many sessions.
pub fn list() -> Fallible<Vec<Row>> {
    let user = User::new("")?;
    fill(&user)?;
    let (mut all, mut newest) = (Samples::default(), Samples::default());
    let limit = SESSIONS.to_string();
    for _ in 0..50 {
        newest.time(|| user::run(&mut user.codewalk(&["sessions", "list"])?))?;
        all.time(|| user::run(&mut user.codewalk(&["sessions", "list", "--limit", &limit])?))?;
    }
    let goal = Duration::from_millis(20);
    Ok(vec![
        Row::new(
            "sessions list, newest 20 of 10,000, p50",
            human(newest.p50()),
            "20 ms",
            newest.p50() <= goal,
        ),
        Row::new("sessions list, all 10,000, p50", human(all.p50()), "20 ms", all.p50() <= goal),
    ])
}

/// Fills the store with ended sessions.
fn fill(user: &User) -> Fallible<()> {
    let mut store = SqliteStore::open(&user.home().join("codewalk.db"))?;
    let numbers: Vec<u32> = (0..SESSIONS).collect();
    for some in numbers.chunks(500) {
        let events: Vec<NewEvent> = some.iter().flat_map(|n| life(*n)).collect();
        store.append(&events)?;
    }
    Ok(())
}

/// Returns the events of a successful session.
fn life(n: u32) -> Vec<NewEvent> {
    let session = SessionId(Id::from_u128(0x0197_f5a2_0000_7000_8000_0000_0000_0000 + u128::from(n)));
    let text = format!("fix the flaky login test number {n}");
    let starting = SessionEvent::RunStarting {
        run: 1,
        utterance: None,
        text: text.clone(),
        origin: Origin { channel: Channel::Terminal, name: "run-4711".to_owned() },
        attended: true,
        agent: "claude".to_owned(),
        project: Project { name: "shop".to_owned(), path: "/home/ada/shop".to_owned() },
        prompt: text,
        permission: PermissionMode::Ask,
        resume: None,
        call: CallId(Id::from_u128(1)),
    };
    let made = SummaryEvent::SummaryProduced {
        reply: AdapterReply {
            answer: Summary { text: "It fixed the login test and ran all tests.".to_owned(), covers: 17 },
            adapter: "local-summarizer".to_owned(),
            fallback_from: Vec::new(),
        },
    };
    let of_session = |event| EventKind::Session { session, event };
    let kinds = [
        of_session(starting),
        of_session(SessionEvent::AgentStarted {
            started: AgentProcess { pid: 4711, started_at: Timestamp(7) },
            stop: None,
        }),
        of_session(SessionEvent::RunEnded {
            exit: Some(Exit { code: Some(0), signal: None }),
            outcome: Outcome::Completed,
        }),
        EventKind::Summary { session, event: made },
    ];
    let at = |version| Timestamp(1_800_000_000_000 + u64::from(n) * 60_000 + version);
    (1..)
        .zip(kinds)
        .map(|(version, kind)| NewEvent { version, event: Event { at: at(version), kind } })
        .collect()
}

/// Returns the peak memory of a `run`, in bytes. It is measured in a new process, because a program inherits
/// its parent's peak.
fn peak(user: &User) -> Fallible<u64> {
    let codewalk = user.codewalk(&RUN)?;
    let mut parent = Command::new(user::this()?);
    parent.arg(MEASURED).arg(codewalk.get_program()).args(codewalk.get_args()).env_clear();
    parent.envs(codewalk.get_envs().filter_map(|(name, value)| Some((name, value?))));
    parent.current_dir(user.project()).stdin(Stdio::null());
    let output = parent.output()?;
    let kibibytes: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(kibibytes * MEBIBYTE / 1024)
}

/// Returns the command whose memory this process measures, if any.
pub fn to_be_measured() -> Option<Command> {
    let mut args = std::env::args_os().skip(1);
    if args.next()? != MEASURED {
        return None;
    }
    let mut command = Command::new(args.next()?);
    command.args(args.collect::<Vec<OsString>>());
    Some(command)
}

/// Runs a program and prints the peak memory of it and its children, in KiB.
pub fn print_peak(mut command: Command) -> Fallible<()> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let pid = i32::try_from(child.id())?;
    let mut status = 0;
    // SAFETY: a `rusage` consists of numbers, so all zeros are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to values that outlive the call. Nothing else waits for the child.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    if waited != pid || status != 0 {
        return Err(format!("{command:?} ended with {status}").into());
    }
    println!("{}", usage.ru_maxrss);
    Ok(())
}
