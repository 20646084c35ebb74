//! Files in the adapter folder that are not usable adapters.

use std::fs;
use std::fs::FileType;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use codewalk_sandbox::is_adapter_name;
use serde::Serialize;

use super::find::{no_name, ships};
use crate::compose;
use crate::config::Config;
use crate::error::{CommandError, ErrorKind};

/// A file that is ignored.
#[derive(Serialize)]
pub(super) struct IgnoredFile {
    pub(super) file: String,
    pub(super) why: String,
}

/// Finds the ignored files. Hidden files contain the state of adapters.
pub(super) fn ignored_files(config: &Config) -> Result<Vec<IgnoredFile>, CommandError> {
    let folder = config.paths.adapters();
    let unreadable = |error: io::Error| {
        CommandError::because(ErrorKind::Adapter, format!("cannot read {}", folder.display()), error)
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.starts_with('.') {
            continue;
        }
        if let Some(why) = why(config, &entry.path(), &file) {
            found.push(IgnoredFile { file, why });
        }
    }
    found.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(found)
}

fn why(config: &Config, path: &Path, file: &str) -> Option<String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(metadata) => return Some(kind(metadata.file_type()).to_owned()),
        Err(error) => return Some(format!("cannot be read: {error}")),
    }
    if file.ends_with(".wasm.minisig") {
        return None;
    }
    let Some(name) = file.strip_suffix(".wasm") else {
        return Some("name does not end in .wasm".to_owned());
    };
    if !is_adapter_name(name) {
        return Some(no_name(name));
    }
    if let Some(other) = config.adapters.get(name).and_then(|adapter| adapter.path.as_deref()) {
        return Some(format!("[adapters.{name}] names another file, {other}"));
    }
    compose::reserved(name).map(|shipped| {
        if shipped == name {
            "the adapter of that name that ships with codewalk is used instead; add it under another name"
                .to_owned()
        } else {
            format!("{}; add it under another name", ships(name, shipped))
        }
    })
}

/// Names what exists at a path if it is not a regular file.
pub(super) fn in_the_way(path: &Path) -> Option<&'static str> {
    let metadata = fs::metadata(path).ok()?;
    (!metadata.is_file()).then(|| kind(metadata.file_type()))
}

fn kind(file: FileType) -> &'static str {
    if file.is_dir() {
        "a folder"
    } else if file.is_fifo() {
        "a pipe"
    } else {
        "a special file"
    }
}
