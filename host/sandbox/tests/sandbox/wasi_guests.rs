//! Guests that import WASI, like those built with other tools.

use crate::guests::{DATA, Guest, router};

/// Parameters: a resource, another resource or a flag for an address, an address, and the location of the
/// result.
const WITH_ADDRESS: &str = "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)";

/// The imports of guests: the local name, the interface, the name in it, and the type.
const FUNCTIONS: [(&str, &str, &str, &str); 54] = [
    ("$exit", "cli/exit", "exit", "(param i32)"),
    ("$environment", "cli/environment", "get-environment", "(param i32)"),
    ("$arguments", "cli/environment", "get-arguments", "(param i32)"),
    ("$stdin", "cli/stdin", "get-stdin", "(result i32)"),
    ("$stdout", "cli/stdout", "get-stdout", "(result i32)"),
    ("$stderr", "cli/stderr", "get-stderr", "(result i32)"),
    ("$now", "clocks/monotonic-clock", "now", "(result i64)"),
    ("$sleep", "clocks/monotonic-clock", "subscribe-duration", "(param i64) (result i32)"),
    ("$time", "clocks/wall-clock", "now", "(param i32)"),
    ("$directories", "filesystem/preopens", "get-directories", "(param i32)"),
    ("$block", "io/poll", "[method]pollable.block", "(param i32)"),
    ("$is-ready", "io/poll", "[method]pollable.ready", "(param i32) (result i32)"),
    ("$drop-pollable", "io/poll", "[resource-drop]pollable", "(param i32)"),
    ("$read", "io/streams", "[method]input-stream.blocking-read", "(param i32 i64 i32)"),
    ("$write", "io/streams", "[method]output-stream.blocking-write-and-flush", "(param i32 i32 i32 i32)"),
    ("$print", "io/streams", "[method]output-stream.write", "(param i32 i32 i32 i32)"),
    ("$drop-output", "io/streams", "[resource-drop]output-stream", "(param i32)"),
    ("$random", "random/random", "get-random-bytes", "(param i64 i32)"),
    ("$seed", "random/insecure-seed", "insecure-seed", "(param i32)"),
    ("$network", "sockets/instance-network", "instance-network", "(result i32)"),
    ("$look-up", "sockets/ip-name-lookup", "resolve-addresses", "(param i32 i32 i32 i32)"),
    ("$tcp", "sockets/tcp-create-socket", "create-tcp-socket", "(param i32 i32)"),
    ("$udp", "sockets/udp-create-socket", "create-udp-socket", "(param i32 i32)"),
    ("$open", "filesystem/types", "[method]descriptor.open-at", "(param i32 i32 i32 i32 i32 i32 i32)"),
    ("$tcp-bind", "sockets/tcp", "[method]tcp-socket.start-bind", WITH_ADDRESS),
    ("$tcp-bound", "sockets/tcp", "[method]tcp-socket.finish-bind", "(param i32 i32)"),
    ("$tcp-connect", "sockets/tcp", "[method]tcp-socket.start-connect", WITH_ADDRESS),
    ("$tcp-connected", "sockets/tcp", "[method]tcp-socket.finish-connect", "(param i32 i32)"),
    ("$tcp-listen", "sockets/tcp", "[method]tcp-socket.start-listen", "(param i32 i32)"),
    ("$tcp-listens", "sockets/tcp", "[method]tcp-socket.finish-listen", "(param i32 i32)"),
    ("$tcp-ready", "sockets/tcp", "[method]tcp-socket.subscribe", "(param i32) (result i32)"),
    ("$udp-bind", "sockets/udp", "[method]udp-socket.start-bind", WITH_ADDRESS),
    ("$udp-bound", "sockets/udp", "[method]udp-socket.finish-bind", "(param i32 i32)"),
    ("$udp-stream", "sockets/udp", "[method]udp-socket.stream", WITH_ADDRESS),
    ("$udp-check", "sockets/udp", "[method]outgoing-datagram-stream.check-send", "(param i32 i32)"),
    ("$udp-send", "sockets/udp", "[method]outgoing-datagram-stream.send", "(param i32 i32 i32 i32)"),
    ("$drop-socket", "sockets/tcp", "[resource-drop]tcp-socket", "(param i32)"),
    ("$fields", "http/types", "[constructor]fields", "(result i32)"),
    ("$append", "http/types", "[method]fields.append", "(param i32 i32 i32 i32 i32 i32)"),
    ("$request", "http/types", "[constructor]outgoing-request", "(param i32) (result i32)"),
    (
        "$set-method",
        "http/types",
        "[method]outgoing-request.set-method",
        "(param i32 i32 i32 i32) (result i32)",
    ),
    (
        "$set-scheme",
        "http/types",
        "[method]outgoing-request.set-scheme",
        "(param i32 i32 i32 i32 i32) (result i32)",
    ),
    (
        "$set-authority",
        "http/types",
        "[method]outgoing-request.set-authority",
        "(param i32 i32 i32 i32) (result i32)",
    ),
    (
        "$set-path",
        "http/types",
        "[method]outgoing-request.set-path-with-query",
        "(param i32 i32 i32 i32) (result i32)",
    ),
    ("$outgoing-body", "http/types", "[method]outgoing-request.body", "(param i32 i32)"),
    ("$body-stream", "http/types", "[method]outgoing-body.write", "(param i32 i32)"),
    ("$finish", "http/types", "[static]outgoing-body.finish", "(param i32 i32 i32 i32)"),
    ("$handle", "http/outgoing-handler", "handle", "(param i32 i32 i32 i32)"),
    ("$awaited", "http/types", "[method]future-incoming-response.subscribe", "(param i32) (result i32)"),
    ("$response", "http/types", "[method]future-incoming-response.get", "(param i32 i32)"),
    ("$incoming-body", "http/types", "[method]incoming-response.consume", "(param i32 i32)"),
    ("$incoming-stream", "http/types", "[method]incoming-body.stream", "(param i32 i32)"),
    ("$drop-body", "http/types", "[resource-drop]outgoing-body", "(param i32)"),
    ("$drop-future", "http/types", "[resource-drop]future-incoming-response", "(param i32)"),
];

/// Functions of every such guest.
const ITEMS: &str = r#"
  ;; an answer of so many bytes, in hexadecimal
  (func $hex (param $at i32) (param $len i32) (result i32) (local $n i32) (local $digit i32) (local $out i32)
    (block $done (loop $more
      (br_if $done (i32.ge_u (local.get $n) (i32.mul (local.get $len) (i32.const 2))))
      (local.set $digit (i32.and (i32.const 15) (i32.shr_u
        (i32.load8_u (i32.add (local.get $at) (i32.shr_u (local.get $n) (i32.const 1))))
        (i32.mul (i32.const 4) (i32.xor (i32.const 1) (i32.and (local.get $n) (i32.const 1)))))))
      (i32.store8 (i32.add (i32.const 60000) (local.get $n)) (i32.add (local.get $digit)
        (select (i32.const 87) (i32.const 48) (i32.gt_u (local.get $digit) (i32.const 9)))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br $more)))
    (call $hint (i32.const 60000) (local.get $n)))
"#;

/// A router whose `route` has this body. It calls WASI functions by their names in [`FUNCTIONS`].
pub fn wasi(body: &str) -> Guest {
    let called = |name: &str| [" ", ")"].iter().any(|end| body.contains(&format!("(call {name}{end}")));
    let imports: String = FUNCTIONS
        .iter()
        .filter(|(name, ..)| called(name))
        .map(|(name, interface, there, of)| {
            format!("(import \"wasi:{interface}@0.2.6\" \"{there}\" (func {name} {of}))\n")
        })
        .collect();
    router(body).with_wasi(&imports).with(ITEMS)
}

/// A router that sends a request with `wasi:http` and reports the response, or the error number.
pub struct Sending<'a> {
    /// The number of the method: 0 is GET, 2 is POST.
    pub method: u32,
    /// `http://`, or `https://`, with a host and a port.
    pub server: &'a str,
    pub path: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Body<'a>,
    /// How many times the request is sent.
    pub times: u32,
    pub read: Read,
}

/// The body of a request.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    /// At most 4,096 bytes.
    pub part: &'a [u8],
    pub times: u32,
    pub end: End,
}

#[derive(Clone, Copy, PartialEq)]
pub enum End {
    Finished,
    /// It is dropped before its end.
    BrokenOff,
    /// It stays open, and nothing more is written to it.
    Never,
}

/// How much of the response is read.
#[derive(Clone, Copy, PartialEq)]
pub enum Read {
    All,
    /// Only the first part.
    Once,
    Nothing,
}

impl<'a> Sending<'a> {
    pub fn post(server: &'a str, path: &'a str) -> Self {
        let body = Body { part: b"", times: 0, end: End::Finished };
        Self { method: 2, server, path, headers: &[], body, times: 1, read: Read::All }
    }

    pub fn guest(&self) -> Guest {
        let mut data = Vec::new();
        let mut place = |text: &[u8]| {
            let at = DATA as usize + data.len();
            data.extend_from_slice(text);
            format!("(i32.const {at}) (i32.const {})", text.len())
        };
        let (scheme, authority) = self.server.split_once("://").unwrap();
        let scheme = u8::from(scheme == "https");
        let (authority, path) = (place(authority.as_bytes()), place(self.path.as_bytes()));
        let headers: String = self
            .headers
            .iter()
            .map(|(name, value)| {
                let (name, value) = (place(name.as_bytes()), place(value.as_bytes()));
                format!("(call $append (local.get $fields) {name} {value} (i32.const 2048))\n")
            })
            .collect();
        let part = place(self.body.part);
        let end = match self.body.end {
            End::Finished => {
                "(call $drop-output (local.get $stream))
                 (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 2048))"
            }
            End::BrokenOff => "(call $drop-output (local.get $stream)) (call $drop-body (local.get $body))",
            End::Never => "",
        };
        let read = match self.read {
            Read::All => "(br $chunks)",
            Read::Once | Read::Nothing => "",
        };
        let consume = if self.read == Read::Nothing { "(br $sent)" } else { "" };
        let (method, writes, times) = (self.method, self.body.times, self.times);
        let guest = wasi(&format!(
            "(local $fields i32) (local $outgoing i32) (local $body i32) (local $stream i32)
             (local $future i32)
             (local $waiting i32) (local $n i32) (local $sent i32) (local $at i32) (local $len i32)
             (loop $again (block $sent
               (local.set $fields (call $fields))
               {headers}
               (local.set $outgoing (call $request (local.get $fields)))
               (drop (call $set-method (local.get $outgoing) (i32.const {method}) (i32.const 0)
                     (i32.const 0)))
               (drop (call $set-scheme (local.get $outgoing) (i32.const 1) (i32.const {scheme}) (i32.const 0)
                     (i32.const 0)))
               (drop (call $set-authority (local.get $outgoing) (i32.const 1) {authority}))
               (drop (call $set-path (local.get $outgoing) (i32.const 1) {path}))
               (call $outgoing-body (local.get $outgoing) (i32.const 2048))
               (local.set $body (i32.load (i32.const 2052)))
               (call $handle (local.get $outgoing) (i32.const 0) (i32.const 0) (i32.const 2048))
               (if (i32.load8_u (i32.const 2048)) (then (return (call $failed (i32.const 2056)))))
               (local.set $future (i32.load (i32.const 2056)))
               (call $body-stream (local.get $body) (i32.const 2048))
               (local.set $stream (i32.load (i32.const 2052)))
               (local.set $n (i32.const 0))
               (block $written (loop $more
                 (br_if $written (i32.ge_u (local.get $n) (i32.const {writes})))
                 (call $write (local.get $stream) {part} (i32.const 2048))
                 (local.set $n (i32.add (local.get $n) (i32.const 1)))
                 (br_if $more (i32.eqz (i32.load8_u (i32.const 2048))))))
               {end}
               (local.set $waiting (call $awaited (local.get $future)))
               (call $block (local.get $waiting))
               (call $drop-pollable (local.get $waiting))
               (call $response (local.get $future) (i32.const 2048))
               (call $drop-future (local.get $future))
               (if (i32.load8_u (i32.const 2064)) (then (return (call $failed (i32.const 2072)))))
               {consume}
               (call $incoming-body (i32.load (i32.const 2072)) (i32.const 2048))
               (call $incoming-stream (i32.load (i32.const 2052)) (i32.const 2048))
               (local.set $stream (i32.load (i32.const 2052)))
               (local.set $len (i32.const 0))
               (block $read (loop $chunks
                 (call $read (local.get $stream) (i64.const 65536) (i32.const 2048))
                 (if (i32.load8_u (i32.const 2048)) (then
                   (br_if $read (i32.load8_u (i32.const 2052)))
                   (return (call $refuse (i32.const 0) (i32.const 2800) (i32.const 20)))))
                 ;; lists of bytes lie one behind the other
                 (if (i32.eqz (local.get $len)) (then (local.set $at (i32.load (i32.const 2052)))))
                 (local.set $len (i32.add (local.get $len) (i32.load (i32.const 2056))))
                 {read})))
               (br_if $again (i32.lt_u
                 (local.tee $sent (i32.add (local.get $sent) (i32.const 1))) (i32.const {times}))))
             (call $hint (local.get $at) (local.get $len))"
        ));
        guest.data(&data).with(FAILED)
    }
}

/// Returns an error with the text of an HTTP error, or its number.
const FAILED: &str = r#"
  (data (i32.const 2800) "the body was cut off")
  (func $failed (param $at i32) (result i32) (local $code i32)
    (local.set $code (i32.load8_u (local.get $at)))
    (if (i32.eq (local.get $code) (i32.const 38)) (then
      (return (call $refuse (i32.const 0)
        (i32.load offset=12 (local.get $at)) (i32.load offset=16 (local.get $at))))))
    (i32.store8 (i32.const 2900) (i32.add (i32.const 48) (i32.div_u (local.get $code) (i32.const 10))))
    (i32.store8 (i32.const 2901) (i32.add (i32.const 48) (i32.rem_u (local.get $code) (i32.const 10))))
    (call $refuse (i32.const 0) (i32.const 2900) (i32.const 2)))
"#;
