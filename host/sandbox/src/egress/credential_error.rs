//! Why a credential cannot be used, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::exposure::Exposed;

/// Why a credential cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Its environment variable is not there.
    #[error("the environment variable {variable} is not set; {}", self.remedy())]
    NotSet {
        /// The name of the credential.
        name: String,
        /// The variable that was looked at.
        variable: String,
        /// Whether the configuration has a table for it, which says that it is there.
        has_table: bool,
    },
    /// Its file cannot be read.
    #[error("the file {path:?} of [credentials.{name}] cannot be read: {error}; {}", self.remedy())]
    Unreadable {
        /// The name of the credential.
        name: String,
        /// The file that was tried.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Others can read or change its file.
    #[error(
        "the file {path:?} of [credentials.{name}] must be a file of yours that nobody else can read; {}", self.remedy()
    )]
    NotPrivate {
        /// The name of the credential.
        name: String,
        /// The file that was looked at.
        path: PathBuf,
    },
    /// Others can put another file in its place.
    #[error("the file of [credentials.{name}] is not used: {}; {}", exposed.what(), self.remedy())]
    Exposed {
        /// The name of the credential.
        name: String,
        /// What others can write to.
        exposed: Exposed,
    },
    /// Its value cannot be sent in a header.
    #[error("the value of [credentials.{name}] is empty, too long, or has characters that no header takes; {}", self.remedy())]
    Unusable {
        /// The name of the credential.
        name: String,
    },
    /// It is for a proxy, which wants a name and a password.
    #[error("the value of [credentials.{name}] is not USER:PASSWORD, as a proxy wants it; {}", self.remedy())]
    NoLogin {
        /// The name of the credential.
        name: String,
    },
}

impl CredentialError {
    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NotSet { name, variable, has_table: false } => {
                format!("keep the key with `codewalk login {name}`, or set {variable}")
            }
            Self::NotSet { name, variable, .. } => format!(
                "set it, or write file = \"{name}.key\" in place of env = \"{variable}\" in [credentials.{name}] and keep the key there with `codewalk login {name}`"
            ),
            Self::Unreadable { name, .. } => format!("keep the key there with `codewalk login {name}`"),
            Self::NotPrivate { path, .. } => format!("chmod 600 {path:?}"),
            Self::Exposed { exposed, .. } => exposed.command(),
            Self::Unusable { .. } | Self::NoLogin { .. } => "correct it where it is kept".to_owned(),
        }
    }

    /// Returns what is wrong, without what to do about it.
    #[must_use]
    pub fn problem(&self) -> String {
        let (text, remedy) = (self.to_string(), self.remedy());
        text.strip_suffix(&*format!("; {remedy}")).unwrap_or(&text).to_owned()
    }
}
