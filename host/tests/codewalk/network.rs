//! The connection to servers: proxies and certificates.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::support::{User, said};

const KEY: &str = "sk-loopback-7f3a9c";

/// Starts a proxy that sends the head of each request to the test, and refuses the request.
fn refusing_proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.extend(byte);
            }
            let _ = tell.send(String::from_utf8_lossy(&head).into_owned());
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (address, told)
}

#[test]
fn only_the_configuration_sets_a_proxy() {
    let user = User::new();
    let (proxy, asked) = refusing_proxy();
    let run = || {
        let mut command = user.codewalk(&["ask", "what is it doing?", "--output-format", "json"]);
        // The server's name is not looked up here.
        command.env("GROQ_API_KEY", KEY);
        for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY", "http_proxy"] {
            command.env(variable, format!("http://{proxy}"));
        }
        let said = said(command.output().unwrap());
        serde_json::from_str::<Value>(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    };
    let chain = "[router]\nchain = [\"groq-router\", \"local-router\"]\ndeadline_ms = 10000\n";
    user.configure(&format!("{chain}[network]\nproxy = \"http://{proxy}\"\n"));
    let result = run();
    assert_eq!(result["router"]["adapter"], "local-router", "{result:#}");
    let head = asked.recv_timeout(crate::support::DEADLINE).unwrap();
    assert!(head.starts_with("CONNECT api.groq.com:443 HTTP/1.1\r\n"), "{head}");
    assert!(!head.contains(KEY), "{head}");
    let why = result["router"]["fallback_from"][0]["error"]["message"].as_str().unwrap();
    assert!(why.contains("https://api.groq.com cannot be reached"), "{why}");

    let unused = "http = [{ url = \"http://127.0.0.1:9/v1/\", methods = [\"POST\"] }]";
    user.configure(&format!(
        "{chain}[adapters.groq-router]\nconfig = {{ base_url = \"http://127.0.0.1:9/v1\" }}\n{unused}\n"
    ));
    run();
    assert!(asked.try_recv().is_err(), "the environment has no say");
}

/// Reads a request, and answers with a proposal.
fn propose(stream: &mut (impl Read + Write)) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let mut body = vec![0; length.split("\r\n").next().unwrap().parse().unwrap()];
    stream.read_exact(&mut body)?;
    let proposal = json!({"intent": {"type": "query", "session": null, "question": null}, "confidence": 77});
    let message = json!({"role": "assistant", "content": proposal.to_string()});
    let said = json!({"choices": [{"message": message, "finish_reason": "stop"}]}).to_string();
    write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{said}", said.len())?;
    stream.flush()
}

/// Starts a server with a self-signed certificate. Returns its address and that certificate in PEM.
fn private_server() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let pem = BASE64_STANDARD.encode(&certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // Fails if the client does not trust it.
            let _ = propose(&mut StreamOwned::new(connection, stream.unwrap()));
        }
    });
    (address, pem)
}

#[test]
fn the_configuration_or_ssl_cert_file_adds_a_private_authority() {
    let (address, pem) = private_server();
    let user = User::new();
    let ca: PathBuf = user.home().join("corp-ca.pem");
    std::fs::write(&ca, pem).unwrap();
    let ask = |network: &str, variable: Option<&PathBuf>| {
        user.configure(&format!(
            "[router]\nchain = [\"groq-router\", \"local-router\"]\ndeadline_ms = 10000\n{network}\n\
             [adapters.groq-router]\nconfig = {{ base_url = \"https://{address}/v1\" }}\n\
             http = [{{ url = \"https://{address}/v1/\", methods = [\"POST\"] }}]\n"
        ));
        let mut command = user.codewalk(&["ask", "what is it doing?", "--output-format", "json"]);
        command.envs(variable.map(|file| ("SSL_CERT_FILE", file)));
        let said = said(command.output().unwrap());
        serde_json::from_str::<Value>(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    };
    for result in [ask("[network]\nca_file = \"corp-ca.pem\"", None), ask("", Some(&ca))] {
        assert_eq!(result["router"]["adapter"], "groq-router", "{result:#}");
        assert_eq!(result["router"]["confidence"], 77, "{result:#}");
    }
    // An untrusted certificate stays untrusted, whatever else is trusted.
    let other = user.home().join("other.pem");
    std::fs::write(&other, private_server().1).unwrap();
    let result = ask("", Some(&other));
    assert_eq!(result["router"]["adapter"], "local-router", "{result:#}");
    let why = result["router"]["fallback_from"][0]["error"]["message"].as_str().unwrap();
    assert!(why.contains("cannot be reached") && why.contains("certificate"), "{why}");
}

#[test]
fn a_proxy_gets_the_stored_login_and_no_output_has_the_password() {
    const PASSWORD: &str = "do-not-tell-7f3a";
    let user = User::new();
    let (proxy, asked) = refusing_proxy();
    user.configure(&format!(
        "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n\
         deadline_ms = 10000\n\
         [network]\nproxy = \"http://{proxy}\"\nproxy_credential = \"corp\"\n\
         [credentials.corp]\nfile = \"corp.key\"\nfor = \"http://{proxy}\"\n"
    ));
    let with_key = |args: &[&str], input: &str| {
        let mut command = user.codewalk(args);
        command.env("GROQ_API_KEY", KEY).env("CODEWALK_LOG", "trace").stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It may end before it is read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let said = said(child.wait_with_output().unwrap());
        assert!(!format!("{said:?}").contains(PASSWORD), "{said:?}");
        said
    };
    let missing = with_key(&["doctor"], "");
    assert!(
        missing.stdout.contains("\n  the proxy needs the key corp: cannot read the file "),
        "{missing:?}"
    );
    assert!(
        missing.stdout.contains("\n      store the key there with `codewalk login corp`\n"),
        "{missing:?}"
    );
    let refused = with_key(&["login", "corp"], PASSWORD);
    assert!(refused.stderr.contains("the proxy expects USER:PASSWORD"), "{refused:?}");
    let kept = with_key(&["login", "corp"], &format!("me:{PASSWORD}\n"));
    assert!(kept.stdout.ends_with("the proxy in [network] uses it\n"), "{kept:?}");

    let ask = with_key(&["ask", "what is it doing?"], "");
    let head = asked.recv_timeout(crate::support::DEADLINE).unwrap();
    assert!(head.starts_with("CONNECT api.groq.com:443 HTTP/1.1\r\n"), "{head}");
    let login = BASE64_STANDARD.encode(format!("me:{PASSWORD}")).to_ascii_lowercase();
    assert!(
        head.to_ascii_lowercase().contains(&format!("\r\nproxy-authorization: basic {login}\r\n")),
        "{head}"
    );
    assert!(ask.stderr.contains("https://api.groq.com cannot be reached"), "{ask:?}");
    let doctor = with_key(&["doctor", "--online"], "");
    assert!(
        doctor.stdout.contains(&format!("the proxy http://{proxy} with the credential \"corp\"\n")),
        "{doctor:?}"
    );
}

#[test]
fn a_failing_proxy_is_named_and_the_server_is_not_blamed() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    // The system accepts connections for it, but nothing answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (refusing, _asked) = refusing_proxy();
    let user = User::new();
    for (proxy, deadline, why) in [
        (closed, 10_000, "cannot connect to the proxy http://PROXY: Connection refused (os error 111)"),
        (refusing, 10_000, "the proxy http://PROXY refused the tunnel to it; ask its operator"),
        (silent.local_addr().unwrap().to_string(), 300, " ms through the proxy http://PROXY"),
    ] {
        user.configure(&format!(
            "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n\
             deadline_ms = {deadline}\n[network]\nproxy = \"http://{proxy}\"\n"
        ));
        let run = |args: &[&str]| said(user.codewalk(args).env("GROQ_API_KEY", KEY).output().unwrap());
        let (ask, doctor) = (run(&["ask", "what is it doing?"]), run(&["doctor", "--online"]));
        for said in [&ask.stderr, &doctor.stdout] {
            assert!(said.contains(&why.replace("PROXY", &proxy)), "{said}");
            assert!(said.contains("check proxy in [network]"), "{said}");
        }
        assert_eq!(doctor.status, Some(4), "{doctor:?}");
    }
}

#[test]
fn doctor_names_the_proxy_for_all_requests() {
    let user = User::new();
    user.configure("[router]\nchain = [\"groq-router\"]\n[network]\nproxy = \"http://proxy.example:3128\"\n");
    let said = user.run(&["doctor"]);
    let line = "\n  everything goes through the proxy http://proxy.example:3128\n";
    assert!(said.stdout.contains(line), "{said:?}");
    user.configure("[network]\nproxy = \"http://proxy.example:3128\"\n");
    let said = user.run(&["doctor"]);
    assert!(said.stdout.contains("leaves this machine\n  nothing\n"), "{said:?}");
}
