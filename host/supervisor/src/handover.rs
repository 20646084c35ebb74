//! What a host hands to a new supervisor over a socket, and the reply. None of it is stored.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use serde::{Deserialize, Serialize};

use crate::messages::{Call, MAX_MESSAGE};
use crate::records::Process;

const MAGIC: &[u8; 8] = b"codwalk1";
/// Larger than any environment that a system accepts.
const MAX_ENVIRONMENT: usize = 8 * 1024 * 1024;
const MAX_REPLY: u64 = 64 * 1024;

/// The secret part of a launch.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Handover {
    /// The whole environment of the agent.
    pub environment: Vec<(OsString, OsString)>,
    /// The first input of the agent, with the call that it belongs to.
    pub first_input: Option<(Call, Vec<u8>)>,
}

/// Shows no values.
impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&OsString> = self.environment.iter().map(|(name, _)| name).collect();
        let call = self.first_input.as_ref().map(|(call, _)| call);
        f.debug_struct("Handover").field("environment", &names).field("first_input", &call).finish()
    }
}

/// The reply of a supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// The agent runs.
    Started {
        /// The agent.
        agent: Process,
        /// The supervisor.
        supervisor: Process,
    },
    /// The agent does not run.
    Failed {
        /// What failed.
        message: String,
    },
}

impl Handover {
    /// Returns its bytes. Fails if it is too large or contains variables that no environment can hold.
    pub(crate) fn encode(&self) -> io::Result<Vec<u8>> {
        let invalid = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
        let mut environment = Vec::new();
        for (name, value) in &self.environment {
            if name.is_empty() || name.as_bytes().contains(&b'=') {
                return Err(invalid("a variable of the environment has an invalid name"));
            }
            if name.as_bytes().contains(&0) || value.as_bytes().contains(&0) {
                return Err(invalid("a variable of the environment contains a null byte"));
            }
            environment.extend([name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
        }
        let nothing = (String::new(), &[][..]);
        let first = self.first_input.as_ref().map(|(call, bytes)| (call.as_str().to_owned(), &bytes[..]));
        let (call, input) = first.unwrap_or(nothing);
        if environment.len() > MAX_ENVIRONMENT || input.len() > MAX_MESSAGE {
            return Err(invalid("the environment or the first input is too large"));
        }
        let mut bytes = MAGIC.to_vec();
        let parts = [&environment, call.as_bytes(), input];
        for part in parts {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend(parts.concat());
        Ok(bytes)
    }

    /// Reads it completely.
    pub(crate) fn read(mut from: impl Read) -> io::Result<Self> {
        let invalid = |what| io::Error::new(io::ErrorKind::InvalidData, what);
        let mut head = [0; 20];
        from.read_exact(&mut head)?;
        if head[..8] != *MAGIC {
            return Err(invalid("it does not come from a host of this version"));
        }
        let length = |at: usize| {
            let bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
            usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX)
        };
        let mut part = |length: usize, limit: usize| {
            if length > limit {
                return Err(invalid("a part is too large"));
            }
            let mut bytes = vec![0; length];
            from.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        let environment = part(length(8), MAX_ENVIRONMENT)?;
        let call = part(length(12), 64)?;
        let input = part(length(16), MAX_MESSAGE)?;
        let variables = environment.split(|byte| *byte == 0).filter(|variable| !variable.is_empty());
        let environment = variables.filter_map(|variable| {
            let at = variable.iter().position(|byte| *byte == b'=')?;
            let own = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
            Some((own(&variable[..at]), own(&variable[at + 1..])))
        });
        let call = std::str::from_utf8(&call).unwrap_or_default();
        Ok(Self {
            environment: environment.collect(),
            first_input: Call::new(call).ok().map(|call| (call, input)),
        })
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.environment.retain(|(other, _)| other != name.as_ref());
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
    }
}

impl Reply {
    pub(crate) fn write(&self, mut to: impl Write) -> io::Result<()> {
        to.write_all(&serde_json::to_vec(self)?)
    }

    pub(crate) fn read(from: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        from.take(MAX_REPLY).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handover() -> Handover {
        let mut handover = Handover::default();
        handover.set("PATH", "/bin:/usr/bin");
        handover.set("EMPTY", "");
        handover.set("RAW", OsStr::from_bytes(b"a=b\n\xff"));
        handover.first_input = Some((Call::new("c1").unwrap(), b"fix it\n\0".to_vec()));
        handover
    }

    #[test]
    fn a_handover_arrives_as_it_was() {
        for handover in [handover(), Handover::default()] {
            let bytes = handover.encode().unwrap();
            assert_eq!(Handover::read(&bytes[..]).unwrap(), handover);
            for length in 0..bytes.len() {
                assert!(Handover::read(&bytes[..length]).is_err(), "cut at {length}");
            }
        }
    }

    #[test]
    fn a_length_above_the_limit_allocates_nothing() {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([0xff; 12]);
        assert_eq!(Handover::read(&bytes[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_variable_that_no_environment_can_hold_is_rejected() {
        for (name, value) in [("", "x"), ("A=B", "x"), ("A", "x\0y")] {
            let handover = Handover { environment: vec![(name.into(), value.into())], first_input: None };
            assert!(handover.encode().is_err());
        }
    }

    #[test]
    fn a_debug_output_shows_no_value() {
        let shown = format!("{:?}", handover());
        assert!(shown.contains("PATH") && !shown.contains("/usr/bin") && !shown.contains("fix"), "{shown}");
    }
}
