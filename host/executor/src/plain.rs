//! Programs that work on one prompt and end. Their output is plain text.

use codewalk_core::command::Decision;
use codewalk_core::ports::Launch;
use codewalk_core::session::Observation;

use crate::error::ExecutorError;
use crate::lines::Line;
use crate::project::Project;
use crate::protocol::{Activity, AgentProtocol, DecideError, Decoded, Interrupt, Unfinished};

/// The protocol of a program that takes its prompt as an argument and nothing after that.
#[derive(Debug)]
pub(crate) struct PlainProtocol;

impl AgentProtocol for PlainProtocol {
    fn decode(&mut self, _: &Line<'_>) -> Option<Decoded> {
        None
    }

    fn prompt(&mut self, _: &str, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn decide(&mut self, _: &str, _: &str, _: &Decision) -> Result<Vec<String>, DecideError> {
        Err(DecideError::NotOpen)
    }

    fn still_open(&self, _: &str) -> Option<Observation> {
        None
    }

    fn interrupt(&mut self) -> Interrupt {
        Interrupt::Signal
    }

    /// It works until it ends.
    fn activity(&self) -> Activity {
        Activity::Working
    }

    fn close(&mut self) -> Vec<String> {
        Vec::new()
    }

    fn unfinished(&self) -> Unfinished {
        Unfinished::default()
    }
}

/// Fills in a command's arguments. A prompt that could be mistaken for an option is rejected.
pub(crate) fn arguments(
    argv: &[String],
    launch: &Launch,
    project: &Project,
) -> Result<Vec<String>, ExecutorError> {
    let mut args: Vec<String> = Vec::new();
    for template in argv.iter().skip(1) {
        let arg = filled(template, launch, project);
        let options_are_over = || args.iter().any(|before| before == "--");
        if arg.starts_with('-') && !template.starts_with('-') && !options_are_over() {
            return Err(ExecutorError::PromptAsOption { agent: launch.agent.clone() });
        }
        args.push(arg);
    }
    Ok(args)
}

/// Fills in a template in one pass, so that `{project}` in a prompt stays as it is.
fn filled(template: &str, launch: &Launch, project: &Project) -> String {
    let project = project.path().to_string_lossy();
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        rest = if let Some(after) = from.strip_prefix("{prompt}") {
            filled.push_str(&launch.prompt);
            after
        } else if let Some(after) = from.strip_prefix("{project}") {
            filled.push_str(&project);
            after
        } else {
            filled.push('{');
            &from[1..]
        };
    }
    filled + rest
}
