//! The time between a request and its confirmation, through front end, driver, store and sandbox.

use std::time::{Duration, Instant};

use codewalk_loopback_model::{Completion, LoopbackModel, Script};
use serde_json::json;

use crate::fallible::Fallible;
use crate::front_end::{FrontEnd, is_event};
use crate::measure::{Samples, human};
use crate::table::Row;
use crate::user::User;

/// As many requests as an adapter may send in a burst.
const REQUESTS: usize = 60;
/// The latency of the model.
const DELAY: Duration = Duration::from_millis(20);

const AGENT: &str =
    "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\ncommand = [\"true\", \"{prompt}\"]\n";

/// Measures both routers alternately.
pub fn rows() -> Fallible<Vec<Row>> {
    let intent = json!({"type": "launch", "agent": "tool", "project": "shop", "prompt": null});
    let answer = json!({"intent": intent, "confidence": 88, "reason": "It asks for a fix."});
    let script = Script::new().completion(Completion::json(&answer).delay(DELAY));
    let model = LoopbackModel::start(script)?;
    let (host, url) = (model.base_url(), model.completions_url());
    let groq = format!(
        "{AGENT}[router]\nchain = [\"groq-router\"]\ndeadline_ms = 10000\n\
         [adapters.groq-router]\nconfig = {{ base_url = \"{url}\", model = \"small\" }}\n\
         [[adapters.groq-router.http]]\nurl = \"{url}/\"\nmethods = [\"POST\"]\ncredential = \"groq\"\n\
         [credentials.groq]\nenv = \"GROQ_API_KEY\"\nfor = \"{host}\"\n"
    );
    let (local, groq) = (User::new(AGENT)?, User::new(&groq)?);
    let mut to_model = groq.codewalk(&["headless"])?;
    to_model.env("GROQ_API_KEY", "gsk_loopback");
    let mut front_ends = [FrontEnd::start(local.codewalk(&["headless"])?)?, FrontEnd::start(to_model)?];
    let mut samples = [Samples::default(), Samples::default()];
    for n in 0..=REQUESTS {
        for (front_end, samples) in front_ends.iter_mut().zip(&mut samples) {
            let duration = request(front_end, n)?;
            // The first request compiles the adapter.
            if n > 0 {
                samples.add(duration);
            }
        }
    }
    for front_end in front_ends {
        front_end.leave()?;
    }
    let [local, groq] = samples;
    let goal = DELAY + Duration::from_millis(5);
    Ok(vec![
        Row::new(
            "request to confirmation, local router, p50 / p99",
            local.summary(),
            "p99 10 ms",
            local.p99() <= Duration::from_millis(10),
        ),
        Row::new(
            "request to confirmation, Groq on loopback, p50 / p99",
            groq.summary(),
            "p99 25 ms",
            groq.p99() <= goal,
        )
        .reference(format!("the model takes {}", human(DELAY))),
    ])
}

/// Sends a request and declines its confirmation. Returns the time until the confirmation.
fn request(front_end: &mut FrontEnd, n: usize) -> Fallible<Duration> {
    let text = format!("fix the flaky login test number {n}");
    let begun = Instant::now();
    front_end.command(2 * n, &json!({"type": "say", "text": text, "attended": true}))?;
    let asked = front_end.until(|line| is_event(line, "consent", "asked"))?;
    let duration = begun.elapsed();
    let confirmation = &asked["event"]["event"]["confirmation"];
    let answer = json!({"type": "answer", "confirmation": confirmation, "answer": {"type": "no"}});
    front_end.command(2 * n + 1, &answer)?;
    front_end.until(|line| line["reply"] == 2 * n + 1)?;
    Ok(duration)
}
