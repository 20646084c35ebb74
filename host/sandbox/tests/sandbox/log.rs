//! Log lines of guests: bounded, sanitized, and labelled with the adapter.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use codewalk_sandbox::Sandbox;
use tracing_subscriber::fmt::MakeWriter;

use crate::guests::{DATA, Guest, Request, router};
use crate::support::{ask, generous, sandbox, spec};

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Collected;

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Collected {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// Returns an adapter's log lines since the first call to this function. Guests log on their own threads, so
/// the collector is global.
pub fn lines_of(name: &str) -> Vec<String> {
    static COLLECT: Once = Once::new();
    COLLECT.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(Collected)
            .init();
    });
    let collected = LINES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mine = format!("adapter=\"{name}\" digest=");
    String::from_utf8(collected)
        .unwrap()
        .lines()
        .filter(|line| line.contains(&mine) && line.contains("call="))
        .map(str::to_owned)
        .collect()
}

/// Runs a guest, and returns its log lines.
async fn logged(name: &str, guest: &Guest) -> Vec<String> {
    lines_of(name);
    let sandbox: Sandbox = sandbox(generous());
    let chain = sandbox.router_chain(vec![spec(name, guest.embedded())]);
    // The answer does not matter.
    let _ = ask(&chain, "hello").await;
    lines_of(name)
}

fn logging(level: u8, text: &str) -> Guest {
    let body = format!(
        "(call $log (i32.const {level}) (i32.const {DATA}) (i32.const {}))
         (call $hint (i32.const 0) (i32.const 0))",
        text.len()
    );
    router(&body).data(text.as_bytes())
}

#[tokio::test]
async fn a_log_line_names_the_adapter_its_digest_and_the_call() {
    for (level, shown) in [" DEBUG ", "  INFO ", "  WARN ", " ERROR "].into_iter().enumerate() {
        let name = format!("levels-{level}");
        let lines = logged(&name, &logging(u8::try_from(level).unwrap(), "model loaded")).await;
        let [line] = lines.as_slice() else {
            panic!("one line: {lines:?}");
        };
        assert!(line.contains(shown), "{line}");
        assert!(line.contains("model loaded"), "{line}");
        assert!(line.contains("call=1"), "{line}");
        let digest = line.split("digest=\"").nth(1).unwrap();
        assert!(digest[..12].chars().all(|c| c.is_ascii_hexdigit()), "{line}");
    }
}

/// Case 53.
#[tokio::test]
async fn escapes_and_line_breaks_do_not_reach_the_log() {
    let lines = logged("escapes", &logging(1, "a\u{1b}[31mb\nINFO forged\r\u{9b}c")).await;
    let [line] = lines.as_slice() else {
        panic!("one line: {lines:?}");
    };
    assert!(!line.chars().any(char::is_control), "{line:?}");
    assert!(line.contains("[31mb INFO forged"), "{line:?}");
}

/// Case 53.
#[tokio::test]
async fn a_long_line_is_cut() {
    let lines = logged("long", &logging(1, &"x".repeat(5000))).await;
    assert!(lines[0].len() < 2300, "{}", lines[0].len());
    assert!(lines[0].contains('…'));
}

/// Case 53.
#[tokio::test]
async fn a_flood_is_dropped_with_a_count() {
    let body = format!(
        "(local $n i32)
         (loop $more
           (call $log (i32.const 2) (i32.const {DATA}) (i32.const 4))
           (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10000))))
         (call $hint (i32.const 0) (i32.const 0))"
    );
    let lines = logged("flood", &router(&body).data(b"drip")).await;
    assert_eq!(lines.len(), 201);
    assert!(lines[200].contains("9800 more lines of this call were dropped"), "{}", lines[200]);
}

#[tokio::test]
async fn a_denial_is_logged_on_one_line_with_its_remedy() {
    let url = "https://example.invalid/v1";
    let lines = logged("denied", &Request::post(url).guest()).await;
    let [line] = lines.as_slice() else {
        panic!("one line: {lines:?}");
    };
    assert!(line.contains(" WARN ") && line.contains("call=1"), "{line}");
    assert!(
        line.contains("may not send POST https://example.invalid/v1: it has no network access"),
        "{line}"
    );
    assert!(line.contains("[[adapters.denied.http]] url = \"https://example.invalid/v1\""), "{line}");
}

/// Case 54.
#[tokio::test]
async fn a_flood_of_requests_is_bounded_and_so_is_its_log() {
    let lines =
        logged("requests", &Request { times: 1000, ..Request::post("https://example.invalid/") }.guest())
            .await;
    assert_eq!(lines.len(), 64);
}
