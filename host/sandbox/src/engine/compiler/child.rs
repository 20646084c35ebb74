//! The compiler process: no environment, no files except its standard streams, no network, and limits.

use std::fs;
use std::io::{self, Read, Write, stderr, stdin, stdout};
use std::path::Path;
use std::process::{ExitCode, exit};
use std::thread;

use codewalk_policy::MAX_COMPONENT_SIZE;
use rustix::process::{Resource, Rlimit, nice, setrlimit};
use wasmtime::Engine;

use super::confinement::confine;
use super::process::{FAILED, REFUSED};
use crate::engine::config::{compatibility, config};
use crate::error::reason;

/// Runs as the compiler of [`Compiler::Child`](crate::Compiler::Child). Reads the length of a component and
/// the component from standard input. Writes the compatibility digest of its engine and the machine code to
/// standard output. `reserved`, `executing`, `memory` and `niceness` follow on the command line, in this
/// order.
#[must_use]
pub fn compile_adapter(reserved: u64, executing: u64, memory: u64, niceness: i32) -> ExitCode {
    match compile(reserved, executing, memory, niceness) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CompileFailure::Refused(error)) => {
            write!(stderr(), "{}", reason(&error)).ok();
            ExitCode::from(REFUSED as u8)
        }
        Err(error @ (CompileFailure::Broke(_) | CompileFailure::Limits(_))) => {
            write!(stderr(), "{error}").ok();
            ExitCode::from(FAILED as u8)
        }
    }
}

/// Why there is no machine code.
#[derive(Debug, thiserror::Error)]
enum CompileFailure {
    #[error(transparent)]
    Refused(#[from] wasmtime::Error),
    #[error(transparent)]
    Broke(#[from] io::Error),
    #[error(transparent)]
    Limits(#[from] rustix::io::Errno),
}

fn compile(reserved: u64, executing: u64, memory: u64, niceness: i32) -> Result<(), CompileFailure> {
    close_inherited();
    // This signal identifies the soft limit.
    let limit = |limit, hard| Rlimit { current: Some(limit), maximum: Some(hard) };
    setrlimit(Resource::Cpu, limit(executing, executing.saturating_add(1)))?;
    setrlimit(Resource::As, limit(memory, memory))?;
    setrlimit(Resource::Core, limit(0, 0))?;
    // Running calls take precedence. If the priority cannot be lowered, the compiler still runs.
    nice(niceness.clamp(0, 19)).ok();
    // Confine the process before it reads the first foreign byte.
    confine()?;
    let component = component()?;
    end_with_the_parent()?;
    let engine = Engine::new(&config(reserved))?;
    let compiled = engine.precompile_component(&component)?;
    stdout().write_all(compatibility(&engine).as_bytes())?;
    stdout().write_all(&compiled)?;
    Ok(stdout().flush()?)
}

fn component() -> io::Result<Vec<u8>> {
    let mut len = [0; 8];
    stdin().read_exact(&mut len)?;
    let len = u64::from_le_bytes(len);
    if len > MAX_COMPONENT_SIZE {
        return Err(io::Error::other("the component is too large"));
    }
    let mut component = Vec::new();
    stdin().take(len).read_to_end(&mut component)?;
    Ok(component)
}

/// Ends this process when its input ends, which means that the parent process is gone.
fn end_with_the_parent() -> io::Result<()> {
    let wait = || {
        stdin().read_exact(&mut [0]).ok();
        exit(1)
    };
    thread::Builder::new().spawn(wait).map(drop)
}

/// Closes files that the parent process left open by accident.
fn close_inherited() {
    let folder = Path::new("/dev/fd");
    let Ok(open) = fs::read_dir(folder) else { return };
    let names = open.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let inherited: Vec<i32> = names.filter_map(|name| name.parse().ok()).filter(|fd| *fd > 2).collect();
    // One of the numbers belongs to the listed folder itself, which is closed by now.
    for fd in inherited.into_iter().filter(|fd| folder.join(fd.to_string()).symlink_metadata().is_ok()) {
        // SAFETY: this process has not opened any file that it still uses, so nothing in it owns this one.
        unsafe { rustix::io::close(fd) };
    }
}
