//! `codewalk login` and `logout`: the key of a credential, in a file of the user's that nobody else can read.

use std::fs::DirBuilder;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use codewalk_core::text::shortened;
use codewalk_sandbox::{Credential, SecretSource, check_exposure};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::print_line;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// How long a key may be, in bytes; a longer one is none.
const MAX_KEY: u64 = 16 * 1024;

/// Reads a key and keeps it.
pub(super) fn login(config: &Config, name: &str) -> Result<(), CommandError> {
    let (path, credential) = place(config, name)?;
    // Before anybody types a key.
    check_exposure(&path).map_err(|exposed| {
        let what = format!("the key is not kept in {}: {}", path.display(), exposed.what());
        CommandError::new(ErrorKind::Configuration, what).with_hint(exposed.command())
    })?;
    let key = if io::stdin().is_terminal() { typed(name)? } else { piped()? };
    let failed = |error: io::Error| {
        CommandError::new(
            ErrorKind::Configuration,
            format!("cannot keep the key in {}: {error}", path.display()),
        )
        .with_hint("make its folder one that you can write to")
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    // Readable by the user alone from its beginning, and there as a whole or not at all.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(key.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    let kept = SecretSource::File(file.path().to_owned());
    Credential::new(name, kept, &credential.server())
        .map_err(|error| error.to_string())
        .and_then(|written| {
            written.check().map_err(|_| "it is empty, too long, or no header takes it".to_owned())
        })
        .map_err(|why| CommandError::new(ErrorKind::Usage, format!("that is no key: {why}")))?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    print_line(&format!(
        "kept the key in {}, readable by you alone; it is sent to {} alone",
        path.display(),
        credential.server()
    ))
}

/// Removes a key.
pub(super) fn logout(config: &Config, name: &str) -> Result<(), CommandError> {
    let (path, _) = place(config, name)?;
    match std::fs::remove_file(&path) {
        Ok(()) => print_line(&format!("removed the key in {}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            print_line(&format!("there is no key in {}", path.display()))
        }
        Err(error) => Err(CommandError::new(
            ErrorKind::Configuration,
            format!("cannot remove the key in {}: {error}", path.display()),
        )),
    }
}

/// Returns the file of a credential, and what is known of it.
fn place<'a>(config: &'a Config, name: &str) -> Result<(PathBuf, &'a Credential), CommandError> {
    let wrong =
        |message: String, hint: String| Err(CommandError::new(ErrorKind::Usage, message).with_hint(hint));
    let known = || config.credentials.iter().chain(&config.built_in_credential);
    let Some(credential) = known().find(|known| known.name() == name) else {
        let known: Vec<&str> = known().map(|known| known.name()).collect();
        let shown = shortened(name, 60);
        return wrong(
            format!("there is no credential {shown:?}"),
            format!("known are: {}; add others as [credentials.NAME] with file and for", known.join(", ")),
        );
    };
    match credential.source() {
        SecretSource::File(path) => Ok((path.clone(), credential)),
        SecretSource::Env(_) if config.built_in_credential.as_ref() == Some(credential) => {
            Ok((config.paths.key(name), credential))
        }
        SecretSource::Env(variable) => wrong(
            format!("[credentials.{name}] is read from the environment variable {variable}"),
            format!("to keep it in a file, write file = \"{name}.key\" there in place of env"),
        ),
    }
}

/// Reads a key from standard input.
fn piped() -> Result<String, CommandError> {
    let mut key = String::new();
    io::stdin().lock().take(MAX_KEY + 1).read_to_string(&mut key).map_err(unreadable)?;
    Ok(key)
}

fn unreadable(error: io::Error) -> CommandError {
    CommandError::new(ErrorKind::Usage, format!("cannot read the key: {error}"))
}

/// Reads a key at the terminal, which does not show it.
fn typed(name: &str) -> Result<String, CommandError> {
    let stdin = io::stdin();
    let shown = tcgetattr(&stdin).map_err(|error| unreadable(error.into()))?;
    let _ = write!(io::stderr(), "Key of {name} (it is not shown): ");
    let read = Hidden::at(&shown).map_err(unreadable).and_then(|_hidden| typed_line(&mut stdin.lock()));
    let _ = writeln!(io::stderr());
    read
}

/// A terminal that shows nothing of what is typed and passes on each key, until this is dropped: an interrupt must not leave it
/// so.
struct Hidden<'a>(&'a Termios);

impl<'a> Hidden<'a> {
    fn at(shown: &'a Termios) -> io::Result<Self> {
        let mut hidden = shown.clone();
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self(shown))
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, self.0);
    }
}

/// Reads a line key by key, with those that correct it.
fn typed_line(keys: &mut impl Read) -> Result<String, CommandError> {
    let mut line = Vec::new();
    let mut key = [0];
    loop {
        if keys.read(&mut key).map_err(unreadable)? == 0 {
            break;
        }
        match key[0] {
            b'\n' | b'\r' | 0x04 => break,
            // Ctrl-C, and Ctrl-\.
            0x03 | 0x1c => return Err(CommandError::new(ErrorKind::Interrupted, "interrupted")),
            // Backspace, by either code, and Ctrl-U.
            0x7f | 0x08 => drop(line.pop()),
            0x15 => line.clear(),
            byte if line.len() as u64 <= MAX_KEY => line.push(byte),
            _ => {}
        }
    }
    String::from_utf8(line).map_err(|_| CommandError::new(ErrorKind::Usage, "that is no key: it is no text"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn a_key_is_typed_with_corrections_and_can_be_given_up() {
        for (typed, key) in [
            (&b"gsk_1\n"[..], "gsk_1"),
            (b"gsk_1\r\nrest", "gsk_1"),
            (b"no\x15gsk_13\x7f2\x083\n", "gsk_13"),
            (b"gsk_1", "gsk_1"),
            (b"\n", ""),
        ] {
            assert_eq!(typed_line(&mut &*typed).unwrap(), key);
        }
        for stopped in [&b"gsk\x03"[..], b"\x1c"] {
            assert_eq!(typed_line(&mut &*stopped).unwrap_err().kind, ErrorKind::Interrupted);
        }
        assert!(typed_line(&mut &b"\xff\n"[..]).is_err());
    }
}
