//! `codewalk adapters sign` and `verify`, compatible with minisign.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::ExitCode;

use codewalk_core::terminal_text::visible_line;
use codewalk_sandbox::{Source, TrustedKeys, read_regular, signature_file};
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use tempfile::Builder;

use super::find::unreadable;
use crate::cli::hidden_input::hidden;
use crate::cli::print::print_line;
use crate::config::{Paths, trusted_keys};
use crate::error::{CommandError, ErrorKind};

/// The maximum size of a key file, in bytes.
const MAX_KEY: u64 = 16 * 1024;
/// The comment in secret keys and signatures.
const COMMENT: &str = "codewalk adapters sign";

/// Signs a component.
pub(super) fn sign(file: &Path, key: Option<&Path>) -> Result<ExitCode, CommandError> {
    let component = read(file)?;
    let paths = paths()?;
    let key = match key {
        Some(key) => secret_key(key)?,
        None if paths.signing_key().exists() => secret_key(&paths.signing_key())?,
        None => new_key(&paths.signing_key())?,
    };
    let failed = |error: minisign::PError| {
        CommandError::because(ErrorKind::Internal, format!("cannot sign {}", file.display()), error)
    };
    let public = PublicKey::from_secret_key(&key).map_err(failed)?;
    let signature = minisign::sign(Some(&public), &key, &*component, None, Some(COMMENT));
    let signature = signature.map_err(failed)?.into_string();
    let signed = signature_file(file);
    write_whole(&signed, &signature).map_err(|error| {
        CommandError::because(ErrorKind::Adapter, format!("cannot write {}", signed.display()), error)
            .with_hint("copy the component to a writable folder")
    })?;
    print_line(&format!(
        "wrote {}; to trust your signatures, others add this line, with your name, to",
        signed.display()
    ))?;
    print_line(&format!("{}:\n\n{} NAME", paths.trusted_keys().display(), public.to_base64()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the signer of a component.
pub(super) fn verify(file: &Path, key: Option<&str>) -> Result<ExitCode, CommandError> {
    let component = read(file)?;
    let keys = match key {
        None => trusted_keys(&paths()?)?,
        Some(key) => TrustedKeys::parse(&format!("{key} the given key")).map_err(|_| {
            CommandError::new(ErrorKind::Usage, format!("{key:?} is not a public key"))
                .with_hint("a minisign public key is one word that starts with RW")
        })?,
    };
    let refused = |what: &str| CommandError::new(ErrorKind::Adapter, format!("{}: {what}", file.display()));
    match keys.verify_file(file, &component) {
        Ok(Some(signer)) => {
            print_line(&format!("{} is signed by {signer}", file.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(None) => Err(refused("not signed")
            .with_hint(format!("expected its signature in {}", signature_file(file).display()))),
        Err(problem) => Err(refused(&problem.to_string())
            .with_hint("get the file and its signature again from its author, or name the key with --key")),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    let component = Source::File(file.to_owned()).read();
    component.map(|component| component.into_owned()).map_err(|problem| unreadable(file, &problem))
}

fn paths() -> Result<Paths, CommandError> {
    Paths::find(&|name| std::env::var(name).ok())
}

fn key_error(path: &Path, what: &dyn std::fmt::Display) -> CommandError {
    CommandError::new(ErrorKind::Configuration, format!("the key {} {what}", path.display()))
}

/// Reads a secret key, and asks for its password at the terminal if it has one.
fn secret_key(path: &Path) -> Result<SecretKey, CommandError> {
    let unreadable = |error: std::io::Error| {
        key_error(path, &format!("cannot be read: {error}"))
            .with_hint("omit --key to create one")
            .with_source(error)
    };
    let mode = path.metadata().map_err(unreadable)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(key_error(path, &format!("is accessible to others (mode {mode:03o})"))
            .with_hint(format!("chmod 600 {path:?}")));
    }
    let text = read_regular(path, MAX_KEY).map_err(unreadable)?;
    let none = || key_error(path, &"is not a minisign secret key").with_hint("omit --key to create one");
    let text = String::from_utf8(text).map_err(|_| none())?;
    let boxed = SecretKeyBox::from_string(&text).map_err(|_| none())?;
    if let Ok(key) = boxed.clone().into_unencrypted_secret_key() {
        return Ok(key);
    }
    let password = password(path)?;
    boxed.into_secret_key(Some(password)).map_err(|error| {
        key_error(path, &format!("cannot be decrypted: {error}"))
            .with_hint("type the password that you chose when you created the key")
            .with_source(error)
    })
}

/// Asks for the password of a key at the terminal.
fn password(path: &Path) -> Result<String, CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(key_error(path, &"needs a password, and there is no terminal to type it at")
            .with_hint("sign at a terminal, or omit --key to create a key without a password"));
    }
    hidden(&visible_line(&format!("Password for {}", path.display())))
}

/// Creates a private secret key without a password, as is common for SSH keys.
fn new_key(path: &Path) -> Result<SecretKey, CommandError> {
    let key = create_key(path)
        .map_err(|error| key_error(path, &format!("cannot be created: {error}")).with_source(error))?;
    print_line(&format!("created your secret key {}; keep it private", path.display()))?;
    Ok(key)
}

fn create_key(path: &Path) -> Result<SecretKey, minisign::PError> {
    let KeyPair { sk: key, .. } = KeyPair::generate_unencrypted_keypair()?;
    let text = key.to_box(Some(COMMENT))?.into_string();
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(key)
}

/// Writes a file atomically.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    // Others must be able to read it.
    let mut file = Builder::new().permissions(Permissions::from_mode(0o644)).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
