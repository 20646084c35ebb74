//! The models to use unless the configuration names others; no other file names a model.
//!
//! Looked up in Groq's public documentation on 2026-11-30: it serves both models, and only these two support
//! a strict JSON schema there.

/// The URL of the API.
pub const BASE_URL: &str = "https://api.groq.com/openai/v1";
/// The model for routing. It is a fast one, because the user waits for its answer.
pub const ROUTING: &str = "openai/gpt-oss-20b";
/// The model for summaries.
pub const SUMMARIES: &str = "openai/gpt-oss-120b";
/// Part of the names of models that accept [`REASONING_EFFORT`] on any server.
pub const REASONING_FAMILY: &str = "gpt-oss";
/// How much such a model thinks before it answers.
pub const REASONING_EFFORT: &str = "low";
