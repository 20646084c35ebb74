//! Compiles the shipped adapters in parallel with codewalk's first build.
//!
//! Their build script starts late, because only the program itself depends on it, and takes minutes on one
//! core. By the time it starts, it finds them compiled.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use component_build::toolchain::Toolchain;
use component_build::{component, manifest, prebuilt};

/// Runs a build, and compiles the shipped adapters in the meantime.
pub fn compile_guests<T>(root: &Path, toolchain: &Toolchain, build: impl FnOnce() -> T) -> T {
    let guests = match std::env::var_os(prebuilt::VARIABLE) {
        Some(_) => Vec::new(),
        None => guests(&root.join("components")),
    };
    let is_built = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for guest in guests.iter().take_while(|_| !is_built.load(Ordering::Relaxed)) {
                // If this fails, the build script tries again and prints the error.
                let _ = component::compile(guest, toolchain);
            }
        });
        let result = build();
        is_built.store(true, Ordering::Relaxed);
        result
    })
}

/// Returns the adapter folders within a folder.
fn guests(components: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(components).into_iter().flatten().flatten();
    let mut guests: Vec<_> = entries.map(|entry| entry.path()).collect();
    guests.retain(|folder| folder.join(manifest::FILE).is_file());
    guests.sort();
    guests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_adapters_are_found() {
        let guests = guests(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../components"));
        let names: Vec<_> = guests.iter().filter_map(|guest| guest.file_name()?.to_str()).collect();
        assert_eq!(names, ["groq-router", "groq-summarizer", "local-router", "local-summarizer"]);
    }
}
