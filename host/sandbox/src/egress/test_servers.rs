//! Servers and proxies on loopback for the tests of exchanges.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

/// Longer than a server on loopback takes, and shorter than a test may take.
pub(super) const SHORT: Duration = Duration::from_millis(200);
pub(super) const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

/// Serves one connection.
pub(super) async fn server<F: Future<Output = ()> + Send + 'static>(
    serve: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener.accept().await.unwrap().0).await });
    address.to_string()
}

/// Reads a request and sends the given response.
pub(super) async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: &[u8]) {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(answer).await.unwrap();
    stream.flush().await.unwrap();
}

/// Sends the given response, followed by a byte now and then.
pub(super) async fn drip(mut stream: TcpStream, begun: &[u8]) {
    answer(&mut stream, begun).await;
    while stream.write_all(b"x").await.is_ok() {
        sleep(SHORT / 10).await;
    }
}

/// A server with a self-signed certificate for this name.
pub(super) async fn tls_server(name: &str) -> (String, CertificateDer<'static>) {
    tls_server_saying(name, ANSWER.to_vec()).await
}

pub(super) async fn tls_server_saying(name: &str, said: Vec<u8>) -> (String, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = PrivateKeyDer::try_from(KeyPair::serialize_der(&signing_key)).unwrap();
    let chain = vec![cert.der().clone()];
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = server(move |stream| async move {
        // Fails if the client does not trust it.
        if let Ok(mut stream) = acceptor.accept(stream).await {
            answer(&mut stream, &said).await;
        }
    });
    (server.await, cert.der().clone())
}

/// Serves any number of connections and requests, and records which path came through which connection.
pub(super) async fn noting_server() -> (String, Arc<Mutex<BTreeSet<(String, usize)>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let noted = Arc::new(Mutex::new(BTreeSet::new()));
    let notes = Arc::clone(&noted);
    tokio::spawn(async move {
        for connection in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let noted = Arc::clone(&notes);
            tokio::spawn(async move {
                let mut asked = Vec::new();
                while let Ok(byte) = stream.read_u8().await {
                    asked.push(byte);
                    if asked.ends_with(b"\r\n\r\n") {
                        let path = String::from_utf8_lossy(&asked).split(' ').nth(1).unwrap().to_owned();
                        noted.lock().unwrap().insert((path, connection));
                        stream.write_all(ANSWER).await.unwrap();
                        asked.clear();
                    }
                }
            });
        }
    });
    (address, noted)
}

/// A proxy for one connection. It connects to the requested port of this machine, and records all bytes.
pub(super) async fn proxy() -> (String, Arc<Mutex<Vec<u8>>>) {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&noted);
    let proxy = server(move |mut stream| async move {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            asked.push(stream.read_u8().await.unwrap());
        }
        let text = String::from_utf8_lossy(&asked).into_owned();
        notes.lock().unwrap().extend(asked);
        let target = text.split(' ').nth(1).unwrap_or_default();
        let (_, port) = target.rsplit_once(':').unwrap();
        let mut behind = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let (mut from, mut to) = (vec![0; 4096], vec![0; 4096]);
        loop {
            tokio::select! {
                read = stream.read(&mut from) => match read {
                    Ok(read @ 1..) => {
                        notes.lock().unwrap().extend(&from[..read]);
                        behind.write_all(&from[..read]).await.unwrap();
                    }
                    _ => break,
                },
                read = behind.read(&mut to) => match read {
                    Ok(read @ 1..) => stream.write_all(&to[..read]).await.unwrap(),
                    _ => break,
                },
            }
        }
    });
    (proxy.await, noted)
}

/// Writes a certificate file for `[network] ca_file`.
pub(super) fn ca_file(certificate: &CertificateDer<'static>) -> (tempfile::TempDir, std::path::PathBuf) {
    let encoded = BASE64_STANDARD.encode(certificate);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let pem = format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
    std::fs::write(&path, pem).unwrap();
    (folder, path)
}
