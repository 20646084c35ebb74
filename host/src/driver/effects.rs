//! Performs effects: calls of ports, and timers. The reply to a call comes back as an input.

use std::future::Future;
use std::time::Duration;

use codewalk_core::ids::{CallId, SessionId, TimerId};
use codewalk_core::orchestrator::{Call, Input, Reply};
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::summarization::{SummaryBrief, SummaryRequest};
use codewalk_core::time::Timestamp;
use codewalk_executor::summary_filter;
use codewalk_store::StoreError;

use super::ports::AgentRunner;
use super::{Driver, Message};
use crate::clock::now;

/// How many bytes of a session's newest entries a summarizer gets.
const SUMMARY_INPUT: usize = 64 * 1024;

impl<R, S, E> Driver<R, S, E>
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
    E: AgentRunner,
{
    pub(super) fn arm(&self, timer: TimerId, at: Timestamp) {
        let wait = remaining(at, now(), self.state.now());
        let messages = self.messages.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(wait).await;
            if let Some(messages) = messages.upgrade() {
                let _ = messages.send(Message::Input(Input::TimerFired { timer }));
            }
        });
    }

    pub(super) fn call(&mut self, id: CallId, call: Call) -> Result<(), StoreError> {
        let ports = self.ports.clone();
        match call {
            Call::Route(request) => {
                self.reply(id, async move { Reply::Routed(ports.router.route(&request).await) });
            }
            Call::Summarize(order) => {
                let request = self.summary_request(*order)?;
                self.reply(id, async move {
                    let mut summary = ports.summarizer.summarize(&request).await;
                    if let Ok(answered) = &mut summary {
                        // An adapter that claims to cover more entries than there are would get no further
                        // ones.
                        answered.answer.covers = answered.answer.covers.min(request.total_entries);
                    }
                    Reply::Summarized(summary)
                });
            }
            Call::Start(launch) => {
                self.reply(id, async move { Reply::Started(ports.executor.start(id, &launch).await) });
            }
            Call::Send { session, prompt } => {
                self.deliver(id, session, async move { ports.executor.send(id, session, &prompt).await });
            }
            Call::Decide { session, request, digest, decision } => {
                self.deliver(id, session, async move {
                    ports.executor.answer(id, session, &request, &digest, &decision).await
                });
            }
            Call::Interrupt { session } => {
                self.deliver(id, session, async move { ports.executor.interrupt(id, session).await });
            }
            Call::Stop { session } => {
                self.deliver(id, session, async move { ports.executor.stop(id, session).await });
            }
        }
        Ok(())
    }

    fn deliver(
        &self,
        id: CallId,
        session: SessionId,
        delivery: impl Future<Output = Result<(), PortError>> + Send + 'static,
    ) {
        self.reply(id, async move { Reply::Delivered { session, result: delivery.await } });
    }

    fn reply(&self, call: CallId, reply: impl Future<Output = Reply> + Send + 'static) {
        let messages = self.messages.upgrade();
        self.runtime.spawn(async move {
            let reply = reply.await;
            if let Some(messages) = messages {
                let _ = messages.send(Message::Input(Input::PortReplied { call, reply }));
            }
        });
    }

    /// Adds the entries, which bypass the core. While a session runs, these are the ones that the previous
    /// summary does not cover; after its end, or for a question, the newest ones.
    fn summary_request(&self, order: SummaryBrief) -> Result<SummaryRequest, StoreError> {
        let newest = self.store.entries_newest(order.session, SUMMARY_INPUT)?;
        let total_entries = self.store.entry_count(order.session)?;
        let covered = match &order.previous {
            Some(previous) if order.question.is_none() && !order.state.has_ended() => previous.covers,
            _ => 0,
        };
        let new = usize::try_from(total_entries.saturating_sub(covered)).unwrap_or(usize::MAX);
        // A summary of a resumed run leaves earlier runs out.
        let run = self.state.session(order.session).and_then(|session| session.run()).map(|run| run.number);
        let is_wanted =
            |run_of_entry: u32| order.question.is_some() || run.is_none_or(|run| run == run_of_entry);
        let entries =
            newest.into_iter().take(new).filter(|entry| is_wanted(entry.run)).map(|entry| entry.kind);
        let entries = summary_filter::newest(entries, SUMMARY_INPUT);
        Ok(SummaryRequest { entries, total_entries, order })
    }
}

/// Returns how long it is to a time of the core, whose clock is ahead of the machine's if that was set back.
fn remaining(at: Timestamp, clock: Timestamp, core: Timestamp) -> Duration {
    Duration::from_millis(at.since(clock.max(core)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_takes_no_longer_after_the_clock_is_set_back() {
        let core = Timestamp(10_000_000);
        for (clock, left) in [(10_000_000, 600), (10_000_100, 500), (1, 600), (20_000_000, 0)] {
            assert_eq!(remaining(core.plus(600), Timestamp(clock), core), Duration::from_millis(left));
        }
    }
}
