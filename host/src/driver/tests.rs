//! The driver with a store that stalls: agents must wait, and commands must not.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::pending;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use codewalk_core::command::Decision;
use codewalk_core::entry::{Entry, EntryKind, Text};
use codewalk_core::event::NewEvent;
use codewalk_core::ids::{Id, StreamId};
use codewalk_core::intent::Proposal;
use codewalk_core::port_reply::{AdapterReply, PortError};
use codewalk_core::ports::{Executor, Launch, SessionStore};
use codewalk_core::query::{Adapter, Query};
use codewalk_core::routing::request::RouteRequest;
use codewalk_core::session::{AgentProcess, Exit, Summary};
use codewalk_core::state::StateContext;
use codewalk_core::summarization::SummaryRequest;
use codewalk_core::time::Timestamp;
use codewalk_executor::{Relayed, Request, RequestReply, Room};
use codewalk_store::MemoryStore;
use uuid::Uuid;

use super::*;

/// The capacity of the channel for reports.
const CAPACITY: usize = 4;
/// How many reports a driver without backpressure would accept.
const MANY: usize = 50 * CAPACITY;
/// How long output may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// A store that stalls when it appends entries, until the gate is dropped.
struct StallingStore {
    inner: MemoryStore,
    stalled: mpsc::UnboundedSender<()>,
    gate: Receiver<()>,
}

impl SessionStore for StallingStore {
    type Error = StoreError;

    fn append(&mut self, events: &[NewEvent]) -> Result<Vec<StoredEvent>, StoreError> {
        self.inner.append(events)
    }

    fn read(&self, stream: StreamId) -> Result<Vec<StoredEvent>, StoreError> {
        self.inner.read(stream)
    }

    fn recent(&self, limit: u32) -> Result<Vec<StreamId>, StoreError> {
        self.inner.recent(limit)
    }
}

impl Store for StallingStore {
    fn sessions(
        &self,
        limit: u32,
        before: Option<(Timestamp, SessionId)>,
    ) -> Result<Vec<Session>, StoreError> {
        self.inner.sessions(limit, before)
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.inner.session(id)
    }

    fn find(&self, text: &str) -> Result<SessionId, StoreError> {
        self.inner.find(text)
    }

    fn unfinished(&self) -> Result<Vec<Session>, StoreError> {
        self.inner.unfinished()
    }

    fn events_after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        self.inner.events_after(seq, limit)
    }

    fn append_entries(
        &mut self,
        session: SessionId,
        run: u32,
        file: RawFile,
        entries: &[Entry],
        next_offset: u64,
    ) -> Result<(), StoreError> {
        let _ = self.stalled.send(());
        // An error means that the gate is open.
        let _ = self.gate.recv();
        self.inner.append_entries(session, run, file, entries, next_offset)
    }

    fn reader_position(&self, session: SessionId, run: u32, file: RawFile) -> Result<u64, StoreError> {
        self.inner.reader_position(session, run, file)
    }

    fn entries_newest(&self, session: SessionId, max_bytes: usize) -> Result<Vec<Entry>, StoreError> {
        self.inner.entries_newest(session, max_bytes)
    }

    fn entries(&self, session: SessionId, from_index: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.inner.entries(session, from_index, limit)
    }

    fn entry_count(&self, session: SessionId) -> Result<u64, StoreError> {
        self.inner.entry_count(session)
    }
}

/// Stands in for every port; nothing calls it.
struct Unused;

impl Router for Unused {
    async fn route(&self, _: &RouteRequest) -> Result<AdapterReply<Proposal>, PortError> {
        pending().await
    }
}

impl Summarizer for Unused {
    async fn summarize(&self, _: &SummaryRequest) -> Result<AdapterReply<Summary>, PortError> {
        pending().await
    }
}

impl Executor for Unused {
    async fn start(&self, _: CallId, _: &Launch) -> Result<AgentProcess, PortError> {
        pending().await
    }

    async fn send(&self, _: CallId, _: SessionId, _: &str) -> Result<(), PortError> {
        pending().await
    }

    async fn answer(&self, _: CallId, _: SessionId, _: &str, _: &str, _: &Decision) -> Result<(), PortError> {
        pending().await
    }

    async fn interrupt(&self, _: CallId, _: SessionId) -> Result<(), PortError> {
        pending().await
    }

    async fn stop(&self, _: CallId, _: SessionId) -> Result<(), PortError> {
        pending().await
    }
}

impl AgentRunner for Unused {
    fn missing(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    async fn relay(
        &self,
        _: (SessionId, u32),
        _: Option<AgentProcess>,
        _: &Request,
    ) -> Result<Relayed, Box<dyn Error + Send + Sync>> {
        pending().await
    }

    fn reply(&self, _: (SessionId, u32), _: Uuid, _: &RequestReply) {}

    async fn settle(
        &self,
        _: &mut dyn Store,
        _: Session,
        _: Option<Exit>,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        pending().await
    }
}

impl AdapterCatalogue for Unused {
    fn adapters(&self) -> Vec<Adapter> {
        Vec::new()
    }
}

/// A driver whose store stalls with the first report.
struct Stalled {
    handle: Handle,
    outputs: mpsc::UnboundedReceiver<Output>,
    reports: mpsc::Sender<Report>,
    gate: Sender<()>,
}

impl Stalled {
    /// Starts a driver, and waits until its store has stalled.
    async fn start() -> Self {
        let (gate, closed) = channel();
        let (stalled, mut has_stalled) = mpsc::unbounded_channel();
        let (reports, from_agents) = mpsc::channel(CAPACITY);
        let store = StallingStore { inner: MemoryStore::new(), stalled, gate: closed };
        let ports = Ports {
            router: Unused,
            summarizer: Unused,
            executor: Unused,
            catalogue: Box::new(Unused),
            recorder: None,
        };
        let state = State::new(StateContext::default());
        let (handle, outputs) = start(state, Box::new(store), ports, from_agents);
        reports.try_send(report(0)).unwrap();
        has_stalled.recv().await.unwrap();
        Self { handle, outputs, reports, gate }
    }
}

/// Returns the `n`th report: one entry.
fn report(n: u64) -> Report {
    let kind = EntryKind::AgentText { text: Text::Whole { text: n.to_string() } };
    let entries = vec![Entry { run: 1, offset: n, length: 1, kind }];
    let body = ReportBody::Entries { entries, stderr: false, next_offset: n + 1, room: Room::default() };
    Report { session: SessionId(Id::from_u128(1)), run: 1, body }
}

/// Describes the next output: `entry N`, `page`, or `end`.
async fn next_output(outputs: &mut mpsc::UnboundedReceiver<Output>) -> String {
    match tokio::time::timeout(DEADLINE, outputs.recv()).await.expect("the driver continues in time") {
        Some(Output::Entries(entries, _)) => format!("entry {}", entries[0].offset),
        Some(Output::Page(..)) => "page".to_owned(),
        Some(other) => panic!("{other:?}"),
        None => "end".to_owned(),
    }
}

#[tokio::test]
async fn a_stalled_store_makes_agents_wait_and_queries_go_first() {
    let Stalled { handle, mut outputs, reports, gate } = Stalled::start().await;
    let mut waiting = 0;
    while waiting < MANY && reports.try_send(report(waiting as u64 + 1)).is_ok() {
        waiting += 1;
        // Anything that moves reports to another queue gets the time to do so.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(waiting, CAPACITY, "reports are accepted while the store stalls");

    handle.query(Query::Adapters);
    drop(gate);
    let mut expected = vec!["entry 0".to_owned(), "page".to_owned()];
    expected.extend((1..=CAPACITY).map(|n| format!("entry {n}")));
    for expected in expected {
        assert_eq!(next_output(&mut outputs).await, expected);
    }
}

#[tokio::test]
async fn reports_that_wait_when_the_last_handle_is_dropped_are_stored() {
    let Stalled { handle, mut outputs, reports, gate } = Stalled::start().await;
    reports.try_send(report(1)).unwrap();
    reports.try_send(report(2)).unwrap();
    drop(handle);
    drop(gate);
    for expected in ["entry 0", "entry 1", "entry 2", "end"] {
        assert_eq!(next_output(&mut outputs).await, expected);
    }
    assert!(reports.is_closed(), "nothing reads further reports");
}
