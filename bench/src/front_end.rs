//! A front end of `codewalk headless`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::Measured;

/// A running codewalk, driven through its standard streams.
pub struct FrontEnd {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl FrontEnd {
    /// Starts it.
    pub fn start(mut codewalk: Command) -> Measured<Self> {
        let mut child = codewalk.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else { return Err("it has no streams".into()) };
        let mut front_end = Self { child, stdin, stdout: BufReader::new(stdout) };
        front_end.until(|line| line["schema"] == 3)?;
        Ok(front_end)
    }

    /// Gives a command.
    pub fn command(&mut self, id: usize, command: &Value) -> Measured<()> {
        let line = json!({"id": id, "command": command});
        Ok(self.stdin.write_all(format!("{line}\n").as_bytes())?)
    }

    /// Reads up to a line that fits.
    pub fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Measured<Value> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.stdout.read_line(&mut line)? == 0 {
                return Err("codewalk has ended".into());
            }
            let told: Value = serde_json::from_str(&line)?;
            if told.get("refused").is_some() {
                return Err(format!("codewalk refused a command: {told}").into());
            }
            if fits(&told) {
                return Ok(told);
            }
        }
    }

    /// Leaves, and waits until it has ended.
    pub fn leave(mut self) -> Measured<()> {
        drop(self.stdin);
        for line in self.stdout.by_ref().lines() {
            line?;
        }
        self.child.wait()?;
        Ok(())
    }
}

/// Returns whether a line tells of such an event.
pub fn is_event(line: &Value, subject: &str, what: &str) -> bool {
    line["event"]["subject"] == subject && line["event"]["event"]["type"] == what
}
