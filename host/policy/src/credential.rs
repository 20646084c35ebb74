//! Credentials: where they are stored, which server they are for, and how they are sent. Adapters see only
//! their names.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use url::Origin;

use crate::address;
use crate::credential_error::CredentialError;
use crate::environment;
use crate::exposure::check_exposure;
use crate::grant_error::GrantError;
use crate::proxy_address::{self, ProxyError};
use crate::secret::{MAX_SECRET, Secret};

/// A credential that the host adds to requests to one server. Its value is read when an adapter that may use
/// it is loaded, and is never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    name: String,
    source: SecretSource,
    bound_to: Origin,
    header: HeaderName,
    prefix: String,
    /// Whether it is a user name and password for a proxy.
    is_login: bool,
    /// Whether it has a table in the configuration.
    has_table: bool,
}

/// Where the value of a credential is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In an environment variable.
    Env(String),
    /// In a file that only the user can read.
    File(PathBuf),
}

impl Credential {
    /// Creates a credential for one server, `bound_to`, sent as `Authorization: Bearer VALUE`.
    ///
    /// # Errors
    /// If `bound_to` is not exactly a scheme, a host and a port.
    pub fn new(name: impl Into<String>, source: SecretSource, bound_to: &str) -> Result<Self, GrantError> {
        let url = address::parse(bound_to)?;
        if url.path() != "/" || url.query().is_some() {
            return Err(GrantError::NotAnOrigin { url: bound_to.to_owned() });
        }
        Ok(Self::bound(name.into(), source, url.origin()))
    }

    /// Creates a credential for a proxy: `USER:PASSWORD`, sent with the Basic scheme.
    ///
    /// # Errors
    /// If `bound_to` is not the address of a proxy.
    pub fn of_proxy(
        name: impl Into<String>,
        source: SecretSource,
        bound_to: &str,
    ) -> Result<Self, ProxyError> {
        let origin = proxy_address::parse(bound_to)?.origin();
        Ok(Self { is_login: true, ..Self::bound(name.into(), source, origin) })
    }

    fn bound(name: String, source: SecretSource, bound_to: Origin) -> Self {
        let (header, prefix) = (AUTHORIZATION, "Bearer ".to_owned());
        Self { name, source, bound_to, header, prefix, is_login: false, has_table: true }
    }

    /// Marks the credential as known without a table in the configuration.
    #[must_use]
    pub fn built_in(self) -> Self {
        Self { has_table: false, ..self }
    }

    /// Returns the same credential, stored elsewhere.
    #[must_use]
    pub fn kept_in(&self, source: SecretSource) -> Self {
        Self { source, ..self.clone() }
    }

    /// Returns whether it is a user name and password for a proxy.
    #[must_use]
    pub const fn is_login(&self) -> bool {
        self.is_login
    }

    /// Sets the header that carries the value, and the prefix of the value.
    ///
    /// # Errors
    /// If either cannot be sent.
    pub fn sent_as(mut self, header: &str, prefix: &str) -> Result<Self, GrantError> {
        let unusable = || GrantError::Header { header: header.to_owned(), prefix: prefix.to_owned() };
        self.header = HeaderName::from_bytes(header.as_bytes()).map_err(|_| unusable())?;
        HeaderValue::from_str(prefix).map_err(|_| unusable())?;
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns where its value is stored.
    #[must_use]
    pub const fn source(&self) -> &SecretSource {
        &self.source
    }

    /// Returns the server it is bound to.
    #[must_use]
    pub fn server(&self) -> String {
        self.bound_to.ascii_serialization()
    }

    /// Checks that the credential exists and can be used.
    ///
    /// # Errors
    /// If it is missing, exposed to other users, or cannot be sent.
    pub fn check(&self) -> Result<(), CredentialError> {
        self.read().map(drop)
    }

    /// Returns the header that carries it.
    #[must_use]
    pub const fn header(&self) -> &HeaderName {
        &self.header
    }

    /// Returns the origin of the server it is bound to.
    #[must_use]
    pub const fn bound_to(&self) -> &Origin {
        &self.bound_to
    }

    /// Reads the value in the form in which it is sent.
    ///
    /// # Errors
    /// If it is missing, exposed to other users, or cannot be sent.
    pub fn read(&self) -> Result<Secret, CredentialError> {
        let text = match &self.source {
            SecretSource::Env(variable_name) => {
                environment::variable(variable_name).ok_or_else(|| CredentialError::NotSet {
                    name: self.name.clone(),
                    variable: variable_name.clone(),
                    has_table: self.has_table,
                })?
            }
            SecretSource::File(path) => self.read_file(path)?.into(),
        };
        let name = || self.name.clone();
        if self.is_login {
            return Secret::login(text.expose_secret())
                .ok_or_else(|| CredentialError::NoLogin { name: name() });
        }
        Secret::new(text.expose_secret(), &self.prefix)
            .ok_or_else(|| CredentialError::Unusable { name: name() })
    }

    fn read_file(&self, path: &PathBuf) -> Result<String, CredentialError> {
        let name = || self.name.clone();
        let unreadable = |error| CredentialError::Unreadable { name: name(), path: path.clone(), error };
        if let Some(what) = other_than_file(path) {
            return Err(CredentialError::NotAFile { name: name(), path: path.clone(), what });
        }
        // Opening a pipe would wait for its writer.
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        let flags = i32::try_from(flags).unwrap_or_default();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(unreadable)?;
        let is_private = |file: &File| {
            file.metadata().map(|metadata| {
                let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
                metadata.is_file() && is_own && metadata.mode() & 0o077 == 0
            })
        };
        if !is_private(&file).map_err(unreadable)? {
            return Err(CredentialError::NotPrivate { name: name(), path: path.clone() });
        }
        check_exposure(path).map_err(|exposed| CredentialError::Exposed { name: name(), exposed })?;
        let mut text = String::new();
        file.take(MAX_SECRET + 1).read_to_string(&mut text).map_err(unreadable)?;
        Ok(text)
    }
}

/// Describes what exists at a path other than a regular file. Links are followed.
fn other_than_file(path: &Path) -> Option<&'static str> {
    let Ok(found) = path.metadata() else {
        let is_link = path.symlink_metadata().is_ok_and(|found| found.is_symlink());
        return is_link.then_some("a symbolic link whose target cannot be reached");
    };
    let kind = found.file_type();
    match () {
        () if kind.is_file() => None,
        () if kind.is_dir() => Some("a folder, not a file"),
        () if kind.is_fifo() => Some("a pipe, not a file"),
        () if kind.is_socket() => Some("a socket, not a file"),
        () => Some("a device, not a file"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    const SERVER: &str = "https://api.groq.com";

    fn file(value: &[u8], mode: u32) -> (tempfile::TempDir, Credential) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, value).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (folder, Credential::new("groq", SecretSource::File(path), SERVER).unwrap())
    }

    #[test]
    fn a_private_file_is_read_without_its_line_break() {
        for mode in [0o600, 0o400] {
            let (_folder, credential) = file(b"gsk_1234\n", mode);
            assert_eq!(credential.read().unwrap().header(), "Bearer gsk_1234");
        }
    }

    #[test]
    fn a_variable_taken_out_of_the_environment_is_still_read() {
        let taken = "CODEWALK_TEST_TAKEN".to_owned();
        let credential = Credential::new("groq", SecretSource::Env(taken.clone()), SERVER).unwrap();
        assert!(matches!(credential.check().unwrap_err(), CredentialError::NotSet { .. }));
        environment::keep(&taken, "gsk_1234");
        assert_eq!(credential.read().unwrap().header(), "Bearer gsk_1234");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_a_remedy() {
        for mode in [0o640, 0o604, 0o644, 0o620] {
            let (_folder, credential) = file(b"gsk_1234", mode);
            let error = credential.check().unwrap_err();
            assert!(matches!(error, CredentialError::NotPrivate { .. }), "{error}");
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_file_in_a_folder_that_others_can_write_to_is_refused() {
        let (folder, credential) = file(b"gsk_1234", 0o600);
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let error = credential.check().unwrap_err();
        assert!(matches!(error, CredentialError::Exposed { .. }), "{error}");
        assert!(error.to_string().contains(&format!("chmod go-w {:?}", folder.path())), "{error}");
    }

    #[test]
    fn anything_but_a_file_is_named_and_rejected_without_blocking() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
        let [socket, link, device] = ["socket", "link", "device"].map(|name| folder.path().join(name));
        let _listener = UnixListener::bind(&socket).unwrap();
        symlink("/no/such/key", &link).unwrap();
        symlink("/dev/null", &device).unwrap();
        for (path, what) in [
            (folder.path().to_owned(), "a folder, not a file"),
            (pipe, "a pipe, not a file"),
            (socket, "a socket, not a file"),
            (device, "a device, not a file"),
            (link, "a symbolic link whose target cannot be reached"),
        ] {
            let credential = Credential::new("groq", SecretSource::File(path.clone()), SERVER).unwrap();
            let error = credential.check().unwrap_err();
            assert_eq!(error.problem(), format!("{path:?} of [credentials.groq] is {what}"));
            assert_eq!(error.remedy(), "remove it, and store the key there with `codewalk login groq`");
            assert!(!error.is_missing());
        }
        let gone = Credential::new("groq", SecretSource::File("/no/such/key".into()), SERVER).unwrap();
        let error = gone.check().unwrap_err();
        assert!(matches!(error, CredentialError::Unreadable { .. }) && error.is_missing(), "{error}");
        let denied = CredentialError::Unreadable {
            name: "groq".to_owned(),
            path: "/a key".into(),
            error: std::io::ErrorKind::PermissionDenied.into(),
        };
        assert_eq!((denied.is_missing(), &*denied.remedy()), (false, "chmod 600 \"/a key\""));
    }

    #[test]
    fn an_unsendable_value_is_refused_and_not_repeated() {
        let long = vec![b'x'; 20_000];
        for value in [&b"  \n"[..], b"gsk_12\n34", b"gsk_12\x0034", &long] {
            let (_folder, credential) = file(value, 0o600);
            let error = credential.check().unwrap_err();
            assert!(matches!(error, CredentialError::Unusable { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("gsk_"), "{error:?}");
        }
    }

    /// Case 38.
    #[test]
    fn a_secret_is_in_no_debug_output() {
        let (_folder, credential) = file(b"gsk_1234", 0o600);
        let secret = credential.read().unwrap();
        let shown = format!("{secret:?} {credential:?} {:?}", secret.header());
        assert!(!shown.contains("gsk_"), "{shown}");
    }

    #[test]
    fn a_proxy_credential_is_a_user_name_and_password() {
        const PROXY: &str = "http://proxy.corp:3128";
        let made = |value: &[u8]| {
            let (folder, credential) = file(value, 0o600);
            let source = credential.source().clone();
            (folder, Credential::of_proxy("corp", source, PROXY).unwrap())
        };
        for (value, user, password) in [
            ("me:secret\n", "me", "secret"),
            ("CORP\\me:s:e c", "CORP\\me", "s:e c"),
            ("me:gehe\u{ed}m", "me", "gehe\u{ed}m"),
            ("me:", "me", ""),
        ] {
            let (_folder, credential) = made(value.as_bytes());
            assert_eq!(credential.read().unwrap().user_and_password(), (user, password), "{value}");
        }
        for value in [&b"secret"[..], b":secret", b"", b"me:se\ncret"] {
            let (_folder, credential) = made(value);
            let error = credential.check().unwrap_err();
            assert!(matches!(error, CredentialError::NoLogin { .. }), "{error}");
            assert!(!format!("{error} {error:?} {credential:?}").contains("secret"), "{error:?}");
        }
        assert!(Credential::of_proxy("corp", SecretSource::Env("X".to_owned()), "http://me:p@a").is_err());
    }

    #[test]
    fn a_credential_problem_names_the_command_that_fixes_it() {
        let unset = |credential: Credential| {
            let error = credential.check().unwrap_err();
            assert_eq!(error.to_string(), format!("{}; {}", error.problem(), error.remedy()));
            (error.problem(), error.remedy())
        };
        let groq = || {
            let source = SecretSource::Env("CODEWALK_TEST_UNSET".to_owned());
            Credential::new("groq", source, SERVER).unwrap()
        };
        let problem = "the environment variable CODEWALK_TEST_UNSET is not set".to_owned();
        let remedy = "store the key with `codewalk login groq`, or set CODEWALK_TEST_UNSET".to_owned();
        assert_eq!(unset(groq().built_in()), (problem.clone(), remedy));
        let (said, remedy) = unset(groq());
        assert_eq!(said, problem);
        // `login` would reject the bare value.
        assert!(remedy.contains("file = \"groq.key\" in place of env"), "{remedy}");
    }

    #[test]
    fn a_credential_is_for_a_server_and_sent_in_a_header() {
        let make = |bound_to| Credential::new("groq", SecretSource::Env("X".to_owned()), bound_to);
        for wrong in ["https://api.groq.com/v1", "https://api.groq.com/?x", "http://api.groq.com", "groq"] {
            assert!(make(wrong).is_err(), "{wrong}");
        }
        assert!(make("https://api.groq.com:444/").is_ok());
        assert!(make(SERVER).unwrap().sent_as("x api key", "").is_err());
        assert!(make(SERVER).unwrap().sent_as("x-api-key", "a\nb").is_err());
    }
}
