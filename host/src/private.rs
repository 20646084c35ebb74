//! What keeps the credentials of codewalk from other programs of the same user, the agents among them.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Keeps the memory and the environment of this process from other programs of the user, and out of core files.
///
/// What an environment held when the process began can be read in `/proc` for as long as it lives, whatever is removed
/// from it later. Of a process that is not dumpable, nobody without the right to trace every process can read that.
pub fn keep() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    // Agents may raise it again.
    let maximum = getrlimit(Resource::Core).maximum;
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum })?)
}

/// Lets other programs of the user read the environment of this process again: it holds no credentials, and agents are
/// found by it.
pub fn give_up() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    }
    Ok(())
}

/// Takes the credentials out of the environment, which whatever is started inherits.
pub fn take(variables: &[String]) {
    if is_alone() {
        // SAFETY: this is the only thread, and nothing that it does here starts another one.
        unsafe { codewalk_sandbox::take_from_environment(variables) };
    } else {
        tracing::warn!("the credentials stay in the environment: other threads run already");
    }
}

/// Returns whether this is the only thread of the process, for certain.
fn is_alone() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1)
}
