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
    /// Its name, for messages and for what is known of it between runs. What is named otherwise than `[a-z0-9-]{1,64}` has
    /// nothing kept.
    pub name: String,
    /// Where its component comes from.
    pub source: Source,
    /// What it reads through the `config` interface. Credentials have no place in it.
    pub config: BTreeMap<String, String>,
    /// What it may send where; by default nothing.
    pub http: Vec<Grant>,
    /// The configured credentials, which what is approved may name.
    pub credentials: Vec<Arc<Credential>>,
    /// How long one call of it may take, its retries included, before the next adapter of the chain is asked, where it may send
    /// anything; none leaves that to [`Limits::wall_clock`], as does what waits for nobody. Loading, which happens once, is
    /// not counted; the wait for its turn is.
    pub deadline: Option<Duration>,
    /// What one call of it may use, as far as the sandbox has room for it; none leaves that to the sandbox.
    pub limits: Option<Limits>,
    /// The SHA-256 of the one component that is taken, in hexadecimal; none takes whatever passes the checks.
    pub pin: Option<String>,
    /// What is learned of the servers that it asks; none learns nothing.
    pub experience: Option<Arc<dyn Experience>>,
}

impl AdapterSpec {
    /// Returns an adapter without configuration, network, or a deadline, limits or a pin of its own.
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
