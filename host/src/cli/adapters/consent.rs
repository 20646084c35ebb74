//! Asks the operator whether to grant an adapter its requests, like the permissions of an app.

use codewalk_core::routing::grammar::{TypedAnswer, answer};
use codewalk_core::terminal_text::visible_line;
use codewalk_sandbox::{GrantRequest, Signer};

use super::credential::{credential_problem, credential_remedy};
use crate::cli::leaving::sent;
use crate::cli::print::print_line;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// How the operator consents.
#[derive(Clone, Copy)]
pub(super) struct Consent {
    /// Whether `--yes` was given.
    pub(super) given: bool,
    /// Whether only JSON is printed.
    pub(super) json: bool,
}

/// The question of whether to grant an adapter its requests, and to replace another component.
pub(super) struct GrantQuestion<'a> {
    pub(super) name: &'a str,
    pub(super) port: &'a str,
    pub(super) new: &'a [GrantRequest],
    /// The grants that were approved and are no longer requested.
    pub(super) dropped: &'a [GrantRequest],
    pub(super) replaced: Option<&'a Replacement>,
}

/// The replacement of a component by one of the same name.
pub(super) struct Replacement {
    pub(super) old: String,
    pub(super) old_signer: Option<Signer>,
    pub(super) new: String,
    pub(super) new_signer: Option<Signer>,
    /// Why the new component looks like an older version, if it does.
    pub(super) is_old: Option<String>,
    /// The grants that the new component inherits by its name.
    pub(super) inherited: Vec<String>,
}

impl Replacement {
    /// Returns whether this is an update: the same trusted key signed both, and the new one is not older. An
    /// older version may have faults that were fixed since.
    fn is_update(&self) -> bool {
        self.new_signer.is_some() && self.new_signer == self.old_signer && self.is_old.is_none()
    }

    fn lines(&self, name: &str) -> Vec<String> {
        let by = |signer: &Option<Signer>| match signer {
            Some(signer) => format!("signed by {signer}"),
            None => "not signed with a trusted key".to_owned(),
        };
        let mut lines = vec![
            format!("{name} already exists; this replaces it:"),
            format!("  old  {}, {}", self.old, by(&self.old_signer)),
            format!("  new  {}, {}", self.new, by(&self.new_signer)),
        ];
        lines.extend(self.is_old.clone());
        if self.inherited.is_empty() {
            lines.push("It inherits nothing from the old one.".to_owned());
        } else {
            lines.push(format!("It inherits from {name}:"));
            lines.extend(self.inherited.iter().map(|what| format!("  = {what}")));
        }
        lines
    }
}

/// Returns the author's reason for a request, as a line.
pub(super) fn why(request: &GrantRequest) -> Option<String> {
    (!request.why.is_empty()).then(|| format!("reason given: {:?}", visible_line(&request.why)))
}

impl GrantQuestion<'_> {
    /// Returns the question in lines.
    fn lines(&self, config: &Config) -> Vec<String> {
        let Self { name, port, new, dropped, replaced } = self;
        let mut lines = replaced.map_or_else(Vec::new, |replaced| replaced.lines(name));
        if !new.is_empty() {
            lines.push(format!("{name} asks for permission to send {}:", sent(port)));
        }
        for request in *new {
            lines.push(format!("  + {request}"));
            lines.extend(why(request).map(|why| format!("    {why}")));
            lines.extend(credential_problem(config, request).map(|problem| format!("    {problem}")));
            lines.extend(credential_remedy(config, request).map(|remedy| format!("    {remedy}")));
        }
        if !dropped.is_empty() {
            lines.push(format!("{name} no longer asks for:"));
            lines.extend(dropped.iter().map(|request| format!("  - {request}")));
        }
        lines.into_iter().map(|line| visible_line(&line)).collect()
    }

    /// Prints the question, and asks it if there is something to grant or replace.
    pub(super) fn settle(&self, config: &Config, consent: Consent) -> Result<(), CommandError> {
        let lines = self.lines(config);
        let replaces = self.replaced.is_some_and(|replaced| !replaced.is_update());
        if (self.new.is_empty() && !replaces) || consent.given {
            return if consent.json { Ok(()) } else { lines.iter().try_for_each(|line| print_line(line)) };
        }
        let declined = |why: &str| {
            let what = match replaces {
                true => format!("{} was not replaced", self.name),
                false => format!("nothing was granted to {}", self.name),
            };
            CommandError::new(ErrorKind::Declined, format!("{what}: {why}"))
        };
        let Some(mut terminal) = Terminal::open() else {
            lines.iter().filter(|_| !consent.json).try_for_each(|line| print_line(line))?;
            return Err(declined("no terminal to ask at").with_hint("add --yes to grant it without asking"));
        };
        let may_it = if replaces { "Replace it?" } else { "Grant it?" };
        let question = format!("{}\n{may_it} [y/N] ", lines.join("\n"));
        let typed = terminal.answer_to(&question).unwrap_or_default();
        if answer(&typed, 1) == TypedAnswer::Yes { Ok(()) } else { Err(declined("not confirmed")) }
    }
}
