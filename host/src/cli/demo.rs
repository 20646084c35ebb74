//! `codewalk demo`: a scripted end-to-end run in a scratch folder.

use std::process::ExitCode;

use codewalk_core::command::{Constraints, Project, Utterance};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::permission::PermissionMode;
use codewalk_protocol::words::short_id;

use super::print::print_line;
use super::progress::Progress;
use super::run::error_of;
use super::run_loop::RunLoop;
use super::{announcement, ending};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};
use crate::screen::labelled;

/// The request of the demo.
const REQUEST: &str = "write a friendly greeting into a new file and show me what changed";
/// The scripted agent's name.
const AGENT: &str = "demo";
/// The name of the scratch project.
const PROJECT: &str = "playground";

pub(super) fn execute(config: Config) -> Result<ExitCode, CommandError> {
    let folder = config.paths.state.join("demo").join(std::process::id().to_string());
    std::fs::create_dir_all(&folder).map_err(|error| {
        let what = format!("cannot create the folder {}", folder.display());
        CommandError::because(ErrorKind::Internal, what, error)
    })?;
    print_line(
        "This demo is scripted: its agent is a small program inside codewalk that speaks the Claude Code",
    )?;
    print_line("protocol. The router, summarizer, consent, process, log and store are real.\n")?;
    let progress = Progress::Shown;
    progress.line(&format!("request {REQUEST}"));
    let utterance = Utterance {
        text: REQUEST.to_owned(),
        constraints: Constraints { agent: Some(AGENT.to_owned()), project: Some(PROJECT.to_owned()) },
        default_project: None,
        permission: PermissionMode::Ask,
        consent_flag: None,
        attended: true,
        question: false,
        answers: None,
        pasted: false,
    };
    let origin = Origin { channel: Channel::Demo, name: format!("demo-{}", std::process::id()) };
    let project = Project { name: PROJECT.to_owned(), path: folder.to_string_lossy().into_owned() };
    let (follow, end) = compose::block_on(async {
        let running = compose::start(&config, &[project]).await?;
        announcement::announce(&config, progress)?;
        Ok(RunLoop::new(running, origin, progress)?.carry_out(utterance).await)
    })?;
    if let Some(session) = follow.own_session() {
        if let Some(summary) = &session.summary {
            print_line(&format!("\n{}\n", labelled("summary", &summary.text)))?;
        }
        ending::tell_details(session, progress);
        print_line(&format!("\nShow it again: codewalk sessions show {}", short_id(session.id)))?;
    }
    error_of(&follow, end, None).map_or(Ok(ExitCode::SUCCESS), Err)
}
