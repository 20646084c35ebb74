//! The environment of a compiler that runs inside another build.
//!
//! A build script inherits everything that the outer cargo set for itself: compiler wrappers (such as
//! clippy's), flags, profiles, target folder, coverage output, library path. None of it applies to a guest.

use std::process::Command;

/// The `CARGO*` variables that concern the machine or the network, not the outer build. `CARGO_MAKEFLAGS` is
/// the job server, through which both builds share the processors.
const INHERITED_OF_CARGO: [&str; 6] =
    ["CARGO_HOME", "CARGO_HTTP_", "CARGO_MAKEFLAGS", "CARGO_NET_", "CARGO_REGISTR", "CARGO_TERM_"];

const CLEARED: [&str; 8] = [
    "CARGO",
    "DYLD_",
    "LD_LIBRARY_PATH",
    "LLVM_PROFILE_FILE",
    "RUSTC",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// Creates a command that inherits the environment, without the variables of the outer build.
pub fn clean_command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command.envs(std::env::vars_os().filter(|(name, _)| is_inherited(&name.to_string_lossy())));
    command
}

fn is_inherited(name: &str) -> bool {
    let starts_with = |prefix: &&str| name.starts_with(*prefix);
    INHERITED_OF_CARGO.iter().any(starts_with)
        || !(name.starts_with("__CARGO") || CLEARED.iter().any(starts_with))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_outer_build_are_cleared() {
        for name in [
            "CARGO",
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_MANIFEST_DIR",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_TARGET_DIR",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
            "LD_LIBRARY_PATH",
            "LLVM_PROFILE_FILE",
            "RUSTC",
            "RUSTC_BOOTSTRAP",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTDOCFLAGS",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
            "__CARGO_DEFAULT_LIB_METADATA",
        ] {
            assert!(!is_inherited(name), "{name} reaches the inner build");
        }
    }

    #[test]
    fn variables_of_the_machine_are_inherited() {
        for name in [
            "CARGO_HOME",
            "CARGO_HTTP_CAINFO",
            "CARGO_MAKEFLAGS",
            "CARGO_NET_OFFLINE",
            "CARGO_REGISTRIES_CRATES_IO_PROTOCOL",
            "CARGO_TERM_COLOR",
            "HOME",
            "HTTPS_PROXY",
            "MAKEFLAGS",
            "PATH",
            "RUSTUP_AUTO_INSTALL",
            "RUSTUP_HOME",
            "SSL_CERT_FILE",
        ] {
            assert!(is_inherited(name), "{name} does not reach the inner build");
        }
    }
}
