//! How long the user may have to wait for a chain. (rename the module and `Patience` to
//! `wait_limit`/`WaitLimit`; host/src/cli/adapters/patience.rs to `notice.rs`; `patience: Duration`
//! parameters to `timeout`)

use std::time::Duration;

use codewalk_sandbox::{AdapterSpec, Registry};

use super::registry::grants;
use crate::config::Config;

/// The adapter of a chain that the user may have to wait for, and for how long: the first one with network
/// access.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// The adapter.
    pub name: String,
    /// The longest duration of one call.
    pub limit: Duration,
}

impl Patience {
    /// Finds it in a chain.
    pub fn of(config: &Config, registry: Option<&Registry>, chain: &[AdapterSpec]) -> Self {
        let has_network = |spec: &&AdapterSpec| !grants(config, registry, spec).is_empty();
        let slow = chain.iter().find(has_network).map(|spec| (spec, spec.deadline));
        let Some((spec, deadline)) = slow.or_else(|| chain.first().map(|spec| (spec, None))) else {
            return Self::default();
        };
        let limit = deadline.unwrap_or_else(|| spec.limits.unwrap_or_default().wall_clock);
        Self { name: spec.name.clone(), limit }
    }
}
