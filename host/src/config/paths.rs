//! The folders and files codewalk uses: the XDG folders, or one folder set by `CODEWALK_HOME`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{CommandError, ErrorKind};

/// The variables that set folders unless `CODEWALK_HOME` is set.
const FOLDERS: [&str; 4] = ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"];

/// The variables that override the file. An invalid value is an error, and is not ignored.
const CHOICES: [&str; 3] = ["CODEWALK_DEFAULT_AGENT", "CODEWALK_ROUTER_CHAIN", "CODEWALK_SUMMARIZER_CHAIN"];

/// Rejects environment variables that are not UTF-8, because codewalk stores and shows paths and names as
/// text.
///
/// # Errors
/// If a variable is not UTF-8. Its value is shown escaped.
pub fn check_environment(environment: &dyn Fn(&str) -> Option<OsString>) -> Result<(), CommandError> {
    let is_all_in_one = environment("CODEWALK_HOME").is_some();
    let folders: &[&str] = if is_all_in_one { &["CODEWALK_HOME"] } else { &FOLDERS };
    for name in folders {
        if let Some(value) = environment(name).filter(|value| value.to_str().is_none()) {
            let message = format!("{name}={value:?} is not UTF-8; codewalk stores paths as text");
            return Err(CommandError::new(ErrorKind::Configuration, message)
                .with_hint("set CODEWALK_HOME to a folder whose name is UTF-8"));
        }
    }
    for name in CHOICES {
        if let Some(value) = environment(name).filter(|value| value.to_str().is_none()) {
            let message = format!("{name}={value:?} is not UTF-8");
            return Err(CommandError::new(ErrorKind::Configuration, message)
                .with_hint("set it to UTF-8 text, or unset it"));
        }
    }
    Ok(())
}

/// The folders and files codewalk uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config_file: PathBuf,
    /// The folder of data that must not be lost: the store, the sessions, the key of the compilation cache.
    pub state: PathBuf,
    /// The folder of data that can be recreated.
    pub cache: PathBuf,
    home: Option<PathBuf>,
}

impl Paths {
    /// Determines the paths from the environment.
    ///
    /// # Errors
    /// If neither `CODEWALK_HOME` nor `HOME` is set.
    pub fn find(environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, CommandError> {
        // A relative path would depend on the current directory.
        let absolute = |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        if let Some(given) = environment("CODEWALK_HOME") {
            let own = PathBuf::from(&given);
            if !own.is_absolute() {
                return Err(CommandError::new(
                    ErrorKind::Configuration,
                    format!("CODEWALK_HOME={given:?} is not an absolute path"),
                )
                .with_hint("use an absolute path, starting with /"));
            }
            return Ok(Self {
                config_file: own.join("config.toml"),
                cache: own.join("cache"),
                state: own,
                home,
            });
        }
        let folder = |variable: &str, default: &str| {
            absolute(variable)
                .or_else(|| home.as_ref().map(|home| home.join(default)))
                .map(|at| at.join("codewalk"))
        };
        let folders = (
            folder("XDG_CONFIG_HOME", ".config"),
            folder("XDG_STATE_HOME", ".local/state"),
            folder("XDG_CACHE_HOME", ".cache"),
        );
        let (Some(config), Some(state), Some(cache)) = folders else {
            return Err(no_place(environment));
        };
        Ok(Self { config_file: config.join("config.toml"), state, cache, home })
    }

    /// Returns the folder of the sessions.
    pub fn sessions(&self) -> PathBuf {
        self.state.join("sessions")
    }

    /// Returns the folder of recordings for utterances without a session.
    pub fn utterances(&self) -> PathBuf {
        self.state.join("utterances")
    }

    /// Returns the folder of the registry of adapters.
    pub fn adapters(&self) -> PathBuf {
        self.state.join("adapters")
    }

    /// Returns the file of the trusted keys for adapter signatures.
    pub fn trusted_keys(&self) -> PathBuf {
        self.config_folder().join("trusted-keys")
    }

    /// Returns the file of the user's key for signing adapters.
    pub fn signing_key(&self) -> PathBuf {
        self.config_folder().join("signing.key")
    }

    /// Returns the folder of compiled adapters.
    pub fn components(&self) -> PathBuf {
        self.cache.join("components")
    }

    /// Returns the file that caches the versions of agents.
    pub fn versions(&self) -> PathBuf {
        self.cache.join("versions.json")
    }

    /// Returns the default file of a credential.
    pub fn key(&self, credential: &str) -> PathBuf {
        self.config_folder().join(format!("{credential}.key"))
    }

    /// Returns the database file.
    pub fn database(&self) -> PathBuf {
        self.state.join("codewalk.db")
    }

    /// Expands `~` in a path to the home folder.
    pub fn expanded(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ if path == "~" => self.home.clone().unwrap_or_else(|| PathBuf::from(path)),
            _ => PathBuf::from(path),
        }
    }

    /// Returns the folder against which relative paths in the configuration are resolved.
    pub fn config_folder(&self) -> &Path {
        self.config_file.parent().unwrap_or(Path::new("/"))
    }
}

/// Returns the error for variables that do not name a folder.
fn no_place(environment: &dyn Fn(&str) -> Option<String>) -> CommandError {
    let relative = |name: &'static str| {
        let value = environment(name).filter(|value| !Path::new(value).is_absolute())?;
        Some((name, value))
    };
    let (problem, fix) = match FOLDERS.into_iter().find_map(relative) {
        Some((name, value)) => (
            format!("{name}={value:?} is not an absolute path"),
            format!("set {name} to a path that starts with /"),
        ),
        None => ("HOME is not set".to_owned(), "set HOME".to_owned()),
    };
    CommandError::new(ErrorKind::Configuration, format!("{problem}, so codewalk has no folder for its files"))
        .with_hint(format!("{fix}, or set CODEWALK_HOME to a folder for codewalk"))
}

/// Returns the last part of a path, as a human-readable name.
pub fn base_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.to_string_lossy().into_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn find(variables: &[(&str, &str)]) -> Result<Paths, CommandError> {
        Paths::find(&|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn codewalk_home_overrides_all_other_variables() {
        let paths = find(&[("CODEWALK_HOME", "/x"), ("HOME", "/home/me"), ("XDG_STATE_HOME", "/s")]).unwrap();
        assert_eq!(paths.config_file, Path::new("/x/config.toml"));
        assert_eq!(paths.database(), Path::new("/x/codewalk.db"));
        assert_eq!(paths.cache, Path::new("/x/cache"));
    }

    #[test]
    fn the_xdg_folders_are_used_and_relative_ones_ignored() {
        let paths = find(&[("HOME", "/home/me"), ("XDG_STATE_HOME", "/s"), ("XDG_CACHE_HOME", "c")]).unwrap();
        assert_eq!(paths.config_file, Path::new("/home/me/.config/codewalk/config.toml"));
        assert_eq!(paths.state, Path::new("/s/codewalk"));
        assert_eq!(paths.cache, Path::new("/home/me/.cache/codewalk"));
        assert_eq!(paths.expanded("~/code"), Path::new("/home/me/code"));
    }

    #[test]
    fn a_variable_that_is_not_utf8_is_rejected_if_it_is_used() {
        let check = |variables: &[(&str, &[u8])]| {
            check_environment(&|name| {
                let (_, value) = variables.iter().find(|(key, _)| *key == name)?;
                Some(OsString::from_vec(value.to_vec()))
            })
        };
        let error = check(&[("HOME", b"/home/caf\xe9")]).unwrap_err().to_string();
        assert!(error.contains("HOME=\"/home/caf\\xE9\" is not UTF-8"), "{error}");
        assert!(check(&[("CODEWALK_HOME", b"/caf\xe9"), ("HOME", b"/home/me")]).is_err());
        assert!(check(&[("CODEWALK_HOME", b"/x"), ("HOME", b"/home/caf\xe9")]).is_ok());
        assert!(check(&[("HOME", "/home/café".as_bytes())]).is_ok());
        for name in CHOICES {
            let error = check(&[("HOME", b"/home/me"), (name, b"cl\xe9")]).unwrap_err().to_string();
            assert!(error.contains(&format!("{name}=\"cl\\xE9\" is not UTF-8")), "{error}");
        }
    }

    #[test]
    fn a_relative_folder_is_named_with_its_escaped_value() {
        for (set, says) in [
            (
                &[("HOME", "home/\u{1b}[2J\u{202e}me")][..],
                r#"HOME="home/\u{1b}[2J\u{202e}me" is not an absolute path"#,
            ),
            (&[("HOME", "")], r#"HOME="" is not an absolute path"#),
            (
                &[("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "/c")],
                r#"XDG_STATE_HOME="state" is not an"#,
            ),
            (&[("HOME", "me"), ("XDG_STATE_HOME", "state")], r#"HOME="me" is not an absolute path"#),
            (&[], "HOME is not set, so"),
        ] {
            let error = find(set).unwrap_err();
            assert!(error.message.starts_with(says), "{}", error.message);
            let name = says.split(['=', ' ']).next().unwrap();
            assert!(error.hint.unwrap().starts_with(&format!("set {name}")));
        }
        let home =
            [("HOME", "me"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "/s"), ("XDG_CACHE_HOME", "/k")];
        assert!(find(&home).is_ok());
    }

    #[test]
    fn an_error_names_the_variable_to_set() {
        assert!(find(&[]).unwrap_err().hint.is_some());
        assert!(find(&[("CODEWALK_HOME", "relative")]).is_err());
    }
}
