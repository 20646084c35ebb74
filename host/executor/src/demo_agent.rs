//! The scripted agent of the demo. It has no model, and it says so.
//!
//! It speaks Claude Code's protocol on its standard streams, so that everything around it is real. It asks
//! for one permission, writes a file in the current folder and runs a command there.

use std::collections::VecDeque;
use std::io::{BufRead, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};

const FILE: &str = "hello-from-codewalk.txt";
/// Reads only its own file: the folder may be a repository that is not trusted.
const COMMAND: [&str; 3] = ["wc", "-c", FILE];
const GREETING: &str =
    "I am codewalk's scripted demo agent: no model is behind me. I will write a file and look at it.";

/// Runs the agent until the end of its input.
#[must_use]
pub fn run() -> ExitCode {
    let (lines, inbox) = mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().split(b'\n').map_while(Result::ok) {
            if let Ok(line) = serde_json::from_slice(&line)
                && lines.send(line).is_err()
            {
                return;
            }
        }
    });
    let mut demo = Demo { inbox, later: VecDeque::new(), step: 0, failed: false };
    match demo.serve() {
        Ok(()) if !demo.failed => ExitCode::SUCCESS,
        // The output is closed, or the last turn was interrupted.
        _ => ExitCode::FAILURE,
    }
}

struct Demo {
    inbox: Receiver<Value>,
    /// Prompts that arrived during a turn.
    later: VecDeque<Value>,
    step: u32,
    /// Whether the last turn failed.
    failed: bool,
}

/// Why a step was not completed.
enum Cut {
    /// The turn was interrupted.
    Interrupted,
    /// The output is closed.
    Unheard(std::io::Error),
}

impl From<std::io::Error> for Cut {
    fn from(error: std::io::Error) -> Self {
        Self::Unheard(error)
    }
}

/// The answer to a permission request.
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
            "type": "system", "subtype": "init", "cwd": folder, "model": "scripted",
            "tools": ["Write", "Bash"], "permissionMode": "default",
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

    /// Plays the script and returns its last text.
    fn play(&mut self, prompt: &Value) -> Result<String, Cut> {
        self.speak(GREETING)?;
        let blocks = prompt.pointer("/message/content").and_then(Value::as_array).into_iter().flatten();
        let request: String = blocks.map(|block| text(block, "text")).collect();
        let last = match self.write(&request)? {
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

    fn write(&mut self, request: &str) -> Result<Permission, Cut> {
        let path = std::env::current_dir()?.join(FILE);
        let content = format!("Written by codewalk's scripted demo agent.\nThe request was: {request}\n");
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

    /// Reads the file. Like other agents, it does not ask before it reads.
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
        self.say(&json!({"type": "control_request", "request_id": id, "request": request}))?;
        loop {
            let Ok(line) = self.inbox.recv() else {
                return Ok(Permission::Denied("there is no user to ask".to_owned()));
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

    /// Confirms a request of the host.
    fn confirm(&mut self, line: &Value) -> std::io::Result<()> {
        let response = json!({"subtype": "success", "request_id": text(line, "request_id"), "response": {}});
        self.say(&json!({"type": "control_response", "response": response}))
    }

    fn speak(&mut self, text: &str) -> std::io::Result<()> {
        self.assistant(&json!({"type": "text", "text": text}))
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

    /// Prints a line. It contains no session, because this agent cannot resume one.
    fn say(&self, line: &Value) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{line}")?;
        stdout.flush()
    }
}

/// Returns a text of an object, or an empty one.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
