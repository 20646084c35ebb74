//! Guests that use WASI sockets: they reach nothing.

use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};

use crate::guests::{DATA, Guest, saying};
use crate::server::RawServer;
use crate::support::{alone, generous, hint, sandbox};
use crate::wasi_guests::wasi;

/// A guest that runs these steps, each with its result at 2048, and reports the first error: the number of
/// the step and of the error.
fn stepping(steps: &[String]) -> Guest {
    let steps: String = (0..)
        .zip(steps)
        .map(|(number, step)| {
            format!(
                "{step}
                 (if (i32.load8_u (i32.const 2048)) (then
                   (i32.store8 (i32.const 2049) (i32.load8_u (i32.const 2052)))
                   (i32.store8 (i32.const 2048) (i32.const {number}))
                   (return (call $hex (i32.const 2048) (i32.const 2)))))\n"
            )
        })
        .collect();
    wasi(&format!(
        "(local $socket i32) (local $out i32)
         {steps}
         (call $hint (i32.const {DATA}) (i32.const 4))"
    ))
    .data(b"done")
}

/// The address of a port of this machine, and the location of the result.
fn address(port: u16) -> String {
    let zeros = "(i32.const 0)".repeat(6);
    format!(
        "(i32.const 0) (i32.const {port}) (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
         {zeros} (i32.const 2048)"
    )
}

/// The first step, and its result.
const TCP: &str =
    "(call $tcp (i32.const 0) (i32.const 2048)) (local.set $socket (i32.load (i32.const 2052)))";

const UDP: &str =
    "(call $udp (i32.const 0) (i32.const 2048)) (local.set $socket (i32.load (i32.const 2052)))";

/// Calls a guest whose first step must fail with "access denied". The next call must succeed.
async fn no_socket(steps: &[String]) {
    let sandbox = sandbox(generous());
    assert_eq!(hint(&alone(&sandbox, &stepping(steps)), "hello").await, "0001");
    assert_eq!(hint(&alone(&sandbox, &saying("all is well")), "hello").await, "all is well");
}

/// Case 6.
#[tokio::test]
async fn no_connection_can_be_made() {
    let canary = RawServer::canary().await;
    no_socket(&[
        TCP.to_owned(),
        format!("(call $tcp-connect (local.get $socket) (call $network) {})", address(canary.port)),
        "(call $block (call $tcp-ready (local.get $socket)))
         (call $tcp-connected (local.get $socket) (i32.const 2048))"
            .to_owned(),
    ])
    .await;
    assert_eq!(canary.connections(), 0);
}

/// Case 7.
#[tokio::test]
async fn no_port_can_be_listened_on() {
    // The port is still free.
    let port = free_port();
    no_socket(&[
        TCP.to_owned(),
        format!("(call $tcp-bind (local.get $socket) (call $network) {})", address(port)),
        "(call $tcp-bound (local.get $socket) (i32.const 2048))".to_owned(),
        "(call $tcp-listen (local.get $socket) (i32.const 2048))".to_owned(),
        "(call $tcp-listens (local.get $socket) (i32.const 2048))".to_owned(),
    ])
    .await;
    TcpListener::bind(("127.0.0.1", port)).unwrap();
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Case 8.
#[tokio::test]
async fn no_datagram_can_be_sent() {
    let canary = UdpSocket::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let to = address(canary.local_addr().unwrap().port());
    no_socket(&[
        UDP.to_owned(),
        format!("(call $udp-bind (local.get $socket) (call $network) {})", address(0)),
        "(call $udp-bound (local.get $socket) (i32.const 2048))".to_owned(),
        format!(
            "(call $udp-stream (local.get $socket) (i32.const 1) {to})
            (local.set $out (i32.load (i32.const 2056)))"
        ),
        "(call $udp-check (local.get $out) (i32.const 2048))".to_owned(),
        format!(
            "(i32.store (i32.const 3000) (i32.const {DATA})) (i32.store (i32.const 3004) (i32.const 4))
             (call $udp-send (local.get $out) (i32.const 3000) (i32.const 1) (i32.const 2048))"
        ),
    ])
    .await;
    assert_eq!(canary.recv(&mut [0; 16]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Case 9.
#[tokio::test]
async fn no_name_can_be_looked_up() {
    let body = format!(
        "(call $look-up (call $network) (i32.const {DATA}) (i32.const 9) (i32.const 2048))
         (i32.store8 (i32.const 2049) (i32.load8_u (i32.const 2052)))
         (call $hex (i32.const 2048) (i32.const 2))"
    );
    let guest = wasi(&body).data(b"localhost");
    // An error of the last kind: permanent resolver failure.
    assert_eq!(hint(&alone(&sandbox(generous()), &guest), "hello").await, "0114");
}
