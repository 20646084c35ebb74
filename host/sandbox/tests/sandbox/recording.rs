//! Recorded and replayed calls.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use codewalk_core::ids::{Id, UtteranceId};
use codewalk_core::ports::Summarizer;
use codewalk_sandbox::{
    AdapterSpec, Credential, Grant, RecordedCall, Recorder, Sandbox, SandboxConfig, SecretSource, Source,
    Subject, World,
};
use serde_json::json;

use crate::guests::{Guest, Request, router, saying, summarizer};
use crate::server::Server;
use crate::support::{ask, generous, hint, sandbox, spec, summary_request};
use crate::wasi_guests::{End, Sending, wasi};

// JSON escapes a quotation mark.
const SECRET: &str = "gsk_Zx81-\"do-not-tell";

/// The subject of all requests that [`ask`] sends.
const UTTERANCE: Subject = Subject::Utterance(UtteranceId(Id::from_u128(1)));

fn recorder(folder: &Path) -> Recorder {
    Recorder::new(folder.join("sessions"), folder.join("utterances"))
}

fn recording(folder: &Path) -> Sandbox {
    let settings =
        SandboxConfig { limits: generous(), recorder: Some(recorder(folder)), ..SandboxConfig::default() };
    Sandbox::new(settings).unwrap()
}

/// The recorded calls of routing.
fn routed(folder: &Path) -> Vec<RecordedCall> {
    let recording = recorder(folder).read(UTTERANCE).unwrap();
    assert!(recording.unreadable.is_none());
    recording.calls
}

/// Calls a guest once, and returns the record.
async fn recorded(spec: AdapterSpec) -> RecordedCall {
    let folder = tempfile::tempdir().unwrap();
    let good = self::spec("good", saying("all is well").embedded());
    ask(&recording(folder.path()).router_chain(vec![spec, good]), "hello").await.unwrap();
    routed(folder.path()).remove(0)
}

async fn replayed(call: &RecordedCall, guest: &Guest) -> RecordedCall {
    let player = sandbox(generous()).player(&Source::Embedded(guest.embedded())).unwrap();
    player.replay(call).await.unwrap()
}

fn credential(folder: &Path, server: &Server) -> Arc<Credential> {
    let path = folder.join("service.key");
    fs::write(&path, SECRET).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    Arc::new(Credential::new("service", SecretSource::File(path), &server.url("")).unwrap())
}

fn posting(url: &str, credential: Option<Arc<Credential>>) -> (Guest, AdapterSpec) {
    let name = credential.as_ref().map(|_| "service");
    let guest = Request { body: b"hello", credential: name, ..Request::post(url) }.guest();
    let grant = Grant::new(url, &["POST".to_owned()], credential).unwrap();
    let spec = AdapterSpec { http: vec![grant], ..spec("guest", guest.embedded()) };
    (guest, spec)
}

#[tokio::test]
async fn each_call_of_a_chain_is_recorded_with_its_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let config = [("tone".to_owned(), "dry".to_owned())].into();
    let refusing =
        router(&format!("(call $refuse (i32.const 0) (i32.const {}) (i32.const 4))", crate::guests::DATA));
    let chain = recording(folder.path()).router_chain(vec![
        AdapterSpec { config, ..spec("refusing", refusing.data(b"busy").embedded()) },
        spec("trapping", router("(unreachable)").embedded()),
        spec("good", saying("here").embedded()),
    ]);
    ask(&chain, "hello").await.unwrap();
    let calls = routed(folder.path());
    let outcomes: Vec<_> = calls.iter().map(|call| (call.adapter.as_str(), call.outcome())).collect();
    assert_eq!(
        outcomes,
        [
            ("refusing", json!({"error": {"Unavailable": "busy"}})),
            (
                "trapping",
                json!({
                    "problem": "stopped with an error: wasm trap: wasm `unreachable` instruction executed",
                })
            ),
            (
                "good",
                json!({"answer": {
                    "intent": {"CannotParse": "here"}, "confidence": 0, "candidates": [], "reason": ""
                }})
            ),
        ]
    );
    let RecordedCall { port, digest, config, limits, request, seed, .. } = &calls[0];
    assert_eq!((port, config["tone"].as_str()), (&Some(World::Router), "dry"));
    assert_eq!((digest.len(), seed.as_ref().unwrap().len()), (64, 64));
    assert_eq!(limits.unwrap().memory, generous().memory);
    assert_eq!((&request["utterance"], &request["now"]), (&json!("hello"), &json!(1000)));
    assert_eq!(request.get("id"), None, "a router is not told it");
}

#[tokio::test]
async fn a_summary_is_recorded_with_its_session() {
    let folder = tempfile::tempdir().unwrap();
    let guest = summarizer("(call $summary (i32.const 4096) (i32.const 4) (i64.const 7))").data(b"fine");
    let chain = recording(folder.path()).summarizer_chain(vec![spec("guest", guest.embedded())]);
    let request = summary_request(100);
    chain.summarize(&request).await.unwrap();
    let calls = recorder(folder.path()).read(Subject::Session(request.order.session)).unwrap().calls;
    assert_eq!(calls[0].outcome(), json!({"answer": {"text": "fine", "covers": 7}}));
    assert_eq!(replayed(&calls[0], &guest).await.said(), calls[0].said());
}

#[tokio::test]
async fn exchanges_are_recorded_without_the_credential() {
    let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
    let url = server.url("/v1/echo");
    let (_, spec) = posting(&url, Some(credential(folder.path(), &server)));
    let chain = recording(folder.path()).router_chain(vec![spec]);
    // A key in the utterance is not recorded either.
    hint(&chain, &format!("my key is {SECRET}")).await;
    assert_eq!(server.authorizations(), [Some(format!("Bearer {SECRET}"))]);

    let calls = routed(folder.path());
    let exchange = &calls[0].http[0];
    assert_eq!((exchange.request.method.as_str(), exchange.request.url.as_str()), ("POST", url.as_str()));
    assert_eq!(exchange.request.body.0, b"hello");
    assert_eq!(exchange.request.credential.as_deref(), Some("service"));
    let response = exchange.response.as_ref().unwrap();
    assert_eq!(response.status, 200);
    assert!(response.headers.contains(&("x-reflected".to_owned(), "Bearer [credential]".to_owned())));
    let file = fs::read_to_string(recorder(folder.path()).file(UTTERANCE)).unwrap();
    assert!(file.contains("my key is [credential]") && !file.contains("gsk_Zx81"), "{file}");
}

#[tokio::test]
async fn a_replay_repeats_the_responses_and_opens_no_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let canary = || -> io::Result<()> {
        listener.set_nonblocking(true)?;
        listener.accept().map(drop)
    };
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (guest, _) = posting(&url, None);
    let mut call: RecordedCall = serde_json::from_value(json!({
        "port": "router", "request": {}, "problem": "none",
        "http": [{"request": {"method": "POST", "url": url}, "response": {"status": 200, "body": "canned"}}],
    }))
    .unwrap();
    let now = replayed(&call, &guest).await;
    assert_eq!(now.answer.unwrap()["intent"], json!({"CannotParse": "canned"}));
    assert_eq!(now.http[0].request.body.0, b"hello", "what it sends now is shown");

    call.http[0].request.url.push_str("/else");
    let now = replayed(&call, &guest).await;
    let denied = now.error.unwrap()["Denied"].as_str().unwrap().to_owned();
    assert!(denied.contains("no recorded answer") && denied.contains(&url), "{denied}");
    assert_eq!(canary().unwrap_err().kind(), ErrorKind::WouldBlock, "something connected");
}

#[tokio::test]
async fn a_replay_of_the_same_component_gives_the_same_outcome() {
    let server = Server::start().await;
    for path in ["/v1/echo", "/gzip"] {
        let (guest, spec) = posting(&server.url(path), None);
        let call = recorded(spec).await;
        let now = replayed(&call, &guest).await;
        assert_eq!((now.said(), &now.seed, now.http), (call.said(), &call.seed, call.http), "{path}");
    }
    let denied = Request::post(&server.url("/not-granted")).guest();
    let call = recorded(spec("guest", denied.embedded())).await;
    assert_eq!(replayed(&call, &denied).await.said(), call.said());
    assert_eq!(server.seen(), ["POST /v1/echo", "POST /gzip"], "a replay sends nothing");

    let trapping = router("(unreachable)");
    let call = recorded(spec("guest", trapping.embedded())).await;
    assert_eq!(replayed(&call, &trapping).await.said(), call.said());
    assert_ne!(replayed(&call, &saying("well")).await.said(), call.said());
}

#[tokio::test]
async fn a_denial_reveals_nothing_of_the_machine_to_a_guest() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    let url = server.url("/v1/echo");
    let grant = Grant::new("https://api.example.com/", &["POST".to_owned()], None).unwrap();
    let elsewhere = Arc::new(
        Credential::new("service", SecretSource::File(folder.path().join("key")), "https://api.example.com")
            .unwrap(),
    );
    fs::write(folder.path().join("key"), SECRET).unwrap();
    fs::set_permissions(folder.path().join("key"), fs::Permissions::from_mode(0o600)).unwrap();
    let bound = Grant::new(&server.url("/v1/"), &["POST".to_owned()], Some(elsewhere)).unwrap();
    for (credential, grants) in [(None, vec![]), (None, vec![grant]), (Some("service"), vec![bound])] {
        let guest = Request { credential, ..Request::post(&url) }.guest();
        let call = recorded(AdapterSpec { http: grants, ..spec("guest", guest.embedded()) }).await;
        // The guest repeats the response.
        let told = call.error.unwrap()["Denied"].as_str().unwrap().to_owned();
        assert_eq!(
            told,
            "this request is not among those that the adapter was granted; codewalk has told the operator why"
        );
    }
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn a_replay_repeats_the_time_and_random_numbers_of_wasi() {
    let guest = wasi(
        "(call $time (i32.const 3000))
         (call $random (i64.const 16) (i32.const 2048))
         (i64.store (i32.const 3012) (i64.load (i32.load (i32.const 2048))))
         (call $hex (i32.const 3000) (i32.const 20))",
    );
    let mut call = recorded(spec("guest", guest.embedded())).await;
    let said = call.said();
    assert_eq!(replayed(&call, &guest).await.said(), said);
    // The recorded numbers, whatever the request.
    call.request["utterance"] = json!("goodbye");
    assert_eq!(replayed(&call, &guest).await.said(), said);
    call.seed = None;
    assert_ne!(replayed(&call, &guest).await.said(), said);
}

#[tokio::test]
async fn a_replay_repeats_wasi_http_and_opens_no_socket() {
    let server = Server::start().await;
    let url = server.url("");
    let body = crate::wasi_guests::Body { part: b"hello ", times: 3, end: End::Finished };
    for path in ["/v1/echo", "/endless", "/gzip"] {
        let guest = Sending { body, ..Sending::post(&url, path) }.guest();
        let grant = Grant::new(&server.url("/"), &["POST".to_owned()], None).unwrap();
        let call = recorded(AdapterSpec { http: vec![grant], ..spec("guest", guest.embedded()) }).await;
        assert_eq!(call.http[0].request.body.0, b"hello hello hello ", "{path}");
        let now = replayed(&call, &guest).await;
        assert_eq!(now.said(), call.said(), "{path}");
        assert!(now.http == call.http, "{path}");
    }
    assert_eq!(server.seen(), ["POST /v1/echo", "POST /endless", "POST /gzip"]);
}

#[tokio::test]
async fn operations_that_differ_between_processors_are_deterministic() {
    let says = |condition: &str| {
        router(&format!(
            "(local $nan f32)
             (local.set $nan (f32.sub (f32.load (i32.const 4112)) (f32.load (i32.const 4112))))
             (call $hint (i32.const 4096) (select (i32.const 4) (i32.const 8) {condition}))"
        ))
        // "same" or "same not", and infinity.
        .data(b"same not\0\0\0\0\0\0\0\0\0\0\x80\x7f")
    };
    for (what, condition) in [
        ("the bits of a NaN", "(i32.eq (i32.reinterpret_f32 (local.get $nan)) (i32.const 0x7fc00000))"),
        (
            "a NaN as a number, in relaxed SIMD",
            "(i32.eqz (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (local.get $nan)))))",
        ),
    ] {
        let chain = sandbox(generous()).router_chain(vec![spec("guest", says(condition).embedded())]);
        assert_eq!(hint(&chain, "hello").await, "same", "{what}");
    }
}

#[tokio::test]
async fn the_component_of_a_recorded_call_is_found_by_its_digest() {
    let (one, two) = (Source::Embedded(saying("one").embedded()), Source::Embedded(saying("two").embedded()));
    let sandbox = sandbox(generous());
    let mut call = recorded(AdapterSpec::new("guest", two.clone())).await;
    let candidates = [Source::File("/no/such/file.wasm".into()), one, two];
    assert_eq!(sandbox.player_again(&call, &candidates).unwrap().unwrap().digest(), call.digest);
    call.digest = "../../etc/passwd".to_owned();
    assert!(sandbox.player_again(&call, &candidates).unwrap().is_none());
}

#[tokio::test]
async fn an_invalid_case_is_refused_with_the_reason() {
    let player = sandbox(generous()).player(&Source::Embedded(saying("x").embedded())).unwrap();
    for (case, said) in [
        (json!({"request": {}}), "add \"port\": \"router\" or \"summarizer\""),
        (
            json!({"port": "router", "request": {"utterence": "x"}}),
            "unknown field \"utterence\"; known fields:",
        ),
        (json!({"port": "router", "request": {"now": "x"}}), "invalid type"),
        (json!({"port": "router", "request": []}), "it is not an object"),
        (json!({"port": "router", "request": {}, "seed": "f"}), "64 hexadecimal digits"),
        (json!({"port": "summarizer", "request": {}}), "is not a summarizer"),
    ] {
        let error = player.replay(&serde_json::from_value(case).unwrap()).await.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}
