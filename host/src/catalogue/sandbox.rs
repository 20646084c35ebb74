//! The sandbox that adapters run in.

use codewalk_sandbox::{
    CachePaths, CompileLimits, Compiler, Limits, Recorder, Sandbox, SandboxConfig, SandboxError,
};

use super::registry::{UNUSABLE_FOLDER, registry};
use crate::config::{Config, executable};
use crate::error::{CommandError, ErrorKind};

/// Creates the sandbox.
pub fn sandbox(config: &Config) -> Result<Sandbox, CommandError> {
    create(settings(config), config.compile)
}

/// Creates a sandbox that stores nothing: no compiled code and no registry.
pub fn empty_sandbox(compile: CompileLimits) -> Result<Sandbox, CommandError> {
    create(SandboxConfig::default(), compile)
}

/// Creates a sandbox, which records the calls to its adapters if configured to do so.
pub fn recording_sandbox(config: &Config) -> Result<Sandbox, CommandError> {
    let settings = SandboxConfig { recorder: config.recording.then(|| recorder(config)), ..settings(config) };
    create(settings, config.compile)
}

/// Returns the recorder of adapter calls.
pub fn recorder(config: &Config) -> Recorder {
    Recorder::new(config.paths.sessions(), config.paths.utterances())
}

fn settings(config: &Config) -> SandboxConfig {
    SandboxConfig {
        cache: Some(CachePaths {
            folder: config.paths.components(),
            key: config.paths.state.join("component-cache.key"),
        }),
        limits: maxima(config),
        // `doctor` reports why the folder cannot be used.
        registry: registry(config).is_ok().then(|| config.paths.adapters()),
        uplink: config.uplink.clone(),
        trusted: config.trusted_keys.clone(),
        ..SandboxConfig::default()
    }
}

/// Creates a sandbox whose compiler is this program, run as a child process.
fn create(settings: SandboxConfig, limits: CompileLimits) -> Result<Sandbox, CommandError> {
    let program = executable()?;
    let compiler = Compiler::Child { program, limits };
    Sandbox::new(SandboxConfig { compiler, ..settings }).map_err(|error| {
        let hint = match &error {
            SandboxError::Registry(_) => UNUSABLE_FOLDER,
            _ => "close other programs and try again",
        };
        CommandError::caused_by(ErrorKind::Adapter, error).with_hint(hint)
    })
}

/// Returns the maximum limits over all adapters, which the sandbox must support.
fn maxima(config: &Config) -> Limits {
    let all = config.adapters.values().map(|adapter| adapter.limits);
    all.fold(Limits::default(), |max, limits| Limits {
        executing: max.executing.max(limits.executing),
        wall_clock: max.wall_clock.max(limits.wall_clock),
        memory: max.memory.max(limits.memory),
    })
}
