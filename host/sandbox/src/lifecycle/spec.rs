//! An adapter as the configuration describes it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use codewalk_policy::{Credential, Grant, Limits};

use crate::calls::Experience;
use crate::source::Source;

/// An adapter as the configuration names it.
#[derive(Clone, Debug)]
pub struct AdapterSpec {
    /// Its name, for messages and for the registry. An adapter with a name other than `[a-z0-9-]{1,64}` has
    /// no registry entry.
    pub name: String,
    /// The source of its component.
    pub source: Source,
    /// Its configuration, which it reads through the `config` interface. It must not contain credentials.
    pub config: BTreeMap<String, String>,
    /// Its grants.
    pub http: Vec<Grant>,
    /// The configured credentials, which approvals may name.
    pub credentials: Vec<Arc<Credential>>,
    /// How long one call may take, including retries, before the next adapter of the chain is called. It
    /// applies only with grants; otherwise, and if it is `None`, [`Limits::wall_clock`] applies. Waiting for
    /// a slot counts; loading does not.
    pub deadline: Option<Duration>,
    /// The limits of one call, reduced to those of the sandbox. `None` uses those of the sandbox.
    pub limits: Option<Limits>,
    /// The SHA-256 of the only accepted component, in hexadecimal. `None` accepts any that passes the checks.
    pub pin: Option<String>,
    /// What the host learns about its servers, if anything.
    pub experience: Option<Arc<dyn Experience>>,
}

impl AdapterSpec {
    /// Creates an adapter with default limits, and without configuration, grants, deadline or pin.
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
