//! What lies in the folder of the adapters and is none that could be used.

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

/// Something that is left out of the list of adapters.
#[derive(Serialize)]
pub(super) struct LeftOut {
    pub(super) file: String,
    pub(super) why: String,
}

/// Looks for what is left out. Hidden files are what is known of adapters.
pub(super) fn left_out(config: &Config) -> Result<Vec<LeftOut>, CommandError> {
    let folder = config.paths.adapters();
    let unreadable = |error: io::Error| {
        CommandError::new(ErrorKind::Adapter, format!("cannot read {}: {error}", folder.display()))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.starts_with('.') {
            continue;
        }
        if let Some(why) = why(config, &entry.path(), &file) {
            found.push(LeftOut { file, why });
        }
    }
    found.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(found)
}

fn why(config: &Config, path: &Path, file: &str) -> Option<String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(metadata) => return Some(format!("{}", kind(metadata.file_type()))),
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

/// Says what lies at a path where a component should; nothing where that is one, or nothing is there.
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
