//! Adds the proxy to the error of an adapter that does not answer in time. Without this, the call's deadline
//! ends it before the connection fails with an error that names the proxy.

use codewalk_core::intent::Proposal;
use codewalk_core::port_reply::{AdapterReply, PortError};
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::routing::request::RouteRequest;
use codewalk_core::session::Summary;
use codewalk_core::summarization::SummaryRequest;
use codewalk_sandbox::{AdapterSpec, Grant, Registry};

use super::registry::grants;
use crate::config::Config;

/// A chain of adapters whose timeouts name the proxy.
pub struct ThroughProxy<C> {
    chain: C,
    /// The adapters that use the proxy, each with a clause about it.
    adapters: Vec<(String, String)>,
}

impl<C> ThroughProxy<C> {
    /// Wraps a chain of these adapters.
    pub fn new(config: &Config, registry: Option<&Registry>, specs: &[AdapterSpec], chain: C) -> Self {
        let clause = |spec: &AdapterSpec| {
            let clause = proxy_clause(config, &grants(config, registry, spec))?;
            Some((spec.name.clone(), clause))
        };
        Self { chain, adapters: specs.iter().filter_map(clause).collect() }
    }

    fn named<T>(&self, reply: Result<AdapterReply<T>, PortError>) -> Result<AdapterReply<T>, PortError> {
        match reply {
            Ok(mut reply) => {
                reply.fallback_from.iter_mut().for_each(|fallback| self.name_proxy(&mut fallback.error));
                Ok(reply)
            }
            Err(mut error) => {
                self.name_proxy(&mut error);
                Err(error)
            }
        }
    }

    fn name_proxy(&self, error: &mut PortError) {
        let PortError::Unavailable { message } = error else { return };
        for (adapter, clause) in &self.adapters {
            if let Some(end) = end_of_timeout(message, adapter) {
                message.insert_str(end, clause);
            }
        }
    }
}

impl<C: Router + Sync> Router for ThroughProxy<C> {
    async fn route(&self, request: &RouteRequest) -> Result<AdapterReply<Proposal>, PortError> {
        self.named(self.chain.route(request).await)
    }
}

impl<C: Summarizer + Sync> Summarizer for ThroughProxy<C> {
    async fn summarize(&self, request: &SummaryRequest) -> Result<AdapterReply<Summary>, PortError> {
        self.named(self.chain.summarize(request).await)
    }
}

/// Returns a clause about the proxy, if requests with these grants use it.
pub fn proxy_clause(config: &Config, grants: &[Grant]) -> Option<String> {
    let proxy = config.uplink.proxy.as_ref()?;
    let is_used = grants.iter().any(|grant| !is_loopback(&grant.server()));
    is_used.then(|| format!(" through the proxy {}; check proxy in [network]", proxy.address()))
}

fn is_loopback(server: &str) -> bool {
    let host = server.split_once("://").map_or(server, |(_, host)| host);
    ["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here))
}

/// Returns where the report of an adapter's timeout ends, if a message contains one.
fn end_of_timeout(message: &str, adapter: &str) -> Option<usize> {
    const REPORT: &str = "the adapter \"";
    const WITHIN: &str = " answer within ";
    const UNIT: &str = " ms";
    let name = format!("{REPORT}{adapter}\" ");
    let begin = message.find(&name)? + name.len();
    let report = &message[begin..];
    let report = report.split_once(REPORT).map_or(report, |(report, _)| report);
    let limit = report.find(WITHIN)? + WITHIN.len();
    Some(begin + limit + report[limit..].find(UNIT)? + UNIT.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_names_the_proxy_of_its_adapter_only() {
        let adapters = vec![("a".to_owned(), " through P".to_owned())];
        let chain = ThroughProxy { chain: (), adapters };
        for (message, named) in [
            (
                "the adapter \"a\" did not answer within 9 ms",
                "the adapter \"a\" did not answer within 9 ms through P",
            ),
            (
                "no router answered: the adapter \"a\" says: busy; no answer within 9 ms; the adapter \"b\" \
                 failed",
                "no router answered: the adapter \"a\" says: busy; no answer within 9 ms through P; the \
                 adapter \"b\" failed",
            ),
            (
                "the adapter \"a\" trapped; the adapter \"b\" did not answer within 9 ms",
                "the adapter \"a\" trapped; the adapter \"b\" did not answer within 9 ms",
            ),
            ("the adapter \"b\" did not answer within 9 ms", "the adapter \"b\" did not answer within 9 ms"),
        ] {
            let mut error = PortError::Unavailable { message: message.to_owned() };
            chain.name_proxy(&mut error);
            assert_eq!(error, PortError::Unavailable { message: named.to_owned() });
        }
    }

    #[test]
    fn requests_to_this_machine_do_not_use_the_proxy() {
        for (server, is_here) in [
            ("http://127.0.0.1:9", true),
            ("http://[::1]:9", true),
            ("https://localhost", true),
            ("https://api.groq.com", false),
        ] {
            assert_eq!(is_loopback(server), is_here, "{server}");
        }
    }
}
