//! The command line.

mod adapters;
mod announcement;
mod args;
mod asked;
mod choice;
mod clock;
mod control;
mod conversation;
mod demo;
mod doctor;
mod ending;
mod follow;
mod headless;
mod held;
mod left;
mod log;
mod login;
mod next;
mod permission;
mod progress;
mod projects;
mod questions;
mod rebuild;
mod remedy;
mod result;
mod rows;
mod run;
#[cfg(test)]
pub(crate) mod samples;
mod sessions;
mod terminal;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use codewalk_core::permission::PermissionMode;
use codewalk_core::visible::{visible, visible_json, visible_line};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Config, check_environment};
use crate::error::{CommandError, ErrorKind};
use crate::private;

/// The hidden subcommand that is the scripted agent.
pub const DEMO_AGENT: &str = "demo-agent";

/// Run coding agents with your consent, and keep the history
#[derive(Debug, Parser)]
#[command(name = "codewalk", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an agent for a request, or answer a question
    Run(RunArgs),
    /// Serve another program over JSON lines on stdin and stdout
    Headless,
    /// Ask about your sessions; never starts anything
    Ask(AskArgs),
    /// List, show, stop and resume sessions
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Manage the adapters that route requests and summarize
    #[command(subcommand)]
    Adapters(adapters::AdaptersCommand),
    /// Check the setup and suggest fixes
    Doctor {
        /// Also query the adapters that use the network
        #[arg(long)]
        online: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Store the key of a credential, e.g. groq, in a private file
    Login {
        /// Name of the credential
        name: String,
    },
    /// Remove the key of a credential
    Logout {
        /// Name of the credential
        name: String,
    },
    /// Print a shell completion script
    Completions {
        /// Shell to complete for
        shell: clap_complete::Shell,
    },
    /// Run a scripted end-to-end demo
    Demo,
    /// Write the manual pages into a folder
    #[command(hide = true)]
    ManPages {
        /// Folder to write to
        folder: PathBuf,
    },
    /// Act as the scripted agent of the demo
    #[command(name = DEMO_AGENT, hide = true)]
    DemoAgent,
    /// Compile an adapter in a process of its own
    #[command(name = codewalk_sandbox::COMPILE_ADAPTER, hide = true)]
    CompileAdapter { reserved: u64, executing: u64, memory: u64, niceness: i32 },
}

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
struct RunArgs {
    /// What to do; read from the terminal or stdin if omitted
    prompt: Option<String>,
    /// Use this agent, whatever the request says
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Work in this folder, whatever the request says
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Start without asking if prompt, agent and project are yours
    ///
    /// They are yours if the prompt is in your own words, the agent is the default one or given with --agent,
    /// and the project is the current one, named in the request or given with --project.
    /// What the agent may do is still up to --permission.
    #[arg(long, short)]
    yes: bool,
    /// What the agent may do without asking; `ask` by default
    #[arg(long, value_enum)]
    permission: Option<Permission>,
    /// Stop the agent after this time, e.g. 90s, 20m, 1h30m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// Format of standard output
    #[arg(long, value_enum, default_value_t)]
    output_format: OutputFormat,
}

/// `codewalk ask`.
#[derive(Debug, Args)]
struct AskArgs {
    /// What you want to know; read from stdin if omitted
    question: Option<String>,
    /// Format of standard output
    #[arg(long, value_enum, default_value_t)]
    output_format: OutputFormat,
}

/// `codewalk sessions resume`.
#[derive(Debug, Args)]
#[command(after_long_help = EXIT_STATUS)]
struct ResumeArgs {
    /// Session ID or short ID, the start of either, or `last`
    id: String,
    /// Prompt for the agent; by default, to continue its work
    prompt: Option<String>,
    /// What a new run may do without asking; `ask` by default
    ///
    /// Never more than in the previous run, and never `bypass`. A running agent keeps its permission.
    #[arg(long, value_enum)]
    permission: Option<Permission>,
    /// Format of standard output
    #[arg(long, value_enum, default_value_t)]
    output_format: OutputFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Permission {
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
enum OutputFormat {
    /// Human-readable text
    #[default]
    Text,
    /// One JSON object at the end
    Json,
    /// Events as JSON lines, then the object of `json`
    StreamJson,
}

#[derive(Debug, Subcommand)]
enum SessionsCommand {
    /// List sessions, most recently changed first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Maximum number of sessions
        #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
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

impl Cli {
    /// Reads the command line. Where it makes no sense it is said why, with all of that visible, and the process ends.
    pub fn read() -> Self {
        let args: Vec<OsString> = std::env::args_os().collect();
        Self::try_parse_from(&args).unwrap_or_else(|error| unread(&args, &error).exit())
    }

    /// Asks a person at the terminal what they want; a program is told which commands there are.
    fn without_command() -> ExitCode {
        if std::io::stdin().is_terminal() {
            return Self::parse_from(["codewalk", "run"]).execute();
        }
        // It prints the help, and exits.
        Self::command().arg_required_else_help(true).get_matches_from(["codewalk"]);
        ExitCode::from(2)
    }

    /// Does what the command line says.
    pub fn execute(self) -> ExitCode {
        let Some(command) = self.command else { return Self::without_command() };
        let done = match command {
            Command::DemoAgent => {
                if let Err(error) = private::give_up() {
                    tracing::warn!(%error, "the agent cannot be found by its environment");
                }
                return codewalk_executor::demo_agent::run();
            }
            Command::CompileAdapter { reserved, executing, memory, niceness } => {
                return codewalk_sandbox::compile_adapter(reserved, executing, memory, niceness);
            }
            Command::Run(args) => run::execute(args),
            Command::Doctor { online, json } => {
                config().and_then(|config| doctor::execute(&config, online, json))
            }
            Command::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Self::command(), "codewalk", &mut script);
                offer_line(String::from_utf8_lossy(&script).trim_end()).map(|_| ExitCode::SUCCESS)
            }
            Command::ManPages { folder } => clap_mangen::generate_to(Self::command(), &folder)
                .map(|()| ExitCode::SUCCESS)
                .map_err(|error| {
                    let message = format!("cannot write manual pages to {}: {error}", folder.display());
                    CommandError::new(ErrorKind::Usage, message)
                }),
            Command::Login { name } => {
                config().and_then(|config| login::login(&config, &name)).map(|()| ExitCode::SUCCESS)
            }
            Command::Logout { name } => {
                config().and_then(|config| login::logout(&config, &name)).map(|()| ExitCode::SUCCESS)
            }
            Command::Demo => config().and_then(demo::execute),
            Command::Headless => config().and_then(|config| headless::execute(&config)),
            Command::Ask(args) => run::ask(args),
            Command::Sessions(command) => config().and_then(|config| sessions::execute(&config, command)),
            Command::Adapters(command) => adapters::execute(command),
        };
        done.unwrap_or_else(|error| {
            error.say();
            error.exit_code()
        })
    }
}

/// Returns what is said of a command line that makes no sense: what clap says of it where all of it is visible and each argument is
/// on one line.
fn unread(args: &[OsString], error: &clap::Error) -> clap::Error {
    let shown = args.iter().map(|arg| visible_line(&arg.to_string_lossy()));
    match Cli::try_parse_from(shown) {
        Err(error) => with_quotes(args, error),
        // It was wrong in nothing that can be seen.
        Ok(_) => Cli::command().error(error.kind(), visible(&error.kind().to_string())),
    }
}

/// Says of a wish that is several arguments that it is to be one.
fn with_quotes(args: &[OsString], mut error: clap::Error) -> clap::Error {
    let is_word = |arg: &String| !arg.starts_with('-');
    let args: Vec<String> = args.iter().skip(1).map(|arg| visible_line(&arg.to_string_lossy())).collect();
    let is_surplus =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(arg)) if is_word(arg));
    let [command, words @ ..] = &*args else { return error };
    if error.kind() != clap::error::ErrorKind::UnknownArgument
        || !is_surplus
        || !matches!(command.as_str(), "run" | "ask")
    {
        return error;
    }
    let mut tip = "quote the whole request".to_owned();
    // Those that mean something to a shell need other quotes.
    if words.iter().all(|word| is_word(word) && !word.contains(['"', '$', '`', '\\', '!'])) {
        tip.push_str(&format!(": codewalk {command} \"{}\"", words.join(" ")));
    }
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// Reads the configuration, and takes the credentials that it names out of the environment.
fn config() -> Result<Config, CommandError> {
    check_environment(&|name| std::env::var_os(name))?;
    let config = Config::load(&|name| std::env::var(name).ok())?;
    private::take(&config.secret_variables);
    Ok(config)
}

/// The longest timeout, in seconds.
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

/// Listens to a signal.
fn listen(kind: SignalKind) -> Result<Signal, CommandError> {
    signal(kind).map_err(|error| {
        CommandError::new(ErrorKind::Internal, format!("cannot listen for signals: {error}"))
    })
}

/// Prints a line on standard output, with all of it visible, whoever wrote it. A reader that has gone away wants no more: that is no
/// error.
fn print_line(line: &str) -> Result<(), CommandError> {
    offer_line(&visible(line)).map(drop)
}

/// Prints a line on standard output as it is, and returns whether anybody still reads there.
fn offer_line(line: &str) -> Result<bool, CommandError> {
    use std::io::Write;
    match writeln!(std::io::stdout().lock(), "{line}") {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        // The terminal was closed.
        Err(error) if error.raw_os_error() == Some(HUNG_UP) && is_a_device(std::io::stdout()) => Ok(false),
        Err(error) => {
            Err(CommandError::new(ErrorKind::Internal, format!("cannot write to standard output: {error}")))
        }
    }
}

/// The error of a terminal that is no more.
const HUNG_UP: i32 = rustix::io::Errno::IO.raw_os_error();

fn is_a_device(file: impl std::os::fd::AsFd) -> bool {
    let kind = rustix::fs::fstat(file).map(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode));
    kind == Ok(rustix::fs::FileType::CharacterDevice)
}

/// Prints a value as JSON on one line.
fn print_json_line(value: &impl serde::Serialize) -> Result<(), CommandError> {
    offer_line(&json_line(value)?).map(drop)
}

/// Returns a value as JSON on one line, for standard output.
fn json_line(value: &impl serde::Serialize) -> Result<String, CommandError> {
    serde_json::to_string(value).map(for_reader).map_err(|error| no_json(&error))
}

/// Prints a value as indented JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| no_json(&error))?;
    offer_line(&for_reader(text)).map(drop)
}

/// Returns JSON as whoever reads standard output is to have it: a person sees all of it.
fn for_reader(json: String) -> String {
    if std::io::stdout().is_terminal() { visible_json(&json) } else { json }
}

fn no_json(error: &serde_json::Error) -> CommandError {
    CommandError::new(ErrorKind::Internal, format!("cannot write JSON: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_said_of_a_command_line_is_visible_and_each_argument_on_one_line() {
        for (args, shown) in [
            (&["codewalk", "r\u{202e}un"][..], "'r<U+202E>un'"),
            (&["codewalk", "x\u{3164}\u{fe0f}"], "'x<U+3164><U+FE0F>'"),
            (&["codewalk", "x\nerror: y"], "'x\u{23ce}error: y'"),
            (&["codewalk", "run", "a", "--timeout", "5\u{ad}d"], "'5<U+00AD>d'"),
            (&["codewalk", "--a\u{9b}"], "'--a<U+009B>'"),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            let error = Cli::try_parse_from(&args).unwrap_err();
            let said = unread(&args, &error).to_string();
            assert!(said.contains(shown), "{said:?}");
            assert!(!codewalk_core::visible::has_unseen(&said.replace('\n', "")), "{said:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn json_at_a_terminal_is_of_the_same_value_and_shows_nothing_unseen(
            texts: Vec<String>,
            codes in proptest::collection::vec(0_u32..0xe1000, 0..64),
        ) {
            let codes: String = codes.into_iter().filter_map(char::from_u32).collect();
            let value = serde_json::json!({ codes.clone(): texts, "a": codes });
            for json in [serde_json::to_string(&value), serde_json::to_string_pretty(&value)] {
                let shown = visible_json(&json.unwrap());
                let is_seen = !codewalk_core::visible::has_unseen(&shown.replace('\n', ""));
                proptest::prop_assert!(is_seen, "{:?}", shown);
                proptest::prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&shown).unwrap(), &value);
            }
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
