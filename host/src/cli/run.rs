//! `codewalk run`: one request, from its text to the end of its session.

use std::future::pending;
use std::io::{IsTerminal, Read};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use codewalk_core::command::{Constraints, MAX_UTTERANCE, Project, Utterance};
use codewalk_core::consent::SAID_NO;
use codewalk_core::event::UtteranceResult;
use codewalk_core::intent::{Intent, Proposal};
use codewalk_core::orchestrator::RESUME_PROMPT;
use codewalk_core::origin::Channel;
use codewalk_core::permission::{PermissionMode, not_enforceable};
use codewalk_core::port_reply::PortError;
use codewalk_core::routing::decision::{NO_PROJECT, NOT_ABOUT_SESSIONS};
use codewalk_core::session::Session;
use codewalk_core::summarization;
use codewalk_core::terminal_text::visible;
use codewalk_protocol::follow::Follow;
use tokio::signal::unix::SignalKind;
use tokio::time::sleep_until;

use super::args::{AskArgs, CONSENT_FLAG, OutputFormat, ResumeArgs, RunArgs, timed_out};
use super::artifacts::artifact_line;
use super::front_end::origin;
use super::load::config;
use super::print::{SCHEMA, print_json_line, print_line};
use super::progress::Progress;
use super::projects::Projects;
use super::result::{RouterView, RunResult, SessionView, SummarizerView, failure};
use super::run_loop::{End, RunLoop};
use super::signals::listen;
use super::terminal::Terminal;
use super::{announcement, control, ending, permission, terminal};
use crate::compose::{self, AdapterStatsGuard};
use crate::config::Config;
use crate::driver;
use crate::error::{CommandError, ErrorKind};
use crate::screen;

/// The name of this front end.
const FRONT_END: &str = "run";
/// Printed when codewalk only waits for a compilation.
const STILL_LOADING: &str =
    "An adapter is still compiling, which happens only once. Press Ctrl-C to finish it next time.";
/// Commands that show how to give a request.
const RUN_EXAMPLE: &str = "codewalk run \"fix the flaky login test\"";
const ASK_EXAMPLE: &str = "codewalk ask \"what is running?\"";
/// How many artifacts a sentence lists.
const MAX_LEFT: usize = 5;

pub(super) fn execute(args: RunArgs) -> Result<ExitCode, CommandError> {
    let format = args.output_format;
    let carried_out = |config: Config| RunInput::read(&config, args, RUN_EXAMPLE)?.carry_out(&config);
    finish(config().and_then(carried_out), format)
}

/// `codewalk ask`: a question, which never starts anything.
pub(super) fn ask(args: AskArgs) -> Result<ExitCode, CommandError> {
    let format = args.output_format;
    let args = RunArgs {
        prompt: args.question,
        agent: None,
        project: None,
        yes: false,
        permission: None,
        timeout: None,
        output_format: format,
    };
    let answered = |config: Config| {
        let mut input = RunInput::read(&config, args, ASK_EXAMPLE)?;
        input.utterance.question = true;
        input.carry_out(&config)
    };
    finish(config().and_then(answered), format)
}

/// `codewalk sessions resume`: a new run of a session that has ended.
pub(super) fn resume(config: &Config, session: Session, args: ResumeArgs) -> Result<ExitCode, CommandError> {
    let format = args.output_format;
    let prompt = args.prompt.unwrap_or_else(|| RESUME_PROMPT.to_owned());
    let requested = args.permission.map(PermissionMode::from);
    if let Some(other) = requested.and_then(|requested| permission::other_than(&session, requested)) {
        Progress::for_format(format).important(&other);
    }
    if let Some(holds) = session.limit().and_then(|limit| limit.words(driver::now())) {
        Progress::for_format(format).important(&format!("{}: {holds}; trying anyway", session.agent));
    }
    let done = converse(config, &[], format, None, |mut run| {
        if let Some(terminal) = Terminal::open() {
            run.attend(terminal);
        }
        run.resume(session, prompt, requested.unwrap_or_default())
    });
    finish(done, format)
}

/// How a run ended.
struct RunEnd {
    follow: Follow,
    error: Option<CommandError>,
    /// The statistics of the adapters in use.
    adapters: AdapterStatsGuard,
    /// When the time limit expires.
    deadline: Option<Instant>,
    /// Its effect on a session of another process.
    control: Option<String>,
}

fn finish(done: Result<RunEnd, CommandError>, format: OutputFormat) -> Result<ExitCode, CommandError> {
    match done {
        Ok(RunEnd { follow, error, adapters, deadline, control }) => {
            match control.filter(|_| format == OutputFormat::Text) {
                Some(done) => print_line(&done)?,
                None => report(&follow, error.as_ref(), format)?,
            }
            let is_interrupted = error.as_ref().is_some_and(|error| error.kind == ErrorKind::Interrupted);
            if adapters.are_loading() && !is_interrupted && deadline.is_none_or(|end| Instant::now() < end) {
                Progress::for_format(format).important(STILL_LOADING);
                finish_loading(&adapters, deadline)?;
            }
            Ok(error.map_or(ExitCode::SUCCESS, |error| error.exit_code()))
        }
        // A program gets a result even for a request that never started.
        Err(error) if format != OutputFormat::Text => {
            report(&Follow::new(origin(Channel::Terminal, FRONT_END), Vec::new()), Some(&error), format)?;
            Ok(error.exit_code())
        }
        Err(error) => Err(error),
    }
}

/// Waits for adapters that are still being compiled after another one has answered. Otherwise the next
/// request would have to compile them again.
fn finish_loading(adapters: &AdapterStatsGuard, deadline: Option<Instant>) -> Result<(), CommandError> {
    compose::block_on(async {
        let (mut interrupts, mut terminations) =
            (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        let mut hang_ups = listen(SignalKind::hangup())?;
        let over = async {
            match deadline {
                Some(deadline) => sleep_until(deadline.into()).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = adapters.loaded() => {}
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
            _ = hang_ups.recv() => {}
            () = over => {}
        }
        Ok(())
    })
}

/// The input of a run.
struct RunInput {
    utterance: Utterance,
    /// The permission given by the flag.
    permission: Option<PermissionMode>,
    projects: Vec<Project>,
    timeout: Option<Duration>,
    format: OutputFormat,
    terminal: Option<Terminal>,
    /// Why the current folder is not a project; reported only if a project is missing.
    nowhere: Option<CommandError>,
}

impl RunInput {
    fn read(config: &Config, args: RunArgs, example: &str) -> Result<Self, CommandError> {
        let mut projects = Projects::new(config);
        let wanted = args.project.as_deref().map(|folder| projects.wanted(folder)).transpose()?;
        let (default_project, nowhere) =
            projects.here().map_or_else(|error| (None, Some(error)), |here| (here, None));
        if let Some(agent) = &args.agent
            && !config.agents.contains_key(agent)
        {
            let known: Vec<&str> = config.agents.keys().map(String::as_str).collect();
            return Err(CommandError::new(ErrorKind::Usage, format!("unknown agent {agent:?}"))
                .with_hint(format!("known agents: {}", known.join(", "))));
        }
        let permission = args.permission.map(PermissionMode::from);
        if let Some(agent) = &args.agent
            && matches!(permission, Some(PermissionMode::Plan | PermissionMode::AcceptEdits))
            && config.agents.get(agent).is_some_and(|spec| !spec.converses())
        {
            return Err(CommandError::new(ErrorKind::Usage, not_enforceable(agent))
                .with_hint("leave out --permission, or choose an agent of kind \"claude\""));
        }
        let terminal = Terminal::open();
        let text = match args.prompt {
            Some(prompt) => prompt,
            // The user is asked for it at the terminal.
            None if terminal.is_some() && std::io::stdin().is_terminal() => String::new(),
            None => read_stdin(example)?,
        };
        let utterance = Utterance {
            text,
            constraints: Constraints { agent: args.agent, project: wanted },
            default_project,
            permission: permission.unwrap_or_default(),
            consent_flag: args.yes.then(|| CONSENT_FLAG.to_owned()),
            attended: terminal.is_some(),
            question: false,
            answers: None,
            pasted: false,
        };
        let projects = projects.added;
        let (timeout, format) = (args.timeout, args.output_format);
        Ok(Self { utterance, permission, projects, timeout, format, terminal, nowhere })
    }

    fn carry_out(self, config: &Config) -> Result<RunEnd, CommandError> {
        let Self { utterance, permission, projects, timeout, format, terminal, nowhere } = self;
        let mut done = converse(config, &projects, format, timeout, |mut run| {
            if let Some(terminal) = terminal {
                run.attend(terminal);
            }
            run.permission = permission;
            run.carry_out(utterance)
        })?;
        if let Some(error) = &mut done.error
            && error.hint.as_deref() == Some(NO_PROJECT)
        {
            *error = CommandError { kind: error.kind, ..nowhere.unwrap_or_else(no_project) };
        }
        if done.error.is_none()
            && let Some((session, action)) = done.follow.controlled()
        {
            match control::await_control(config, session, action) {
                Ok(control) => done.control = control,
                Err(error) => done.error = Some(error),
            }
        }
        Ok(done)
    }
}

/// Starts everything that a run needs, and runs it to its end.
fn converse<F: Future<Output = (Follow, End)>>(
    config: &Config,
    projects: &[Project],
    format: OutputFormat,
    timeout: Option<Duration>,
    carry_on: impl FnOnce(RunLoop) -> F,
) -> Result<RunEnd, CommandError> {
    let progress = Progress::for_format(format);
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let (follow, end, adapters) = compose::block_on(async {
        let running = compose::start(config, projects).await?;
        let adapters = running.counted.clone();
        if format == OutputFormat::Text {
            announcement::announce(config, progress)?;
        }
        let mut run = RunLoop::new(running, origin(Channel::Terminal, FRONT_END), progress)?;
        run.stream = format == OutputFormat::StreamJson;
        run.timeout = timeout;
        let (follow, end) = carry_on(run).await;
        Ok((follow, end, adapters))
    })?;
    let error = error_of(&follow, end, timeout);
    Ok(RunEnd { follow, error, adapters, deadline, control: None })
}

/// Returns the error that a request ended with, if any.
pub(super) fn error_of(follow: &Follow, end: End, timeout: Option<Duration>) -> Option<CommandError> {
    match end {
        End::StoreFailed(error) => return Some(error.into()),
        End::Refused(message) => return Some(CommandError::new(ErrorKind::Usage, message)),
        End::TimedOut => {
            return Some(CommandError::new(ErrorKind::Timeout, timed_out(timeout)));
        }
        End::Interrupted => {
            return Some(CommandError::new(ErrorKind::Interrupted, "interrupted").by_user());
        }
        End::Stopped => return Some(compose::driver_stopped()),
        End::Finished => {}
    }
    match follow.closed()? {
        UtteranceResult::Answered { .. } => None,
        UtteranceResult::Declined { reason } => {
            let error = CommandError::new(ErrorKind::Declined, format!("declined: {reason}"));
            Some(if reason == SAID_NO { error.by_user() } else { error })
        }
        UtteranceResult::NotUnderstood { hint } if hint == NOT_ABOUT_SESSIONS => {
            Some(CommandError::new(ErrorKind::NotUnderstood, hint.clone()))
        }
        UtteranceResult::NotUnderstood { hint } => {
            let error = CommandError::new(ErrorKind::NotUnderstood, "cannot act on this request");
            let error = error.with_hint(hint);
            Some(match follow.routed().filter(|routed| says(&routed.answer, hint)) {
                Some(routed) => error.hinted_by(&routed.adapter),
                None => error,
            })
        }
        UtteranceResult::Failed { error } => Some(no_router(error)),
        UtteranceResult::Unstartable { reason } => {
            let error = CommandError::new(ErrorKind::Configuration, reason);
            Some(error.with_hint("check the setup: codewalk doctor"))
        }
        UtteranceResult::Done { .. } => follow.own_session().and_then(|session| failure(session, timeout)),
    }
}

/// Returns whether a hint comes from the router.
fn says(proposal: &Proposal, hint: &str) -> bool {
    let intents = proposal.candidates.iter().map(|candidate| &candidate.intent).chain([&proposal.intent]);
    intents.into_iter().any(|intent| matches!(intent, Intent::CannotParse { hint: text } if text == hint))
}

/// Returns the error about a missing project.
fn no_project() -> CommandError {
    let (what, hint) = NO_PROJECT.split_once("; ").unwrap_or((NO_PROJECT, ""));
    CommandError::new(ErrorKind::NotUnderstood, what).with_hint(hint)
}

fn no_router(error: &PortError) -> CommandError {
    CommandError::new(ErrorKind::Adapter, error).with_hint("list the adapters: codewalk adapters list")
}

fn report(follow: &Follow, error: Option<&CommandError>, format: OutputFormat) -> Result<(), CommandError> {
    let (answer, summarizer) = match follow.closed() {
        Some(UtteranceResult::Answered { text, by }) => (Some(text.as_str()), by.as_ref()),
        _ => (None, None),
    };
    let session = follow.own_session();
    if format != OutputFormat::Text {
        let result = RunResult {
            schema: SCHEMA,
            r#type: "result",
            answer,
            error,
            session: session.map(SessionView::from),
            router: follow.routed().map(RouterView::from),
            summarizer: follow.summarized().map(SummarizerView::from),
        };
        return print_json_line(&result);
    }
    let summary = match (answer, follow.summarized()) {
        (Some(text), _) if summarizer.is_some() => Some(screen::labelled("answer", text)),
        (Some(text), _) => Some(visible(text)),
        (None, Some(made)) => Some(screen::labelled("summary", &made.answer.text)),
        (None, None) => session.filter(|session| session.state.has_ended()).map(without_summarizer),
    };
    if let Some(text) = ending::result(session, summary.clone()) {
        print_result(&text)?;
    }
    let progress = Progress::for_format(format);
    if let Some(session) = session {
        ending::tell_details(session, progress);
    }
    match (error, session) {
        (Some(error), _) => ending::without_repetition(error, session, summary.as_deref()).say(),
        (None, Some(session)) => ending::tell_next(session, progress),
        (None, None) => {}
    }
    Ok(())
}

/// Prints a result. At a terminal, prints rows that fit, of which only the first starts at the edge.
fn print_result(text: &str) -> Result<(), CommandError> {
    if !std::io::stdout().is_terminal() {
        return print_line(&visible(text));
    }
    print_line(&screen::wrapped(&visible(text), terminal::columns(std::io::stdout()), screen::ASIDE))
}

/// Describes the end and the artifacts of a session without a summarizer.
fn without_summarizer(session: &Session) -> String {
    let ended = summarization::sentence(session);
    let artifacts = session.run().map_or(&[] as &[_], |run| &run.artifacts);
    if artifacts.is_empty() {
        return ended;
    }
    let left: Vec<String> = artifacts.iter().take(MAX_LEFT).map(artifact_line).collect();
    let more = match artifacts.len().saturating_sub(MAX_LEFT) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("{ended} Actions: {}{more}.", left.join(", "))
}

fn read_stdin(example: &str) -> Result<String, CommandError> {
    let missing = || {
        CommandError::new(ErrorKind::Usage, "no request given")
            .with_hint(format!("try: {example}, or pipe a request in"))
    };
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(missing());
    }
    let mut bytes = Vec::new();
    stdin
        .lock()
        .take(MAX_UTTERANCE as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CommandError::because(ErrorKind::Usage, "cannot read standard input", error))?;
    if bytes.len() > MAX_UTTERANCE {
        let message = format!("standard input is too long (more than {MAX_UTTERANCE} bytes)");
        return Err(CommandError::new(ErrorKind::Usage, message)
            .with_hint("put the rest into a file, and name the file in the request"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| CommandError::because(ErrorKind::Usage, "standard input is not UTF-8", error))?;
    let text = text.trim_end_matches(['\n', '\r']).to_owned();
    if text.trim().is_empty() { Err(missing()) } else { Ok(text) }
}
