//! `codewalk sessions rebuild`: reads sessions again that the store does not know, from what their agents printed.

use std::process::ExitCode;

use codewalk_core::routing::grammar::{TypedAnswer, answer};
use codewalk_core::visible::visible;

use super::print_line;
use super::result::short_id;
use super::terminal::Terminal;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};
use crate::{compose, rebuild};

/// What is lost, whatever is done.
const LOST: &str = "They can be read again from what their agents printed. Who consented, who allowed what, summaries and \
                    what led to no session are not kept there.";

pub(super) fn execute(config: &Config, yes: bool) -> Result<ExitCode, CommandError> {
    // Looked at first: opening an empty database makes it one that is not.
    let lost = rebuild::lost(config).is_some();
    if lost {
        consent(config, "some", yes)?;
    }
    let mut store = compose::open_anyway(config)?;
    let failed = |error| compose::store_error(&error);
    let unknown = rebuild::unknown(config, store.as_ref()).map_err(failed)?;
    if unknown.is_empty() {
        print_line("There are no sessions that the store does not know.")?;
        return Ok(ExitCode::SUCCESS);
    }
    if !lost {
        consent(config, &unknown.len().to_string(), yes)?;
    }
    let rebuilt = compose::block_on(async {
        rebuild::rebuild(config, store.as_mut(), unknown).await.map_err(|error| compose::store_error(&error))
    })?;
    for (id, why) in &rebuilt.skipped {
        print_line(&visible(&format!("left out: {} ({why})", short_id(*id))))?;
    }
    print_line(&format!("Read again: {} sessions. See them with: codewalk sessions list", rebuilt.sessions))?;
    Ok(ExitCode::SUCCESS)
}

fn consent(config: &Config, how_many: &str, yes: bool) -> Result<(), CommandError> {
    let sessions = config.paths.sessions();
    let about = visible(&format!(
        "In {} lie sessions ({how_many}) that the store does not know. {LOST}",
        sessions.display()
    ));
    if yes {
        return print_line(&about);
    }
    let declined =
        |why: &str| CommandError::new(ErrorKind::Declined, format!("nothing was read again: {why}"));
    let Some(mut terminal) = Terminal::open() else {
        print_line(&about)?;
        return Err(declined("there is no terminal to ask at").with_hint("add --yes"));
    };
    let said = terminal.answer_to(&format!("{about}\nRead them again? [y/N] ")).unwrap_or_default();
    if answer(&said, 1) == TypedAnswer::Yes { Ok(()) } else { Err(declined("you did not say yes")) }
}
