//! What an agent inherits from this process.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::Mode;

/// Returns the variables of this process that an environment can hold.
pub(super) fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| !name.is_empty() && !name.as_bytes().contains(&b'='))
}

/// Returns the file mode creation mask of this process.
pub(crate) fn umask() -> u32 {
    // The system call can only set it, and other threads create files.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    mask.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok()).unwrap_or_else(swapped)
}

/// Returns the mask by setting another one, which lets only the user read new files, for a moment.
#[allow(clippy::useless_conversion, reason = "the bits are fewer on some systems")]
fn swapped() -> u32 {
    let mask = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::umask(mask);
    u32::from(mask.bits())
}
