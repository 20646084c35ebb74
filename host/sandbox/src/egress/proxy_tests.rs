//! Proxies that require a user name and password.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use codewalk_policy::{Credential, Proxy, SecretSource, Uplink};

use super::exchange_tests::{answer, ca_file, proxy, sent_through, server, tls_server};

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
            "https://gateway.example cannot be reached through the proxy: cannot read the file "
        ),
        "{error}"
    );
    assert!(error.ends_with("; keep the key there with `codewalk login corp`"), "{error}");
}
