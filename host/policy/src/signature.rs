//! Signatures of components, in minisign files next to them. A signature counts only if the operator added
//! its signer's key to the trusted keys.

use std::fmt;
use std::path::{Path, PathBuf};

use minisign_verify::{PublicKey, Signature};

use crate::files::read_regular;
use crate::text::{self, MAX_REASON};

/// The maximum size of a signature or of the trusted keys, in bytes.
const MAX_FILE: u64 = 64 * 1024;
/// The maximum length of a signer's name, in bytes.
const MAX_NAME: usize = 64;

/// The keys that the operator trusts.
#[derive(Clone, Default)]
pub struct TrustedKeys(Vec<(Signer, PublicKey)>);

/// The owner of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The name that the operator chose for the owner.
    pub name: String,
    /// The owner's public key on one line, as minisign writes it.
    pub key: String,
}

/// An invalid line of the trusted keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}: {what}; a line has a minisign public key, which begins with RW, and the name of its owner"
)]
pub struct KeysError {
    /// The number of the line.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It cannot be parsed.
    #[error("its signature cannot be read: {0}")]
    Unreadable(String),
    /// Its key is not trusted.
    #[error("it is signed with a key that is not trusted")]
    Unknown,
    /// It is for other bytes.
    #[error("its signature does not match: the file or the signature changed after {signer} signed it")]
    Wrong {
        /// The signer.
        signer: String,
    },
}

impl fmt::Debug for TrustedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(signer, _)| signer)).finish()
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.key)
    }
}

impl TrustedKeys {
    /// Parses trusted keys: each line has a public key and a name. A comment starts with `#`.
    ///
    /// # Errors
    /// If a line has another form.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut keys = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let wrong = |what| KeysError { line: number, what };
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let (key, name) = line.split_once(char::is_whitespace).ok_or_else(|| wrong("it has no name"))?;
            let name = name.trim();
            if name.len() > MAX_NAME || !name.chars().all(|c| c.is_alphanumeric() || " -_.@".contains(c)) {
                return Err(wrong("a name has 1 to 64 letters, digits, spaces and - _ . @"));
            }
            let public = PublicKey::from_base64(key).map_err(|_| wrong("not a public key"))?;
            keys.push((Signer { name: name.to_owned(), key: key.to_owned() }, public));
        }
        Ok(Self(keys))
    }

    /// Reads the trusted keys. If the file is missing, no key is trusted.
    ///
    /// # Errors
    /// If it cannot be read, or a line is invalid: the error as text.
    pub fn read(path: &Path) -> Result<Self, String> {
        match read_regular(path, MAX_FILE) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("cannot be read: {error}")),
            Ok(bytes) if bytes.len() as u64 > MAX_FILE => Err(format!("it has more than {MAX_FILE} bytes")),
            Ok(bytes) => {
                let text = str::from_utf8(&bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
                Self::parse(text).map_err(|error| error.to_string())
            }
        }
    }

    /// Returns the signer of a component.
    ///
    /// # Errors
    /// If no trusted key signed it.
    pub fn verify(&self, component: &[u8], signature: &str) -> Result<Signer, SignatureError> {
        let signature =
            Signature::decode(signature).map_err(|error| SignatureError::Unreadable(error.to_string()))?;
        for (signer, key) in &self.0 {
            match key.verify(component, &signature, true) {
                Ok(()) => return Ok(signer.clone()),
                // It was made with another key.
                Err(minisign_verify::Error::UnexpectedKeyId) => {}
                Err(_) => return Err(SignatureError::Wrong { signer: signer.name.clone() }),
            }
        }
        Err(SignatureError::Unknown)
    }

    /// Returns the signer of a component in a file, according to the signature next to it, or `None` if there
    /// is no signature.
    ///
    /// # Errors
    /// If there is a signature, but not from a trusted key.
    pub fn verify_file(&self, file: &Path, component: &[u8]) -> Result<Option<Signer>, SignatureError> {
        let signature = match read_regular(&signature_file(file), MAX_FILE) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SignatureError::Unreadable(text::line(&error.to_string(), MAX_REASON))),
            Ok(signature) => signature,
        };
        let signature = String::from_utf8(signature)
            .map_err(|_| SignatureError::Unreadable("it is not UTF-8 text".to_owned()))?;
        self.verify(component, &signature).map(Some)
    }

    /// Returns the owner of a key if it is trusted.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Signer> {
        self.0.iter().map(|(signer, _)| signer).find(|signer| signer.key == key)
    }
}

/// Returns the path of a file's signature.
#[must_use]
pub fn signature_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // From the documentation of minisign 0.11.
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key\n\
        RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/\
        z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
        trusted comment: timestamp:1633700835\tfile:test\tprehashed\n\
        wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==";

    fn keys(text: &str) -> Result<TrustedKeys, String> {
        TrustedKeys::parse(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_signature_counts_for_its_bytes_if_its_key_is_trusted() {
        let trusted = keys(&format!("# whom I trust\n\n{KEY}  Frank D.  # the author\n")).unwrap();
        let signer = trusted.verify(b"test", SIGNATURE).unwrap();
        assert_eq!(signer, Signer { name: "Frank D.".to_owned(), key: KEY.to_owned() });
        assert_eq!(trusted.find(KEY), Some(&signer));
        let wrong = SignatureError::Wrong { signer: "Frank D.".to_owned() };
        assert_eq!(trusted.verify(b"tesT", SIGNATURE), Err(wrong.clone()));
        let renamed = SIGNATURE.replace("file:test", "file:tesT");
        assert_eq!(trusted.verify(b"test", &renamed), Err(wrong));
        assert_eq!(TrustedKeys::default().verify(b"test", SIGNATURE), Err(SignatureError::Unknown));
        assert!(matches!(trusted.verify(b"test", "RW"), Err(SignatureError::Unreadable(_))));
    }

    #[test]
    fn an_invalid_key_is_reported_with_its_line() {
        for (text, said) in [
            (format!("{KEY}\n"), "line 1: it has no name"),
            (format!("\n{KEY} a\u{202e}b\n"), "line 2: a name has"),
            (format!("{KEY} {}\n", "x".repeat(65)), "line 1: a name has"),
            ("alice RWQ\n".to_owned(), "line 1: not a public key"),
        ] {
            let error = keys(&text).unwrap_err();
            assert!(error.starts_with(said) && error.contains("begins with RW"), "{error}");
        }
    }
}
