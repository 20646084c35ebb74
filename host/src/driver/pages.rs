//! Answers the queries of front ends.

use codewalk_core::ids::SessionId;
use codewalk_core::query::{Page, Query};
use codewalk_core::state::State;
use codewalk_store::{Store, StoreError};

use super::ports::AdapterCatalogue;

/// The maximum number of sessions in a page. A session with all its data takes a few hundred kilobytes.
const MAX_SESSIONS: u32 = 100;
/// The maximum number of entries in a page. A long entry takes tens of kilobytes.
const MAX_ENTRIES: u32 = 200;

/// Answers a query. The size of a page is limited, whatever the query asks for.
pub(super) fn answer(
    store: &dyn Store,
    state: &State,
    catalogue: &dyn AdapterCatalogue,
    query: Query,
) -> Result<Page, StoreError> {
    match query {
        Query::Sessions { limit, after } => sessions(store, limit.min(MAX_SESSIONS), after),
        Query::Session { session } => Ok(Page::Session { session: store.session(session)?.map(Box::new) }),
        Query::Entries { session, from, limit } => entries(store, session, from, limit.min(MAX_ENTRIES)),
        Query::Confirmations => {
            Ok(Page::Confirmations { confirmations: state.confirmations().cloned().collect() })
        }
        Query::Adapters => Ok(Page::Adapters { adapters: catalogue.adapters() }),
    }
}

fn sessions(store: &dyn Store, limit: u32, after: Option<SessionId>) -> Result<Page, StoreError> {
    let place = |id: SessionId| {
        // Starting over would make a client that reads page after page loop forever.
        let session = store.session(id)?.ok_or_else(|| StoreError::NoSession { text: id.to_string() })?;
        Ok((session.changed_at, id))
    };
    let before = after.map(place).transpose()?;
    Ok(Page::Sessions { sessions: store.sessions(limit, before)? })
}

fn entries(store: &dyn Store, session: SessionId, from: Option<u64>, limit: u32) -> Result<Page, StoreError> {
    let total = store.entry_count(session)?;
    let first = from.unwrap_or_else(|| total.saturating_sub(limit.into()));
    Ok(Page::Entries { first, entries: store.entries(session, first, limit)?, total })
}
