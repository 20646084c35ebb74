//! An adapter as configured.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use codewalk_policy::{Credential, Grant, Limits};

use crate::calls::Experience;
use crate::source::Source;

/// An adapter as configured.
#[derive(Clone, Debug)]
pub struct AdapterSpec {
    /// Its name, for messages and for the registry. An adapter whose name does not match `[a-z0-9-]{1,64}`
    /// has no registry entry.
    pub name: String,
    /// The source of its component.
    pub source: Source,
    /// Its configuration, which it reads through the `config` interface. It must not contain credentials.
    pub config: BTreeMap<String, String>,
    /// Its grants.
    pub http: Vec<Grant>,
    /// The configured credentials, which approvals may refer to.
    pub credentials: Vec<Arc<Credential>>,
    /// How long one call may take, including retries, before the chain's next adapter is called. It applies
    /// only to adapters with grants; otherwise, or if it is `None`, [`Limits::wall_clock`] applies. Waiting
    /// for a slot counts; loading does not.
    pub deadline: Option<Duration>,
    /// The limits of one call, capped by the limits of the sandbox. `None` uses the limits of the sandbox.
    pub limits: Option<Limits>,
    /// The SHA-256 of the only accepted component, in hexadecimal. `None` accepts any component that passes
    /// the checks.
    pub pin: Option<String>,
    /// What the host learns about its servers, if anything.
    pub experience: Option<Arc<dyn Experience>>,
}

impl AdapterSpec {
    /// Creates an adapter with default limits, and with no configuration, grants, deadline or pin.
    #[must_use]
    pub fn new(name: impl Into<String>, source: Source) -> Self {
        Self {
            name: name.into(),
            source,
            config: BTreeMap::new(),
            http: Vec::new(),
            credentials: Vec::new(),
            deadline: None,
            limits: None,
            pin: None,
            experience: None,
        }
    }
}
