//! The built examples of the documentation.

use std::path::{Path, PathBuf};

/// Returns the folder of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Returns an example as a component: the one built by `cargo xtask component`, or one built here.
pub fn built(example: &str, into: &Path) -> PathBuf {
    let name = Path::new(example).with_extension("wasm");
    if let Some(folder) = std::env::var_os("CODEWALK_TEST_EXAMPLES") {
        return Path::new(&folder).join(name);
    }
    let toolchain = component_build::toolchain::find().unwrap();
    let component =
        component_build::component::build(&root().join("examples").join(example), &toolchain).unwrap();
    let file = into.join(name);
    std::fs::write(&file, component.bytes).unwrap();
    file
}
