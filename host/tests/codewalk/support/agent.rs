//! An agent that speaks Claude Code's protocol and plays a shell script.

use serde_json::{Value, json};

use super::screen::Screen;
use super::{User, script};

/// What a script may use (`HOME` is the user's folder):
///
/// - `ask ID FILE` sends the request in `FILE.json`; `request ID FILE` prints the line for it;
/// - `ask_tool NAME FIELD VALUE` asks for a tool and waits for the answer;
/// - `told` waits for a line, `wait_for FILE` for a signal from the test;
/// - `say TEXT` prints a message; `finish FAILED TEXT` ends the turn, and `end` the conversation.
const PRELUDE: &str = r#"
if [ "$1" = --version ]; then echo '2.1.330 (Claude Code)'; exit; fi
request() { printf '{"type":"control_request","request_id":"%s","request":%s}\n' "$1" "$(cat HOME/$2.json)"; }
ask() { line=$(request "$1" "$2"); printf '%s\n' "$line"; }
ask_tool() {
  echo '{"type":"control_request","request_id":"'$1-$3'","request":{"subtype":"can_use_tool",'\
'"tool_name":"'$1'","input":{"'$2'":"'$3'"},"tool_use_id":"'$1-$3'"}}'
  told
}
told() { read -r line && printf '%s\n' "$line" >> HOME/told; }
wait_for() { while [ ! -e HOME/"$1" ]; do sleep 0.05; done; }
say() {
  content='[{"type":"text","text":"%s"}]'
  printf '{"type":"assistant","message":{"role":"assistant","content":'"$content"'}}\n' "$1"
}
finish() {
  echo '{"type":"result","subtype":"success","is_error":'$1',"result":"'"$2"'",'\
'"terminal_reason":"completed","queued_turn_count":0,"usage":{"input_tokens":10,"output_tokens":5}}'
  told || :
}
end() {
  echo '{"type":"result","subtype":"success","is_error":false,"result":"done"}'
  while read -r rest; do printf '%s\n' "$rest" >> HOME/told; done
}
told
echo '{"type":"system","subtype":"init","session_id":"11111111-2222-4333-8444-555555555555"}'
"#;

/// A user whose agent plays a script, and the input of that agent.
pub struct Agent {
    pub user: User,
}

impl Agent {
    /// Creates a user whose agent plays a script and then ends. `requests` are its approvals and questions.
    pub fn new(requests: &[(&str, Value)], body: &str) -> Self {
        let user = User::new();
        for (name, input) in requests {
            std::fs::write(user.home().join(format!("{name}.json")), input.to_string()).unwrap();
        }
        talker(&user, &format!("{body}\nend"));
        Self { user }
    }

    /// Starts a run of the agent at a terminal.
    pub fn run(&self) -> Screen {
        Screen::start(&self.user, &["run", "--yes", "fix the login test"])
    }

    /// Lets a script that waits for a file continue.
    pub fn signal(&self, name: &str) {
        std::fs::write(self.user.home().join(name), "").unwrap();
    }

    /// Returns the agent's input after the prompt.
    pub fn told(&self) -> Vec<Value> {
        let told = std::fs::read_to_string(self.user.home().join("told")).unwrap_or_default();
        told.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Returns how the agent's requests were answered: `(request, behavior)`.
    pub fn answers(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let response = |line: &Value| line.get("response").cloned();
        self.told()
            .iter()
            .filter_map(response)
            .map(|response| (text(&response["request_id"]), text(&response["response"]["behavior"])))
            .collect()
    }
}

/// Gives a user an agent that plays a script.
pub fn talker(user: &User, body: &str) {
    let program = user.home().join("claude.sh");
    let prelude = PRELUDE.replace("HOME", &user.home().to_string_lossy());
    script(&program, &format!("{prelude}\n{body}"));
    let program = program.to_string_lossy().into_owned();
    let known = std::fs::read_to_string(user.home().join("config.toml")).unwrap_or_default();
    user.configure(&format!("{known}\n[agents.claude]\nkind = \"claude\"\nprogram = {program:?}\n"));
}

pub fn answer(request: &str, behavior: &str) -> (String, String) {
    (request.to_owned(), behavior.to_owned())
}

/// A request for a command.
pub fn bash(command: &str) -> Value {
    let input = json!({"command": command});
    json!({"subtype": "can_use_tool", "tool_name": "Bash", "input": input, "tool_use_id": "t1"})
}
