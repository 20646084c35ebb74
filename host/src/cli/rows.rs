//! A session as rows, with everything shown to the user.

use codewalk_core::session::{
    FailedSubagent, MAX_FAILED_HELPERS, MAX_REFUSED, Outcome, PendingRequest, Refusal, Run, Session, Stall,
};
use codewalk_core::summarization;
use codewalk_core::terminal_text::{single_line, visible, visible_line};
use codewalk_protocol::words::duration;

use super::artifacts::{artifacts, denied, left, named, undelivered, usage_line};
use super::clock::Clock;
use super::next::{self, Look};
use super::words::{exit_code, mode};

/// A label and a text.
pub type Row = (String, String);

/// Returns a request in the form in which it is shown. The request of a rebuilt session may be unknown.
pub const fn request(text: &str) -> &str {
    if text.is_empty() { "(unknown)" } else { text }
}

/// Returns the rows of a session.
pub fn of_session(session: &Session, clock: &Clock) -> Vec<Row> {
    let mut rows = vec![
        row("session", session.id.to_string()),
        row("request", request(&session.text).to_owned()),
        row("agent", single_line(&session.agent)),
        row("project", visible_line(&session.project.path)),
        row("state", standing(session)),
    ];
    rows.extend(several("waiting", named(&session.pending, usize::MAX, |pending| waiting(pending, clock))));
    rows.extend(session.stall.as_ref().map(|stall| row("now", single_line(&stall.words(clock.of_core())))));
    let until = session.limit().and_then(|limit| limit.until);
    rows.extend(until.map(|until| row("limited", format!("until {}", clock.local(until)))));
    rows.extend(session.ended_because().map(|why| row("reason", why)));
    rows.extend(next::remedy(session).map(|remedy| row("remedy", remedy.to_owned())));
    for run in &session.runs {
        rows.extend(of_run(session, run, clock));
    }
    // Older sessions do not record which run an artifact belongs to.
    if session.runs.iter().all(|run| run.artifacts.is_empty()) {
        rows.extend(several("actions", artifacts(&session.artifacts, 0)));
    }
    if session.runs.len() > 1 {
        let used = usage_line(session.usage());
        rows.extend(used.map(|used| row("usage", format!("{used} (all runs)"))));
    }
    rows.push(row("next", next::step(session, Look::Log)));
    rows
}

fn of_run(session: &Session, run: &Run, clock: &Clock) -> Vec<Row> {
    let state = run.outcome.as_ref().map_or(session.state, Outcome::state).as_str();
    let code = exit_code(run).map_or_else(String::new, |code| format!(", exit status {code}"));
    let mut rows = vec![
        row(&format!("run {}", run.number), format!("{state}{code}")),
        row("started", clock.local(run.started_at)),
    ];
    rows.extend(run.ended_at.map(|end| {
        let lasted = duration(end.since(run.started_at));
        row("ended", format!("{}, after {lasted}", clock.local(end)))
    }));
    rows.push(row("mode", mode(run.permission).to_owned()));
    rows.extend(several(
        "allowed",
        run.rules.iter().map(|rule| format!("in this session: {}", single_line(rule))).collect(),
    ));
    rows.extend(run.model.as_ref().map(|model| row("model", single_line(model))));
    rows.extend((run.turns > 0).then(|| row("turns", run.turns.to_string())));
    rows.extend(usage_line(run.usage).map(|used| row("usage", used)));
    rows.extend(several("denied", denied(run)));
    rows.extend(several("refused", named(&run.refused, MAX_REFUSED, refusal)));
    rows.extend(several("subagent", named(&run.failed_helpers, MAX_FAILED_HELPERS, failed_helper)));
    rows.extend(several("actions", left(run)));
    rows.extend(undelivered(run).map(|text| row("prompts", text)));
    rows
}

/// Returns the state of a session in words.
pub fn standing(session: &Session) -> String {
    let state = session.standing();
    let completed = session.run().filter(|run| run.outcome == Some(Outcome::Completed));
    match completed.filter(|run| !run.denied.is_empty()) {
        None => state.to_owned(),
        Some(run) if run.has_done_something() => format!("{state}, but some actions were denied"),
        Some(_) => format!("{state}, but its actions were denied"),
    }
}

/// Returns the state of a session as a word that fits into a list.
pub fn in_a_word(session: &Session) -> &'static str {
    let completed = session.run().filter(|run| run.outcome == Some(Outcome::Completed));
    match completed.filter(|run| !run.denied.is_empty()) {
        None if matches!(session.stall, Some(Stall::Silent { .. })) => "silent",
        None if matches!(session.stall, Some(Stall::Retrying { .. })) => "retrying",
        None => session.standing(),
        Some(run) if run.has_done_something() => "partial",
        Some(_) => "denied",
    }
}

fn refusal(refusal: &Refusal) -> String {
    format!("{} ({})", single_line(&refusal.what), single_line(&refusal.why))
}

fn failed_helper(helper: &FailedSubagent) -> String {
    let how = if helper.stopped { "stopped" } else { "failed" };
    let why =
        if helper.reason.is_empty() { String::new() } else { format!(" ({})", single_line(&helper.reason)) };
    format!("{how}: {}{why}", single_line(&helper.description))
}

fn waiting(pending: &PendingRequest, clock: &Clock) -> String {
    let question = summarization::question(&pending.kind);
    format!("for you since {} ({}): {question}", clock.local(pending.since), clock.since(pending.since))
}

fn row(about: &str, says: String) -> Row {
    (about.to_owned(), visible(&says))
}

fn several(about: &str, lines: Vec<String>) -> impl Iterator<Item = Row> {
    lines.into_iter().map(move |line| row(about, line))
}

/// Returns rows as lines; the further lines of a row are indented.
pub fn lines(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|(about, says)| format!("{about:<8} {}", says.replace('\n', "\n         "))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use codewalk_core::event::SessionEvent;
    use codewalk_core::session::Usage;
    use codewalk_core::time::Timestamp;

    use super::super::clock::tests::clock;
    use super::super::samples::{
        BEGIN, again, approval, created, denied, ended, failed, identified, session, starting,
    };
    use super::*;

    fn shown(events: Vec<SessionEvent>) -> String {
        lines(&of_session(&session(events), &clock(BEGIN + 90_000))).join("\n")
    }

    fn used(input_tokens: u64) -> SessionEvent {
        SessionEvent::UsageReported { usage: Usage { input_tokens, output_tokens: 5, cost_usd: Some(0.25) } }
    }

    #[test]
    fn a_waiting_session_says_what_it_waits_for_and_since_when() {
        assert_eq!(
            shown(vec![identified(), approval("rm -rf ~/x"), approval("make")]),
            "session  00000000-0000-0000-0000-000000000abc\n\
             request  fix the login test\n         and no other\n\
             agent    claude\n\
             project  /home/me/shop\n\
             state    waiting\n\
             waiting  for you since 2023-11-14 23:43:23 (1m 27s): allow it to use Bash (`rm -rf ~/x`)?\n\
             waiting  for you since 2023-11-14 23:43:24 (1m 26s): allow it to use Bash (`make`)?\n\
             run 1    waiting\n\
             started  2023-11-14 23:43:20\n\
             mode     ask: asks before changing anything\n\
             next     answer it where it was started; stop it: codewalk sessions stop 00000abc"
        );
    }

    #[test]
    fn a_session_without_progress_says_since_when() {
        let since = Timestamp(BEGIN);
        let retrying = Stall::Retrying { since, reason: "the API failed with 529".to_owned() };
        for (stall, now) in [
            (Stall::Silent { since }, "now      silent since 23:43 (1 minute)\n"),
            (retrying, "now      retrying since 23:43 (1 minute): the API failed with 529\n"),
        ] {
            let shown = shown(vec![identified(), SessionEvent::AgentStalled { stall }]);
            assert!(shown.contains(now), "{shown}");
        }
        let limited = ended(Outcome::Limited { until: Some(since), reason: "limit".to_owned() });
        let shown = shown(vec![identified(), limited]);
        assert!(shown.contains("state    limited\nlimited  until 2023-11-14 23:43:20\n"), "{shown}");
    }

    #[test]
    fn a_run_shows_its_model_and_turns_beside_its_times_mode_and_usage() {
        let turn = || SessionEvent::TurnEnded { failure: None };
        let model = SessionEvent::ModelReported { name: "opus".to_owned() };
        let shown = shown(vec![model, turn(), turn(), used(100), ended(Outcome::Completed)]);
        let (_, run) = shown.split_once("run 1    ").unwrap();
        assert!(
            run.starts_with(
                "completed, exit status 0\n\
                 started  2023-11-14 23:43:20\n\
                 ended    2023-11-14 23:43:26, after 6s\n\
                 mode     ask: asks before changing anything\n\
                 model    opus\n\
                 turns    2\n\
                 usage    100 tokens in, 5 out, 0.2500 USD\n"
            ),
            "{shown}"
        );
    }

    #[test]
    fn each_run_has_its_rows_and_all_runs_share_the_total_usage() {
        let first = [identified(), used(100), created("a.rs")].into_iter().chain(denied("make", None));
        let second = [starting(2), again(), used(10), created("b.rs"), failed("Credit balance is too low")];
        let events = first.chain([ended(Outcome::Completed)]).chain(second).collect();
        let shown = shown(events);
        let (_, runs) = shown.split_once("state    ").unwrap();
        assert_eq!(
            runs,
            "failed\n\
             reason   Credit balance is too low\n\
             remedy   add credit to the agent's account, or raise its limit (Claude Code: \
             https://platform.claude.com/settings/billing)\n\
             run 1    completed, exit status 0\n\
             started  2023-11-14 23:43:20\n\
             ended    2023-11-14 23:43:27, after 7s\n\
             mode     ask: asks before changing anything\n\
             usage    100 tokens in, 5 out, 0.2500 USD\n\
             denied   Bash: make (by you)\n\
             actions  created a.rs\n\
             run 2    failed, exit status 0\n\
             started  2023-11-14 23:43:28\n\
             ended    2023-11-14 23:43:32, after 4s\n\
             mode     ask: asks before changing anything\n\
             usage    10 tokens in, 5 out, 0.2500 USD\n\
             actions  created b.rs\n\
             usage    110 tokens in, 10 out, 0.5000 USD (all runs)\n\
             next     resume it: codewalk sessions resume 00000abc"
        );
    }

    #[test]
    fn a_session_with_denials_is_not_simply_completed() {
        let completed = || ended(Outcome::Completed);
        let whole = session([completed()]);
        assert_eq!((standing(&whole).as_str(), in_a_word(&whole)), ("completed", "completed"));
        let all = session(denied("make", None).into_iter().chain([completed()]));
        assert_eq!(standing(&all), "completed, but its actions were denied");
        assert_eq!(in_a_word(&all), "denied");
        let part = session(denied("make", None).into_iter().chain([created("a.rs"), completed()]));
        assert_eq!(standing(&part), "completed, but some actions were denied");
        assert_eq!(in_a_word(&part), "partial");
    }

    #[test]
    fn artifacts_of_an_older_session_are_shown_without_a_run() {
        let mut old = session([created("a.rs"), ended(Outcome::Completed)]);
        old.runs[0].artifacts.clear();
        let shown = lines(&of_session(&old, &clock(BEGIN))).join("\n");
        assert!(shown.contains("actions  created a.rs"), "{shown}");
    }
}
