//! The command line.

mod adapters;
mod announcement;
mod args;
mod artifacts;
mod clock;
mod control;
mod deferred_error;
mod demo;
mod doctor;
mod ending;
mod find_session;
mod front_end;
mod headless;
mod hidden_input;
mod leaving;
mod load;
mod log;
mod login;
mod next;
mod open_question;
mod permission;
mod print;
mod progress;
mod projects;
mod rebuild;
mod remedy;
mod result;
mod rows;
mod run;
mod run_loop;
#[cfg(test)]
pub(crate) mod samples;
mod sessions;
mod signals;
mod terminal;
mod words;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};
use codewalk_core::terminal_text::{visible, visible_line};

use crate::config::DEMO_AGENT;
use crate::error::{CommandError, ErrorKind};
use crate::private;
use args::{AskArgs, RunArgs, SessionsCommand};
use load::config;
use print::offer_line;

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

impl Cli {
    /// Parses the command line. If it is invalid, prints the error with invisible characters made visible,
    /// and exits.
    pub fn read() -> Self {
        let args: Vec<OsString> = std::env::args_os().collect();
        Self::try_parse_from(&args).unwrap_or_else(|error| unread(&args, &error).exit())
    }

    /// Asks the user at the terminal for a request, or prints the available commands for a program.
    fn without_command() -> ExitCode {
        if std::io::stdin().is_terminal() {
            return Self::parse_from(["codewalk", "run"]).execute();
        }
        // This prints the help and exits.
        Self::command().arg_required_else_help(true).get_matches_from(["codewalk"]);
        ExitCode::from(2)
    }

    /// Executes the command.
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
                    let what = format!("cannot write manual pages to {}", folder.display());
                    CommandError::because(ErrorKind::Usage, what, error)
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

/// Returns clap's error about an invalid command line, with every argument visible and on one line.
fn unread(args: &[OsString], error: &clap::Error) -> clap::Error {
    let shown = args.iter().map(|arg| visible_line(&arg.to_string_lossy()));
    match Cli::try_parse_from(shown) {
        Err(error) => with_quotes(args, error),
        // The invalid part consists only of invisible characters.
        Ok(_) => Cli::command().error(error.kind(), visible(&error.kind().to_string())),
    }
}

/// Suggests quotes for a request that was given as several arguments.
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
    // Words with a special meaning to the shell need other quotes.
    if words.iter().all(|word| is_word(word) && !word.contains(['"', '$', '`', '\\', '!'])) {
        tip.push_str(&format!(": codewalk {command} \"{}\"", words.join(" ")));
    }
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
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
    fn errors_about_a_command_line_are_visible_and_on_one_line() {
        for (args, shown) in [
            (&["codewalk", "r\u{202e}un"][..], "'r<U+202E>un'"),
            (&["codewalk", "x\u{3164}\u{fe0f}"], "'x<U+3164><U+FE0F>'"),
            (&["codewalk", "x\nerror: y"], "'x\u{23ce}error: y'"),
            (&["codewalk", "run", "a", "--timeout", "5\u{ad}d"], "'5<U+00AD>d'"),
            (&["codewalk", "--a\u{9b}"], "'--a<U+009B>'"),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            let error = Cli::try_parse_from(&args).unwrap_err();
            let shown_error = unread(&args, &error).to_string();
            assert!(shown_error.contains(shown), "{shown_error:?}");
            assert!(
                !codewalk_core::terminal_text::has_unseen(&shown_error.replace('\n', "")),
                "{shown_error:?}"
            );
        }
    }
}
