//! Builds the adapters that ship with codewalk and lists them for `include!`.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use component_build::component;
use component_build::prebuilt::{self, Prebuilt};
use component_build::toolchain::{self, Toolchain};

/// Each adapter with its world. The name of the adapter is also that of its folder and package.
const ADAPTERS: [(&str, &str); 4] = [
    ("local-router", "router-adapter"),
    ("local-summarizer", "summarizer-adapter"),
    ("groq-router", "router-adapter"),
    ("groq-summarizer", "summarizer-adapter"),
];
/// The folders of the crates that the adapters share.
const SHARED: [&str; 2] = ["chat-completions", "speech"];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot build the adapters that ship with codewalk: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    for input in ["build.rs", "../Cargo.toml", "../Cargo.lock"] {
        println!("cargo::rerun-if-changed={input}");
    }
    for variable in ["CARGO_HOME", "RUSTC", "RUSTUP_TOOLCHAIN", prebuilt::VARIABLE] {
        println!("cargo::rerun-if-env-changed={variable}");
    }

    let sources = sources();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    for source in &sources {
        println!("cargo::rerun-if-changed={source}");
    }
    let digest = prebuilt::sources_digest(Path::new(""), &sources)?;
    let maker = match std::env::var_os(prebuilt::VARIABLE) {
        Some(folder) => {
            let folder = PathBuf::from(folder);
            println!("cargo::rerun-if-changed={}", folder.display());
            Maker::Prebuilt(Prebuilt::open(&folder, &digest)?)
        }
        None => Maker::Toolchain(toolchain::find().map_err(|missing| {
            format!(
                "{missing}\n  {}=FOLDER     (uses the prebuilt components of a release, see CONTRIBUTING.md)",
                prebuilt::VARIABLE
            )
        })?),
    };
    let mut list = String::from("&[\n");
    for (name, world) in ADAPTERS {
        let file = out_dir.join(name).with_extension("wasm");
        std::fs::write(&file, maker.component(name)?)?;
        writeln!(
            list,
            "    Embedded {{ name: {name:?}, world: {world:?}, bytes: include_bytes!({file:?}) }},"
        )?;
    }
    list.push_str("]\n");
    std::fs::write(out_dir.join("embedded.rs"), list)?;
    std::fs::write(out_dir.join("sources.rs"), format!("{digest:?}"))?;
    Ok(())
}

/// Returns the paths of all sources of the components.
fn sources() -> Vec<String> {
    let of = |folder: &str| ["Cargo.toml", "src"].map(|file| format!("{folder}/{file}"));
    let mut sources = vec!["../wit".to_owned()];
    sources.extend(SHARED.iter().flat_map(|folder| of(folder)));
    for (name, _) in ADAPTERS {
        sources.extend(of(name));
        sources.push(format!("{name}/manifest.toml"));
    }
    sources
}

/// Where the components come from.
enum Maker {
    /// Built by this script.
    Toolchain(Toolchain),
    /// Prebuilt, in this folder.
    Prebuilt(Prebuilt),
}

impl Maker {
    fn component(&self, name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        match self {
            Self::Toolchain(toolchain) => Ok(component::build(Path::new(name), toolchain)?.bytes),
            Self::Prebuilt(prebuilt) => Ok(prebuilt.component(name)?),
        }
    }
}
