//! Turns the compiled adapter into a component, embeds `manifest.toml` and writes `{{name}}.wasm`.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use wit_component::ComponentEncoder;

const MODULE: &str = "target/component/wasm32-unknown-unknown/release/adapter.wasm";
const OUTPUT: &str = "{{name}}.wasm";
/// The custom section from which codewalk reads the manifest.
const MANIFEST_SECTION: &str = "codewalk:manifest";

fn main() -> ExitCode {
    match encode(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")) {
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

fn encode(root: &Path) -> Result<usize, Box<dyn Error>> {
    let module = std::fs::read(root.join(MODULE))?;
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

/// Appends a number in WebAssembly's encoding.
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
