//! codewalk at a real pseudo-terminal.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use super::{DEADLINE, User, wait_until};

const ROWS: u16 = 40;
const COLUMNS: u16 = 120;

/// codewalk at a terminal, and its output.
pub struct Screen {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    shown: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
    is_closing: Arc<AtomicBool>,
    /// How many bytes it shows per second; 0 means no limit.
    speed: Arc<AtomicU64>,
    columns: u16,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Screen {
    pub fn start(user: &User, args: &[&str]) -> Self {
        Self::start_as(user, args, "xterm")
    }

    /// Starts codewalk at a terminal of this type.
    pub fn start_as(user: &User, args: &[&str], term: &str) -> Self {
        Self::spawn(user, codewalk(args), term, COLUMNS)
    }

    /// Starts codewalk at a terminal of this width.
    pub fn start_narrow(user: &User, args: &[&str], columns: u16) -> Self {
        Self::spawn(user, codewalk(args), "xterm", columns)
    }

    /// Starts a shell with job control; `$CODEWALK` is the program.
    pub fn shell(user: &User) -> Self {
        let mut command = CommandBuilder::new("bash");
        command.args(["--norc", "--noprofile", "-i"]);
        Self::spawn(user, command, "xterm", COLUMNS)
    }

    fn spawn(user: &User, mut command: CommandBuilder, term: &str, columns: u16) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize { rows: ROWS, cols: columns, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        command.cwd(user.shop());
        command.env_clear();
        for (name, value) in user.environment() {
            command.env(name, value);
        }
        command.env("TERM", term);
        command.env("CODEWALK", env!("CARGO_BIN_EXE_codewalk"));
        let child = pair.slave.spawn_command(command).unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let screen = shown.clone();
        let is_closing = Arc::<AtomicBool>::default();
        let is_over = is_closing.clone();
        let speed = Arc::<AtomicU64>::default();
        let pace = speed.clone();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while !is_over.load(Ordering::SeqCst)
                && let Ok(n @ 1..) = output.read(&mut bytes)
            {
                screen.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..n]));
                if let speed @ 1.. = pace.load(Ordering::SeqCst) {
                    std::thread::park_timeout(Duration::from_micros(n as u64 * 1_000_000 / speed));
                }
            }
        });
        Self { child, keyboard, shown, reader, is_closing, speed, columns, _master: pair.master }
    }

    pub fn text(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    /// Returns the screen, as a terminal draws it.
    pub fn visible(&self) -> String {
        let mut parser = vt100::Parser::new(ROWS, self.columns, 0);
        parser.process(self.text().as_bytes());
        parser.screen().contents()
    }

    /// Waits until `what` has appeared `times` times.
    pub fn wait_for(&self, what: &str, times: usize) {
        self.wait_until(what, || self.text().matches(what).count() >= times);
    }

    /// Waits until a condition holds.
    pub fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        wait_until(|| format!("{what:?}: {}", self.text()), is_so);
    }

    /// Types a line after enough time to read.
    pub fn answer(&mut self, text: &str) {
        self.read();
        self.type_in(&format!("{text}\n"));
    }

    /// Waits for as long as reading takes.
    pub fn read(&self) {
        /// Longer than a question must have been visible for an answer to count.
        const READ: Duration = Duration::from_millis(600);
        let shown = Instant::now();
        self.wait_until("reading", || shown.elapsed() >= READ);
    }

    /// From now on shows only this many bytes per second.
    pub fn slow_down(&self, bytes: u64) {
        self.speed.store(bytes, Ordering::SeqCst);
    }

    /// Resizes the window.
    pub fn resize(&self, rows: u16, cols: u16) {
        self._master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub fn type_in(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = self.child.process_id().unwrap();
        let process = rustix::process::Pid::from_raw(id.try_into().unwrap()).unwrap();
        rustix::process::kill_process(process, signal).unwrap();
    }

    /// Closes the terminal, like closing its window, and returns the exit status.
    pub fn hang_up(mut self) -> u32 {
        self.is_closing.store(true, Ordering::SeqCst);
        // Its echo lets the reader notice the end.
        self.type_in("x");
        let Self { mut child, keyboard, reader, _master, .. } = self;
        reader.join().unwrap();
        drop((keyboard, _master));
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(start.elapsed() < DEADLINE, "it does not end");
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    pub fn exit_status(mut self) -> (u32, String) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // Its output is read to the end.
                wait_until(|| "the end of the terminal".to_owned(), || self.reader.is_finished());
                return (status.exit_code(), self.text());
            }
            assert!(start.elapsed() < DEADLINE, "it does not end: {}", self.text());
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}

fn codewalk(args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_codewalk"));
    command.args(args);
    command
}
