//! Builds the adapter: `cargo run -p build` compiles it to WebAssembly and encodes it as `{{name}}.wasm`.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> ExitCode {
    match build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build(root: &Path) -> Result<(), Box<dyn Error>> {
    let program = |variable, name: &str| std::env::var_os(variable).unwrap_or_else(|| OsString::from(name));
    let mut rustc = Command::new(program("RUSTC", "rustc"));
    let libraries = rustc.current_dir(root).args(["--print=target-libdir", "--target", TARGET]).output()?;
    if !Path::new(String::from_utf8_lossy(&libraries.stdout).trim()).is_dir() {
        return Err(format!(
            "the compiler lacks the target {TARGET}. With rustup: rustup target add {TARGET}. \
             Without rustup: your distribution's package (Debian: libstd-rust-dev-wasm32)"
        )
        .into());
    }
    let cargo = |args: &[&str]| Command::new(program("CARGO", "cargo")).current_dir(root).args(args).status();
    let adapter =
        ["rustc", "--package=adapter", "--lib", "--crate-type=cdylib", "--release", "--target", TARGET];
    if !cargo(&[&adapter[..], &["--target-dir=target/component"]].concat())?.success() {
        return Err("the adapter does not compile; see the errors above".into());
    }
    if !cargo(&["run", "--package=build", "--features=encode", "--bin=encode-component"])?.success() {
        return Err("the adapter cannot be encoded as a component; see the errors above".into());
    }
    Ok(())
}
