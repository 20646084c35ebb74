//! `codewalk sessions rebuild`: restores sessions that are missing from the store from agent output.

use std::process::ExitCode;

use codewalk_core::ids::SessionId;
use codewalk_core::routing::grammar::{TypedAnswer, answer};
use codewalk_core::terminal_text::visible;
use codewalk_protocol::words::short_id;
use codewalk_store::{SqliteStore, Store, StoreError};

use super::print::print_line;
use super::terminal::Terminal;
use crate::config::{Config, StorePlace};
use crate::error::{CommandError, ErrorKind};
use crate::{compose, rebuild};

/// What can be rebuilt, and what cannot.
const LOST: &str = "They can be rebuilt from agent output. Consents, approvals, summaries and requests that \
                    started no session cannot.";

pub(super) fn execute(config: &Config, yes: bool) -> Result<ExitCode, CommandError> {
    // Check this first, because opening a missing store creates one.
    let lost = rebuild::lost(config);
    if let Some(lost) = &lost {
        consent(&sentence(&lost.message(config)), yes)?;
    }
    let mut is_agreed = lost.is_some();
    let found = match unknown(config) {
        Err(error) if error.is_damaged_database() => {
            set_aside(config, &error, yes)?;
            is_agreed = true;
            unknown(config)
        }
        found => found,
    };
    let (mut store, unknown) = found?;
    if unknown.is_empty() {
        print_line("No sessions are missing from the store.")?;
        return Ok(ExitCode::SUCCESS);
    }
    if !is_agreed {
        let sessions = config.paths.sessions();
        let count = unknown.len();
        consent(
            &format!("Sessions in {} that are missing from the store: {count}.", sessions.display()),
            yes,
        )?;
    }
    let rebuilt = compose::block_on(async { Ok(rebuild::rebuild(config, store.as_mut(), unknown).await?) })?;
    for (id, why) in &rebuilt.skipped {
        print_line(&visible(&format!("skipped: {} ({why})", short_id(*id))))?;
    }
    print_line(&format!("Sessions rebuilt: {}. List them: codewalk sessions list", rebuilt.sessions))?;
    Ok(ExitCode::SUCCESS)
}

/// Opens the store, and finds the sessions that are missing from it.
fn unknown(config: &Config) -> Result<(Box<dyn Store>, Vec<SessionId>), StoreError> {
    let store = compose::open_anyway(config)?;
    let unknown = rebuild::unknown(config, store.as_ref())?;
    Ok((store, unknown))
}

/// Moves a damaged database aside, with consent.
fn set_aside(config: &Config, error: &StoreError, yes: bool) -> Result<(), CommandError> {
    let StorePlace::Sqlite(path) = &config.store else {
        return Err(CommandError::new(ErrorKind::Store, error));
    };
    consent(
        &format!(
            "The store {path:?} is damaged. It will be moved aside, and a new one built from the sessions \
             in {:?}. Stop all other codewalk processes first.",
            config.paths.sessions()
        ),
        yes,
    )?;
    let aside = SqliteStore::set_aside(path)?;
    print_line(&visible(&format!("Moved aside: {}", aside.display())))
}

fn consent(about: &str, yes: bool) -> Result<(), CommandError> {
    let about = visible(&format!("{about} {LOST}"));
    if yes {
        return print_line(&about);
    }
    let declined = |why: &str| CommandError::new(ErrorKind::Declined, format!("nothing was rebuilt: {why}"));
    let Some(mut terminal) = Terminal::open() else {
        print_line(&about)?;
        return Err(declined("no terminal to ask at").with_hint("add --yes"));
    };
    let typed = terminal.answer_to(&format!("{about}\nRebuild them? [y/N] ")).unwrap_or_default();
    if answer(&typed, 1) == TypedAnswer::Yes { Ok(()) } else { Err(declined("not confirmed")) }
}

/// Returns a message as a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map_or_else(String::new, |first| first.to_uppercase().to_string());
    format!("{first}{}.", letters.as_str())
}
