//! Programs and processes: what an agent is started with, and what a lost one leaves.

#[cfg(not(target_os = "linux"))]
mod group;
mod inherited;
pub(crate) mod leader;
#[cfg(target_os = "linux")]
mod linux;
pub(crate) mod program;
#[cfg(target_os = "linux")]
mod stat;
pub(crate) mod tree;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use codewalk_core::ids::SessionId;

pub(crate) use inherited::umask;

/// A program to execute.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub program: PathBuf,
    pub args: Vec<String>,
    /// Variables besides the inherited environment.
    pub env: BTreeMap<String, String>,
    /// Inherited variables that it does not get.
    pub removed_env: Vec<String>,
    /// Whether it reads its standard input.
    pub takes_input: bool,
}

impl Invocation {
    /// Returns the program and its arguments.
    pub(crate) fn argv(&self) -> Vec<String> {
        let program = self.program.to_string_lossy().into_owned();
        [program].into_iter().chain(self.args.iter().cloned()).collect()
    }

    /// Returns the whole environment of an agent.
    pub(crate) fn environment(&self, session: SessionId) -> Vec<(OsString, OsString)> {
        let mut environment: BTreeMap<OsString, OsString> = inherited::environment().collect();
        for name in &self.removed_env {
            environment.remove(&OsString::from(name));
        }
        environment.extend(self.env.iter().map(|(name, value)| (name.into(), value.into())));
        environment.insert(leader::SESSION_VARIABLE.into(), session.to_string().into());
        environment.into_iter().collect()
    }
}
