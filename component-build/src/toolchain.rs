//! Finds a toolchain that compiles Rust for `wasm32-unknown-unknown`.
//!
//! There are two kinds: a compiler with the target's standard library, as rustup installs it, and a compiler
//! with the library's sources, as Debian packages it, which builds the library together with the guest. The
//! compiler of the outer build is tried first, then the system's.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::environment::clean_command;

/// The target of every guest, whatever the target of the outer build.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The path of Debian's compiler.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";

/// The path of the linker in Debian's package `lld`.
const SYSTEM_LLD: &str = "/usr/bin/wasm-ld";

/// Debian's compiler for building browsers, packaged with the library's sources. It is recent even in an old
/// release.
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The oldest supported compiler.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// A compiler and the source of the guest's standard library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// The compiler itself, not rustup's proxy, so a guest's `rust-toolchain.toml` has no effect.
    pub rustc: PathBuf,
    /// Its cargo.
    pub cargo: PathBuf,
    /// The folder in which both are installed.
    pub sysroot: PathBuf,
    /// The source of the standard library.
    pub std: Std,
}

/// The source of the guest's standard library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Std {
    /// Installed with the compiler.
    Installed,
    /// Built from its sources, and linked by an LLD that may come from another toolchain.
    FromSources {
        /// The path of LLD.
        linker: PathBuf,
    },
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {TARGET}, ", self.rustc.display())?;
        match &self.std {
            Std::Installed => f.write_str("standard library installed"),
            Std::FromSources { linker } => {
                write!(f, "standard library built from its sources, linker {}", linker.display())
            }
        }
    }
}

/// No compiler on this machine can build a guest.
#[derive(Debug, thiserror::Error)]
#[error(
    "{found}
Do one of these:
  rustup target add {TARGET}
  cargo xtask setup     (on Debian: installs {})",
    debian_packages.join(" ")
)]
pub struct Missing {
    /// The compilers that were tried, and the reasons why they do not work.
    pub found: String,
    /// The Debian packages that would help.
    pub debian_packages: Vec<&'static str>,
}

/// Finds a toolchain on this machine.
pub fn find() -> Result<Toolchain, Missing> {
    let ordinary = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compilers = [
        Compiler::probe(Path::new(&ordinary), std::env::var_os("RUSTUP_TOOLCHAIN")),
        Compiler::probe(Path::new(SYSTEM_RUSTC), None),
    ];
    choose(&compilers, Some(PathBuf::from(SYSTEM_LLD)).filter(|path| path.is_file()))
}

/// The properties of one compiler.
#[derive(Debug, Clone)]
struct Compiler {
    rustc: PathBuf,
    cargo: PathBuf,
    sysroot: PathBuf,
    version: String,
    has_target: bool,
    has_sources: bool,
    lld: Option<PathBuf>,
}

impl Compiler {
    fn probe(rustc: &Path, toolchain: Option<OsString>) -> Result<Self, String> {
        let ask = |questions: &[&str]| {
            let mut command = clean_command(rustc);
            // Rustup's proxy needs the toolchain of the outer build.
            command.envs(toolchain.as_ref().map(|name| ("RUSTUP_TOOLCHAIN", name)));
            let output = command.args(questions).output();
            let output = output.map_err(|error| format!("{}: {error}", rustc.display()))?;
            if output.status.success() {
                return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
            }
            let stderr = String::from_utf8_lossy(&output.stderr);
            Err(format!("{}: {}, {}", rustc.display(), output.status, stderr.trim()))
        };
        let version = ask(&["-vV"])?;
        let folders = ask(&["--print=sysroot", "--print=target-libdir", "--target", TARGET])?;
        Self::read(rustc, &version, &folders)
            .ok_or_else(|| format!("{}: cannot parse its version", rustc.display()))
    }

    fn read(rustc: &Path, version: &str, folders: &str) -> Option<Self> {
        let field = |name| version.lines().find_map(|line| line.strip_prefix(name));
        let (sysroot, target_libdir) = folders.trim_end().split_once('\n')?;
        let sysroot = PathBuf::from(sysroot);
        let rustlib = sysroot.join("lib/rustlib");
        let lld = rustlib.join(field("host: ")?).join("bin/rust-lld");
        let own = |name| Some(sysroot.join("bin").join(name)).filter(|path| path.is_file());
        Some(Self {
            rustc: own("rustc").unwrap_or_else(|| rustc.to_path_buf()),
            cargo: own("cargo").unwrap_or_else(|| "cargo".into()),
            version: field("release: ")?.to_string(),
            has_target: has_std(Path::new(target_libdir)),
            has_sources: rustlib.join("src/rust/library/std/Cargo.toml").is_file(),
            lld: Some(lld).filter(|path| path.is_file()),
            sysroot,
        })
    }

    fn is_recent(&self) -> bool {
        numbers(&self.version) >= numbers(OLDEST)
    }

    fn with(&self, std: Std) -> Toolchain {
        let Self { rustc, cargo, sysroot, .. } = self.clone();
        Toolchain { rustc, cargo, sysroot, std }
    }

    fn shortcoming(&self) -> String {
        let why = if !self.is_recent() {
            format!("older than {OLDEST}")
        } else if !self.has_sources {
            "has neither this target's standard library nor the library's sources".to_string()
        } else {
            "could build the standard library, but no LLD was found to link it".to_string()
        };
        format!("{} {}: {why}", self.rustc.display(), self.version)
    }
}

fn choose(probed: &[Result<Compiler, String>], system_lld: Option<PathBuf>) -> Result<Toolchain, Missing> {
    let recent = || probed.iter().flatten().filter(|compiler| compiler.is_recent());
    if let Some(compiler) = recent().find(|compiler| compiler.has_target) {
        return Ok(compiler.with(Std::Installed));
    }
    let lld = probed.iter().flatten().find_map(|compiler| compiler.lld.clone()).or(system_lld);
    let mut debian_packages = DEBIAN_PACKAGES.to_vec();
    match (recent().find(|compiler| compiler.has_sources), lld) {
        (Some(compiler), Some(linker)) => return Ok(compiler.with(Std::FromSources { linker })),
        (_, None) => debian_packages.push("lld"),
        (None, Some(_)) => {}
    }
    let mut found = format!("no compiler on this machine can build adapters for {TARGET}:");
    for compiler in probed {
        found.push_str("\n  ");
        found.push_str(&compiler.as_ref().map_or_else(String::clone, Compiler::shortcoming));
    }
    Err(Missing { found, debian_packages })
}

fn has_std(target_libdir: &Path) -> bool {
    std::fs::read_dir(target_libdir).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}

/// Splits a version such as "1.96.0-nightly" into numbers.
fn numbers(version: &str) -> Vec<u32> {
    let digits = version.split(|c: char| !c.is_ascii_digit());
    digits.take(2).map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiler(rustc: &str, version: &str) -> Compiler {
        Compiler {
            rustc: rustc.into(),
            cargo: rustc.replace("rustc", "cargo").into(),
            sysroot: "/sysroot".into(),
            version: version.into(),
            has_target: false,
            has_sources: false,
            lld: None,
        }
    }

    fn rustup() -> Compiler {
        Compiler { lld: Some("/rustup/rust-lld".into()), ..compiler("/rustup/bin/rustc", "1.95.0") }
    }

    fn debian() -> Compiler {
        Compiler { has_sources: true, ..compiler("/usr/bin/rustc", "1.96.0") }
    }

    #[test]
    fn an_installed_target_is_preferred_to_building_the_library() {
        let with_target = Compiler { has_target: true, ..rustup() };
        let chosen = choose(&[Ok(with_target), Ok(debian())], None).unwrap();
        assert_eq!(chosen.rustc, Path::new("/rustup/bin/rustc"));
        assert_eq!(chosen.std, Std::Installed);
    }

    #[test]
    fn the_systems_compiler_links_with_the_ordinary_toolchains_linker() {
        let chosen = choose(&[Ok(rustup()), Ok(debian())], None).unwrap();
        assert_eq!(chosen.cargo, Path::new("/usr/bin/cargo"));
        assert_eq!(chosen.std, Std::FromSources { linker: "/rustup/rust-lld".into() });
    }

    #[test]
    fn an_old_compiler_is_not_used() {
        let old = Compiler { version: "1.85.0".into(), has_target: true, ..debian() };
        let missing = choose(&[Ok(rustup()), Ok(old)], None).unwrap_err();
        assert!(missing.found.contains("older than"), "{missing}");
    }

    #[test]
    fn sources_without_a_linker_are_not_enough() {
        let missing = choose(&[Ok(debian())], None).unwrap_err();
        assert!(missing.found.contains("no LLD"), "{missing}");
        assert!(missing.debian_packages.contains(&"lld"), "{missing}");
    }

    #[test]
    fn the_systems_linker_is_used_if_no_toolchain_has_one() {
        let chosen = choose(&[Ok(debian())], Some("/usr/bin/wasm-ld".into())).unwrap();
        assert_eq!(chosen.std, Std::FromSources { linker: "/usr/bin/wasm-ld".into() });
    }

    #[test]
    fn the_error_names_both_ways() {
        let missing = choose(&[Ok(rustup()), Err("/usr/bin/rustc: not found".into())], None).unwrap_err();
        let message = missing.to_string();
        assert!(message.contains("rustup target add wasm32-unknown-unknown"), "{message}");
        assert!(message.contains("cargo xtask setup"), "{message}");
        assert!(message.contains("rustc-web cargo-web rust-web-src"), "{message}");
        assert!(message.contains("/usr/bin/rustc: not found"), "{message}");
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(numbers("1.100.0") > numbers("1.95"));
        assert!(numbers("1.95.0-nightly") >= numbers("1.95"));
        assert!(numbers("1.9.0") < numbers("1.95"));
    }
}
