//! `codewalk adapters`.

mod add;
mod approve;
mod check;
mod consent;
mod credential;
mod difference;
mod find;
mod ignored;
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

pub(super) use credential::unused_grants;
pub(super) use list::{print_row_briefly, rows, unfit_because};
pub(super) use row::{AdapterRow, State};

use crate::cli::load;
use crate::error::CommandError;
use consent::Consent;
use new::{Language, Port};

#[derive(Debug, Subcommand)]
pub(super) enum AdaptersCommand {
    /// List the adapters in use, in chain order, and the others
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one adapter: its state, grants, requests and statistics
    Show {
        /// Name of the adapter
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check whether a file is a usable adapter, and what it needs
    Check {
        /// Path of the component
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Create a project for a new adapter
    New {
        /// Name of the adapter and of its folder
        name: String,
        /// Kind of adapter
        #[arg(long, value_enum)]
        world: Port,
        /// Programming language
        #[arg(long, value_enum, default_value_t)]
        lang: Language,
    },
    /// Add a component to the registry, or replace one
    Add {
        /// Path of the component
        file: PathBuf,
        /// Name in the registry; by default, the component's own
        #[arg(long)]
        name: Option<String>,
        /// Grant what it asks for, and replace, without asking
        #[arg(long, short)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove an added adapter and everything stored about it
    Remove {
        /// Name of the adapter
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Grant an adapter what it asks for
    Approve {
        /// Name of the adapter
        name: String,
        /// Grant it without asking
        #[arg(long, short)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Roll back an adapter to its previous version
    Rollback {
        /// Name of the adapter
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Sign a component, so that others can trust its updates
    Sign {
        /// Path of the component; the signature is FILE.minisig
        file: PathBuf,
        /// File of your minisign secret key; created if omitted
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Verify the signature of a component, in FILE.minisig
    Verify {
        /// Path of the component
        file: PathBuf,
        /// Trust only this public key, not the file of trusted keys
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Test a component against expected answers
    Test {
        /// Path of the component
        file: PathBuf,
        /// File of cases: a JSON object, an array, or JSON lines
        #[arg(long, value_name = "FILE")]
        cases: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Replay a session's adapter calls, and show what differs
    Replay {
        /// Session ID or short ID, the start of either, or `last`
        session: String,
        /// Replay on this component, not on the original ones
        #[arg(long, value_name = "FILE")]
        with: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Executes a command about adapters.
pub(super) fn execute(command: AdaptersCommand) -> Result<ExitCode, CommandError> {
    let config = load::config;
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
