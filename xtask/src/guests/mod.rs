//! Builds adapters that are written in other languages than Rust, with the tools that each project pins.
//!
//! Tools and components are kept below the target folder and made again when what they were made of has changed. In the
//! project's own folder nothing is left but Python's `__pycache__`.

mod javascript;
mod python;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use component_build::component::Component;
use component_build::manifest::{self, ManifestError};

use crate::process::ProcessError;

/// To be raised when this module makes a component of the same project in another way.
const RECIPE: u32 = 1;
/// What adapters may import, each a folder of `wit/`.
const IMPORTED: [&str; 4] = ["config", "http", "log", "types"];
/// What authors and their tools leave in a project.
const LEFT_BEHIND: [&str; 3] = ["node_modules", ".venv", "__pycache__"];

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    /// What the language is installed with is not there.
    #[error("{program} is not there, and adapters in {language} are built with it; {brought_by} brings it")]
    NoProgram { program: &'static str, language: &'static str, brought_by: &'static str },
    /// The project lacks something.
    #[error("{}: {why}", dir.display())]
    Project { dir: PathBuf, why: String },
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A tool failed; it has said why.
    #[error(transparent)]
    Tool(#[from] ProcessError),
    /// Something cannot be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

/// A project, and where it is built.
struct Guest {
    dir: PathBuf,
    /// What it is called in its manifest.
    name: String,
    /// The port that it implements.
    port: String,
    manifest: String,
    /// The folder below the target folder that is its own.
    work: PathBuf,
}

/// Builds the adapter in a folder; none where the folder holds no project in any of these languages.
pub fn build(dir: &Path, root: &Path) -> Result<Option<Component>, GuestError> {
    let componentize = if dir.join(javascript::PROJECT).is_file() {
        javascript::componentize
    } else if dir.join(python::PROJECT).is_file() {
        python::componentize
    } else {
        return Ok(None);
    };
    let target_dir = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let target_dir = std::path::absolute(&target_dir).map_err(at(&target_dir))?;
    let wit = root.join("wit");

    let guest = Guest::read(dir, &target_dir)?;
    let component = guest.work.join("component.wasm");
    make(&component, &[&guest.dir, &wit], || componentize(&guest, &guest.lay_out(&wit)?, &component))?;
    let mut bytes = fs::read(&component).map_err(at(&component))?;
    manifest::embed(&mut bytes, &guest.manifest);
    Ok(Some(Component { name: guest.name, target_dir, bytes }))
}

impl Guest {
    fn read(dir: &Path, target_dir: &Path) -> Result<Self, GuestError> {
        let wrong = |why: &str| GuestError::Project { dir: dir.to_path_buf(), why: why.to_owned() };
        let manifest = manifest::read(dir)?.unwrap_or_default();
        let table: toml::Table =
            manifest.parse().map_err(|error| wrong(&format!("{}: {error}", manifest::FILE)))?;
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let (name, port) = (text("name"), text("world"));
        // Files are named after it. It is what codewalk takes for a name.
        let is_of_names = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=64).contains(&name.len()) || name.starts_with('-') || !name.bytes().all(is_of_names) {
            let why =
                "its manifest.toml must give it a name of 1 to 64 of a-z, 0-9 and -, beginning with no -";
            return Err(wrong(why));
        }
        if !["router", "summarizer"].contains(&port.as_str()) {
            return Err(wrong("its manifest.toml must say world = \"router\" or world = \"summarizer\""));
        }
        let dir = dir.canonicalize().map_err(at(dir))?;
        Ok(Self { work: target_dir.join("guests").join(&name), dir, name, port, manifest })
    }

    /// Returns the world that it implements.
    fn world(&self) -> String {
        format!("{}-adapter", self.port)
    }

    /// Puts the port into one folder, as the tools want it: its package, and in `deps` what it may import.
    fn lay_out(&self, wit: &Path) -> Result<PathBuf, GuestError> {
        let laid_out = self.work.join("wit").join(&self.port);
        let imported = IMPORTED.map(|name| (name, laid_out.join("deps").join(name)));
        for (name, folder) in imported.into_iter().chain([(self.port.as_str(), laid_out.clone())]) {
            fs::create_dir_all(&folder).map_err(at(&folder))?;
            let file = format!("{name}.wit");
            let source = wit.join(name).join(&file);
            fs::copy(&source, folder.join(&file)).map_err(at(&source))?;
        }
        Ok(laid_out)
    }
}

/// Makes something, unless it was made already of the same files, completely.
fn make(made: &Path, of: &[&Path], how: impl FnOnce() -> Result<(), GuestError>) -> Result<(), GuestError> {
    let mut hasher = DefaultHasher::new();
    RECIPE.hash(&mut hasher);
    of.iter().try_for_each(|path| hash(path, &mut hasher))?;
    let digest = hasher.finish().to_string();

    let stamp = made.with_extension("made-of");
    if made.exists() && fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == digest) {
        return Ok(());
    }
    let folder = made.parent().unwrap_or(made);
    fs::create_dir_all(folder).map_err(at(folder))?;
    // Whatever becomes of it now: it is not what it was made of before.
    fs::write(&stamp, "").map_err(at(&stamp))?;
    how()?;
    fs::write(&stamp, digest).map_err(at(&stamp))
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<(), GuestError> {
    path.hash(hasher);
    if !path.is_dir() {
        fs::read(path).map_err(at(path))?.hash(hasher);
        return Ok(());
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(at(path))?;
    let mut entries: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    entries.sort();
    let mut own = entries.iter().filter(|entry| !LEFT_BEHIND.iter().any(|left| entry.ends_with(left)));
    own.try_for_each(|entry| hash(entry, hasher))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> GuestError {
    let path = path.to_path_buf();
    |source| GuestError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "name = \"mine\"\nworld = \"router\"\n";

    fn error(files: &[(&str, &str)]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        build(folder.path(), folder.path()).err().map(|error| error.to_string())
    }

    #[test]
    fn a_folder_with_no_project_in_these_languages_is_left_to_others() {
        assert_eq!(error(&[("Cargo.toml", ""), (manifest::FILE, MANIFEST)]), None);
    }

    #[test]
    fn a_project_is_told_what_its_manifest_lacks() {
        let lacks = |text: &str| error(&[("package.json", "{}"), (manifest::FILE, text)]).unwrap();
        assert!(lacks("").contains("must give it a name"));
        for name in ["../up", "-rf", &"x".repeat(65)] {
            assert!(lacks(&format!("name = {name:?}\nworld = \"router\"")).contains("must give it a name"));
        }
        assert!(lacks("name = \"mine\"").contains("world = \"router\" or"));
        assert!(lacks("name =").contains("manifest.toml: "));
    }

    #[test]
    fn a_project_without_a_lock_is_told_so_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, work) = (folder.path().to_path_buf(), folder.path().join("work"));
        let (name, port) = ("mine".to_owned(), "router".to_owned());
        let guest = Guest { dir, name, port, manifest: MANIFEST.to_owned(), work };
        let error = javascript::componentize(&guest, folder.path(), folder.path()).unwrap_err().to_string();
        assert!(error.contains("it has no package-lock.json, which pins its tools"), "{error}");
    }

    #[test]
    fn a_thing_is_made_again_where_its_files_changed_or_making_it_failed() {
        let folder = tempfile::tempdir().unwrap();
        let (made, source) = (folder.path().join("work/made"), folder.path().join("source"));
        let make_it = |succeeds: bool| {
            let mut begun = false;
            let result = make(&made, &[&source], || {
                begun = true;
                fs::write(&made, "made").map_err(at(&made))?;
                let failed = || GuestError::Project { dir: source.clone(), why: "failed".to_owned() };
                succeeds.then_some(()).ok_or_else(failed)
            });
            (begun, result.is_ok())
        };
        fs::create_dir_all(source.join("node_modules")).unwrap();
        fs::write(source.join("main.js"), "one").unwrap();
        assert_eq!(make_it(true), (true, true));
        fs::write(source.join("node_modules/left.js"), "behind").unwrap();
        assert_eq!(make_it(true), (false, true), "nothing of its own changed");

        fs::write(source.join("main.js"), "two").unwrap();
        assert_eq!(make_it(false), (true, false));
        fs::write(source.join("main.js"), "one").unwrap();
        assert_eq!(make_it(true), (true, true), "what a failure left is not what was there before");
        fs::remove_file(&made).unwrap();
        assert_eq!(make_it(true), (true, true));
    }

    #[test]
    fn the_tools_of_the_examples_are_pinned_by_digest_and_named_without_an_address() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        let read = |path: &str| fs::read_to_string(examples.join(path)).unwrap();
        let lock: serde_json::Value = serde_json::from_str(&read("js-router/package-lock.json")).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(packages.contains_key("node_modules/@bytecodealliance/componentize-js"));
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].is_string() && package["resolved"].is_null(), "{name}");
        }
        let requirements = read("python-router/requirements.txt");
        assert!(requirements.contains("componentize-py==") && requirements.contains("--hash=sha256:"));
        assert!(!requirements.contains("://"));
    }
}
