//! Credentials: where they are kept, which server they are for, and how they are sent. An adapter knows their names.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Origin;

use super::GrantError;
use super::address::{self, AddressError};
use super::credential_error::CredentialError;
use super::uplink::{Proxy, ProxyError};
use crate::exposure::check_exposure;

/// How long a credential may be, in bytes.
const MAX_SECRET: u64 = 16 * 1024;

/// The values that were taken out of the environment, by variable.
static TAKEN: Mutex<BTreeMap<String, SecretString>> = Mutex::new(BTreeMap::new());

/// Takes credentials out of the environment of this process and keeps them, so that nothing it starts inherits them.
///
/// # Safety
/// No other thread may run: it could read the environment meanwhile.
pub unsafe fn take_from_environment(variables: &[String]) {
    for variable in variables {
        // What cannot be the name of a variable is none.
        let Some(value) = std::env::var_os(variable) else { continue };
        if let Ok(value) = value.into_string() {
            TAKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(variable.clone(), value.into());
        }
        // SAFETY: the caller vouches that no other thread runs.
        unsafe { std::env::remove_var(variable) };
    }
}

/// Returns the value of a variable: the one that was taken, or what is in the environment.
fn variable(name: &str) -> Option<SecretString> {
    let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
    taken.or_else(|| std::env::var(name).ok().map(SecretString::from))
}

/// A credential that the host adds to requests to one server. Its value is read when an adapter that may use it is loaded,
/// and is never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    name: String,
    source: SecretSource,
    bound_to: Origin,
    header: HeaderName,
    prefix: String,
    /// Whether it is a user name and a password, for a proxy.
    is_login: bool,
    /// Whether the configuration has a table for it.
    has_table: bool,
}

/// Where the value of a credential is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In an environment variable of this name.
    Env(String),
    /// In a file of the user's that nobody else can read.
    File(PathBuf),
}

impl Credential {
    /// Makes a credential for one server, `bound_to`, sent as `Authorization: Bearer VALUE`.
    ///
    /// # Errors
    /// Where `bound_to` is more or less than scheme, host and port.
    pub fn new(name: impl Into<String>, source: SecretSource, bound_to: &str) -> Result<Self, GrantError> {
        let url = address::parse(bound_to)?;
        if url.path() != "/" || url.query().is_some() {
            return Err(GrantError::NotAnOrigin { url: bound_to.to_owned() });
        }
        Ok(Self::bound(name.into(), source, url.origin()))
    }

    /// Makes a credential for a proxy: `USER:PASSWORD`, sent to it by the Basic scheme.
    ///
    /// # Errors
    /// Where `bound_to` is no address of a proxy.
    pub fn of_proxy(
        name: impl Into<String>,
        source: SecretSource,
        bound_to: &str,
    ) -> Result<Self, ProxyError> {
        let origin = Proxy::parse(bound_to)?.url().origin();
        Ok(Self { is_login: true, ..Self::bound(name.into(), source, origin) })
    }

    fn bound(name: String, source: SecretSource, bound_to: Origin) -> Self {
        let (header, prefix) = (AUTHORIZATION, "Bearer ".to_owned());
        Self { name, source, bound_to, header, prefix, is_login: false, has_table: true }
    }

    /// Takes note that it is known without a table in the configuration.
    #[must_use]
    pub fn built_in(self) -> Self {
        Self { has_table: false, ..self }
    }

    /// Returns the same, kept in another place.
    #[must_use]
    pub fn kept_in(&self, source: SecretSource) -> Self {
        Self { source, ..self.clone() }
    }

    /// Returns whether it is a user name and a password, for a proxy.
    #[must_use]
    pub const fn is_login(&self) -> bool {
        self.is_login
    }

    /// Sends it in another header, after another prefix.
    ///
    /// # Errors
    /// Where either cannot be sent.
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

    /// Returns where its value is kept.
    #[must_use]
    pub const fn source(&self) -> &SecretSource {
        &self.source
    }

    /// Returns the one server that it is for.
    #[must_use]
    pub fn server(&self) -> String {
        self.bound_to.ascii_serialization()
    }

    /// Looks whether it is there and can be used.
    ///
    /// # Errors
    /// Says what is wrong with it and what to do.
    pub fn check(&self) -> Result<(), CredentialError> {
        self.read().map(drop)
    }

    pub(super) const fn header(&self) -> &HeaderName {
        &self.header
    }

    pub(super) const fn bound_to(&self) -> &Origin {
        &self.bound_to
    }

    /// Reads the value, ready to be sent.
    pub(super) fn read(&self) -> Result<Secret, CredentialError> {
        let text = match &self.source {
            SecretSource::Env(variable_name) => {
                variable(variable_name).ok_or_else(|| CredentialError::NotSet {
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

/// The value of a credential. Its `Debug` says nothing.
#[derive(Debug)]
pub(super) struct Secret {
    secret: SecretString,
    header: HeaderValue,
}

impl Secret {
    /// Makes a value of what its source holds; none where no header takes it.
    pub(super) fn new(text: &str, prefix: &str) -> Option<Self> {
        let secret = SecretString::from(text.trim().to_owned());
        let value = secret.expose_secret();
        if value.is_empty() || value.len() as u64 > MAX_SECRET {
            return None;
        }
        let mut header = HeaderValue::from_str(&format!("{prefix}{value}")).ok()?;
        header.set_sensitive(true);
        Some(Self { secret, header })
    }

    /// Makes a user name and a password, with a colon between them; none where it is not that.
    fn login(text: &str) -> Option<Self> {
        let value = text.trim();
        let is_login = value.len() as u64 <= MAX_SECRET
            && !value.chars().any(char::is_control)
            && value.split_once(':').is_some_and(|(user, _)| !user.is_empty());
        // It is encoded, so no header has to take it as it is.
        is_login.then(|| Self {
            secret: SecretString::from(value.to_owned()),
            header: HeaderValue::from_static(""),
        })
    }

    /// Returns the user name and the password.
    pub(super) fn user_and_password(&self) -> (&str, &str) {
        let value = self.secret.expose_secret();
        value.split_once(':').unwrap_or((value, ""))
    }

    /// Returns it as it is sent.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Returns its bytes, to look for them.
    pub(super) fn bytes(&self) -> &[u8] {
        self.secret.expose_secret().as_bytes()
    }

    /// Returns where it stands next in a text, and how long it is.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<(usize, Reverse<usize>)> {
        let at = memchr::memmem::find(&text[from..], self.bytes())?;
        Some((from + at, Reverse(self.bytes().len())))
    }

    /// Returns how much of it, but not all, stands at the end of a text.
    pub(super) fn begun(&self, text: &[u8]) -> usize {
        let secret = self.bytes();
        let most = (secret.len() - 1).min(text.len());
        (1..=most).rev().find(|&len| text.ends_with(&secret[..len])).unwrap_or_default()
    }
}

impl From<AddressError> for GrantError {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

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
    fn what_was_taken_out_of_the_environment_is_read_as_before() {
        let taken = "CODEWALK_TEST_TAKEN".to_owned();
        let credential = Credential::new("groq", SecretSource::Env(taken.clone()), SERVER).unwrap();
        assert!(matches!(credential.check().unwrap_err(), CredentialError::NotSet { .. }));
        TAKEN.lock().unwrap().insert(taken, SecretString::from("gsk_1234"));
        assert_eq!(credential.read().unwrap().header(), "Bearer gsk_1234");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_what_to_do() {
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
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
        for path in [folder.path().to_owned(), pipe] {
            let credential = Credential::new("groq", SecretSource::File(path), SERVER).unwrap();
            assert!(matches!(credential.check().unwrap_err(), CredentialError::NotPrivate { .. }));
        }
        let gone = Credential::new("groq", SecretSource::File("/no/such/key".into()), SERVER).unwrap();
        assert!(matches!(gone.check().unwrap_err(), CredentialError::Unreadable { .. }));
    }

    #[test]
    fn a_value_that_no_header_takes_is_refused_and_not_repeated() {
        let long = vec![b'x'; 20_000];
        for value in [&b"  \n"[..], b"gsk_12\n34", b"gsk_12\x0034", &long] {
            let (_folder, credential) = file(value, 0o600);
            let error = credential.check().unwrap_err();
            assert!(matches!(error, CredentialError::Unusable { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("gsk_"), "{error:?}");
        }
    }

    #[test]
    fn c38_a_secret_is_in_no_debug_output() {
        let (_folder, credential) = file(b"gsk_1234", 0o600);
        let secret = credential.read().unwrap();
        let shown = format!("{secret:?} {credential:?} {:?}", secret.header());
        assert!(!shown.contains("gsk_"), "{shown}");
    }

    #[test]
    fn a_credential_of_a_proxy_is_a_user_name_and_a_password() {
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
    fn what_is_wrong_with_a_credential_comes_with_the_command_that_mends_it() {
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
        let remedy = "keep the key with `codewalk login groq`, or set CODEWALK_TEST_UNSET".to_owned();
        assert_eq!(unset(groq().built_in()), (problem.clone(), remedy));
        let (said, remedy) = unset(groq());
        assert_eq!(said, problem);
        // As it is, `login` would refuse it.
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
