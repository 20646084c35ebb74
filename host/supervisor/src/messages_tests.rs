//! A log that writers leave at any byte keeps every complete message, once and whole.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn call(number: usize) -> Call {
    Call::new(&format!("call-{number}")).unwrap()
}

/// Returns the calls and payloads of a log.
fn read(log: &[u8]) -> Vec<(Call, Vec<u8>)> {
    let mut scanner = Scanner::default();
    let mut messages = Vec::new();
    while let Some(message) = scanner.next(log).unwrap() {
        messages.push((message.call, payload(log, message.payload)));
    }
    messages
}

fn payload(log: &[u8], range: Range<u64>) -> Vec<u8> {
    let (mut bytes, mut unescape) = (Vec::new(), Unescape::default());
    let escaped = &log[range.start as usize..range.end as usize];
    // In pieces of odd lengths, so that escapes are split.
    for piece in escaped.chunks(3) {
        unescape.push(piece, &mut bytes);
    }
    bytes
}

#[test]
fn a_message_torn_at_any_byte_never_fuses_with_the_next() {
    let torn = encode(Kind::Input, &call(1), b"line one\nline \\ two\n");
    for length in 0..torn.len() {
        let mut log = encode(Kind::Input, &call(0), b"before");
        log.extend_from_slice(&torn[..length]);
        let complete_but_for_its_newline = length == torn.len() - 1;
        assert_eq!(read(&log).len(), 1, "byte {length}: it is not complete yet");
        log.extend(encode(Kind::Input, &call(2), b"after"));
        let calls: Vec<Call> = read(&log).into_iter().map(|(call, _)| call).collect();
        let expected = if complete_but_for_its_newline { vec![0, 1, 2] } else { vec![0, 2] };
        assert_eq!(calls, expected.into_iter().map(call).collect::<Vec<_>>(), "byte {length}");
    }
}

#[test]
fn a_payload_that_looks_like_a_message_is_only_a_payload() {
    let forged = encode(Kind::Stop, &call(9), b"");
    let whole = encode(Kind::Input, &call(1), &forged);
    assert_eq!(read(&whole), [(call(1), forged.clone())]);
    for length in 0..whole.len() - 1 {
        let mut log = whole[..length].to_vec();
        log.extend(encode(Kind::Input, &call(2), b"next"));
        assert_eq!(read(&log), [(call(2), b"next".to_vec())], "byte {length}");
    }
}

#[test]
fn a_line_that_is_no_message_is_skipped() {
    let mut log = b"\n\nx\n0000000g input a b\n0000000a input a b\n00000009 input  a\n".to_vec();
    log.extend(b"\n00000009 other c x\n0000000b input a b\n00000005 input\n");
    log.extend(encode(Kind::CloseInput, &call(1), b""));
    assert_eq!(read(&log), [(call(1), Vec::new())]);
}

#[test]
fn an_identifier_with_a_space_or_a_newline_is_invalid() {
    for text in ["", "a b", "a\nb", "é", &"x".repeat(65)] {
        assert!(Call::new(text).is_err(), "{text:?}");
    }
    assert_eq!(Call::new("0193-abc_D.e").unwrap().as_str(), "0193-abc_D.e");
}

#[test]
fn a_log_that_grows_is_read_on() {
    let whole = encode(Kind::Input, &call(1), &vec![b'x'; 3 * CHUNK]);
    let mut scanner = Scanner::default();
    for length in (0..whole.len()).step_by(100) {
        assert_eq!(scanner.next(&whole[..length]).unwrap(), None, "byte {length}");
    }
    assert_eq!(scanner.next(&whole[..]).unwrap().unwrap().call, call(1));
    assert_eq!(scanner.next(&whole[..]).unwrap(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each writer is killed in the middle of its last message, at any byte.
    #[test]
    fn every_complete_message_is_read_once_and_whole_whoever_was_killed(
        writers in vec((vec(payloads(), 0..4), payloads(), any::<prop::sample::Index>()), 1..5)
    ) {
        let (mut log, mut expected, mut number) = (Vec::new(), Vec::new(), 0);
        for (messages, last, cut) in writers {
            for payload in messages {
                log.extend(encode(Kind::Input, &call(number), &payload));
                expected.push((call(number), payload));
                number += 1;
            }
            let torn = encode(Kind::Input, &call(number), &last);
            // Without its last newline it is complete as soon as the next writer starts.
            let cut = cut.index(torn.len() - 1);
            log.extend_from_slice(&torn[..cut]);
            number += 1;
        }
        prop_assert_eq!(read(&log), expected.clone());
        log.extend(encode(Kind::Input, &call(number), b"end"));
        expected.push((call(number), b"end".to_vec()));
        prop_assert_eq!(read(&log), expected);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }
}

fn payloads() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(b'\n'), Just(b'\\'), Just(b'n'), Just(b' '), Just(b'0'), any::<u8>()], 0..60)
}
