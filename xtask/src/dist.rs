//! `cargo xtask dist`: builds the archives of a release in `target/dist/`.
//!
//! One holds the program with its shell completions, manual pages, licences and bill of materials; the other the components
//! that it embeds, for machines that build codewalk without a compiler for WebAssembly.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use component_build::prebuilt;
use serde_json::Value;

use crate::process::{self, cargo};
use crate::{setup, supply};

/// The shells whose completions are packed, and the file that each looks for.
const SHELLS: [(&str, &str); 4] =
    [("bash", "codewalk.bash"), ("elvish", "codewalk.elv"), ("fish", "codewalk.fish"), ("zsh", "_codewalk")];
/// What is packed from the root of the repository.
const DOCUMENTS: [&str; 3] = ["CHANGELOG.md", "LICENSE", "README.md"];
/// How the files begin in which packages carry their licences.
const LICENCES: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

/// Builds the archives for a target and prints where they are.
pub fn run(root: &Path, target: &str) -> Result<(), Box<dyn Error>> {
    setup::wasm()?;
    let built = Built::new(target)?;
    let dist = root.join("target/dist");
    let name = format!("codewalk-{}-{target}", env!("CARGO_PKG_VERSION"));
    let folder = fresh(&dist, &name)?;

    std::fs::copy(&built.program, folder.join("codewalk"))?;
    for document in DOCUMENTS {
        std::fs::copy(root.join(document), folder.join(document))?;
    }
    completions(&built.program, &fresh(&folder, "completions")?)?;
    process::run(Command::new(&built.program).arg("man-pages").arg(fresh(&folder, "man")?))?;
    std::fs::write(folder.join("THIRD-PARTY-LICENSES"), licences(target)?)?;
    std::fs::copy(supply::bill(root, target)?, folder.join("codewalk.cdx.json"))?;
    let size = std::fs::metadata(&built.program)?.len();
    println!("codewalk: {:.1} MB", size as f64 / 1e6);
    pack(&dist, &name)?;

    let name = format!("codewalk-{}-components", env!("CARGO_PKG_VERSION"));
    components(&built.components, &fresh(&dist, &name)?)?;
    pack(&dist, &name)
}

/// What cargo built.
struct Built {
    program: PathBuf,
    /// The folder in which the build script left the components.
    components: PathBuf,
}

impl Built {
    fn new(target: &str) -> Result<Self, Box<dyn Error>> {
        let mut build = cargo();
        build.args(["build", "--locked", "--profile=dist", "--package=codewalk", "--target", target]);
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
        let program = program.ok_or("cargo names no program")?;
        Ok(Self { program, components: components.ok_or("cargo names no folder of components")? })
    }
}

/// Makes an empty folder.
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
        std::fs::write(
            folder.join(file),
            process::output(Command::new(program).args(["completions", shell]))?,
        )?;
    }
    Ok(())
}

/// Packs the components that the program embeds.
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

/// Packs a folder and writes the digest of the archive beside it.
fn pack(dist: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let archive = dist.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--file"]).arg(&archive).arg("--directory").arg(dist).arg(name);
    process::run(&mut tar)?;
    let digest = prebuilt::digest(&std::fs::read(&archive)?);
    std::fs::write(dist.join(format!("{name}.tar.gz.sha256")), format!("{digest}  {name}.tar.gz\n"))?;
    println!("{}", archive.display());
    Ok(())
}

/// Returns the licences of all that the program is built of, each text once.
fn licences(target: &str) -> Result<String, Box<dyn Error>> {
    let linked = process::output(cargo().args([
        "tree",
        "--locked",
        "--package=codewalk",
        "--edges=normal",
        "--target",
        target,
        "--prefix=none",
        "--format={p}",
    ]))?;
    let linked: BTreeSet<&str> = linked.lines().filter_map(|line| line.split(" (").next()).collect();
    let metadata = process::output(cargo().args([
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform",
        target,
    ]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut listed = String::from("codewalk contains these packages:\n\n");
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let [name, version, manifest] =
            ["name", "version", "manifest_path"].map(|key| package[key].as_str().unwrap_or_default());
        let called = format!("{name} v{version}");
        if package["source"].is_null() || !linked.contains(called.as_str()) {
            continue;
        }
        let licence = package["license"].as_str().unwrap_or("see its files");
        let _ = writeln!(listed, "{called} ({licence})");
        for entry in std::fs::read_dir(Path::new(manifest).parent().unwrap_or(Path::new(".")))? {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            if path.is_file() && LICENCES.iter().any(|begin| file.starts_with(begin)) {
                let text = String::from_utf8_lossy(&std::fs::read(&path)?).trim().to_owned();
                texts.entry(text).or_default().insert(called.clone());
            }
        }
    }
    for (text, packages) in texts {
        let packages: Vec<_> = packages.into_iter().collect();
        let _ = write!(listed, "\n{}\n{}\n\n{text}\n", "-".repeat(80), packages.join(", "));
    }
    Ok(listed)
}
