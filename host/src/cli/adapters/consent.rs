//! Asks the operator whether an adapter may have what it asks for, as one is asked about an app's permissions.

use codewalk_core::routing::grammar::{TypedAnswer, answer};
use codewalk_core::text::printable;
use codewalk_sandbox::GrantRequest;

use super::row::{credential_problem, sent};
use crate::cli::print_line;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// How the command line wants it.
#[derive(Clone, Copy)]
pub(super) struct Consent {
    /// It was given beforehand, by `--yes`.
    pub(super) given: bool,
    /// Nothing but JSON is printed.
    pub(super) json: bool,
}

/// What an adapter asks for.
pub(super) struct Asked<'a> {
    pub(super) name: &'a str,
    pub(super) port: &'a str,
    pub(super) new: &'a [GrantRequest],
    /// What it was allowed and asks for no longer.
    pub(super) dropped: &'a [GrantRequest],
}

impl Asked<'_> {
    /// Says what it is about, line by line.
    fn lines(&self, config: &Config) -> Vec<String> {
        let Self { name, port, new, dropped } = self;
        let mut lines = Vec::new();
        if !new.is_empty() {
            lines.push(format!("{name} asks to be allowed to send {}:", sent(port)));
        }
        for request in *new {
            lines.push(format!("  + {request}"));
            if let Some(credential) = &request.credential
                && let Some(problem) = credential_problem(config, credential)
            {
                lines.push(format!("    it cannot serve without the credential {credential:?}: {problem}"));
            }
        }
        if !dropped.is_empty() {
            lines.push(format!("{name} was allowed this, and does not ask for it any more:"));
            lines.extend(dropped.iter().map(|request| format!("  - {request}")));
        }
        lines.into_iter().map(|line| printable(&line)).collect()
    }

    /// Says what it is about and asks, where there is something to be allowed.
    pub(super) fn settle(&self, config: &Config, consent: Consent) -> Result<(), CommandError> {
        let lines = self.lines(config);
        if self.new.is_empty() || consent.given {
            return if consent.json { Ok(()) } else { lines.iter().try_for_each(|line| print_line(line)) };
        }
        let declined = |why: &str| {
            CommandError::new(ErrorKind::Declined, format!("nothing was allowed to {}: {why}", self.name))
        };
        let Some(mut terminal) = Terminal::open() else {
            lines.iter().filter(|_| !consent.json).try_for_each(|line| print_line(line))?;
            return Err(declined("there is no terminal to ask at")
                .with_hint("add --yes where it is to be allowed without asking"));
        };
        let question = format!("{}\nMay it? [y/N] ", lines.join("\n"));
        let said = terminal.answer_to(&question).unwrap_or_default();
        if answer(&said, 1) == TypedAnswer::Yes { Ok(()) } else { Err(declined("you did not say yes")) }
    }
}
