//! Chains of adapters: if one fails, the next is called. The answer names the adapters that failed, with the
//! reasons.

use std::sync::Arc;
use std::time::Duration;

use codewalk_core::intent::Proposal;
use codewalk_core::port_reply::{AdapterReply, Fallback, PortError};
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::routing::request::RouteRequest;
use codewalk_core::session::Summary;
use codewalk_core::summarization::SummaryRequest;

use super::adapter::Adapter;
use super::ask::ask;
use super::handle::AdapterHandle;
use super::runtime::Runtime;
use super::spec::AdapterSpec;
use crate::bindings::{Port, Routing, Summarizing};
use crate::error::{AdapterError, Problem};
use crate::source::Source;

/// The share of a chain's time reserved for its last adapter, the fallback, as a divisor.
const KEPT_FOR_THE_LAST: u32 = 4;

/// A chain of routers. If one fails, the next is called.
#[derive(Debug)]
pub struct RouterChain(pub(crate) Chain<Routing>);

/// A chain of summarizers. If one fails, the next is called.
#[derive(Debug)]
pub struct SummarizerChain(pub(crate) Chain<Summarizing>);

impl RouterChain {
    /// Returns the chain's adapters, in the order in which they are called.
    #[must_use]
    pub fn adapters(&self) -> Vec<AdapterHandle> {
        self.0.handles()
    }
}

impl SummarizerChain {
    /// Returns the chain's adapters, in the order in which they are called.
    #[must_use]
    pub fn adapters(&self) -> Vec<AdapterHandle> {
        self.0.handles()
    }
}

impl Router for RouterChain {
    async fn route(&self, request: &RouteRequest) -> Result<AdapterReply<Proposal>, PortError> {
        self.0.ask(request).await
    }
}

impl Summarizer for SummarizerChain {
    async fn summarize(&self, request: &SummaryRequest) -> Result<AdapterReply<Summary>, PortError> {
        self.0.ask(request).await
    }
}

#[derive(Debug)]
pub(crate) struct Chain<P: Port> {
    adapters: Vec<Arc<Adapter<P>>>,
}

impl<P: Port> Chain<P> {
    pub(crate) fn new(runtime: &Arc<Runtime>, adapters: Vec<AdapterSpec>) -> Self {
        let shipped = adapters.iter().filter_map(|spec| match spec.source {
            Source::Embedded(component) => Some(component),
            Source::File(_) => None,
        });
        runtime.components.ship(shipped);
        Self {
            adapters: adapters
                .into_iter()
                .map(|spec| Arc::new(Adapter::new(Arc::clone(runtime), spec)))
                .collect(),
        }
    }

    fn handles(&self) -> Vec<AdapterHandle> {
        self.adapters.iter().map(AdapterHandle::new).collect()
    }

    /// Calls one adapter after another until one answers. Any error moves on to the next, because "invalid"
    /// or "denied" is only one adapter's opinion. Together they take no longer than the longest time limit
    /// among them.
    async fn ask(&self, question: &P::Question) -> Result<AdapterReply<P::Answer>, PortError> {
        let (request, subject) = (Arc::new(P::request(question)), P::subject(question));
        let mut fallback_from = Vec::new();
        let total = self.adapters.iter().map(|adapter| adapter.time_limit()).max().unwrap_or_default();
        let mut left = total;
        for (position, adapter) in self.adapters.iter().enumerate() {
            let is_last = position + 1 == self.adapters.len();
            let reserved = if is_last { Duration::ZERO } else { total / KEPT_FOR_THE_LAST };
            left = left.saturating_sub(reserved);
            let answered = if left.is_zero() {
                Err(AdapterError { adapter: adapter.name().to_owned(), problem: Problem::NoTimeLeft })
            } else {
                ask(adapter, &request, subject, &mut left).await
            };
            left += reserved;
            match answered {
                Ok(answer) => {
                    return Ok(AdapterReply { answer, adapter: adapter.name().to_owned(), fallback_from });
                }
                Err(error) => {
                    tracing::warn!(adapter = adapter.name(), %error, "no answer");
                    fallback_from.push(Fallback { adapter: adapter.name().to_owned(), error: error.into() });
                }
            }
        }
        let kind = P::WORLD.kind();
        Err(no_answer(kind, fallback_from))
    }
}

fn no_answer(kind: &str, failed: Vec<Fallback>) -> PortError {
    if failed.is_empty() {
        return PortError::Unavailable {
            message: format!("no {kind} is configured; name one in {kind}.chain"),
        };
    }
    let reasons: Vec<String> = failed
        .iter()
        .map(|Fallback { adapter, error }| match error {
            PortError::RateLimited { .. } => format!("the adapter \"{adapter}\" says: {error}"),
            named => named.to_string(),
        })
        .collect();
    PortError::Unavailable { message: format!("no {kind} answered: {}", reasons.join("; ")) }
}
