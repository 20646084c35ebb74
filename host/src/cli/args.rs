//! The arguments of the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use codewalk_core::permission::PermissionMode;

/// The flag that consents to a launch.
pub const CONSENT_FLAG: &str = "--yes";
/// The flag that limits the time.
pub const TIMEOUT_FLAG: &str = "--timeout";

/// The exit statuses of a run.
const EXIT_STATUS: &str = "\
Exit status:
  0    success
  1    the agent failed, or was denied everything it asked for
  2    usage error
  3    declined, or not understood
  4    configuration, adapter or store error
  5    partly denied
  70   internal error
  124  timed out
  130  interrupted";

/// `codewalk run`.
#[derive(Debug, Args)]
#[command(after_long_help = EXIT_STATUS)]
pub struct RunArgs {
    /// What to do; read from the terminal or stdin if omitted
    pub prompt: Option<String>,
    /// Use this agent, whatever the request says
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// Work in this configured project or folder
    #[arg(long, value_name = "NAME|DIR")]
    pub project: Option<PathBuf>,
    /// Start without asking if prompt, agent and project are yours
    ///
    /// They are yours if the prompt is in your own words, the agent is the default one or given with --agent,
    /// and the project is the current one, named in the request or given with --project.
    /// What the agent may do is still up to --permission.
    #[arg(long, short)]
    pub yes: bool,
    /// What the agent may do without asking; `ask` by default
    #[arg(long, value_enum)]
    pub permission: Option<Permission>,
    /// Stop the agent after this time, e.g. 90s, 20m, 1h30m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Format of standard output
    #[arg(long, value_enum, default_value_t)]
    pub output_format: OutputFormat,
}

/// `codewalk ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// What you want to know; read from stdin if omitted
    pub question: Option<String>,
    /// Format of standard output
    #[arg(long, value_enum, default_value_t)]
    pub output_format: OutputFormat,
}

/// `codewalk sessions resume`.
#[derive(Debug, Args)]
#[command(after_long_help = EXIT_STATUS)]
pub struct ResumeArgs {
    /// Session ID or short ID, the start of either, or `last`
    pub id: String,
    /// Prompt for the agent; by default, to continue its work
    pub prompt: Option<String>,
    /// What a new run may do without asking; `ask` by default
    ///
    /// Never more than in the previous run, and never `bypass`. A running agent keeps its permission.
    #[arg(long, value_enum)]
    pub permission: Option<Permission>,
    /// Format of standard output
    #[arg(long, value_enum, default_value_t)]
    pub output_format: OutputFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Permission {
    /// Ask before changing anything
    #[default]
    Ask,
    /// Edit files in the project without asking
    AcceptEdits,
    /// Only plan
    Plan,
    /// Do everything without asking
    Bypass,
}

impl From<Permission> for PermissionMode {
    fn from(permission: Permission) -> Self {
        match permission {
            Permission::Plan => Self::Plan,
            Permission::Ask => Self::Ask,
            Permission::AcceptEdits => Self::AcceptEdits,
            Permission::Bypass => Self::Bypass,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Human-readable text
    #[default]
    Text,
    /// One JSON object at the end
    Json,
    /// Events as JSON lines, then the object of `json`
    StreamJson,
}

#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List sessions, most recently changed first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Maximum number of sessions
        #[arg(long, default_value_t = 20, value_name = "N")]
        #[arg(value_parser = positive)]
        limit: u32,
    },
    /// Show one session
    Show {
        /// Session ID or short ID, the start of either, or `last`
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the output of a session's agent
    Log {
        /// Session ID or short ID, the start of either, or `last`
        id: String,
        /// Print each entry as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop the agent of a session, even one started elsewhere
    Stop {
        /// Session ID or short ID, the start of either, or `last`
        id: String,
    },
    /// Interrupt the agent's current turn; resume it later
    Interrupt {
        /// Session ID or short ID, the start of either, or `last`
        id: String,
    },
    /// Resume an ended session, or prompt a running one
    Resume(ResumeArgs),
    /// Restore sessions missing from the store from agent output
    Rebuild {
        /// Rebuild without asking
        #[arg(long, short)]
        yes: bool,
    },
}

/// The maximum timeout, in seconds.
const MAX_TIMEOUT: u64 = 365 * 24 * 3_600;

/// Reads `90`, `90s`, `20m`, `1h` or `1h30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    let mut seconds = Some(0_u64);
    let mut parts = 0;
    while parts == 0 || !rest.is_empty() {
        let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let number: u64 =
            digits.parse().map_err(|_| "expected a duration like 90s, 20m, 1h or 1h30m".to_owned())?;
        let factor = match unit {
            "" if parts == 0 => 1,
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "" => return Err(format!("missing unit after {number}; use s, m or h")),
            unit => return Err(format!("unknown unit {unit:?}; use s, m or h")),
        };
        seconds = seconds.zip(number.checked_mul(factor)).and_then(|(sum, part)| sum.checked_add(part));
        (rest, parts) = (after, parts + 1);
    }
    match seconds {
        Some(0) => Err("timeout must be greater than zero".to_owned()),
        Some(seconds) if seconds <= MAX_TIMEOUT => Ok(Duration::from_secs(seconds)),
        _ => Err("timeout must be at most one year".to_owned()),
    }
}

/// Parses a number of at least 1.
fn positive(text: &str) -> Result<u32, &'static str> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a whole number, at least 1"),
        Ok(number) => Ok(number),
    }
}

/// Says that the time limit has passed.
pub fn timed_out(timeout: Option<Duration>) -> String {
    match timeout {
        Some(timeout) => format!("timed out ({TIMEOUT_FLAG} {})", typed(timeout)),
        None => format!("timed out ({TIMEOUT_FLAG})"),
    }
}

/// Returns a duration in the form in which it is typed.
fn typed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_shown_in_the_form_in_which_it_is_typed() {
        for (seconds, shown) in [(8, "8s"), (90, "1m30s"), (3_600, "1h"), (5_401, "1h30m1s")] {
            let timeout = Duration::from_secs(seconds);
            assert_eq!(timed_out(Some(timeout)), format!("timed out (--timeout {shown})"));
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("20m"), Ok(Duration::from_secs(1200)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("1h1m1s"), Ok(Duration::from_secs(3661)));
        for wrong in [
            "1h30",
            "h",
            "1hm",
            "1h 30m",
            "0h0m",
            "30mh",
            "1.5h",
            "1ä",
            "18446744073709551615s1s",
            "",
            "x",
            "5d",
            "-1s",
            "0",
            "99999999999999999999h",
            "18446744073709551615",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
