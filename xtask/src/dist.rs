//! `cargo xtask dist`: builds the archives of a release in `target/archives/`.
//!
//! One contains the program with shell completions, manual pages, licences and bill of materials. The other
//! contains the embedded components, for machines that build codewalk without a WebAssembly compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use component_build::prebuilt;
use serde_json::Value;

use crate::apt::Consent;
use crate::process::{self, cargo};
use crate::{metadata, setup, supply};

/// The shells with completions, and the file name that each expects.
const SHELLS: [(&str, &str); 4] =
    [("bash", "codewalk.bash"), ("elvish", "codewalk.elv"), ("fish", "codewalk.fish"), ("zsh", "_codewalk")];
/// The files from the root of the repository.
const DOCUMENTS: [&str; 3] = ["CHANGELOG.md", "LICENSE", "README.md"];
/// How the names of licence files in packages begin.
const LICENCES: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

/// The maximum size of the program, in bytes.
const MAX_SIZE: u64 = 25_000_000;

/// Builds the archives for a target and prints their paths.
pub fn run(root: &Path, target: &str) -> Result<(), Box<dyn Error>> {
    setup::wasm(Consent::Ask)?;
    let built = Build::new(root, target)?;
    let size = std::fs::metadata(&built.program)?.len();
    let megabytes = |size: u64| format!("{:.1} MB", size as f64 / 1e6);
    println!("codewalk: {}", megabytes(size));
    check_paths(root, &built.program)?;
    if size > MAX_SIZE {
        return Err(format!("the program is larger than {}: {}", megabytes(MAX_SIZE), megabytes(size)).into());
    }
    let archives = root.join("target/archives");
    let name = format!("codewalk-{}-{target}", env!("CARGO_PKG_VERSION"));
    let folder = fresh(&archives, &name)?;

    std::fs::copy(&built.program, folder.join("codewalk"))?;
    for document in DOCUMENTS {
        std::fs::copy(root.join(document), folder.join(document))?;
    }
    completions(&built.program, &fresh(&folder, "completions")?)?;
    process::run(Command::new(&built.program).arg("man-pages").arg(fresh(&folder, "man")?))?;
    std::fs::write(folder.join("THIRD-PARTY-LICENSES"), licences(root, target)?)?;
    std::fs::copy(supply::bill(root, target)?, folder.join("codewalk.cdx.json"))?;
    pack(&archives, &name)?;

    let name = format!("codewalk-{}-components", env!("CARGO_PKG_VERSION"));
    components(&built.components, &fresh(&archives, &name)?)?;
    pack(&archives, &name)
}

/// The results of a build.
struct Build {
    program: PathBuf,
    /// The folder to which the build script wrote the components.
    components: PathBuf,
}

impl Build {
    fn new(root: &Path, target: &str) -> Result<Self, Box<dyn Error>> {
        let mut build = cargo();
        build.args(["build", "--locked", "--profile=dist", "--package=codewalk", "--target", target]);
        build.env("CARGO_ENCODED_RUSTFLAGS", remap_flags(root)?);
        build.arg("--message-format=json-render-diagnostics").stderr(std::process::Stdio::inherit());
        let messages = process::output(&mut build)?;
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let (mut program, mut components) = (None, None);
        for message in messages {
            if message["target"]["name"] == "codewalk" {
                program = message["executable"].as_str().map(PathBuf::from).or(program);
            }
            if message["package_id"].as_str().is_some_and(|id| id.contains("codewalk-components")) {
                components = message["out_dir"].as_str().map(PathBuf::from).or(components);
            }
        }
        let program = program.ok_or("cargo reports no program")?;
        Ok(Self { program, components: components.ok_or("cargo reports no folder of components")? })
    }
}

/// Returns the flags that remove the folders of this machine from panic messages.
///
/// If a target is given explicitly, the flags do not apply to build scripts and macros.
fn remap_flags(root: &Path) -> Result<OsString, Box<dyn Error>> {
    let target = std::path::absolute(process::target_dir(root))?;
    // If several match, the last one counts, because the target folder is usually in the root.
    let folders = [(Some(root.to_owned()), "/codewalk"), (Some(target), "/target"), (cargo_home(), "/cargo")];
    let mut flags = OsString::new();
    for (folder, name) in folders.into_iter().filter_map(|(folder, name)| Some((folder?, name))) {
        if !flags.is_empty() {
            flags.push("\x1f");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push(format!("={name}"));
    }
    Ok(flags)
}

/// Returns the folder with the sources of the dependencies.
fn cargo_home() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// Checks that a program does not contain the names of this machine's folders.
fn check_paths(root: &Path, program: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(program)?;
    for folder in [Some(root.to_owned()), cargo_home()].into_iter().flatten() {
        let folder = folder.to_string_lossy().into_owned();
        if bytes.windows(folder.len()).any(|window| window == folder.as_bytes()) {
            return Err(format!("{} contains the path {folder}", program.display()).into());
        }
    }
    Ok(())
}

/// Creates an empty folder.
fn fresh(parent: &Path, name: &str) -> Result<PathBuf, std::io::Error> {
    let folder = parent.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn completions(program: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    for (shell, file) in SHELLS {
        let script = process::output(Command::new(program).args(["completions", shell]))?;
        std::fs::write(folder.join(file), script)?;
    }
    Ok(())
}

/// Writes the embedded components to a folder.
fn components(built: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut components = Vec::new();
    for entry in std::fs::read_dir(built)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            components.push((name, std::fs::read(&path)?));
        }
    }
    components.sort();
    let sources = std::fs::read_to_string(built.join("sources.rs"))?;
    let listed: Vec<_> = components.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(prebuilt::write(folder, &listed, sources.trim_matches('"'))?)
}

/// Packs a folder, and writes the archive's digest next to it.
fn pack(archives: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let archive = archives.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--file"]).arg(&archive).arg("--directory").arg(archives).arg(name);
    process::run(&mut tar)?;
    let digest = prebuilt::digest(&std::fs::read(&archive)?);
    std::fs::write(archives.join(format!("{name}.tar.gz.sha256")), format!("{digest}  {name}.tar.gz\n"))?;
    println!("{}", archive.display());
    Ok(())
}

/// Returns the licences of all packages in the program and its components, each text once.
fn licences(root: &Path, target: &str) -> Result<String, Box<dyn Error>> {
    let linked = process::output(cargo().args([
        "tree",
        "--locked",
        "--package=codewalk",
        "--package=groq-router",
        "--package=groq-summarizer",
        "--package=local-router",
        "--package=local-summarizer",
        "--edges=normal",
        "--target",
        target,
        "--prefix=none",
        "--format={p}",
    ]))?;
    let linked: BTreeSet<&str> = linked.lines().filter_map(|line| line.split(" (").next()).collect();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut listed = String::from("codewalk contains these packages:\n\n");
    for package in metadata::all(root, target)? {
        let id = format!("{} v{}", package.name, package.version);
        if package.is_ours || !linked.contains(id.as_str()) {
            continue;
        }
        let licence = package.licence.as_deref().unwrap_or("see its files");
        let _ = writeln!(listed, "{id} ({licence})");
        for entry in std::fs::read_dir(&package.folder)? {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            if path.is_file() && LICENCES.iter().any(|begin| file.starts_with(begin)) {
                let text = String::from_utf8_lossy(&std::fs::read(&path)?).trim().to_owned();
                texts.entry(text).or_default().insert(id.clone());
            }
        }
    }
    for (text, packages) in texts {
        let packages: Vec<_> = packages.into_iter().collect();
        let _ = write!(listed, "\n{}\n{}\n\n{text}\n", "-".repeat(80), packages.join(", "));
    }
    Ok(listed)
}
