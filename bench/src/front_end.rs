//! A front end of `codewalk headless`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::fallible::Fallible;

/// A running codewalk, driven through its standard streams.
pub struct FrontEnd {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl FrontEnd {
    /// Starts codewalk.
    pub fn start(mut codewalk: Command) -> Fallible<Self> {
        let mut child = codewalk.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err("codewalk has no standard streams".into());
        };
        let mut front_end = Self { child, stdin, stdout: BufReader::new(stdout) };
        front_end.until(|line| line["schema"] == 3)?;
        Ok(front_end)
    }

    /// Sends a command.
    pub fn command(&mut self, id: usize, command: &Value) -> Fallible<()> {
        let line = json!({"id": id, "command": command});
        Ok(self.stdin.write_all(format!("{line}\n").as_bytes())?)
    }

    /// Reads up to the first line that meets a condition.
    pub fn until(&mut self, is_last: impl Fn(&Value) -> bool) -> Fallible<Value> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.stdout.read_line(&mut line)? == 0 {
                return Err("codewalk has ended".into());
            }
            let line: Value = serde_json::from_str(&line)?;
            if line.get("refused").is_some() {
                return Err(format!("codewalk refused a command: {line}").into());
            }
            if is_last(&line) {
                return Ok(line);
            }
        }
    }

    /// Ends codewalk and waits for it.
    pub fn leave(mut self) -> Fallible<()> {
        drop(self.stdin);
        for line in self.stdout.by_ref().lines() {
            line?;
        }
        self.child.wait()?;
        Ok(())
    }
}

/// Returns whether a line is an event of this type.
pub fn is_event(line: &Value, subject: &str, kind: &str) -> bool {
    line["event"]["subject"] == subject && line["event"]["event"]["type"] == kind
}
