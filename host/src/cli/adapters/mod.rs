//! `codewalk adapters`.

mod add;
mod approve;
mod check;
mod consent;
mod difference;
mod find;
mod left_out;
mod list;
mod new;
mod patience;
mod registry;
mod replay;
mod row;
mod show;
mod sign;
mod test;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

pub(super) use list::{print_row_briefly, rows, unfit_because};
pub(super) use row::{AdapterRow, State, leaving};

use crate::error::CommandError;
use consent::Consent;
use new::{Language, Port};

#[derive(Debug, Subcommand)]
pub(super) enum AdaptersCommand {
    /// List the adapters in use, in the order they are asked, and those that were added
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what one adapter is, whether it serves, what it asks for and was given, and what was counted
    Show {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say whether a file is an adapter, of which kind, what it asks for and what is wrong with it
    Check {
        /// The component
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a folder with an adapter to begin with, which builds by itself
    New {
        /// Its name, which is also the name of the folder
        name: String,
        /// What it is to be
        #[arg(long, value_enum)]
        world: Port,
        /// What it is written in
        #[arg(long, value_enum, default_value_t)]
        lang: Language,
    },
    /// Add a component to those that a chain can name, or replace one that was added
    Add {
        /// The component
        file: PathBuf,
        /// Its name here; the one that it gives itself by default
        #[arg(long)]
        name: Option<String>,
        /// Allow it what it asks for, and to take the place of another one, without being asked
        #[arg(long, short)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove an adapter that was added, with all that is known of it
    Remove {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Allow an adapter what it asks for
    Approve {
        /// Its name
        name: String,
        /// Allow it without being asked
        #[arg(long, short)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Go back to the version of an adapter before, even one that was never used
    Rollback {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Sign a component, so that those who trust your key know its later versions as yours
    Sign {
        /// The component; its signature is written beside it, as FILE.minisig
        file: PathBuf,
        /// Your secret key, as minisign or this command made it; one is made where this is left out
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Say whose signature a component has: FILE.minisig beside it, of a key that you trust
    Verify {
        /// The component
        file: PathBuf,
        /// Trust this public key, and not those in the file of trusted keys
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Say whether a component answers as cases say it should; those for another port are left out
    Test {
        /// The component
        file: PathBuf,
        /// What it is asked and what is expected, as in a recording: a JSON object, an array of them, or one in each line
        #[arg(long, value_name = "FILE")]
        cases: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask again what adapters were asked for a session, and show what differs
    Replay {
        /// The session: its identifier, the beginning or the end of it, or `last`
        session: String,
        /// Ask this component, and not the ones that answered
        #[arg(long, value_name = "FILE")]
        with: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does what the command line says about adapters.
pub(super) fn execute(command: AdaptersCommand) -> Result<ExitCode, CommandError> {
    let config = super::config;
    match command {
        AdaptersCommand::List { json } => list::execute(&config()?, json),
        AdaptersCommand::Show { name, json } => show::execute(&config()?, &name, json),
        AdaptersCommand::Check { file, json } => check::execute(&file, json),
        AdaptersCommand::New { name, world, lang } => new::execute(&name, world, lang),
        AdaptersCommand::Add { file, name, yes, json } => {
            add::execute(&config()?, &file, name, Consent { given: yes, json })
        }
        AdaptersCommand::Remove { name, json } => registry::remove(&config()?, &name, json),
        AdaptersCommand::Approve { name, yes, json } => {
            approve::execute(&config()?, &name, Consent { given: yes, json })
        }
        AdaptersCommand::Rollback { name, json } => registry::roll_back(&config()?, &name, json),
        AdaptersCommand::Sign { file, key } => sign::sign(&file, key.as_deref()),
        AdaptersCommand::Verify { file, key } => sign::verify(&file, key.as_deref()),
        AdaptersCommand::Test { file, cases, json } => test::execute(&file, &cases, json),
        AdaptersCommand::Replay { session, with, json } => {
            replay::execute(&config()?, &session, with.as_deref(), json)
        }
    }
}
