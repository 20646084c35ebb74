//! The command line.

mod adapters;
mod announcement;
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

/// Routes a wish to a coding agent, asks before it acts, watches it and keeps the history.
#[derive(Debug, Parser)]
#[command(name = "codewalk", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do what a wish asks for, or answer the question that it is
    Run(RunArgs),
    /// Serve a program: commands and queries as lines of JSON in, what happens as lines of JSON out
    Headless,
    /// Answer a question about what goes on; nothing else comes of it
    Ask(AskArgs),
    /// Show the sessions there have been, stop them, resume them
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Show, make, add and test the adapters that route and summarise
    #[command(subcommand)]
    Adapters(adapters::AdaptersCommand),
    /// Say what works here, what does not, and what to do about it
    Doctor {
        /// Ask the adapters that use the network as well
        #[arg(long)]
        online: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep the key of a credential, e.g. groq, in a file that only you can read
    Login {
        /// The credential
        name: String,
    },
    /// Remove the key of a credential
    Logout {
        /// The credential
        name: String,
    },
    /// Print a script that completes codewalk's command line in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Show the whole way of a wish with a scripted agent in a scratch folder
    Demo,
    /// Write a manual page for each command into a folder
    #[command(hide = true)]
    ManPages {
        /// The folder
        folder: PathBuf,
    },
    /// Be the scripted agent of the demonstration
    #[command(name = DEMO_AGENT, hide = true)]
    DemoAgent,
    /// Be the compiler of an adapter
    #[command(name = codewalk_sandbox::COMPILE_ADAPTER, hide = true)]
    CompileAdapter { reserved: u64, executing: u64, memory: u64, niceness: i32 },
}

/// What the exit status of a run says.
const EXIT_STATUS: &str = "\
Exit status:
  0    it is done, or answered
  1    the agent failed, or nothing was done: it was not allowed what it asked for
  2    the command line makes no sense
  3    it was not consented to, or not understood
  4    the configuration, an adapter or the store cannot be used
  5    it is done in part: the agent was not allowed something that it asked for
  70   a fault of codewalk
  124  it took longer than --timeout
  130  it was interrupted";

/// `codewalk run`.
#[derive(Debug, Args)]
#[command(after_long_help = EXIT_STATUS)]
struct RunArgs {
    /// What you want; you are asked for it, or it is read from what is piped in, where it is missing
    prompt: Option<String>,
    /// Use this agent, whatever the wish says
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Work in this folder, whatever the wish says
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Start without asking what you chose yourself: your words, the default agent or --agent, the project you are in, name or
    /// give. What the agent asks for is still up to --permission
    #[arg(long, short)]
    yes: bool,
    /// How much the agent may do unasked; `ask` where nothing is said
    #[arg(long, value_enum)]
    permission: Option<Permission>,
    /// Stop after this time, e.g. 90s, 20m, 1h30m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t)]
    output_format: OutputFormat,
}

/// `codewalk ask`.
#[derive(Debug, Args)]
struct AskArgs {
    /// What you want to know; read from standard input where it is missing
    question: Option<String>,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t)]
    output_format: OutputFormat,
}

/// `codewalk sessions resume`.
#[derive(Debug, Args)]
#[command(after_long_help = EXIT_STATUS)]
struct ResumeArgs {
    /// Its identifier, the beginning or the end of it, the beginning of the end that is shown, or `last`
    id: String,
    /// What its agent is told; to continue where it left off by default
    prompt: Option<String>,
    /// How much the agent may do unasked in a new run: never more than it might before, and not everything; `ask` where nothing
    /// is said. A run that is on keeps what it has
    #[arg(long, value_enum)]
    permission: Option<Permission>,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t)]
    output_format: OutputFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Permission {
    /// It asks before it changes anything
    #[default]
    Ask,
    /// It may edit files in the project
    AcceptEdits,
    /// It may only plan
    Plan,
    /// It may do everything
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
    /// Text for people
    #[default]
    Text,
    /// One JSON object at the end
    Json,
    /// Each event as a line of JSON, then the object of `json`
    StreamJson,
}

#[derive(Debug, Subcommand)]
enum SessionsCommand {
    /// List sessions, those that changed last first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// How many at most
        #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show one session
    Show {
        /// Its identifier, the beginning or the end of it, the beginning of the end that is shown, or `last`
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print what the agent of a session said and did
    Log {
        /// Its identifier, the beginning or the end of it, the beginning of the end that is shown, or `last`
        id: String,
        /// Print each entry as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop the agent of a session, whoever runs it
    Stop {
        /// Its identifier, the beginning or the end of it, the beginning of the end that is shown, or `last`
        id: String,
    },
    /// End the present turn of an agent; with nothing more to do it ends, and can be resumed
    Interrupt {
        /// Its identifier, the beginning or the end of it, the beginning of the end that is shown, or `last`
        id: String,
    },
    /// Go on with a session that has ended, or tell one that runs something more
    Resume(ResumeArgs),
    /// Read sessions again that the store does not know, from what their agents printed
    Rebuild {
        /// Do so without asking
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
    let mut tip = "put all of your words in one pair of quotes".to_owned();
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
        let number: u64 = digits.parse().map_err(|_| "write it like 90s, 20m, 1h or 1h30m".to_owned())?;
        let factor = match unit {
            "" if parts == 0 => 1,
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "" => return Err(format!("{number} of what? use s, m or h")),
            unit => return Err(format!("there is no unit {unit:?}; use s, m or h")),
        };
        seconds = seconds.zip(number.checked_mul(factor)).and_then(|(sum, part)| sum.checked_add(part));
        (rest, parts) = (after, parts + 1);
    }
    match seconds {
        Some(0) | None => Err("that is no time to work in".to_owned()),
        Some(seconds) if seconds > MAX_TIMEOUT => Err("a year is the longest".to_owned()),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
    }
}

/// Listens to a signal.
fn listen(kind: SignalKind) -> Result<Signal, CommandError> {
    signal(kind)
        .map_err(|error| CommandError::new(ErrorKind::Internal, format!("cannot listen to signals: {error}")))
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
