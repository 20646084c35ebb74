//! The driver's ports, implemented by the executor, the catalogue and the sandbox.

use std::collections::BTreeMap;
use std::error::Error;

use codewalk_core::event::StoredEvent;
use codewalk_core::ids::{SessionId, UtteranceId};
use codewalk_core::query::Adapter;
use codewalk_core::session::{AgentProcess, Exit, Session};
use codewalk_executor::{Agents, Relayed, Request, RequestReply};
use codewalk_sandbox::Recorder;
use codewalk_store::{Store, StoreError};
use uuid::Uuid;

use crate::catalogue::AdaptersInUse;
use crate::driver::{AdapterCatalogue, AgentRunner, CallRecorder};
use crate::orphans;

impl AdapterCatalogue for AdaptersInUse {
    fn adapters(&self) -> Vec<Adapter> {
        self.describe()
    }
}

impl CallRecorder for Recorder {
    fn assign(&self, utterance: UtteranceId, session: SessionId) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.led_to(utterance, session)?)
    }
}

impl AgentRunner for Agents {
    fn missing(&self) -> BTreeMap<String, String> {
        Self::missing(self)
    }

    async fn relay(
        &self,
        run: (SessionId, u32),
        process: Option<AgentProcess>,
        request: &Request,
    ) -> Result<Relayed, Box<dyn Error + Send + Sync>> {
        Ok(Self::relay(self, run, process, request).await?)
    }

    fn reply(&self, run: (SessionId, u32), id: Uuid, reply: &RequestReply) {
        Self::reply(self, run, id, reply);
    }

    async fn settle(
        &self,
        store: &mut dyn Store,
        session: Session,
        exit: Option<Exit>,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        orphans::settle(self, store, session, exit).await
    }
}
