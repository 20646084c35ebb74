//! The line editor, on a separate thread because rustyline blocks until a key is pressed.

use std::borrow::Cow;
use std::fs::File;
use std::io::IsTerminal;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc as sync_mpsc};
use std::time::Duration;

use anstream::ColorChoice;
use anstyle::Style;
use rustix::process::Signal;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{
    Behavior, Cmd, ColorMode, ConditionalEventHandler, Config, Context, Event, EventContext, EventHandler,
    ExternalPrinter, Helper, RepeatCount,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::drawing::Drawing;
use super::job::is_in_foreground;
use super::line::{Key, Line};
use super::plain;
use super::printer::{self, PrintWatch};
use super::queue::Queue;
use super::typed::{Input, TypedLine};

/// The prompt.
const PROMPT: &str = "> ";
/// How often to check whether the process is in the foreground, if no signal arrives.
const UNTOLD: Duration = Duration::from_secs(2);
/// How long the keys of one escape sequence may take, in milliseconds.
const SEQUENCE_MS: u16 = 50;
/// The style of the question next to the line.
const BESIDE: Style = Style::new().dimmed();

type LineEditor = rustyline::Editor<Beside, MemHistory>;

/// A handle to the line editor.
pub(super) struct Editor {
    shared: Arc<Shared>,
    continued: sync_mpsc::Sender<()>,
}

/// The state shared by the program and the editor's thread.
#[derive(Default)]
struct Shared {
    /// The question next to the line. The editor needs it for an unlimited time, so each question stays in
    /// memory, a few dozen bytes each.
    beside: Mutex<&'static str>,
    /// The state of its line, for printing.
    drawing: Arc<Drawing>,
    line: Mutex<Line>,
    /// Whether Ctrl-Z was pressed.
    stopping: AtomicBool,
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn beside(&self) -> MutexGuard<'_, &'static str> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Editor {
    /// Starts reading lines; `None` if the terminal cannot move its cursor. Also returns the queue of texts
    /// to print above the line. `seen` reports each page once it is written.
    pub(super) fn start(
        tty: File,
        colours: ColorChoice,
        inputs: mpsc::UnboundedSender<Input>,
        seen: Arc<PrintWatch>,
    ) -> Option<(Self, Arc<Queue>)> {
        let term = std::env::var("TERM").unwrap_or_default();
        // On these terminals, rustyline would read from standard input.
        if matches!(term.to_ascii_lowercase().as_str(), "" | "dumb" | "cons25" | "emacs") {
            return None;
        }
        let shared = Arc::<Shared>::default();
        let (mut editor, mut external) = line_editor(colours, &shared, &inputs)
            .map_err(|error| tracing::warn!(%error, "lines cannot be edited here"))
            .ok()?;
        let (continued, resumed) = sync_mpsc::channel();
        let of_thread = Arc::clone(&shared);
        let to_print_on = tty.try_clone().ok()?;
        let read = move || {
            let read = AssertUnwindSafe(|| read(&mut editor, &of_thread, &resumed, &inputs));
            let end = std::panic::catch_unwind(read);
            drop(editor);
            of_thread.drawing.ended();
            if of_thread.drawing.is_left() {
                return;
            }
            match after(end, tty.is_terminal()) {
                Some(Input::EditorFailed) => {
                    of_thread.drawing.failed();
                    let _ = inputs.send(Input::EditorFailed);
                    plain::read(tty, &inputs);
                }
                Some(last) => drop(inputs.send(last)),
                None => {}
            }
        };
        std::thread::Builder::new().name("terminal".to_owned()).spawn(read).ok()?;
        let (queue, drawing) = (Arc::<Queue>::default(), Arc::clone(&shared.drawing));
        let of_printer = Arc::clone(&queue);
        let print_all = move || printer::print_all(&of_printer, &mut external, &drawing, &seen, to_print_on);
        std::thread::Builder::new().name("printer".to_owned()).spawn(print_all).ok()?;
        Some((Self { shared, continued }, queue))
    }

    /// Shows a question next to the line, from the next redraw on.
    pub(super) fn show_beside(&self, question: &str) {
        let mut beside = self.shared.beside();
        if *beside != question {
            *beside = Box::leak(question.to_owned().into_boxed_str());
        }
    }

    /// Returns whether it has failed while the terminal still exists.
    pub(super) fn has_failed(&self) -> bool {
        self.shared.drawing.has_failed()
    }

    pub(super) fn continued(&self) {
        let _ = self.continued.send(());
    }

    /// Starts no further line, and waits up to the given time until the last one is abandoned.
    pub(super) fn close(&self, patience: Duration) {
        self.shared.drawing.close(patience);
    }
}

/// Returns the input that reports the editor's end: a failure is not an end of file.
fn after(end: std::thread::Result<rustyline::Result<()>>, is_there: bool) -> Option<Input> {
    match end {
        // No more input is needed.
        Ok(Ok(())) => return None,
        Ok(Err(error)) => tracing::warn!(%error, "the line editor has failed"),
        Err(_) => tracing::error!("the line editor has panicked"),
    }
    Some(if is_there { Input::EditorFailed } else { Input::EndOfFile })
}

fn line_editor(
    colours: ColorChoice,
    shared: &Arc<Shared>,
    inputs: &mpsc::UnboundedSender<Input>,
) -> rustyline::Result<(LineEditor, impl ExternalPrinter + Send + use<>)> {
    let colours = if colours == ColorChoice::Never { ColorMode::Disabled } else { ColorMode::Enabled };
    // Reads the controlling terminal, whatever standard input is. A key that may start an escape sequence
    // delays printing at most this long.
    let config = Config::builder()
        .behavior(Behavior::PreferTerm)
        .color_mode(colours)
        .keyseq_timeout(Some(SEQUENCE_MS))
        .build();
    let mut editor = LineEditor::with_history(config.clone(), MemHistory::with_config(&config))?;
    editor.set_helper(Some(Beside { shared: Arc::clone(shared) }));
    let watch = Watch { shared: Arc::clone(shared), inputs: inputs.clone() };
    editor.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(watch)));
    let printer = editor.create_external_printer()?;
    Ok((editor, printer))
}

/// Reads lines until the end of file, or until they are no longer needed.
fn read(
    editor: &mut LineEditor,
    shared: &Shared,
    resumed: &sync_mpsc::Receiver<()>,
    inputs: &mpsc::UnboundedSender<Input>,
) -> rustyline::Result<()> {
    let started = Instant::now();
    while shared.drawing.begin() {
        let draft = std::mem::take(&mut shared.line().draft);
        let read = editor.readline_with_initial(PROMPT, (&draft, ""));
        shared.drawing.ended();
        let input = match read {
            Ok(text) => {
                let (begun, pasted) = shared.line().end();
                // Otherwise pasted text would be recalled as if it had been typed.
                if !pasted {
                    editor.add_history_entry(&text)?;
                }
                let completed = Instant::now();
                // A line without a start time was typed before there was anything to read.
                Input::Text(TypedLine { text, begun: begun.unwrap_or(started), completed, pasted })
            }
            Err(ReadlineError::Interrupted) if shared.stopping.swap(false, Ordering::SeqCst) => {
                stop(resumed);
                Input::Resumed
            }
            Err(ReadlineError::Interrupted) => {
                shared.line().end();
                Input::Interrupt
            }
            Err(ReadlineError::Eof) => Input::EndOfFile,
            Err(error) => return Err(error),
        };
        if inputs.send(input).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Stops this process, as the terminal would have done, until it is in the foreground again. `resumed`
/// reports each continuation, which may be in the background.
fn stop(resumed: &sync_mpsc::Receiver<()>) {
    while resumed.try_recv().is_ok() {}
    if rustix::process::kill_current_process_group(Signal::TSTP).is_err() {
        return;
    }
    let Ok(tty) = File::open("/dev/tty") else { return };
    // The signal may take effect late. If the process cannot be stopped, no continuation arrives.
    let _ = resumed.recv_timeout(UNTOLD);
    while !is_in_foreground(&tty) {
        let _ = resumed.recv_timeout(UNTOLD);
    }
}

/// Watches the keys.
struct Watch {
    shared: Arc<Shared>,
    inputs: mpsc::UnboundedSender<Input>,
}

impl ConditionalEventHandler for Watch {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        self.shared.drawing.key();
        let key = *event.get(0)?;
        let text = context.line();
        if text.is_empty() {
            let _ = self.inputs.send(Input::Begun);
        }
        match self.shared.line().key(key, text, Instant::now()) {
            Key::Usual => None,
            Key::Instead(command) => Some(command),
            Key::Stop => {
                self.shared.stopping.store(true, Ordering::SeqCst);
                Some(Cmd::Interrupt)
            }
            Key::TooLong(bytes) => {
                let _ = self.inputs.send(Input::TooLong(bytes));
                Some(Cmd::Noop)
            }
        }
    }
}

/// Shows a question next to the input.
struct Beside {
    shared: Arc<Shared>,
}

struct Question {
    shared: Arc<Shared>,
}

impl Hint for Question {
    fn display(&self) -> &str {
        if !self.shared.drawing.drawn() {
            // Only a key ends a line in rustyline. This unwinds without a panic message.
            std::panic::resume_unwind(Box::new("the line is abandoned"));
        }
        match *self.shared.beside() {
            // rustyline would not ask again for an empty prompt.
            "" => " ",
            question => question,
        }
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Beside {
    type Hint = Question;

    fn hint(&self, _: &str, _: usize, _: &Context<'_>) -> Option<Question> {
        Some(Question { shared: Arc::clone(&self.shared) })
    }
}

impl Highlighter for Beside {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("{BESIDE}{hint}{BESIDE:#}"))
    }
}

impl Completer for Beside {
    type Candidate = String;
}

impl Validator for Beside {}
impl Helper for Beside {}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn an_editor_failure_is_not_an_end_of_file_while_the_terminal_exists() {
        let panicked = || std::thread::spawn(|| panic!("as it does in a test")).join().map(|()| Ok(()));
        let failed = || Ok(Err(ReadlineError::from(std::io::Error::other("no"))));
        assert_eq!(after(panicked(), true), Some(Input::EditorFailed));
        assert_eq!(after(failed(), true), Some(Input::EditorFailed));
        assert_eq!(after(failed(), false), Some(Input::EndOfFile));
        assert_eq!(after(Ok(Ok(())), true), None);
    }
}
