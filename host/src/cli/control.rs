//! Stops, interrupts and prompts sessions, in whichever process they run.

use std::time::{Duration, Instant};

use codewalk_core::command::{Command, ControlAction};
use codewalk_core::origin::Channel;
use codewalk_core::session::Session;
use codewalk_core::terminal_text::shortened;
use codewalk_protocol::words::short_id;
use codewalk_store::Store;

use super::front_end::origin;
use super::print::print_line;
use crate::compose::{self, App};
use crate::config::Config;
use crate::driver::{CommandOutcome, Output};
use crate::error::{CommandError, ErrorKind};

/// How long a session may take to end once its agent is stopped.
const END: Duration = Duration::from_secs(20);
/// How often the state of the session is checked.
const LOOK: Duration = Duration::from_millis(50);

/// Stops or interrupts a session.
pub(super) fn end(
    config: &Config,
    store: &dyn Store,
    session: &Session,
    action: ControlAction,
) -> Result<(), CommandError> {
    if session.state.has_ended() {
        let state = session.state.as_str();
        let message = format!("session {} has already ended ({state})", short_id(session.id));
        return Err(CommandError::new(ErrorKind::Usage, message));
    }
    tell(config, Command::Control { session: session.id, action, flag: None })?;
    if action == ControlAction::Stop {
        await_end(store, session)?;
        return print_line(&format!("stopped {}", named(session)));
    }
    print_line(&format!("interrupted {}", named(session)))
}

/// Waits for the effect of a request on a session, and describes it. Returns `None` if there is more to show.
pub(super) fn await_control(
    config: &Config,
    session: &Session,
    action: ControlAction,
) -> Result<Option<String>, CommandError> {
    let how = match action {
        ControlAction::Stop => {
            await_end(&*compose::open_store(config)?, session)?;
            "stopped"
        }
        ControlAction::Interrupt => "interrupted",
        ControlAction::Resume => return Ok(None),
    };
    let (agent, project) = (shortened(&session.agent, 40), shortened(&session.project.name, 40));
    Ok(Some(format!("{how}: {agent} in {project} (session {})", short_id(session.id))))
}

/// Reports that a session was stopped because its process had ended.
pub(super) fn report_settled(session: &Session) -> Result<(), CommandError> {
    let state = session.state.as_str();
    print_line(&format!(
        "stopped {}: its codewalk process had ended, so the session is {state}",
        named(session)
    ))
}

/// Sends a command and waits for its result.
pub(super) fn tell(config: &Config, command: Command) -> Result<(), CommandError> {
    let handled = compose::block_on(async {
        let App { handle, mut outputs, .. } = compose::start(config, &[]).await?;
        let given = handle.command(&origin(Channel::Terminal, "sessions"), command);
        loop {
            match outputs.recv().await {
                Some(Output::Handled(token, handled)) if token == given => return Ok(handled),
                Some(Output::StoreFailed(error)) => return Err(error.into()),
                Some(_) => {}
                None => return Err(compose::driver_stopped()),
            }
        }
    })?;
    match handled {
        CommandOutcome::Accepted { .. } => Ok(()),
        CommandOutcome::Refused { message } => Err(CommandError::new(ErrorKind::Usage, message)),
    }
}

/// Waits until the owner of a session has recorded its end.
fn await_end(store: &dyn Store, session: &Session) -> Result<(), CommandError> {
    let deadline = Instant::now() + END;
    loop {
        let now = store.session(session.id)?;
        if now.is_none_or(|session| session.state.has_ended()) {
            return Ok(());
        }
        if Instant::now() > deadline {
            let message = format!("{} has not ended yet after the stop request", named(session));
            return Err(CommandError::new(ErrorKind::Agent, message)
                .with_hint(format!("show its state: codewalk sessions show {}", short_id(session.id))));
        }
        std::thread::sleep(LOOK);
    }
}

pub(super) fn named(session: &Session) -> String {
    format!(
        "{} in {} ({})",
        shortened(&session.agent, 40),
        shortened(&session.project.name, 40),
        short_id(session.id)
    )
}
