//! Builds the adapters that ship with codewalk and lists them for `include!`.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use component_build::component::{self, Component};
use component_build::toolchain;

/// The folder of each adapter, and the world it was made for. Its name is that of its package.
const ADAPTERS: [(&str, &str); 4] = [
    ("local-router", "router-adapter"),
    ("local-summarizer", "summarizer-adapter"),
    ("groq-router", "router-adapter"),
    ("summarizer", "summarizer-adapter"),
];
/// The folders of what they share.
const SHARED: [&str; 2] = ["chat-completions", "speech"];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the adapters that ship with codewalk could not be built: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    for input in ["build.rs", "../Cargo.toml", "../Cargo.lock", "../wit"] {
        println!("cargo::rerun-if-changed={input}");
    }
    for variable in ["CARGO_HOME", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }

    let toolchain = toolchain::find()?;
    let mut list = String::from("&[\n");
    for folder in ADAPTERS.map(|(folder, _)| folder).into_iter().chain(SHARED) {
        println!("cargo::rerun-if-changed={folder}/Cargo.toml");
        println!("cargo::rerun-if-changed={folder}/src");
    }
    for (folder, world) in ADAPTERS {
        println!("cargo::rerun-if-changed={folder}/manifest.toml");
        let Component { name, bytes, .. } = component::build(Path::new(folder), &toolchain)?;
        let file = out_dir.join(&name).with_extension("wasm");
        std::fs::write(&file, bytes)?;
        writeln!(
            list,
            "    Embedded {{ name: {name:?}, world: {world:?}, bytes: include_bytes!({file:?}) }},"
        )?;
    }
    list.push_str("]\n");
    std::fs::write(out_dir.join("embedded.rs"), list)?;
    Ok(())
}
