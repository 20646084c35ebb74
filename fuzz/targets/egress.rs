//! An operator's grants and a guest's requests. The first lines are a granted address, the server of a
//! credential, the name of an adapter, the requested address, the methods, and the name of the credential.
//! All other lines are headers.

#![no_main]

use codewalk_policy::invariants::{self, EgressCase};
use http::header::HeaderName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    invariants::address(text);
    invariants::scrubbing(bytes);
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (granted, bound_to, adapter, url) = (next(), next(), next(), next());
    let (granted_method, method) = next().split_once(' ').unwrap_or_default();
    let credential = Some(next()).filter(|name| !name.is_empty());
    invariants::address(url);
    invariants::request(EgressCase { granted, granted_method, bound_to, adapter, url, method, credential });
    // A header cannot contain the line breaks that separate the input, so `|` stands for a line break.
    let rest: Vec<String> = lines.map(|line| line.replace('|', "\r\n")).collect();
    let headers: Vec<_> = rest.iter().filter_map(|line| line.split_once(": ")).collect();
    invariants::headers(&headers, None);
    invariants::headers(&headers, Some(&HeaderName::from_static("x-api-key")));
});
