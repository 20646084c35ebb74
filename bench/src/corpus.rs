//! Synthetic output of Claude Code, with the forms, key order and lengths of recorded lines. The same
//! requested length always gives the same bytes.

use fastrand::Rng;

const SESSION: &str = "0197f5a2-0000-7000-8000-000000000001";
const PROJECT: &str = "/home/ada/shop";
const WORDS: &str = "\
    the of to in return let match error result value parser stream session token file line test build \
    cargo async await struct impl fn Ok Err None Some self mut pub use mod crate vec string option if \
    else for while run check update read write open close task agent output input state index buffer \
    thread lock queue event path name size count start stop first last next fix change add remove move \
    keep because however when then 0x1f 42 1024 :: -> => { } ( ) [ ] ; , . // TODO é ü 日本 ✓ → \
    \" \\";

/// Whether messages are also sent in pieces before they are complete.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pieces {
    /// They are.
    With,
    /// They are not.
    Without,
}

/// Returns output of at least this length.
pub fn output(bytes: usize, pieces: Pieces) -> Vec<u8> {
    let mut maker =
        Maker { random: Rng::with_seed(1), pool: String::new(), output: String::new(), pieces, calls: 0 };
    maker.fill_pool();
    while maker.output.len() < bytes {
        maker.turn();
    }
    maker.output.into_bytes()
}

struct Maker {
    random: Rng,
    /// The source of all pieces of text.
    pool: String,
    output: String,
    pieces: Pieces,
    calls: usize,
}

impl Maker {
    fn fill_pool(&mut self) {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        while self.pool.len() < 400_000 {
            self.pool.push_str(words[self.random.usize(..words.len())]);
            self.pool.push_str(match self.random.u8(..12) {
                0 => "\n",
                1 => "\n    ",
                _ => " ",
            });
        }
    }

    /// Returns text as JSON, usually of about the median length and occasionally ten times as long.
    fn text(&mut self, median: usize) -> String {
        // An approximately normal distribution with a standard deviation of one.
        let normal = (0..12).map(|_| self.random.f64()).sum::<f64>() - 6.0;
        let length = (median as f64 * normal.exp()).clamp(8.0, 40_000.0) as usize;
        let begin = self.pool.floor_char_boundary(self.random.usize(..self.pool.len() - length));
        let end = self.pool.floor_char_boundary(begin + length);
        serde_json::Value::from(&self.pool[begin..end]).to_string()
    }

    fn uuid(&mut self) -> String {
        format!("{:08x}-2553-42ed-bbbf-{:012x}", self.random.u32(..), self.random.u64(..1 << 48))
    }

    /// Adds a line of output. Line breaks and indentation of its template are removed.
    fn say(&mut self, template: &str) {
        self.output.extend(template.lines().map(str::trim_start));
        self.output.push('\n');
    }

    fn turn(&mut self) {
        let uuid = self.uuid();
        let tools = r#""Task","Bash","Edit","Glob","Grep","NotebookEdit","Read","Skill","WebFetch",
            "WebSearch","Write""#;
        let commands =
            r#""review","init","compact","context","cost","usage","insights","security-review","#.repeat(12);
        self.say(&format!(
            r#"{{"type":"system","subtype":"init","cwd":"{PROJECT}","session_id":"{SESSION}",
                "tools":[{tools}],"mcp_servers":[],"model":"claude-opus-5-5","permissionMode":"default",
                "slash_commands":[{commands}"help"],"claude_code_version":"2.1.330","uuid":"{uuid}"}}"#
        ));
        let (prompt, uuid) = (self.text(120), self.uuid());
        self.say(&format!(
            r#"{{"type":"user","message":{{"role":"user","content":[{{"type":"text",
                "text":{prompt}}}]}},"parent_tool_use_id":null,"session_id":"{SESSION}","uuid":"{uuid}",
                "isReplay":true}}"#
        ));
        for _ in 0..self.random.usize(3..20) {
            self.step();
        }
        let last = self.text(600);
        self.message("text", &format!(r#"{{"type":"text","text":{last}}}"#), &last);
        self.result(&last);
    }

    /// Adds a thought, a message, a tool call and its result.
    fn step(&mut self) {
        if self.random.u8(..10) < 3 {
            let (text, signature) = (self.text(500), "EqQBCkgIBRABGAIiQL".repeat(12));
            let block = format!(r#"{{"type":"thinking","thinking":{text},"signature":"{signature}"}}"#);
            self.message("thinking", &block, &text);
        }
        if self.random.u8(..10) < 4 {
            let text = self.text(160);
            self.message("text", &format!(r#"{{"type":"text","text":{text}}}"#), &text);
        }
        self.calls += 1;
        let (id, file) = (format!("toolu_01{:022}", self.calls), self.random.u8(..60));
        let path = format!("{PROJECT}/src/mod_{file}.rs");
        let (name, input, said, result) = match self.random.u8(..10) {
            0..6 => {
                let (command, about, output) = (self.text(80), self.text(30), self.text(900));
                let result = format!(
                    r#"{{"stdout":{output},"stderr":"","interrupted":false,"isImage":false,
                        "noOutputExpected":false}}"#
                );
                ("Bash", format!(r#"{{"command":{command},"description":{about}}}"#), output, result)
            }
            6..9 => {
                let (old, new, whole) = (self.text(250), self.text(300), self.text(4000));
                let input = format!(
                    r#"{{"replace_all":false,"file_path":"{path}","old_string":{old},"new_string":{new}}}"#
                );
                let result = format!(
                    r#"{{"filePath":"{path}","oldString":{old},"newString":{new},"originalFile":{whole},
                        "structuredPatch":[{{"oldStart":1,"oldLines":1,"newStart":1,"newLines":1,
                        "lines":[{old},{new}]}}],"userModified":false,"replaceAll":false}}"#
                );
                let said = format!(r#""The file {path} has been updated successfully.""#);
                ("Edit", input, said, result)
            }
            _ => {
                let content = self.text(2500);
                let result = format!(
                    r#"{{"type":"create","filePath":"{path}","content":{content},"structuredPatch":[],
                        "originalFile":null,"userModified":false}}"#
                );
                let input = format!(r#"{{"file_path":"{path}","content":{content}}}"#);
                ("Write", input, format!(r#""File created successfully at: {path}""#), result)
            }
        };
        self.message(
            "tool_use",
            &format!(r#"{{"type":"tool_use","id":"{id}","name":"{name}","input":{input}}}"#),
            &input,
        );
        let uuid = self.uuid();
        self.say(&format!(
            r#"{{"type":"user","message":{{"role":"user","content":[{{"tool_use_id":"{id}",
                "type":"tool_result","content":{said},"is_error":false}}]}},"parent_tool_use_id":null,
                "session_id":"{SESSION}","uuid":"{uuid}","timestamp":"2026-11-22T08:54:54.981Z",
                "tool_use_result":{result},"tool_result_meta":[{{"id":"{id}",
                "permission_decision":{{"decision":"accept","source":"config",
                "reason_type":"rule"}}}}]}}"#
        ));
    }

    /// Adds a message with one block, after the pieces of its text if there are any.
    fn message(&mut self, kind: &str, block: &str, text: &str) {
        if self.pieces == Pieces::With && kind == "text" {
            self.pieces(text);
        }
        let (uuid, input, cached) = (self.uuid(), self.random.u32(1..2000), self.random.u32(1000..90_000));
        self.say(&format!(
            r#"{{"type":"assistant","message":{{"id":"msg_01{cached:022}","type":"message",
                "role":"assistant","model":"claude-opus-5-5","content":[{block}],"stop_reason":null,
                "stop_sequence":null,"usage":{{"input_tokens":{input},
                "cache_creation_input_tokens":2542,"cache_read_input_tokens":{cached},
                "cache_creation":{{"ephemeral_5m_input_tokens":2542,"ephemeral_1h_input_tokens":0}},
                "output_tokens":1,"service_tier":"standard"}},"context_management":null}},
                "parent_tool_use_id":null,"session_id":"{SESSION}","uuid":"{uuid}",
                "timestamp":"2026-11-22T08:54:54.853Z","request_id":"req_01{cached:022}"}}"#
        ));
    }

    fn pieces(&mut self, text: &str) {
        for word in text.trim_matches('"').split_inclusive(' ').filter(|word| !word.contains('\\')).take(60) {
            let uuid = self.uuid();
            self.say(&format!(
                r#"{{"type":"stream_event","event":{{"type":"content_block_delta","index":0,
                    "delta":{{"type":"text_delta","text":"{word}"}}}},"session_id":"{SESSION}",
                    "parent_tool_use_id":null,"uuid":"{uuid}","api_message_id":"msg_01"}}"#
            ));
        }
    }

    fn result(&mut self, said: &str) {
        let uuid = self.uuid();
        let tokens = r#""inputTokens":5146,"outputTokens":134,"cacheReadInputTokens":36040,
            "cacheCreationInputTokens":10294,"webSearchRequests":0,"costUSD":0.081942,
            "contextWindow":1000000,"maxOutputTokens":128000,"thinkingTokens":0,
            "canonicalModel":"claude-opus-5-5","provider":"firstParty","costBasis":"list""#;
        self.say(&format!(
            r#"{{"duration_api_ms":73,"stop_reason":"end_turn","session_id":"{SESSION}",
                "total_cost_usd":0.081942,"usage":{{"input_tokens":5146,
                "cache_creation_input_tokens":10294,"cache_read_input_tokens":36040,"output_tokens":134,
                "server_tool_use":{{"web_search_requests":0,"web_fetch_requests":0}},
                "service_tier":"standard","iterations":[],"speed":"standard"}},
                "modelUsage":{{"claude-opus-5-5":{{{tokens}}}}},"permission_denials":[],
                "terminal_reason":"completed","is_error":false,"num_turns":3,"subtype":"success",
                "api_error_status":null,"result":{said},"type":"result","duration_ms":240,
                "uuid":"{uuid}","queued_turn_count":0,"result_index":0,
                "model_usage_since_last_result":{{"claude-opus-5-5":{{{tokens}}}}}}}"#
        ));
    }
}
