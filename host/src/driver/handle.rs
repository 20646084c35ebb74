//! The messages to a driver, and its output.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use codewalk_core::command::Command;
use codewalk_core::entry::Entry;
use codewalk_core::event::StoredEvent;
use codewalk_core::ids::StreamId;
use codewalk_core::orchestrator::{Input, Notice};
use codewalk_core::origin::Origin;
use codewalk_core::query::{Page, Query};
use codewalk_executor::{Relayed, Report, Room};
use codewalk_store::StoreError;
use tokio::sync::mpsc;

use super::relay::Relay;

/// Identifies a command or a query among all that a driver receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(u64);

/// The stream of the first of some events, and the sequence number of the last one; `None` if there are no
/// events.
pub(super) type Span = Option<(StreamId, u64)>;

/// The outcome of a command, sent when its immediate events are decided, stored and applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandOutcome {
    /// It was accepted.
    Accepted {
        /// The events it caused.
        recorded: Span,
    },
    /// It was refused, and nothing has changed.
    Refused {
        /// Why, and what to do.
        message: String,
    },
}

/// Output for front ends.
#[derive(Debug)]
pub enum Output {
    /// The stored events of one input. A front end that has applied all of them has a consistent state.
    StoredEvent(Vec<StoredEvent>),
    /// The outcome of a command; its events were sent before.
    Handled(Token, CommandOutcome),
    /// The answer to a query, consistent with all output sent before.
    Page(Token, Result<Page, StoreError>),
    /// Stored entries of an agent.
    Entries(Vec<Entry>, Room),
    /// A notice for one front end.
    Notice(Origin, Notice),
    /// The store failed, and the driver stopped.
    StoreFailed(StoreError),
}

pub(super) enum Message {
    Command(Token, Origin, Command),
    Query(Token, Query),
    Input(Input),
    Relayed(Relay, Result<Relayed, String>),
    Report(Report),
}

/// A handle to a running driver. The driver ends when the last handle is dropped and its effects are done.
#[derive(Clone)]
pub struct Handle {
    messages: mpsc::UnboundedSender<Message>,
    tokens: Arc<AtomicU64>,
}

impl Handle {
    /// Creates the handle of a driver with this inbox.
    pub(super) fn new(messages: mpsc::UnboundedSender<Message>) -> Self {
        Self { messages, tokens: Arc::default() }
    }

    /// Sends a command. Its outcome comes as output.
    pub fn command(&self, origin: &Origin, command: Command) -> Token {
        self.send(|token| Message::Command(token, origin.clone(), command))
    }

    /// Sends a query. The answer comes as output.
    pub fn query(&self, query: Query) -> Token {
        self.send(|token| Message::Query(token, query))
    }

    fn send(&self, message: impl FnOnce(Token) -> Message) -> Token {
        let token = Token(self.tokens.fetch_add(1, Ordering::Relaxed));
        // A driver that has stopped has sent the reason as output.
        let _ = self.messages.send(message(token));
        token
    }
}
