//! What Claude Code printed, parsed into entries and observations, beside a pass that only finds out what each line is.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Measured;
use crate::corpus::{self, Pieces};
use crate::measure::{Samples, ratio};
use crate::table::Row;

const BYTES: usize = 8_000_000;
const ROUNDS: usize = 21;

/// What is least to be known of a line: its kind, and where its message is.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: &'a str,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// Measures output with pieces of messages, and such as codewalk asks for, without.
pub fn rows() -> Measured<Vec<Row>> {
    Ok(vec![
        row("Claude Code's output parsed, a core", Pieces::Untold)?,
        row("the same with pieces of messages", Pieces::Told)?,
    ])
}

/// Measures our pass and the bare one, which take turns over the same bytes.
fn row(what: &'static str, pieces: Pieces) -> Measured<Row> {
    let output = corpus::output(BYTES, pieces);
    let lines = memchr::memchr_iter(b'\n', &output).count();
    let (mut ours, mut bare) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let (entries, observations) = ours.time_executing(|| codewalk_executor::parse_claude(&output));
        let (kinds, _) = bare.time_executing(|| heads(&output))?;
        if entries < lines / 10 || observations == 0 || kinds < lines {
            return Err(format!("{entries} entries of {lines} lines").into());
        }
    }
    let speed = |took: Duration| output.len() as f64 / 1e6 / took.as_secs_f64();
    let share = ratio(bare.p50(), ours.p50());
    let measured = format!("{:.0} MB/s", speed(ours.p50()));
    let beside =
        format!("serde_json, head and RawValue {:.0} MB/s ({:.0} %)", speed(bare.p50()), 100.0 * share);
    Ok(Row::new(what, measured, "70 % of bare", share >= 0.7).beside(beside))
}

/// Returns how many bytes the kinds and the messages of all lines have.
fn heads(output: &[u8]) -> Measured<(usize, usize)> {
    let (mut kinds, mut messages, mut begin) = (0, 0, 0);
    for end in memchr::memchr_iter(b'\n', output) {
        let head: Head<'_> = serde_json::from_slice(&output[begin..end])?;
        kinds += head.kind.len();
        messages += head.message.map_or(0, |message| message.get().len());
        begin = end + 1;
    }
    Ok((kinds, messages))
}
