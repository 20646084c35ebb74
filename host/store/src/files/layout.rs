//! The names of the files and folders of a store.

/// Contains the schema of the store; written last when a store is created.
pub(super) const MARK: &str = "store.json";
/// The lock of the store.
pub(super) const LOCK: &str = "lock";
/// Lists which events are part of the store.
pub(super) const COMMITS: &str = "commits";
/// The folder of the sessions, with a folder for each.
pub(super) const SESSIONS: &str = "sessions";
/// The folder of the utterances, with a file for each.
pub(super) const UTTERANCES: &str = "utterances";
/// The events of a session, in its folder.
pub(super) const EVENTS: &str = "events.jsonl";
