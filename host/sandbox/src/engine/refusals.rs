//! Remembers components that do not compile, so that later runs do not spend minutes on them again.
//!
//! These failures are stored in the cache and authenticated like compiled code, so that other users cannot
//! block an adapter.

use codewalk_policy::CompileLimits;
use serde::{Deserialize, Serialize};

use super::cache::Cache;
use crate::error::Problem;

/// A component that did not compile.
#[derive(Debug, Serialize, Deserialize)]
struct Refusal {
    reason: String,
    /// The limits that applied. With higher limits the component may compile.
    executing_s: u64,
    memory: u64,
    output: u64,
}

/// Returns why the component with the cache entry `name` failed to compile, unless higher limits may help.
pub(super) fn find(cache: &Cache, name: &str, limits: CompileLimits) -> Option<Problem> {
    if !cache.has(&entry(name)) {
        return None;
    }
    let found: Refusal = serde_json::from_slice(&cache.load(&entry(name))?).ok()?;
    let has_more = limits.executing.as_secs() > found.executing_s
        || limits.memory > found.memory
        || limits.output > found.output;
    (!has_more).then_some(Problem::NotCompiled { reason: found.reason })
}

/// Remembers that a component does not compile, if the component is the cause.
pub(super) fn remember(cache: &Cache, name: &str, problem: &Problem, limits: CompileLimits) {
    let is_lasting = matches!(
        problem,
        Problem::Compile { .. } | Problem::CompileLimit { .. } | Problem::CompilerBroke { .. }
    );
    if !is_lasting {
        return;
    }
    let refusal = Refusal {
        reason: problem.to_string(),
        executing_s: limits.executing.as_secs(),
        memory: limits.memory,
        output: limits.output,
    };
    if let Ok(refusal) = serde_json::to_vec(&refusal) {
        cache.store(&entry(name), &refusal);
    }
}

fn entry(name: &str) -> String {
    format!("{name}.refused")
}
