//! The time between an agent's line and the published event.

use std::time::Duration;

use serde_json::json;

use crate::agent::{Role, now};
use crate::fallible::Fallible;
use crate::front_end::{FrontEnd, is_event};
use crate::measure::Samples;
use crate::table::Row;
use crate::user::User;

const LINES: usize = 300;

/// Measures an agent that asks to run one command after another. The text of each command is the time of its
/// request.
pub fn rows() -> Fallible<Vec<Row>> {
    let user = User::new(&Role::Asking { times: LINES }.configured("asking")?)?;
    let mut front_end = FrontEnd::start(user.codewalk(&["headless"])?)?;
    let request = json!({
        "type": "say", "text": "fix the flaky login test", "constraints": {"agent": "asking"},
        "attended": true, "consent_flag": "--yes",
    });
    front_end.command(0, &request)?;
    let mut samples = Samples::default();
    for n in 1..=LINES {
        let asked = front_end.until(|line| is_event(line, "session", "asked"))?;
        let read_at = now();
        let event = &asked["event"]["event"];
        let written_at = event["kind"]["subject"].as_str().and_then(|subject| subject.parse().ok());
        let written_at = written_at.ok_or_else(|| format!("no time in {asked}"))?;
        samples.add(Duration::from_nanos(read_at.saturating_sub(written_at)));
        let decide = json!({
            "type": "decide", "session": asked["event"]["session"], "request": event["request"],
            "digest": event["digest"], "decision": {"type": "allow"},
        });
        front_end.command(n, &decide)?;
    }
    front_end.leave()?;
    Ok(vec![Row::new(
        "agent's line to published event, p50 / p99",
        samples.summary(),
        "1 / 5 ms",
        samples.p50() <= Duration::from_millis(1) && samples.p99() <= Duration::from_millis(5),
    )])
}
