//! What single calls of an adapter may use, and which component it must be: `[adapters.NAME.limits]` and `digest`. What compiling
//! one may use: `[compile]`.

use std::path::Path;
use std::time::Duration;

use codewalk_sandbox::{CompileLimits, Limits};

use super::file::{CompileFile, LimitsFile};
use super::wrong;
use crate::error::CommandError;

/// How long an adapter can be allowed to execute in one call, in milliseconds: meanwhile others wait for a processor.
const MOST_EXECUTING: u64 = 10_000;
/// How long a call can be allowed to take, in milliseconds: somebody waits for it.
const MOST_WALL_CLOCK: u64 = 60_000;
/// How much memory a call can be allowed, in MiB: all calls that run at once may have as much.
const MOST_MEMORY: u64 = 512;
const MIB: usize = 1024 * 1024;
/// How much memory a compiler can be allowed, in MiB: what ships needs the least of it.
const COMPILING_MEMORY: std::ops::RangeInclusive<u64> = 512..=64 * 1024;
/// How much processor time a compiler can be allowed, in seconds: what ships needs the least of it.
const COMPILING: std::ops::RangeInclusive<u64> = 5..=3_600;

/// Reads what compiling a component may use; what is not set stays as it usually is.
pub(super) fn compile_limits(at: &Path, file: &CompileFile) -> Result<CompileLimits, CommandError> {
    let within = |key: &str, value: u64, range: std::ops::RangeInclusive<u64>| {
        if range.contains(&value) {
            return Ok(value);
        }
        let (least, most) = range.into_inner();
        Err(wrong(at, format!("[compile]: {key} = {value} is not between {least} and {most}"))
            .with_hint(format!("leave {key} out for the usual limit")))
    };
    let mut limits = CompileLimits::default();
    if let Some(value) = file.memory_mb {
        limits.memory = within("memory_mb", value, COMPILING_MEMORY)? * MIB as u64;
    }
    if let Some(value) = file.executing_s {
        limits.executing = Duration::from_secs(within("executing_s", value, COMPILING)?);
        // At low priority, on a busy machine.
        limits.wall_clock = limits.wall_clock.max(4 * limits.executing);
    }
    Ok(limits)
}

/// Reads the limits of an adapter; what is not set stays as it usually is.
pub(super) fn limits(at: &Path, adapter: &str, file: &LimitsFile) -> Result<Limits, CommandError> {
    let within = |key: &str, value: u64, most: u64| {
        if (1..=most).contains(&value) {
            return Ok(value);
        }
        Err(wrong(at, format!("[adapters.{adapter}.limits]: {key} = {value} is not between 1 and {most}"))
            .with_hint(format!("leave {key} out for the usual limit")))
    };
    let mut limits = Limits::default();
    if let Some(value) = file.executing_ms {
        limits.executing = Duration::from_millis(within("executing_ms", value, MOST_EXECUTING)?);
    }
    if let Some(value) = file.wall_clock_ms {
        limits.wall_clock = Duration::from_millis(within("wall_clock_ms", value, MOST_WALL_CLOCK)?);
    }
    if let Some(value) = file.memory_mb {
        let value = within("memory_mb", value, MOST_MEMORY)?;
        limits.memory = usize::try_from(value).unwrap_or(usize::MAX).saturating_mul(MIB);
    }
    Ok(limits)
}

/// Reads the digest of the one component that an adapter may be.
pub(super) fn pin(at: &Path, adapter: &str, digest: String) -> Result<String, CommandError> {
    if digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(digest.to_ascii_lowercase());
    }
    Err(wrong(at, format!("[adapters.{adapter}]: digest = {digest:?} is no SHA-256 in hexadecimal"))
        .with_hint("`codewalk adapters check FILE` prints that of a file"))
}

#[cfg(test)]
mod tests {
    use crate::config::tests::load;

    #[test]
    fn limits_are_the_usual_ones_where_nothing_is_said_and_never_beyond_what_is_safe() {
        let config =
            load("[adapters.a.limits]\nmemory_mb = 256\n[adapters.b]\npath = \"b.wasm\"", &[]).unwrap();
        let limits = |name: &str| {
            let limits = config.adapters[name].limits;
            (limits.executing.as_millis(), limits.wall_clock.as_millis(), limits.memory >> 20)
        };
        assert_eq!(limits("a"), (2_000, 10_000, 256));
        assert_eq!(limits("b"), (2_000, 10_000, 128));
        for (key, most) in [("executing_ms", 10_000_u64), ("wall_clock_ms", 60_000), ("memory_mb", 512)] {
            assert!(load(&format!("[adapters.a.limits]\n{key} = {most}"), &[]).is_ok(), "{key}");
            for wrong in [0, most + 1, u64::from(u32::MAX)] {
                let error = load(&format!("[adapters.a.limits]\n{key} = {wrong}"), &[]).unwrap_err();
                assert!(error.message.contains(key) && error.hint.is_some(), "{error}");
            }
        }
    }

    #[test]
    fn what_compiling_may_use_can_be_set() {
        let limits = |text: &str| load(text, &[]).map(|config| config.compile);
        let usual = limits("").unwrap();
        assert_eq!((usual.memory >> 20, usual.executing.as_secs()), (1024, 30));
        let more = limits("[compile]\nmemory_mb = 2048\nexecuting_s = 100").unwrap();
        assert_eq!(
            (more.memory >> 20, more.executing.as_secs(), more.wall_clock.as_secs()),
            (2048, 100, 400)
        );
        for wrong in ["memory_mb = 511", "memory_mb = 100000", "executing_s = 4", "executing_s = 3601"] {
            let error = limits(&format!("[compile]\n{wrong}")).unwrap_err();
            assert!(error.message.contains("is not between") && error.hint.is_some(), "{error}");
        }
    }

    #[test]
    fn a_pin_is_a_whole_digest() {
        let pinned = |digest: &str| load(&format!("[adapters.a]\ndigest = {digest:?}"), &[]);
        let config = pinned(&"aB".repeat(32)).unwrap();
        assert_eq!(config.adapters["a"].pin, Some("ab".repeat(32)));
        for wrong in ["", "ab", &"ab".repeat(33), &"xy".repeat(32)] {
            let error = pinned(wrong).unwrap_err();
            assert!(error.message.contains("no SHA-256"), "{error}");
        }
    }
}
