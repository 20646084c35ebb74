//! Proxies that require a user name and password, and proxies that fail.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::io;
use std::net::SocketAddr;

use codewalk_policy::{Credential, Proxy, SecretSource, Uplink};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::client::{Client, Deadlines};
use super::exchange_tests::{LONG_DEADLINES, sent, sent_through};
use super::resolver::{Names, Resolver};
use super::test_servers::{SHORT, answer, ca_file, proxy, server, tls_server};

const PASSWORD: &str = "s3cret:with-a-colon";

/// Returns a proxy with a credential in a file, which may be missing.
fn with_credential(address: &str, folder: &tempfile::TempDir, is_there: bool) -> Proxy {
    let (url, file) = (format!("http://{address}"), folder.path().join("corp.key"));
    if is_there {
        fs::write(&file, format!("me:{PASSWORD}\n")).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    }
    let credential = Credential::of_proxy("corp", SecretSource::File(file), &url).unwrap();
    Proxy::parse(&url).unwrap().with_credential(Arc::new(credential))
}

fn through(proxy: Proxy, ca_file: Option<PathBuf>) -> Uplink {
    Uplink { ca_file, proxy: Some(proxy) }
}

#[tokio::test]
async fn only_the_proxy_receives_its_user_name_and_password() {
    let (server, certificate) = tls_server("gateway.example").await;
    let (_, port) = server.rsplit_once(':').unwrap();
    let (address, noted) = proxy().await;
    let (folder, ca) = ca_file(&certificate);
    let uplink = through(with_credential(&address, &folder, true), Some(ca));
    let url = format!("https://gateway.example:{port}/v1/chat");
    assert_eq!(sent_through(&uplink, &url).await.unwrap(), "hello");
    let noted = String::from_utf8_lossy(&noted.lock().unwrap()).to_ascii_lowercase();
    let encoded = BASE64_STANDARD.encode(format!("me:{PASSWORD}"));
    let line = format!("\r\nproxy-authorization: basic {}\r\n", encoded.to_ascii_lowercase());
    let (head, rest) = noted.split_once("\r\n\r\n").unwrap();
    assert!(format!("{head}\r\n").contains(&line), "{head}");
    assert!(!rest.contains("proxy-authorization"), "{rest}");
    assert!(!format!("{uplink:?}").contains(PASSWORD), "{uplink:?}");
    let said = format!("http://{address} with the credential \"corp\"");
    assert_eq!(uplink.proxy.unwrap().to_string(), said);
}

#[tokio::test]
async fn a_refused_proxy_login_is_reported_without_the_password() {
    let refusing = || async {
        server(|mut stream| async move {
            let refused = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
            answer(&mut stream, refused).await;
        })
        .await
    };
    let folder = tempfile::tempdir().unwrap();
    let url = "https://gateway.example/v1";
    let address = refusing().await;
    let error =
        sent_through(&through(with_credential(&address, &folder, true), None), url).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "https://gateway.example cannot be reached: the proxy http://{address} refused the credential \
             corp; check its value"
        )
    );
    let address = refusing().await;
    let proxy = Proxy::parse(&format!("http://{address}")).unwrap();
    let error = sent_through(&through(proxy, None), url).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "https://gateway.example cannot be reached: the proxy http://{address} requires a user name and \
             password; name a credential with proxy_credential in [network]"
        )
    );
}

#[tokio::test]
async fn without_its_login_a_proxy_is_not_used_but_this_machine_is() {
    let here = server(|mut stream| async move {
        answer(&mut stream, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let uplink = through(with_credential("127.0.0.1:9", &folder, false), None);
    assert_eq!(sent_through(&uplink, &format!("http://{here}/")).await.unwrap(), "hello");
    let error = sent_through(&uplink, "https://gateway.example/v1").await.unwrap_err().to_string();
    assert!(
        error.starts_with(
            "https://gateway.example cannot be reached through the proxy http://127.0.0.1:9: \
             cannot read the file "
        ),
        "{error}"
    );
    assert!(error.ends_with("; store the key there with `codewalk login corp`"), "{error}");
}

const URL: &str = "https://gateway.example/v1";

/// Sends a request through a proxy with a credential, and returns the error.
async fn error_through(address: &str, deadlines: Deadlines) -> String {
    let folder = tempfile::tempdir().unwrap();
    let host = address.split_once("://").unwrap().1;
    let proxy = with_credential(host, &folder, true);
    let login = proxy.login().unwrap();
    let proxy = Proxy::parse(address).unwrap();
    let client = Client::build(deadlines, Some((&proxy, login.as_ref())), |builder| {
        builder.dns_resolver(Resolver { proxy: proxy.name().map(str::to_owned), names: Arc::new(Nowhere) })
    });
    let error = sent(&client.unwrap(), URL).await.unwrap_err().to_string();
    assert!(!error.contains(PASSWORD) && !error.contains("me:"), "{error}");
    error
}

/// A lookup that finds no name.
struct Nowhere;

impl Names for Nowhere {
    async fn lookup(&self, _: &str) -> io::Result<Vec<SocketAddr>> {
        Err(io::Error::other("no such name"))
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let address = format!("http://{closed}");
    assert_eq!(
        error_through(&address, LONG_DEADLINES).await,
        format!(
            "https://gateway.example cannot be reached: cannot connect to the proxy {address}: Connection \
             refused (os error 111); check proxy in [network]"
        )
    );
    assert_eq!(
        error_through("http://proxy.example:3128", LONG_DEADLINES).await,
        "https://gateway.example cannot be reached: cannot connect to the proxy http://proxy.example:3128: \
         no such name; check proxy in [network]"
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_the_tunnel_is_named() {
    for status in ["403 Forbidden", "502 Bad Gateway", "504 Gateway Timeout", "200", "mumble"] {
        let response = match status {
            "mumble" => "mumble\r\n\r\n".to_owned(),
            "200" => "HTTP/1.1 299 Odd\r\n\r\n".to_owned(),
            status => format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"),
        };
        let refusing =
            server(move |mut stream| async move { answer(&mut stream, response.as_bytes()).await });
        let address = format!("http://{}", refusing.await);
        assert_eq!(
            error_through(&address, LONG_DEADLINES).await,
            format!(
                "https://gateway.example cannot be reached: the proxy {address} refused the tunnel to it; \
                 ask its operator to allow this server, or check proxy in [network]"
            ),
            "{status}"
        );
    }
    let closing = server(|mut stream| async move { answer(&mut stream, b"").await }).await;
    let error = error_through(&format!("http://{closing}"), LONG_DEADLINES).await;
    assert!(
        error.contains(&format!("the proxy http://{closing} broke off the connection; check")),
        "{error}"
    );
}

#[tokio::test]
async fn a_proxy_without_a_trusted_certificate_is_named() {
    let (untrusted, _) = tls_server("127.0.0.1").await;
    let plain = server(|mut stream| async move { answer(&mut stream, b"HTTP/1.1 400 No TLS\r\n\r\n").await });
    for address in [untrusted, plain.await] {
        // A plaintext server may wait for the end of a line that TLS does not send.
        let deadlines = Deadlines { connect: SHORT, ..LONG_DEADLINES };
        let error = error_through(&format!("https://{address}"), deadlines).await;
        assert!(error.contains(&format!("the proxy https://{address}")), "{error}");
        assert!(error.ends_with("; check proxy in [network]"), "{error}");
    }
}

#[tokio::test]
async fn a_proxy_that_keeps_silent_is_named() {
    let (_open, closed) = oneshot::channel::<()>();
    let silent = server(|stream| async move {
        let _ = closed.await;
        drop(stream);
    });
    let address = format!("http://{}", silent.await);
    assert_eq!(
        error_through(&address, Deadlines { connect: SHORT, ..LONG_DEADLINES }).await,
        format!(
            "https://gateway.example took too long: no connection through the proxy {address} in time; check \
             proxy in [network]"
        )
    );
}

#[tokio::test]
async fn a_proxy_that_decrypts_connections_is_named() {
    let (server, _) = tls_server("gateway.example").await;
    let (_, port) = server.rsplit_once(':').unwrap();
    let (address, _) = proxy().await;
    let uplink = through(Proxy::parse(&format!("http://{address}")).unwrap(), None);
    let url = format!("https://gateway.example:{port}/v1");
    let error = sent_through(&uplink, &url).await.unwrap_err().to_string();
    let begins = format!(
        "https://gateway.example:{port} cannot be reached through the proxy http://{address}: invalid peer \
         certificate: "
    );
    assert!(error.starts_with(&begins), "{error}");
    assert!(error.ends_with("name its certificate with ca_file in [network]"), "{error}");
}
