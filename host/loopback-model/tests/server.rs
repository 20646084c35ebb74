//! The server as a client sees it: plain HTTP over a socket.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use codewalk_loopback_model::{Completion, LoopbackModel, Script, Turn, Usage};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(10);

/// An HTTP reply: status, head and body.
struct HttpReply {
    status: u16,
    head: String,
    body: String,
}

impl HttpReply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns the events of a stream, and checks that the name of each equals its type.
    fn events(&self) -> Vec<Value> {
        let events = self.body.split("\n\n").filter(|event| !event.is_empty());
        events
            .map(|event| {
                let (name, data) = event.split_once('\n').unwrap();
                let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
                assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
                data
            })
            .collect()
    }
}

/// Sends a request in HTTP/1.0, so that the reply is not chunked and ends with the connection.
fn open(model: &LoopbackModel, method: &str, path: &str, body: &str) -> BufReader<TcpStream> {
    let address = model.base_url().strip_prefix("http://").unwrap().to_owned();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let length = body.len();
    write!(socket, "{method} {path} HTTP/1.0\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    BufReader::new(socket)
}

fn read(mut socket: BufReader<TcpStream>) -> HttpReply {
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    HttpReply { status, head: head.to_owned(), body: body.to_owned() }
}

fn post(model: &LoopbackModel, body: &Value) -> HttpReply {
    read(open(model, "POST", "/v1/messages?beta=true", &body.to_string()))
}

/// Returns a conversation with `position` replies after its prompt.
fn conversation(prompt: &str, position: usize) -> Value {
    let mut messages = vec![json!({"role": "user", "content": [{"type": "text", "text": prompt}]})];
    for index in 0..position {
        let id = format!("toolu_{index}");
        messages.push(json!({"role": "assistant", "content": [{"type": "tool_use", "id": id}]}));
        messages.push(json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id}]}));
    }
    json!({
        "model": "some-model", "stream": true, "messages": messages, "tools": [{"name": "Write"}],
        "system": [{
            "type": "text",
            "text": " - Primary working directory: /home/me/shop\n - Platform: linux",
        }],
    })
}

fn whole(prompt: &str, position: usize) -> Value {
    let mut body = conversation(prompt, position);
    body["stream"] = false.into();
    body
}

fn wait_for_hanging(model: &LoopbackModel, count: usize) {
    let until = Instant::now() + DEADLINE;
    while *model.hanging().borrow() != count {
        assert!(Instant::now() < until, "not {count} hanging turns");
        std::thread::yield_now();
    }
}

#[test]
fn a_streamed_reply_has_the_events_of_the_api_in_order() {
    let text = "Grüße, und zwar länger als ein einziges Stück des Stroms.";
    let model = LoopbackModel::start(Script::new().turn(Turn::text(text))).unwrap();
    let answer = post(&model, &conversation("hello", 0));
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: text/event-stream"), "{}", answer.head);
    assert!(answer.head.contains("request-id: req_"), "{}", answer.head);

    let events = answer.events();
    let mut kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    assert_eq!(events[0]["message"]["model"], "some-model");
    let said: String = events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
    assert_eq!(said, text);
    let end = &events[events.len() - 2];
    assert_eq!(end["delta"]["stop_reason"], "end_turn");
    assert_eq!((&end["usage"]["input_tokens"], &end["usage"]["output_tokens"]), (&json!(10), &json!(20)));
}

#[test]
fn a_streamed_tool_call_has_its_input_in_chunks() {
    let input = json!({"file_path": "{cwd}/hello.txt", "content": "hello\n", "lines": [1, "{cwd}"]});
    let turn = Turn::text("Writing.").and_tool("Write", input);
    let model = LoopbackModel::start(Script::new().turn(turn)).unwrap();
    let events = post(&model, &conversation("write it", 0)).events();

    let opened = events.iter().find(|event| event["content_block"]["type"] == "tool_use").unwrap();
    assert_eq!((&opened["index"], &opened["content_block"]["name"]), (&json!(1), &json!("Write")));
    let pieces: Vec<_> = events.iter().filter_map(|event| event["delta"]["partial_json"].as_str()).collect();
    assert!(pieces.len() > 1);
    assert_eq!(
        serde_json::from_str::<Value>(&pieces.concat()).unwrap(),
        json!({"file_path": "/home/me/shop/hello.txt", "content": "hello\n", "lines": [1, "/home/me/shop"]})
    );
    assert_eq!(events[events.len() - 2]["delta"]["stop_reason"], "tool_use");
}

#[test]
fn the_conversation_selects_the_next_turn() {
    let script = Script::new()
        .turn(Turn::tool("Bash", json!({"command": "true"})))
        .turn(Turn::text("second"))
        .when("other")
        .turn(Turn::text("of the other"));
    let model = LoopbackModel::start(script).unwrap();
    let said = |prompt, position| post(&model, &whole(prompt, position)).json()["content"].clone();
    assert_eq!(said("go", 0)[0]["input"], json!({"command": "true"}));
    assert_eq!(said("go", 1), json!([{"type": "text", "text": "second"}]));
    assert_eq!(said("go", 2), json!([{"type": "text", "text": "Done."}]));
    assert_eq!(said("the other one", 0), json!([{"type": "text", "text": "of the other"}]));
}

#[test]
fn identifiers_of_replies_are_unique_across_servers() {
    let ids = [(); 2].map(|()| {
        let script = Script::new().turn(Turn::tool("A", json!({})).and_tool("B", json!({})));
        let model = LoopbackModel::start(script).unwrap();
        let answer = post(&model, &whole("go", 0)).json();
        [&answer["id"], &answer["content"][0]["id"], &answer["content"][1]["id"]].map(Value::to_string)
    });
    let distinct: std::collections::BTreeSet<_> = ids.concat().into_iter().collect();
    assert_eq!(distinct.len(), 6);
}

#[test]
fn a_request_without_tools_gets_a_side_reply() {
    let model = LoopbackModel::start(Script::new().turn(Turn::text("not for titles"))).unwrap();
    let mut body = whole("name this", 0);
    body["tools"] = json!([]);
    assert_eq!(post(&model, &body).json()["content"][0]["text"], r#"{"title": "Loopback session"}"#);
}

#[test]
fn errors_have_the_format_of_the_api_and_the_given_count() {
    let script =
        Script::new().turn(Turn::text("at last").after_errors(529, 2)).when("never").turn(Turn::error(400));
    let model = LoopbackModel::start(script).unwrap();
    let statuses = [(); 3].map(|()| post(&model, &conversation("go", 0)).status);
    assert_eq!(statuses, [529, 529, 200]);
    let never = post(&model, &conversation("never", 0));
    assert_eq!(never.status, 400);
    assert_eq!(never.json()["error"]["type"], "invalid_request_error");
    assert_eq!(post(&model, &conversation("never", 0)).status, 400);
}

#[test]
fn usage_counts_replies_and_not_errors() {
    let used = Usage {
        input_tokens: 1,
        output_tokens: 2,
        cache_creation_input_tokens: 3,
        cache_read_input_tokens: 4,
    };
    let script = Script::new().turn(Turn::text("a")).turn(Turn::text("b").usage(used).after_errors(500, 1));
    let model = LoopbackModel::start(script).unwrap();
    post(&model, &conversation("go", 0));
    assert_eq!(post(&model, &whole("go", 1)).status, 500);
    assert_eq!(post(&model, &whole("go", 1)).json()["usage"]["cache_read_input_tokens"], 4);
    let mut expected = Usage::PER_TURN;
    expected += used;
    assert_eq!(model.usage_total(), expected);
}

#[test]
fn a_hanging_turn_sends_its_text_and_ends_when_released() {
    let model = LoopbackModel::start(Script::new().turn(Turn::text("Thinking.").hanging())).unwrap();
    let mut socket = open(&model, "POST", "/v1/messages", &conversation("go", 0).to_string());
    let mut line = String::new();
    while !line.contains("Thinking.") {
        line.clear();
        assert_ne!(socket.read_line(&mut line).unwrap(), 0, "ended early");
    }
    wait_for_hanging(&model, 1);
    assert_eq!(model.usage_total(), Usage { output_tokens: 0, ..Usage::PER_TURN });
    model.release();
    let mut rest = String::new();
    socket.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("message_stop"), "{rest}");
    assert_eq!(*model.hanging().borrow(), 0);
    assert_eq!(model.usage_total(), Usage::PER_TURN);
}

#[tokio::test]
async fn an_async_test_can_start_the_server_and_wait_for_it() {
    let model = LoopbackModel::start(Script::new().turn(Turn::text("Thinking.").hanging())).unwrap();
    let _socket = open(&model, "POST", "/v1/messages", &conversation("go", 0).to_string());
    let mut hanging = model.hanging();
    tokio::time::timeout(DEADLINE, hanging.wait_for(|count| *count == 1)).await.unwrap().unwrap();
}

#[test]
fn a_client_that_disconnects_ends_a_hanging_turn() {
    let model = LoopbackModel::start(Script::new().turn(Turn::text("Thinking.").hanging())).unwrap();
    let socket = open(&model, "POST", "/v1/messages", &conversation("go", 0).to_string());
    wait_for_hanging(&model, 1);
    drop(socket);
    wait_for_hanging(&model, 0);
}

#[test]
fn a_delayed_turn_pauses_between_its_chunks() {
    let delay = Duration::from_millis(20);
    let text = "x".repeat(100);
    let model = LoopbackModel::start(Script::new().turn(Turn::text(text).delay(delay))).unwrap();
    let started = Instant::now();
    let answer = post(&model, &conversation("go", 0));
    let chunks = answer.events().iter().filter(|event| event["type"] == "content_block_delta").count();
    assert!(chunks > 1);
    assert!(started.elapsed() >= delay * u32::try_from(chunks).unwrap());
}

#[test]
fn requests_are_recorded_in_order_with_their_prompts() {
    let model = LoopbackModel::start(Script::new()).unwrap();
    read(open(&model, "GET", "/v1/models", ""));
    post(&model, &conversation("  say <b>hello</b>", 0));
    let requests = model.requests();
    let seen: Vec<_> =
        requests.iter().map(|request| (request.method.as_str(), request.path.as_str())).collect();
    assert_eq!(seen, [("GET", "/v1/models"), ("POST", "/v1/messages")]);
    assert_eq!((requests[0].prompt(), &requests[0].body), (None, &Value::Null));
    assert_eq!(requests[1].prompt().as_deref(), Some("say <b>hello</b>"));
    assert_eq!(requests[1].body["model"], "some-model");
}

fn complete(model: &LoopbackModel) -> HttpReply {
    read(open(model, "POST", "/openai/v1/chat/completions", r#"{"model": "m", "messages": []}"#))
}

#[test]
fn completions_follow_the_script_and_the_last_one_repeats() {
    let script = Script::new()
        .completion(Completion::error(429, "rate_limit_exceeded", "slow down").header("Retry-After", "7"))
        .completion(Completion::raw(200, "{\"choices\": ["))
        .completion(Completion::json(&json!({"said": "ünïcode"})));
    let model = LoopbackModel::start(script).unwrap();
    let limited = complete(&model);
    assert_eq!((limited.status, limited.json()["error"]["message"].as_str()), (429, Some("slow down")));
    assert!(limited.head.contains("retry-after: 7"), "{}", limited.head);
    let raw = complete(&model);
    assert_eq!((raw.status, raw.body.as_str()), (200, "{\"choices\": ["));
    for _ in 0..2 {
        let choice = complete(&model).json()["choices"][0].clone();
        assert_eq!(choice["message"]["content"], r#"{"said":"ünïcode"}"#);
        assert_eq!(choice["finish_reason"], "stop");
    }
}

#[test]
fn a_completion_can_be_delayed() {
    let delay = Duration::from_millis(50);
    let model =
        LoopbackModel::start(Script::new().completion(Completion::text("late").delay(delay))).unwrap();
    let started = Instant::now();
    assert_eq!(complete(&model).status, 200);
    assert!(started.elapsed() >= delay);
}

#[test]
fn without_a_scripted_completion_there_is_an_error() {
    let model = LoopbackModel::start(Script::new()).unwrap();
    let answer = complete(&model);
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("script"), "{}", answer.body);
}

#[test]
fn the_headers_of_a_request_are_recorded() {
    let model = LoopbackModel::start(Script::new()).unwrap();
    let address = model.base_url().strip_prefix("http://").unwrap().to_owned();
    let mut socket = TcpStream::connect(address).unwrap();
    write!(socket, "GET / HTTP/1.0\r\nAuthorization: Bearer secret\r\n\r\n").unwrap();
    assert_eq!(read(BufReader::new(socket)).status, 200);
    let request = &model.requests()[0];
    assert_eq!((request.header("authorization"), request.header("cookie")), (Some("Bearer secret"), None));
}

#[test]
fn other_known_paths_reply_and_unknown_ones_are_not_found() {
    let model = LoopbackModel::start(Script::new()).unwrap();
    let status = |method, path, body| read(open(&model, method, path, body)).status;
    assert_eq!(status("HEAD", "/", ""), 200);
    assert_eq!(status("GET", "/", ""), 200);
    assert_eq!(status("POST", "/v1/messages/count_tokens", "{}"), 200);
    let unknown = read(open(&model, "POST", "/v1/nothing", "{}"));
    assert_eq!((unknown.status, unknown.json()["error"]["type"].as_str()), (404, Some("not_found_error")));
}

#[test]
fn an_invalid_request_is_rejected_with_the_reason() {
    let script = Script::new().turn(Turn::tool("Read", json!({"file_path": "{cwd}/a"})));
    let model = LoopbackModel::start(script).unwrap();
    for body in ["", "not JSON", "[1]", r#"{"messages": 1}"#] {
        let answer = read(open(&model, "POST", "/v1/messages", body));
        assert_eq!((answer.status, answer.json()["type"].as_str()), (400, Some("error")), "{body}");
    }
    let mut nowhere = conversation("go", 0);
    nowhere["system"] = Value::Null;
    let answer = post(&model, &nowhere);
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("working directory"), "{}", answer.body);
}

#[test]
fn a_body_that_is_too_large_is_rejected() {
    let model = LoopbackModel::start(Script::new()).unwrap();
    // One byte too many. The server reads the whole body before it rejects it, so that no reset loses the
    // reply.
    let body = " ".repeat(16 * 1024 * 1024 + 1);
    let answer = read(open(&model, "POST", "/v1/messages", &body));
    assert_eq!((answer.status, answer.json()["error"]["type"].as_str()), (413, Some("request_too_large")));
    assert!(model.requests().is_empty());
}

#[test]
fn dropping_the_handle_ends_the_server_even_if_a_turn_hangs() {
    let model = LoopbackModel::start(Script::new().turn(Turn::text("Thinking.").hanging())).unwrap();
    let mut socket = open(&model, "POST", "/v1/messages", &conversation("go", 0).to_string());
    wait_for_hanging(&model, 1);
    let address = model.base_url().strip_prefix("http://").unwrap().to_owned();
    drop(model);
    let mut answer = String::new();
    let ended = socket.read_to_string(&mut answer);
    assert!(ended.is_ok() || ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    assert!(!answer.contains("message_stop"));
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn the_environment_names_this_server_and_the_given_home() {
    let model = LoopbackModel::start(Script::new()).unwrap();
    let environment = model.claude_env(std::path::Path::new("/scratch"));
    let value = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("HOME"), Some("/scratch"));
    assert_eq!(value("CLAUDE_CONFIG_DIR"), Some("/scratch/.claude"));
    assert_eq!(value("ANTHROPIC_BASE_URL"), Some(model.base_url().as_str()));
}
