//! Limits: `[adapters.NAME.limits]` for an adapter's calls, `[compile]` for its compilation,
//! `output_limit_mb` for the output of a run. Also `digest`, which pins an adapter.

use std::path::Path;
use std::time::Duration;

use codewalk_executor::OutputLimits;
use codewalk_sandbox::{CompileLimits, Limits};

use super::checks::invalid;
use super::file::{CompileFile, LimitsFile};
use crate::error::CommandError;

/// The maximum processor time per call, in milliseconds, because other calls wait for the processor.
const MAX_EXECUTING: u64 = 10_000;
/// The maximum duration of a call, in milliseconds, because the user is waiting.
const MAX_WALL_CLOCK: u64 = 60_000;
/// The maximum memory per call, in MiB, because calls run in parallel.
const MAX_MEMORY: u64 = 512;
const MIB: usize = 1024 * 1024;
/// The output that a run may print, in MiB.
const OUTPUT: std::ops::RangeInclusive<u64> = 1..=1024 * 1024;
/// The range of a compiler's memory limit, in MiB. The built-in adapters need the minimum.
const COMPILING_MEMORY: std::ops::RangeInclusive<u64> = 512..=64 * 1024;
/// The range of a compiler's processor time, in seconds. The built-in adapters need the minimum.
const COMPILING: std::ops::RangeInclusive<u64> = 5..=3_600;

/// Reads the limits of the output of a run.
pub(super) fn output_limits(at: &Path, mb: Option<u64>) -> Result<OutputLimits, CommandError> {
    let mut limits = OutputLimits::default();
    if let Some(mb) = mb {
        if !OUTPUT.contains(&mb) {
            let (least, most) = OUTPUT.into_inner();
            let message = format!("output_limit_mb = {mb} is not between {least} and {most}");
            return Err(invalid(at, message).with_hint("remove output_limit_mb to use the default"));
        }
        limits.output = mb * MIB as u64;
    }
    Ok(limits)
}

/// Reads the limits for compiling a component.
pub(super) fn compile_limits(at: &Path, file: &CompileFile) -> Result<CompileLimits, CommandError> {
    let within = |key: &str, value: u64, range: std::ops::RangeInclusive<u64>| {
        if range.contains(&value) {
            return Ok(value);
        }
        let (least, most) = range.into_inner();
        Err(invalid(at, format!("[compile]: {key} = {value} is not between {least} and {most}"))
            .with_hint(format!("remove {key} to use the default")))
    };
    let mut limits = CompileLimits::default();
    if let Some(value) = file.memory_mb {
        limits.memory = within("memory_mb", value, COMPILING_MEMORY)? * MIB as u64;
    }
    if let Some(value) = file.executing_s {
        limits.executing = Duration::from_secs(within("executing_s", value, COMPILING)?);
        // Compilers run at low priority, perhaps on a busy machine.
        limits.wall_clock = limits.wall_clock.max(4 * limits.executing);
    }
    Ok(limits)
}

/// Reads the limits for the calls to an adapter.
pub(super) fn limits(at: &Path, adapter: &str, file: &LimitsFile) -> Result<Limits, CommandError> {
    let within = |key: &str, value: u64, most: u64| {
        if (1..=most).contains(&value) {
            return Ok(value);
        }
        Err(invalid(at, format!("[adapters.{adapter}.limits]: {key} = {value} is not between 1 and {most}"))
            .with_hint(format!("remove {key} to use the default")))
    };
    let mut limits = Limits::default();
    if let Some(value) = file.executing_ms {
        limits.executing = Duration::from_millis(within("executing_ms", value, MAX_EXECUTING)?);
    }
    if let Some(value) = file.wall_clock_ms {
        limits.wall_clock = Duration::from_millis(within("wall_clock_ms", value, MAX_WALL_CLOCK)?);
    }
    if let Some(value) = file.memory_mb {
        let value = within("memory_mb", value, MAX_MEMORY)?;
        limits.memory = usize::try_from(value).unwrap_or(usize::MAX).saturating_mul(MIB);
    }
    Ok(limits)
}

/// Reads the digest that pins an adapter to one component.
pub(super) fn pin(at: &Path, adapter: &str, digest: String) -> Result<String, CommandError> {
    if digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(digest.to_ascii_lowercase());
    }
    Err(invalid(
        at,
        format!("[adapters.{adapter}]: digest = {digest:?} is not a SHA-256 digest in hexadecimal"),
    )
    .with_hint("`codewalk adapters check FILE` prints the digest of a file"))
}

#[cfg(test)]
mod tests {
    use crate::config::resolved::tests::load;

    #[test]
    fn limits_have_defaults_and_a_safe_range() {
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
            for invalid in [0, most + 1, u64::from(u32::MAX)] {
                let error = load(&format!("[adapters.a.limits]\n{key} = {invalid}"), &[]).unwrap_err();
                assert!(error.message.contains(key) && error.hint.is_some(), "{error}");
            }
        }
    }

    #[test]
    fn the_limits_for_compiling_can_be_set() {
        let limits = |text: &str| load(text, &[]).map(|config| config.compile);
        let default = limits("").unwrap();
        assert_eq!((default.memory >> 20, default.executing.as_secs()), (1024, 30));
        let more = limits("[compile]\nmemory_mb = 2048\nexecuting_s = 100").unwrap();
        assert_eq!(
            (more.memory >> 20, more.executing.as_secs(), more.wall_clock.as_secs()),
            (2048, 100, 400)
        );
        for invalid in ["memory_mb = 511", "memory_mb = 100000", "executing_s = 4", "executing_s = 3601"] {
            let error = limits(&format!("[compile]\n{invalid}")).unwrap_err();
            assert!(error.message.contains("is not between") && error.hint.is_some(), "{error}");
        }
    }

    #[test]
    fn a_pin_is_a_whole_digest() {
        let pinned = |digest: &str| load(&format!("[adapters.a]\ndigest = {digest:?}"), &[]);
        let config = pinned(&"aB".repeat(32)).unwrap();
        assert_eq!(config.adapters["a"].pin, Some("ab".repeat(32)));
        for invalid in ["", "ab", &"ab".repeat(33), &"xy".repeat(32)] {
            let error = pinned(invalid).unwrap_err();
            assert!(error.message.contains("is not a SHA-256 digest"), "{error}");
        }
    }
}
