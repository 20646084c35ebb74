//! Files of recorded calls, which also serve as test cases, with any bytes.

#![no_main]

#[path = "../../host/sandbox/src/recording/record.rs"]
#[allow(dead_code, reason = "the target does not record or replay")]
mod record;

use libfuzzer_sys::fuzz_target;
use record::Recording;

const WHOLE: &str = r#"{"adapter":"whole","request":{},"answer":{}}"#;

fuzz_target!(|bytes: &[u8]| {
    let Recording { calls, unreadable } = read(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').count();
    assert!(calls.len() + unreadable.map_or(0, |(lines, _)| lines) <= lines);
    // A call is written on one line, and reads back unchanged.
    let mut written = Vec::new();
    for call in &calls {
        let line = serde_json::to_string(call).expect("it can be written");
        assert!(!line.contains('\n'));
        written.extend_from_slice(line.as_bytes());
        written.push(b'\n');
        assert_eq!(call.said().get("answer"), call.answer.as_ref());
    }
    let again = read(&written);
    assert!(again.unreadable.is_none() && again.calls == calls);
    // A call appended to any bytes is read.
    let followed = read(&[bytes, b"\n", WHOLE.as_bytes()].concat());
    assert_eq!(followed.calls.len(), calls.len() + 1);
    assert_eq!(followed.calls.last().map(|call| call.adapter.as_str()), Some("whole"));
});

fn read(bytes: &[u8]) -> Recording {
    record::read(bytes).expect("bytes in memory can be read")
}
