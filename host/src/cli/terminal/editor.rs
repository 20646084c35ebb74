//! The line editor, on a thread of its own: rustyline waits for keys without end.

use std::borrow::Cow;
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
    ExternalPrinter, Helper, KeyCode, KeyEvent, Modifiers, RepeatCount,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Input, Printer, Typed};

/// What stands before what is typed.
const PROMPT: &str = "> ";
/// How often it is looked whether the process is in the foreground, where nobody tells that it goes on.
const UNTOLD: Duration = Duration::from_secs(2);
/// How long the keys of one sequence may take, in milliseconds.
const SEQUENCE_MS: u16 = 50;
/// How the question beside it is set off.
const BESIDE: Style = Style::new().dimmed();

type LineEditor = rustyline::Editor<Beside, MemHistory>;

/// The line editor, as the rest of the program speaks to it.
pub(super) struct Editor {
    shared: Arc<Shared>,
    continued: sync_mpsc::Sender<()>,
}

/// What the program and the editor's thread share.
#[derive(Default)]
struct Shared {
    /// The question beside the line. The editor asks for it whenever it draws, and wants it for as long as it likes: each
    /// question of a person's stays in memory, a few dozen bytes.
    beside: Mutex<&'static str>,
    /// When that was first drawn.
    drawn: Mutex<Option<Instant>>,
    line: Mutex<Line>,
    /// Whether the process is to be stopped: Ctrl-Z.
    stopping: AtomicBool,
    closed: AtomicBool,
}

/// The line that is being typed.
#[derive(Default)]
struct Line {
    begun: Option<Instant>,
    pasted: bool,
    /// What stood there when the process was stopped.
    draft: String,
}

impl Line {
    /// Returns when it was begun, and whether a part of it was pasted.
    fn end(&mut self) -> (Option<Instant>, bool) {
        (self.begun.take(), std::mem::take(&mut self.pasted))
    }
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
    /// Starts to read lines; none where the terminal cannot move its cursor. Returns how to print above the line as well.
    pub(super) fn start(
        colours: ColorChoice,
        inputs: mpsc::UnboundedSender<Input>,
    ) -> Option<(Self, Printer)> {
        let term = std::env::var("TERM").unwrap_or_default();
        // rustyline would read those from standard input.
        if matches!(term.to_ascii_lowercase().as_str(), "" | "dumb" | "cons25" | "emacs") {
            return None;
        }
        let shared = Arc::<Shared>::default();
        let (mut editor, mut printer) = line_editor(colours, &shared)
            .map_err(|error| tracing::warn!(%error, "lines cannot be edited here"))
            .ok()?;
        let (continued, resumed) = sync_mpsc::channel();
        let of_thread = Arc::clone(&shared);
        let read = move || {
            let end = read(&mut editor, &of_thread, &resumed, &inputs);
            tracing::debug!(?end, "no more is read from the terminal");
            let _ = inputs.send(Input::EndOfFile);
        };
        std::thread::Builder::new().name("terminal".to_owned()).spawn(read).ok()?;
        // Whoever prints never waits for the editor, which may be waiting for a key.
        let (texts, to_print) = sync_mpsc::channel::<String>();
        let print_all = move || to_print.iter().try_for_each(|text| printer.print(text));
        std::thread::Builder::new().name("printer".to_owned()).spawn(print_all).ok()?;
        let print: Printer = Box::new(move |text| texts.send(text).is_ok());
        Some((Self { shared, continued }, print))
    }

    /// Shows a question beside the line from the next time that something is printed or typed.
    pub(super) fn show_beside(&self, question: &str) {
        let mut beside = self.shared.beside();
        if *beside != question {
            *beside = Box::leak(question.to_owned().into_boxed_str());
        }
    }

    /// Forgets when the question beside the line was drawn: it is about to be drawn with something new.
    pub(super) fn forget_drawn(&self) {
        *self.shared.drawn.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns when the question beside the line was drawn, and all that was printed before.
    pub(super) fn drawn(&self) -> Option<Instant> {
        *self.shared.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn continued(&self) {
        let _ = self.continued.send(());
    }

    /// Begins no other line.
    pub(super) fn close(&self) {
        self.shared.closed.store(true, Ordering::SeqCst);
    }
}

fn line_editor(
    colours: ColorChoice,
    shared: &Arc<Shared>,
) -> rustyline::Result<(LineEditor, impl ExternalPrinter + Send + use<>)> {
    let colours = if colours == ColorChoice::Never { ColorMode::Disabled } else { ColorMode::Enabled };
    // On the controlling terminal, whatever standard input is.
    // A key that begins a sequence is waited for no longer than that: nothing can be printed meanwhile.
    let config = Config::builder()
        .behavior(Behavior::PreferTerm)
        .color_mode(colours)
        .keyseq_timeout(Some(SEQUENCE_MS))
        .build();
    let mut editor = LineEditor::with_history(config.clone(), MemHistory::with_config(&config))?;
    editor.set_helper(Some(Beside { shared: Arc::clone(shared) }));
    let watch =
        |shared: &Arc<Shared>| EventHandler::Conditional(Box::new(Watch { shared: Arc::clone(shared) }));
    editor.bind_sequence(Event::Any, watch(shared));
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
    let printer = editor.create_external_printer()?;
    Ok((editor, printer))
}

/// Reads lines until there are no more, or nobody wants them.
fn read(
    editor: &mut LineEditor,
    shared: &Shared,
    resumed: &sync_mpsc::Receiver<()>,
    inputs: &mpsc::UnboundedSender<Input>,
) -> rustyline::Result<()> {
    let started = Instant::now();
    while !shared.closed.load(Ordering::SeqCst) {
        let draft = std::mem::take(&mut shared.line().draft);
        let read = editor.readline_with_initial(PROMPT, (&draft, ""));
        let input = match read {
            Ok(text) => {
                editor.add_history_entry(&text)?;
                let (begun, pasted) = shared.line().end();
                let completed = Instant::now();
                // A line without a beginning was there before anybody could read anything.
                Input::Text(Typed { text, begun: begun.unwrap_or(started), completed, pasted })
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

/// Stops this process, as the terminal would have done it, until it is in the foreground again. `resumed` tells each time that
/// it goes on, perhaps in the background.
fn stop(resumed: &sync_mpsc::Receiver<()>) {
    while resumed.try_recv().is_ok() {}
    if rustix::process::kill_current_process_group(Signal::TSTP).is_err() {
        return;
    }
    let Ok(tty) = std::fs::File::open("/dev/tty") else { return };
    // Until then the signal may not have taken effect; where the process cannot be stopped nobody tells.
    let _ = resumed.recv_timeout(UNTOLD);
    while !super::is_in_foreground(&tty) {
        let _ = resumed.recv_timeout(UNTOLD);
    }
}

/// Watches the keys: when a line is begun, whether it is pasted, and whether the process is to be stopped.
struct Watch {
    shared: Arc<Shared>,
}

impl ConditionalEventHandler for Watch {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let mut line = self.shared.line();
        if context.line().is_empty() {
            line.begun = Some(Instant::now());
        }
        match event.get(0)? {
            KeyEvent(KeyCode::BracketedPasteStart, _) => line.pasted = true,
            // They wait for the next key, and nothing could be printed meanwhile.
            KeyEvent(KeyCode::Char('V' | 'Q' | 'X'), Modifiers::CTRL) => return Some(Cmd::Noop),
            KeyEvent(KeyCode::Char('Z'), Modifiers::CTRL) => {
                context.line().clone_into(&mut line.draft);
                self.shared.stopping.store(true, Ordering::SeqCst);
                return Some(Cmd::Interrupt);
            }
            _ => {}
        }
        None
    }
}

/// Shows a question beside what is typed.
struct Beside {
    shared: Arc<Shared>,
}

struct Question {
    shared: Arc<Shared>,
}

impl Hint for Question {
    fn display(&self) -> &str {
        self.shared.drawn.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        match *self.shared.beside() {
            // One that is empty would not be asked for again.
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
