//! Agents that speak Claude Code's protocol, as far as a measurement needs it. This program plays them itself.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Measured;
use crate::user;

/// Says that this program is to be an agent, and which one.
const ROLE: &str = "CODEWALK_BENCH_AGENT";
/// Says for how many requests, or from which file.
const PART: &str = "CODEWALK_BENCH_PART";

/// An agent.
#[derive(Debug)]
pub enum Role {
    /// Asks so many times to run a command, which is the time of asking.
    Asking {
        /// How many times.
        times: usize,
    },
    /// Prints a file.
    Printing {
        /// Which one.
        file: PathBuf,
    },
}

/// Returns what the environment says this program is to play.
pub fn role() -> Option<Role> {
    let part = std::env::var(PART).ok()?;
    match std::env::var(ROLE).ok()?.as_str() {
        "asking" => Some(Role::Asking { times: part.parse().ok()? }),
        "printing" => Some(Role::Printing { file: part.into() }),
        _ => None,
    }
}

/// Returns the time, in nanoseconds since 1970: the same clock for both ends of a line.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

impl Role {
    /// Returns the configuration of an agent that plays it.
    pub fn configured(&self, name: &str) -> Measured<String> {
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

    /// Plays it.
    pub fn play(self) -> Measured<()> {
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

fn ask(times: usize) -> Measured<()> {
    let mut random = fastrand::Rng::with_seed(7);
    say(r#"{"type":"system","subtype":"init","session_id":"0197f5a2-0000-7000-8000-000000000001"}"#)?;
    for n in 0..times {
        // Each line comes alone, at no particular moment.
        std::thread::sleep(Duration::from_micros(random.u64(15_000..25_000)));
        let now = now();
        say(&format!(
            r#"{{"type":"control_request","request_id":"{n}","request":{{"subtype":"can_use_tool","tool_name":"Bash","input":{{"command":"{now}"}},"tool_use_id":"toolu_{n}"}}}}"#
        ))?;
    }
    say(r#"{"type":"result","subtype":"success","is_error":false,"result":"Done."}"#)
}

/// Writes a line with one write, as agents do.
fn say(line: &str) -> Measured<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(format!("{line}\n").as_bytes())?;
    Ok(stdout.flush()?)
}
