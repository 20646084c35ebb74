//! Agents that speak Claude Code's protocol, played by this program.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::fallible::Fallible;
use crate::user;

/// The environment variable that turns this program into an agent.
const ROLE: &str = "CODEWALK_BENCH_AGENT";
/// The environment variable that contains the number of requests, or the file.
const PART: &str = "CODEWALK_BENCH_PART";

/// An agent.
#[derive(Debug)]
pub enum Role {
    /// Asks repeatedly to run a command whose text is the time of the request.
    Asking {
        /// The number of requests.
        times: usize,
    },
    /// Prints a file.
    Printing {
        /// The file.
        file: PathBuf,
    },
}

/// Returns the agent that this program plays, if any.
pub fn role() -> Option<Role> {
    let part = std::env::var(PART).ok()?;
    match std::env::var(ROLE).ok()?.as_str() {
        "asking" => Some(Role::Asking { times: part.parse().ok()? }),
        "printing" => Some(Role::Printing { file: part.into() }),
        _ => None,
    }
}

/// Returns the time in nanoseconds since 1970, by the clock that both processes use.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

impl Role {
    /// Returns the configuration of this agent.
    pub fn configured(&self, name: &str) -> Fallible<String> {
        let program = user::this()?;
        let (role, part) = match self {
            Self::Asking { times } => ("asking", times.to_string()),
            Self::Printing { file } => ("printing", file.display().to_string()),
        };
        Ok(format!(
            "default_agent = \"{name}\"\n[agents.{name}]\nkind = \"claude\"\nprogram = {program:?}\n\
             env = {{ {ROLE} = \"{role}\", {PART} = {part:?} }}\n"
        ))
    }

    /// Runs as this agent.
    pub fn play(self) -> Fallible<()> {
        if std::env::args().nth(1).is_some_and(|argument| argument == "--version") {
            return say("2.1.330 (Claude Code)");
        }
        match self {
            Self::Asking { times } => ask(times),
            Self::Printing { file } => {
                std::io::copy(&mut std::fs::File::open(file)?, &mut std::io::stdout())?;
                Ok(())
            }
        }
    }
}

fn ask(times: usize) -> Fallible<()> {
    let mut random = fastrand::Rng::with_seed(7);
    say(r#"{"type":"system","subtype":"init","session_id":"0197f5a2-0000-7000-8000-000000000001"}"#)?;
    for n in 0..times {
        // Lines arrive one by one, at irregular times.
        std::thread::sleep(Duration::from_micros(random.u64(15_000..25_000)));
        let now = now();
        let input = format!(r#"{{"command":"{now}"}}"#);
        let request = format!(
            r#"{{"subtype":"can_use_tool","tool_name":"Bash","input":{input},"tool_use_id":"toolu_{n}"}}"#
        );
        say(&format!(r#"{{"type":"control_request","request_id":"{n}","request":{request}}}"#))?;
    }
    say(r#"{"type":"result","subtype":"success","is_error":false,"result":"Done."}"#)
}

/// Writes a line in one write, as agents do.
fn say(line: &str) -> Fallible<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(format!("{line}\n").as_bytes())?;
    Ok(stdout.flush()?)
}
