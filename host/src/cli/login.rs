//! `codewalk login` and `logout`: the key of a credential, in a file that only the user can read.

use std::fs::DirBuilder;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use codewalk_core::terminal_text::shortened;
use codewalk_sandbox::{AdapterSpec, Credential, Grant, SecretSource, check_exposure};

use super::adapters::unused_grants;
use super::hidden_input::{MAX_KEY, hidden, unreadable};
use super::print::print_line;
use crate::compose::{self, ChainEntry};
use crate::config::{Config, ModelEndpoint};
use crate::error::{CommandError, ErrorKind};

/// The maximum length of a key that can be sent.
const LONGEST_KEY: usize = 16 * 1024;

/// Reads a key and stores it.
pub(super) fn login(config: &Config, name: &str) -> Result<(), CommandError> {
    let (path, credential) = place(config, name)?;
    // Check this before the user types a key.
    check_exposure(&path).map_err(|exposed| {
        let what = format!("refusing to store the key in {}: {}", path.display(), exposed.what());
        CommandError::new(ErrorKind::Configuration, what).with_hint(exposed.command()).with_source(exposed)
    })?;
    if path.is_dir() {
        let what = format!("cannot store the key in {}: it is a folder", path.display());
        return Err(CommandError::new(ErrorKind::Configuration, what).with_hint("remove it, and try again"));
    }
    let key = if io::stdin().is_terminal() {
        let form = if credential.is_login() { ", as USER:PASSWORD" } else { "" };
        hidden(&format!("Key for {}{form}", credential.name()))?
    } else {
        piped()?
    };
    let failed = |error: io::Error| {
        let what = format!("cannot write the key to {}", path.display());
        CommandError::because(ErrorKind::Configuration, what, error).with_hint("make its folder writable")
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    // The file is private from the start, and either complete or absent.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(key.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    let kept = SecretSource::File(file.path().to_owned());
    credential.kept_in(kept).check().map_err(|error| {
        let why = match credential.is_login() {
            true => "the proxy expects USER:PASSWORD",
            false if key.trim().is_empty() => "it is empty",
            false if key.trim().len() > LONGEST_KEY => "it is longer than 16 KiB",
            false => "it contains a control character or a character that is not ASCII",
        };
        CommandError::new(ErrorKind::Usage, format!("invalid key: {why}")).with_source(error)
    })?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    print_line(&format!(
        "stored the key in {}, readable only by you; it is sent only to {}",
        path.display(),
        credential.server()
    ))?;
    print_line(&usage(config, credential))?;
    unused_grants(config, credential).iter().try_for_each(|left| print_line(left))
}

/// Says which adapters use a credential, or how to use it.
fn usage(config: &Config, credential: &Credential) -> String {
    let name = credential.name();
    if credential.is_login() {
        return "the proxy in [network] uses it".to_owned();
    }
    let registry = compose::registry(config).ok();
    let granted = |spec: &AdapterSpec| compose::grants(config, registry.as_ref(), spec);
    let is_used = |grant: &Grant| grant.credential().is_some_and(|used| used.name() == name);
    let users: Vec<String> = compose::entries(config)
        .into_iter()
        .filter(|entry| entry.adapter.as_ref().is_ok_and(|spec| granted(spec).iter().any(is_used)))
        .map(|ChainEntry { port, name, .. }| format!("{name} in {port}.chain"))
        .collect();
    if !users.is_empty() {
        return format!("used by {}; test it: codewalk doctor --online", users.join(" and "));
    }
    let file = config.paths.config_file.display();
    let unused =
        format!("not used yet: no adapter in a chain is allowed to send it; to use it, add to {file}");
    let chains = [("router", &config.router_chain), ("summarizer", &config.summarizer_chain)];
    let lines = chains.into_iter().filter_map(|(port, chain)| {
        let usual = ModelEndpoint::usual(port).filter(|usual| !chain.iter().any(|name| name == usual))?;
        let chain: Vec<&str> = [usual].into_iter().chain(chain.iter().map(String::as_str)).collect();
        Some(format!("\n[{port}]\nchain = {chain:?}\n"))
    });
    let is_built_in = config.built_in_credential.as_deref() == Some(credential);
    let lines = if is_built_in { lines.collect() } else { String::new() };
    if lines.is_empty() {
        return format!(
            "{unused}: credential = {name:?} in [[adapters.NAME.http]], and NAME in the chain of [router] \
             or [summarizer]"
        );
    }
    format!("{unused}:\n{}", lines.trim_end())
}

/// Removes a key.
pub(super) fn logout(config: &Config, name: &str) -> Result<(), CommandError> {
    let (path, _) = place(config, name)?;
    match std::fs::remove_file(&path) {
        Ok(()) => print_line(&format!("removed the key in {}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            print_line(&format!("no key in {}", path.display()))
        }
        Err(error) => {
            let what = format!("cannot remove the key in {}", path.display());
            Err(CommandError::because(ErrorKind::Configuration, what, error))
        }
    }
}

/// Returns the file of a credential, and the credential.
fn place<'a>(config: &'a Config, name: &str) -> Result<(PathBuf, &'a Credential), CommandError> {
    let wrong =
        |message: String, hint: String| Err(CommandError::new(ErrorKind::Usage, message).with_hint(hint));
    let known = || config.credentials.iter().chain(&config.built_in_credential);
    let Some(credential) = known().find(|known| known.name() == name) else {
        let known: Vec<&str> = known().map(|known| known.name()).collect();
        let shown = shortened(name, 60);
        return wrong(
            format!("unknown credential {shown:?}"),
            format!(
                "known credentials: {}; add others as [credentials.NAME] with file and for",
                known.join(", ")
            ),
        );
    };
    match credential.source() {
        SecretSource::File(path) => Ok((path.clone(), credential)),
        SecretSource::Env(_) if config.built_in_credential.as_ref() == Some(credential) => {
            Ok((config.paths.key(name), credential))
        }
        SecretSource::Env(variable) => wrong(
            format!("[credentials.{name}] is read from the environment variable {variable}"),
            format!("to store it in a file, replace env with file = \"{name}.key\" there"),
        ),
    }
}

/// Reads a key from standard input.
fn piped() -> Result<String, CommandError> {
    let mut key = String::new();
    io::stdin().lock().take(MAX_KEY + 1).read_to_string(&mut key).map_err(unreadable)?;
    Ok(key)
}
