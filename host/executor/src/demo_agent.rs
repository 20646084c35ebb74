//! A scripted agent for the demonstration. There is no model behind it, and it says so.
//!
//! It speaks Claude Code's protocol on its standard streams, so that everything around it is the real thing: it asks
//! for one permission, writes a file in the current folder and runs a command there.

use std::collections::VecDeque;
use std::io::{BufRead, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};

use crate::claude::wire::{self, blocks, text};

const FILE: &str = "hello-from-codewalk.txt";
/// It looks at what it wrote alone: the folder may be a stranger's repository.
const COMMAND: [&str; 3] = ["wc", "-c", FILE];
const GREETING: &str =
    "I am codewalk's scripted demo agent: no model is behind me. I will write a file and look at it.";

/// Runs the agent on the standard streams of this process until the end of its input.
#[must_use]
pub fn run() -> ExitCode {
    let (lines, inbox) = mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().split(b'\n').map_while(Result::ok) {
            if let Some(line) = wire::parse(&line)
                && lines.send(line).is_err()
            {
                return;
            }
        }
    });
    let mut demo = Demo { inbox, later: VecDeque::new(), step: 0, failed: false };
    match demo.serve() {
        Ok(()) if !demo.failed => ExitCode::SUCCESS,
        // Nobody reads any more, or the last turn was cut off.
        _ => ExitCode::FAILURE,
    }
}

struct Demo {
    inbox: Receiver<Value>,
    /// Prompts that came while a turn was played.
    later: VecDeque<Value>,
    step: u32,
    /// Whether the last turn failed.
    failed: bool,
}

/// Why a step was not done.
enum Cut {
    /// The turn was interrupted.
    Interrupted,
    /// Nobody reads what is said.
    Unheard(std::io::Error),
}

impl From<std::io::Error> for Cut {
    fn from(error: std::io::Error) -> Self {
        Self::Unheard(error)
    }
}

/// What came of asking for a permission.
enum Permission {
    Allowed,
    Denied(String),
}

impl Demo {
    fn serve(&mut self) -> std::io::Result<()> {
        while let Some(line) = self.later.pop_front().or_else(|| self.inbox.recv().ok()) {
            match text(&line, "type") {
                "user" => self.turn(&line)?,
                "control_request" => self.confirm(&line)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn turn(&mut self, prompt: &Value) -> std::io::Result<()> {
        let id = text(prompt, "uuid");
        self.lifecycle(id, "queued")?;
        self.lifecycle(id, "started")?;
        let folder = std::env::current_dir()?;
        self.say(&json!({
            "type": "system", "subtype": "init", "cwd": folder, "model": "scripted", "tools": ["Write", "Bash"],
            "permissionMode": "default",
        }))?;
        let mut replay = prompt.clone();
        replay["isReplay"] = true.into();
        self.say(&replay)?;
        let (failed, end) = match self.play(prompt) {
            Ok(last) => {
                (false, json!({"subtype": "success", "terminal_reason": "completed", "result": last}))
            }
            Err(Cut::Interrupted) => {
                let reason = "[Request interrupted by user for tool use]";
                self.say(&json!({"type": "user", "message": {"role": "user", "content": reason}}))?;
                (true, json!({"subtype": "error_during_execution", "terminal_reason": "aborted_tools"}))
            }
            Err(Cut::Unheard(error)) => return Err(error),
        };
        self.failed = failed;
        let mut result = json!({
            "type": "result", "is_error": failed, "queued_turn_count": 0, "total_cost_usd": 0,
            "usage": {"input_tokens": 0, "output_tokens": 0}, "model_usage_since_last_result": {},
        });
        if let (Some(result), Value::Object(end)) = (result.as_object_mut(), end) {
            result.extend(end);
        }
        self.say(&result)?;
        self.lifecycle(id, if failed { "cancelled" } else { "completed" })
    }

    /// Plays the script and returns its last words.
    fn play(&mut self, prompt: &Value) -> Result<String, Cut> {
        self.speak(GREETING)?;
        let wish: String = blocks(prompt).iter().map(|block| text(block, "text").to_owned()).collect();
        let last = match self.write(&wish)? {
            Permission::Allowed => {
                let counted = self.run()?;
                format!("I wrote {FILE} and counted its bytes; wc says: {}", counted.trim())
            }
            Permission::Denied(message) => {
                format!("I was not allowed to write {FILE} ({message}), so I changed nothing.")
            }
        };
        self.speak(&last)?;
        Ok(last)
    }

    fn write(&mut self, wish: &str) -> Result<Permission, Cut> {
        let path = std::env::current_dir()?.join(FILE);
        let content = format!("Written by codewalk's scripted demo agent.\nThe wish was: {wish}\n");
        let input = json!({"file_path": path, "content": content});
        let call = self.call("Write", &input)?;
        let denied = match self.permission(&call, "Write", &input)? {
            Permission::Denied(message) => message,
            Permission::Allowed => {
                let kind = if path.exists() { "update" } else { "create" };
                match std::fs::write(&path, content) {
                    Ok(()) => {
                        let output = format!("File {kind}d successfully at: {}", path.display());
                        self.result(&call, &output, false, &json!({"type": kind, "filePath": path}))?;
                        return Ok(Permission::Allowed);
                    }
                    Err(error) => error.to_string(),
                }
            }
        };
        self.result(&call, &denied, true, &Value::Null)?;
        Ok(Permission::Denied(denied))
    }

    /// Looks at what was written. Like other agents, it does not ask before it only reads.
    fn run(&mut self) -> Result<String, Cut> {
        let call =
            self.call("Bash", &json!({"command": COMMAND.join(" "), "description": "Count its bytes"}))?;
        let [program, args @ ..] = COMMAND;
        let (output, failed) = match Command::new(program).args(args).stdin(Stdio::null()).output() {
            Ok(done) => {
                let printed = [done.stdout, done.stderr].concat();
                (String::from_utf8_lossy(&printed).into_owned(), !done.status.success())
            }
            Err(error) => (format!("{program}: {error}"), true),
        };
        self.result(&call, &output, failed, &json!({"stdout": output}))?;
        Ok(output)
    }

    /// Asks for a permission and waits for the answer.
    fn permission(&mut self, call: &str, tool: &str, input: &Value) -> Result<Permission, Cut> {
        let id = self.fresh("request");
        let request = json!({
            "subtype": "can_use_tool", "tool_name": tool, "input": input, "tool_use_id": call,
            "permission_suggestions": [{"type": "setMode", "mode": "acceptEdits", "destination": "session"}],
        });
        self.say(&wire::request(&id, &request))?;
        loop {
            let Ok(line) = self.inbox.recv() else {
                return Ok(Permission::Denied("nobody is there to ask".to_owned()));
            };
            match text(&line, "type") {
                "user" => self.later.push_back(line),
                "control_request" => {
                    let interrupted =
                        line.pointer("/request/subtype").and_then(Value::as_str) == Some("interrupt");
                    self.confirm(&line)?;
                    if interrupted {
                        self.say(&json!({"type": "control_cancel_request", "request_id": id}))?;
                        self.result(call, "The user interrupted it.", true, &Value::Null)?;
                        return Err(Cut::Interrupted);
                    }
                }
                "control_response" => {
                    let response = line.get("response").unwrap_or(&Value::Null);
                    if text(response, "request_id") != id {
                        continue;
                    }
                    let answer = response.get("response").unwrap_or(&Value::Null);
                    return Ok(match text(answer, "behavior") {
                        "allow" => Permission::Allowed,
                        _ if answer.get("interrupt").and_then(Value::as_bool) == Some(true) => {
                            self.result(call, "The user interrupted it.", true, &Value::Null)?;
                            return Err(Cut::Interrupted);
                        }
                        _ => Permission::Denied(text(answer, "message").to_owned()),
                    });
                }
                _ => {}
            }
        }
    }

    /// Answers a request of the host.
    fn confirm(&mut self, line: &Value) -> std::io::Result<()> {
        self.say(&wire::response(&text(line, "request_id").into(), &json!({})))
    }

    fn speak(&mut self, said: &str) -> std::io::Result<()> {
        self.assistant(&json!({"type": "text", "text": said}))
    }

    fn call(&mut self, tool: &str, input: &Value) -> std::io::Result<String> {
        let id = self.fresh("call");
        self.assistant(&json!({"type": "tool_use", "id": id, "name": tool, "input": input}))?;
        Ok(id)
    }

    fn result(&mut self, call: &str, output: &str, is_error: bool, details: &Value) -> std::io::Result<()> {
        let result =
            json!({"type": "tool_result", "tool_use_id": call, "content": output, "is_error": is_error});
        let message = json!({"role": "user", "content": [result]});
        self.say(&json!({"type": "user", "message": message, "tool_use_result": details}))
    }

    fn assistant(&mut self, block: &Value) -> std::io::Result<()> {
        self.say(&json!({"type": "assistant", "message": {"role": "assistant", "content": [block]}}))
    }

    fn lifecycle(&mut self, prompt: &str, state: &str) -> std::io::Result<()> {
        self.say(&json!({"type": "command_lifecycle", "command_uuid": prompt, "state": state}))
    }

    fn fresh(&mut self, what: &str) -> String {
        self.step += 1;
        format!("demo-{what}-{}", self.step)
    }

    /// Prints a line; it names no session, since this agent cannot go on with one.
    fn say(&self, line: &Value) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{line}")?;
        stdout.flush()
    }
}
