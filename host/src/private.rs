//! Protects the credentials of codewalk from other programs of the same user, including agents.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Protects the memory and the environment of this process from other programs of the user, and from core
/// dumps.
///
/// `/proc` shows the initial environment of a process as long as the process exists, even if variables are
/// removed later. If the process is not dumpable, only a program that may trace every process can read it.
pub fn keep() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    // The hard limit is unchanged, so that agents can raise the limit again.
    let maximum = getrlimit(Resource::Core).maximum;
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum })?)
}

/// Lets other programs of the user read the environment of this process again. It contains no credentials,
/// and it identifies agents.
pub fn give_up() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    }
    Ok(())
}

/// Removes the credentials from the environment, which child processes inherit.
pub fn take(variables: &[String]) {
    if is_alone() {
        // SAFETY: this is the only thread, and this call does not start another one.
        unsafe { codewalk_sandbox::take_from_environment(variables) };
    } else {
        tracing::warn!("the credentials stay in the environment: other threads are running");
    }
}

/// Returns whether this is certainly the only thread of the process.
fn is_alone() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1)
}
