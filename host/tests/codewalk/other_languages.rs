//! Adapters in languages other than Rust: the examples, built by `cargo xtask component`, in one of
//! codewalk's chains.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::support::{User, guests, script};
use serde_json::{Value, json};

/// Returns an example as a component.
fn built(example: &str) -> PathBuf {
    guests::folder().join(example).with_extension("wasm")
}

/// Creates a user with two agents.
fn user() -> User {
    let user = User::new();
    script(&user.home().join("agent.sh"), "echo done");
    user
}

fn configure(user: &User, rest: &str) {
    // In an unoptimised build, as in tests, the compiler takes several times as long.
    let program = user.home().join("agent.sh");
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n\
         [agents.other]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n\
         [compile]\nexecuting_s = 300\n{rest}"
    ));
}

/// Compiles the configured adapters, which takes longer than a request waits.
fn compile(user: &User) {
    let list = user.run(&["adapters", "list"]);
    assert_eq!(list.status, Some(0), "{list:?}");
}

/// A loopback service that answers every request with the same text.
struct Service {
    url: String,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Service {
    fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<_>>> = Arc::default();
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                log.lock().unwrap().push(serve(stream.unwrap(), answer));
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

/// Returns the first line and the body of the request.
fn serve(stream: TcpStream, answer: &str) -> (String, Value) {
    let mut reader = BufReader::new(&stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_lowercase()),
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let length = answer.len();
    let response =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}");
    (&stream).write_all(response.as_bytes()).unwrap();
    (head.remove(0), serde_json::from_slice(&body).unwrap())
}

#[test]
#[ignore = "needs adapters in other languages: run `cargo xtask test`"]
fn a_router_in_javascript_can_fetch_only_within_its_grants() {
    let component = built("js-router");
    let user = user();
    let service = Service::start("{\"agent\": \"other\", \"project\": \"shop\"}");
    let chain = format!(
        "[router]\nchain = [\"service\", \"local-router\"]\ndeadline_ms = 60000\n\
         [adapters.service]\npath = {component:?}\nconfig = {{ base_url = {:?} }}\n",
        service.url
    );
    let grant = format!("[[adapters.service.http]]\nurl = \"{}/route\"\nmethods = [\"POST\"]\n", service.url);

    configure(&user, &format!("{chain}{grant}"));
    compile(&user);
    // A flag does not consent to an agent that a router chooses.
    let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(3), "{result:#} {stderr}");
    assert_eq!(result["router"]["adapter"], "service", "{result:#} {stderr}");
    assert_eq!(result["router"]["proposal"]["agent"], "other");
    let (line, body) = service.asked().remove(0);
    assert_eq!(line, "post /route http/1.1");
    assert_eq!((&body["utterance"], &body["projects"]), (&json!("fix the login test"), &json!(["shop"])));
    assert!(body["agents"].as_array().unwrap().contains(&json!("other")), "{body}");

    configure(&user, &chain);
    let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    assert_eq!(result["router"]["adapter"], "local-router");
    let error = &result["router"]["fallback_from"][0]["error"];
    assert_eq!(error["kind"], "unavailable", "{result:#}");
    assert!(
        error["message"].as_str().unwrap().contains(&format!("cannot reach {}/route", service.url)),
        "{result:#} {stderr}"
    );
    assert_eq!(service.asked().len(), 1, "what is not granted is not sent");
}

#[test]
#[ignore = "needs adapters in other languages: run `cargo xtask test`"]
fn a_router_in_python_finds_the_named_agent() {
    let component = built("python-router");
    let user = user();
    configure(&user, &format!("[router]\nchain = [{component:?}]\n"));
    compile(&user);
    // A flag consents only to the default agent.
    for (request, agent, status, confidence) in
        [("let other fix the login test", "other", 3, 90), ("fix the login test", "tool", 0, 60)]
    {
        let (ended, result, stderr) = user.request(&["--yes", request]);
        assert_eq!(ended, Some(status), "{result:#} {stderr}");
        assert_eq!(result["router"]["proposal"]["agent"], agent, "{result:#}");
        assert_eq!(result["router"]["confidence"], confidence, "{result:#}");
    }
}
