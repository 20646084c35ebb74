//! Parsing of Claude Code's output into entries and observations, compared with a pass that only determines
//! the type of each line.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::corpus::{self, Pieces};
use crate::fallible::Fallible;
use crate::measure::{Samples, ratio};
use crate::table::Row;

const BYTES: usize = 8_000_000;
const ROUNDS: usize = 21;

/// The minimum to know about a line: its type and its message.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: &'a str,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// Measures output without pieces of messages, which is what codewalk asks for, and output with them.
pub fn rows() -> Fallible<Vec<Row>> {
    Ok(vec![
        row("parsing Claude Code's output, one core", Pieces::Without)?,
        row("parsing it with pieces of messages", Pieces::With)?,
    ])
}

/// Measures codewalk's pass and the minimal one alternately over the same bytes.
fn row(name: &'static str, pieces: Pieces) -> Fallible<Row> {
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
    let speed = |time: Duration| output.len() as f64 / 1e6 / time.as_secs_f64();
    let share = ratio(bare.p50(), ours.p50());
    let measured = format!("{:.0} MB/s", speed(ours.p50()));
    let reference =
        format!("serde_json, head and RawValue {:.0} MB/s ({:.0}%)", speed(bare.p50()), 100.0 * share);
    Ok(Row::new(name, measured, "70% of bare", share >= 0.7).reference(reference))
}

/// Returns the total lengths of types and messages.
fn heads(output: &[u8]) -> Fallible<(usize, usize)> {
    let (mut kinds, mut messages, mut begin) = (0, 0, 0);
    for end in memchr::memchr_iter(b'\n', output) {
        let head: Head<'_> = serde_json::from_slice(&output[begin..end])?;
        kinds += head.kind.len();
        messages += head.message.map_or(0, |message| message.get().len());
        begin = end + 1;
    }
    Ok((kinds, messages))
}
