//! Decodes rows. A row that cannot be decoded is an error that names it.

use std::borrow::Cow;
use std::error::Error;

use codewalk_core::entry::Entry;
use codewalk_core::event::{Event, StoredEvent};
use codewalk_core::ids::StreamId;
use codewalk_core::session::{Session, SessionBrief, SessionState};
use codewalk_core::time::Timestamp;
use rusqlite::Row;
use serde::de::value::{self, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer};

use super::error::{Decoded, Failure};
use super::packing;

/// The result of decoding a row.
type DecodeResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

pub(super) fn event_of(row: &Row<'_>) -> Result<StoredEvent, Failure> {
    let seq = row.get(0)?;
    let decode = || -> DecodeResult<StoredEvent> {
        let recorded = StoredEvent {
            seq,
            stream: row.get_ref(1)?.as_str()?.parse()?,
            version: row.get(2)?,
            event: Event {
                at: Timestamp(row.get(3)?),
                kind: serde_json::from_str(row.get_ref(4)?.as_str()?)?,
            },
        };
        if recorded.stream != recorded.event.stream() {
            return Err(format!("it belongs to stream {}", recorded.event.stream()).into());
        }
        Ok(recorded)
    };
    decode().of(|| format!("event {seq}"))
}

pub(super) fn stream_of(row: &Row<'_>) -> Result<StreamId, Failure> {
    let stream: String = row.get(0)?;
    stream.parse().of(|| format!("stream {stream:?}"))
}

pub(super) fn session_of(row: &Row<'_>) -> Result<Session, Failure> {
    let id: String = row.get(0)?;
    let decode = || -> DecodeResult<Session> { Ok(serde_json::from_str(row.get_ref(1)?.as_str()?)?) };
    decode().of(|| format!("session {id:?}"))
}

pub(super) fn brief_of(row: &Row<'_>) -> Result<SessionBrief, Failure> {
    let id: String = row.get(0)?;
    let decode = || -> DecodeResult<SessionBrief> {
        if let Some(body) = row.get_ref(6)?.as_str_or_null()? {
            return Ok(serde_json::from_str::<Session>(body)?.brief());
        }
        let state: StrDeserializer<'_, value::Error> = row.get_ref(2)?.as_str()?.into_deserializer();
        Ok(SessionBrief {
            id: id.parse()?,
            changed_at: Timestamp(row.get(1)?),
            state: SessionState::deserialize(state)?,
            agent: row.get(3)?,
            project: row.get(4)?,
            utterance: row.get(5)?,
        })
    };
    decode().of(|| format!("session {id:?}"))
}

/// Returns an entry and the size of its JSON.
pub(super) fn entry_of(row: &Row<'_>) -> Result<(Entry, usize), Failure> {
    let session: String = row.get(0)?;
    let number: i64 = row.get(1)?;
    let decode = || -> DecodeResult<(Entry, usize)> {
        let body = match row.get_ref(6)?.as_blob_or_null()? {
            Some(packed) => Cow::from(packing::unpacked(packed)?),
            None => Cow::from(row.get_ref(5)?.as_str()?),
        };
        let entry = Entry {
            run: row.get(2)?,
            offset: row.get(3)?,
            length: row.get(4)?,
            kind: serde_json::from_str(&body)?,
        };
        Ok((entry, body.len()))
    };
    decode().of(|| format!("entry {number} of session {session:?}"))
}
