//! How long the user may have to wait for a chain.

use std::time::Duration;

use codewalk_sandbox::{AdapterSpec, Registry};

use super::registry::grants;
use crate::config::Config;

/// The first adapter of a chain with network access, for which the user may have to wait, and for how long.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// The adapter.
    pub name: String,
    /// The maximum duration of one call.
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
