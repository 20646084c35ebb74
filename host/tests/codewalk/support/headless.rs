//! `codewalk headless`, driven by a front end through pipes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use codewalk_store::SqliteStore;
use serde_json::{Value, json};

use super::{DEADLINE, User, script};

/// codewalk, driven by a front end through pipes.
pub struct Headless {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    pub lines: Receiver<Value>,
}

impl Headless {
    pub fn start(user: &User) -> Self {
        Self::serve(user.codewalk(&["headless"]))
    }

    /// Starts it with a command whose environment has more than the usual variables.
    pub fn serve(command: Command) -> Self {
        let (mut headless, stdout) = Self::spawned(command);
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        headless.lines = lines;
        assert_eq!(headless.line(), json!({"schema": 3}));
        headless
    }

    /// Starts it without reading its output.
    pub fn unread(user: &User) -> (Self, ChildStdout) {
        Self::spawned(user.codewalk(&["headless"]))
    }

    fn spawned(mut command: Command) -> (Self, ChildStdout) {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().unwrap());
        (Self { child, stdin, lines: mpsc::channel().1 }, stdout)
    }

    pub fn write(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
    }

    pub fn command(&mut self, id: impl Into<Value>, command: Value) {
        self.write(json!({"id": id.into(), "command": command}).to_string().as_bytes());
    }

    pub fn query(&mut self, id: impl Into<Value>, query: Value) -> Value {
        let id = id.into();
        self.write(json!({"id": id, "query": query}).to_string().as_bytes());
        self.until(|line| line["reply"] == id)["page"].clone()
    }

    pub fn line(&self) -> Value {
        self.lines.recv_timeout(DEADLINE).expect("codewalk says nothing more")
    }

    /// Skips lines until one matches.
    pub fn until(&self, fits: impl Fn(&Value) -> bool) -> Value {
        std::iter::repeat_with(|| self.line()).find(|line| fits(line)).unwrap()
    }

    /// Skips lines until a confirmation. Returns it and its digest.
    pub fn confirmation(&self) -> (Value, Value) {
        let line = self.until(|line| is_event(line, "consent", "asked"));
        (line["event"]["event"]["confirmation"].clone(), line["digest"].clone())
    }

    /// Skips lines until an event, and returns it.
    pub fn event(&self, subject: &str, what: &str) -> Value {
        self.until(|line| is_event(line, subject, what))["event"].clone()
    }

    pub fn leave(&mut self) {
        self.stdin = None;
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Reads to the end. Returns the exit status and the remaining lines.
    pub fn end(mut self) -> (Option<i32>, Vec<Value>) {
        let lines = self.lines.iter().collect();
        (self.child.wait().unwrap().code(), lines)
    }
}

pub fn is_event(line: &Value, subject: &str, what: &str) -> bool {
    line["event"]["subject"] == subject && line["event"]["event"]["type"] == what
}

/// Returns a request for an agent.
pub fn request(text: &str, agent: &str) -> Value {
    json!({"type": "say", "text": text, "constraints": {"agent": agent}, "attended": true})
}

/// Returns a request with consent, which needs no confirmation.
pub fn consented(text: &str, agent: &str) -> Value {
    let mut request = request(text, agent);
    request["consent_flag"] = "--yes".into();
    request
}

/// Returns a user with the agent `tool`, a script.
pub fn with_tool(body: &str) -> User {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, body);
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!("[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n"));
    user
}

/// Opens the SQLite store of a user.
pub fn sqlite(user: &User) -> SqliteStore {
    SqliteStore::open(&user.home().join("codewalk.db")).unwrap()
}
