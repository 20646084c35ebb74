//! From a wish to the question whether it is to be carried out: front end, driver, store and sandbox together.

use std::time::{Duration, Instant};

use codewalk_loopback_model::{Completion, LoopbackModel, Script};
use serde_json::json;

use crate::Measured;
use crate::front_end::{FrontEnd, is_event};
use crate::measure::{Samples, told};
use crate::table::Row;
use crate::user::User;

/// No more than an adapter may send one after the other.
const WISHES: usize = 60;
/// How long the model thinks.
const DELAY: Duration = Duration::from_millis(20);

const AGENT: &str =
    "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\ncommand = [\"true\", \"{prompt}\"]\n";

/// Measures both routers, which take turns.
pub fn rows() -> Measured<Vec<Row>> {
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
    for n in 0..=WISHES {
        for (front_end, samples) in front_ends.iter_mut().zip(&mut samples) {
            let took = wish(front_end, n)?;
            // The first one compiles the adapter.
            if n > 0 {
                samples.add(took);
            }
        }
    }
    for front_end in front_ends {
        front_end.leave()?;
    }
    let [local, groq] = samples;
    let allowed = DELAY + Duration::from_millis(5);
    Ok(vec![
        Row::new(
            "wish to confirmation, local router, p50 / p99",
            local.told(),
            "p99 10 ms",
            local.p99() <= Duration::from_millis(10),
        ),
        Row::new(
            "wish to confirmation, Groq on loopback, p50 / p99",
            groq.told(),
            "p99 25 ms",
            groq.p99() <= allowed,
        )
        .beside(format!("the model thinks {}", told(DELAY))),
    ])
}

/// Wishes for something and, once asked, declines it. Returns how long the question took.
fn wish(front_end: &mut FrontEnd, n: usize) -> Measured<Duration> {
    let text = format!("fix the flaky login test number {n}");
    let begun = Instant::now();
    front_end.command(2 * n, &json!({"type": "say", "text": text, "attended": true}))?;
    let asked = front_end.until(|line| is_event(line, "consent", "asked"))?;
    let took = begun.elapsed();
    let confirmation = &asked["event"]["event"]["confirmation"];
    let answer = json!({"type": "answer", "confirmation": confirmation, "answer": {"type": "no"}});
    front_end.command(2 * n + 1, &answer)?;
    front_end.until(|line| line["reply"] == 2 * n + 1)?;
    Ok(took)
}
