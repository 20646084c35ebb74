//! Why a credential cannot be used, and the remedy.

use std::io;
use std::path::PathBuf;

use crate::exposure::ExposureError;

/// Why a credential cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Its environment variable is not set.
    #[error("the environment variable {variable} is not set; {}", self.remedy())]
    NotSet {
        /// The name of the credential.
        name: String,
        /// The variable.
        variable: String,
        /// Whether the configuration has a table that names the variable.
        has_table: bool,
    },
    /// Its file cannot be read.
    #[error("cannot read the file {path:?} of [credentials.{name}]: {error}; {}", self.remedy())]
    Unreadable {
        /// The name of the credential.
        name: String,
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        error: io::Error,
    },
    /// Its path does not lead to a regular file.
    #[error("{path:?} of [credentials.{name}] is {what}; {}", self.remedy())]
    NotAFile {
        /// The name of the credential.
        name: String,
        /// The path.
        path: PathBuf,
        /// What exists there.
        what: &'static str,
    },
    /// Other users can read or change its file.
    #[error(
        "the file {path:?} of [credentials.{name}] must be yours, and readable only by you; {}", self.remedy()
    )]
    NotPrivate {
        /// The name of the credential.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// Other users can replace its file.
    #[error("the file of [credentials.{name}] is not used: {}; {}", exposed.what(), self.remedy())]
    Exposed {
        /// The name of the credential.
        name: String,
        /// What other users can change.
        exposed: ExposureError,
    },
    /// Its value cannot be sent in a header.
    #[error(
        "the value of [credentials.{name}] is empty, too long, or has characters that no header allows; {}",
        self.remedy()
    )]
    Unusable {
        /// The name of the credential.
        name: String,
    },
    /// It is for a proxy, but is not a user name and password.
    #[error("the value of [credentials.{name}] is not USER:PASSWORD, as a proxy needs it; {}", self.remedy())]
    NoLogin {
        /// The name of the credential.
        name: String,
    },
}

impl CredentialError {
    /// Returns the remedy.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NotSet { name, variable, has_table: false } => {
                format!("store the key with `codewalk login {name}`, or set {variable}")
            }
            Self::NotSet { name, variable, .. } => format!(
                "set it, or write file = \"{name}.key\" in place of env = \"{variable}\" in \
                 [credentials.{name}] and store the key there with `codewalk login {name}`"
            ),
            Self::Unreadable { path, error, .. } if error.kind() == io::ErrorKind::PermissionDenied => {
                format!("chmod 600 {path:?}")
            }
            Self::NotAFile { name, .. } => {
                format!("remove it, and store the key there with `codewalk login {name}`")
            }
            Self::Unreadable { name, .. } => format!("store the key there with `codewalk login {name}`"),
            Self::NotPrivate { path, .. } => format!("chmod 600 {path:?}"),
            Self::Exposed { exposed, .. } => exposed.command(),
            Self::Unusable { .. } | Self::NoLogin { .. } => "correct it where it is stored".to_owned(),
        }
    }

    /// Returns whether the key is missing, rather than unusable.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::NotSet { .. } => true,
            Self::Unreadable { error, .. } => error.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// Returns the problem without the remedy.
    #[must_use]
    pub fn problem(&self) -> String {
        let (text, remedy) = (self.to_string(), self.remedy());
        text.strip_suffix(&*format!("; {remedy}")).unwrap_or(&text).to_owned()
    }
}
