//! Sends a request to each adapter that uses the network.

use std::fmt;

use codewalk_core::command::Constraints;
use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::ids::{Id, SessionId, UtteranceId};
use codewalk_core::origin::Channel;
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::routing::request::RouteRequest;
use codewalk_core::session::SessionState;
use codewalk_core::summarization::{SummaryBrief, SummaryRequest};
use serde::Serialize;

use super::network;
use crate::cli::adapters::AdapterRow;
use crate::compose::{self, ChainEntry, ThroughProxy};
use crate::config::Config;
use crate::driver;
use crate::error::CommandError;

#[derive(Serialize)]
pub(super) struct OnlineRow {
    pub(super) adapter: String,
    pub(super) problem: Option<String>,
    /// The clause that follows its name.
    #[serde(skip)]
    pub(super) clause: String,
    /// Its model, if it uses one.
    pub(super) model: Option<network::ModelRow>,
}

impl OnlineRow {
    fn new(adapter: String, clause: Option<String>, model: Option<network::ModelRow>) -> Self {
        // The name is shown next to it.
        let why = |clause: &String| clause.strip_prefix("does not answer: ").unwrap_or(clause).to_owned();
        let problem = clause.as_ref().map(why);
        Self { adapter, problem, clause: clause.unwrap_or_else(|| "answers".to_owned()), model }
    }
}

impl fmt::Display for OnlineRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.adapter, self.clause)
    }
}

/// Sends a small request to each adapter that may use the network.
pub(super) async fn ask_all(config: &Config, known: &[AdapterRow]) -> Result<Vec<OnlineRow>, CommandError> {
    let mut rows = Vec::new();
    if known.iter().all(|row| row.grants.is_empty()) {
        return Ok(rows);
    }
    // The servers may accept other forms by now.
    compose::forget_forms(config);
    let (sandbox, registry) = (compose::sandbox(config)?, compose::registry(config).ok());
    for ChainEntry { port, name, adapter } in compose::entries(config) {
        // Without its key, an adapter could only report the missing key again.
        let can_ask = |row: &AdapterRow| {
            let has_keys = row.grants.iter().all(|grant| grant.credential_problem.is_none());
            row.port == port && row.name == name && !row.grants.is_empty() && has_keys
        };
        // A missing adapter is reported in its own row.
        let Ok(spec) = adapter else { continue };
        if !known.iter().any(can_ask) {
            continue;
        }
        let adapter = spec.name.clone();
        let model = network::compare(config, &sandbox, &spec).await;
        let specs = vec![spec];
        let reply = match port {
            "router" => {
                let chain = sandbox.router_chain(specs.clone());
                let chain = ThroughProxy::new(config, registry.as_ref(), &specs, chain);
                chain.route(&route_request()).await.map(drop)
            }
            _ => {
                let chain = sandbox.summarizer_chain(specs.clone());
                let chain = ThroughProxy::new(config, registry.as_ref(), &specs, chain);
                chain.summarize(&summary_request()).await.map(drop)
            }
        };
        let problem = reply.err().map(|error| clause(&adapter, port, &error.to_string()));
        rows.push(OnlineRow::new(adapter, problem, model));
    }
    Ok(rows)
}

/// Returns why the only adapter of a chain did not answer, as a clause that follows its name.
fn clause(adapter: &str, port: &str, error: &str) -> String {
    let of_chain = error.strip_prefix(&*format!("no {port} answered: ")).unwrap_or(error);
    let after_name = of_chain.strip_prefix(&*format!("the adapter \"{adapter}\" "));
    let Some(clause) = after_name else { return format!("does not answer: {of_chain}") };
    match clause.strip_prefix("says: ") {
        Some(why) => format!("does not answer: {why}"),
        None => clause.to_owned(),
    }
}

fn route_request() -> RouteRequest {
    RouteRequest {
        id: UtteranceId(Id::from_u128(0)),
        utterance: "is anything running?".to_owned(),
        channel: Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: Vec::new(),
        agents: Vec::new(),
        sessions: Vec::new(),
        constraints: Constraints::default(),
        now: driver::now(),
    }
}

fn summary_request() -> SummaryRequest {
    let text = Text::Whole { text: "I looked at the file and changed nothing.".to_owned() };
    SummaryRequest {
        order: SummaryBrief {
            session: SessionId(Id::from_u128(0)),
            utterance: "look at the file".to_owned(),
            state: SessionState::Completed,
            ended_because: None,
            waiting_for: Vec::new(),
            question: None,
            previous: None,
            byte_budget: 200,
            now: driver::now(),
        },
        entries: vec![EntryKind::AgentText { text }],
        total_entries: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_of_an_adapter_is_a_clause_after_its_name() {
        for (error, expected, problem) in [
            (None, "answers", None),
            (Some("the adapter \"a\" says: it failed"), "does not answer: it failed", Some("it failed")),
            (
                Some("the adapter \"a\" gave an answer that cannot be used: no JSON"),
                "gave an answer that cannot be used: no JSON",
                Some("gave an answer that cannot be used: no JSON"),
            ),
            (
                Some("the adapter \"a\" did not answer within 9 ms"),
                "did not answer within 9 ms",
                Some("did not answer within 9 ms"),
            ),
            (Some("nobody knows"), "does not answer: nobody knows", Some("nobody knows")),
        ] {
            let clause = error.map(|error| clause("a", "router", &format!("no router answered: {error}")));
            let row = OnlineRow::new("a".to_owned(), clause, None);
            assert_eq!(row.to_string(), format!("a {expected}"));
            assert_eq!(row.problem.as_deref(), problem);
        }
    }
}
