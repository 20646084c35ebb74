//! Builds the adapter: `cargo run -p build` compiles it to WebAssembly, makes a component of that, puts `manifest.toml` into
//! it and writes `{{name}}.wasm`.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use wit_component::ComponentEncoder;

const OUTPUT: &str = "{{name}}.wasm";
const TARGET: &str = "wasm32-unknown-unknown";
/// The custom section that codewalk reads the manifest from.
const MANIFEST_SECTION: &str = "codewalk:manifest";

fn main() -> ExitCode {
    match build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")) {
        Ok(size) => {
            println!("{OUTPUT} ({size} bytes)");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build(root: &Path) -> Result<usize, Box<dyn Error>> {
    let program = |variable, name: &str| std::env::var_os(variable).unwrap_or_else(|| OsString::from(name));
    let mut rustc = Command::new(program("RUSTC", "rustc"));
    let libraries = rustc.current_dir(root).args(["--print=target-libdir", "--target", TARGET]).output()?;
    if !Path::new(String::from_utf8_lossy(&libraries.stdout).trim()).is_dir() {
        return Err(format!("the compiler has no {TARGET} yet: rustup target add {TARGET}").into());
    }

    let mut cargo = Command::new(program("CARGO", "cargo"));
    cargo.current_dir(root).args(["rustc", "--package=adapter", "--lib", "--crate-type=cdylib", "--release"]);
    let compiled = cargo.args(["--target", TARGET, "--target-dir=target/component"]).status()?;
    if !compiled.success() {
        return Err("the adapter does not compile, see above".into());
    }
    let module = std::fs::read(root.join("target/component").join(TARGET).join("release/adapter.wasm"))?;
    let mut component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;

    let manifest = std::fs::read(root.join("manifest.toml"))?;
    let mut section = leb128(MANIFEST_SECTION.len());
    section.extend_from_slice(MANIFEST_SECTION.as_bytes());
    section.extend(manifest);
    component.push(0);
    component.extend(leb128(section.len()));
    component.extend(section);

    std::fs::write(root.join(OUTPUT), &component)?;
    Ok(component.len())
}

/// Writes a number as WebAssembly has it.
fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let (low, rest) = ((number & 0x7f) as u8, number >> 7);
        if rest == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
        number = rest;
    }
}
