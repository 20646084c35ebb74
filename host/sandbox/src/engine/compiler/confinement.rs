//! Restricts the compiler process with a system call filter. A component that subverts the compiler has no
//! files (not even the cache key), no network, no other programs and no other processes: only its input and
//! its output.

use std::io;

/// Restricts this process to computing, memory, threads, and reading and writing its open files. Does nothing
/// if the system does not support system call filters, or codewalk has none for this processor.
#[cfg(target_os = "linux")]
pub fn confine() -> io::Result<()> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    let Ok(processor) = TargetArch::try_from(std::env::consts::ARCH) else { return Ok(()) };
    // Answers as if the system did not have them: the C library then starts threads in the older way, whose
    // arguments are checked.
    let refused = SeccompAction::Errno(u32::from(libc::ENOSYS.unsigned_abs() as u16));
    let apply = || -> Result<(), seccompiler::Error> {
        let filter = SeccompFilter::new(linux::rules()?, refused, SeccompAction::Allow, processor)?;
        seccompiler::apply_filter_all_threads(&BpfProgram::try_from(filter)?)
    };
    apply().map_err(io::Error::other)
}

/// Does nothing, because this system has no such filter.
#[cfg(not(target_os = "linux"))]
pub fn confine() -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use seccompiler::{BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

    /// System calls that are harmless with any arguments.
    const HARMLESS: [i64; 36] = [
        libc::SYS_brk,
        libc::SYS_clock_getres,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_fstat,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_getrusage,
        libc::SYS_gettid,
        libc::SYS_gettimeofday,
        libc::SYS_lseek,
        libc::SYS_madvise,
        libc::SYS_membarrier,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_nanosleep,
        libc::SYS_ppoll,
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_restart_syscall,
        libc::SYS_rseq,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_set_robust_list,
        libc::SYS_set_tid_address,
        libc::SYS_sigaltstack,
        libc::SYS_sysinfo,
        libc::SYS_write,
        libc::SYS_writev,
    ];

    /// Returns the allowed system calls. A call needs to match only one rule.
    pub(super) fn rules() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = HARMLESS.map(|call| (call, Vec::new())).into();
        let only = |argument, value: u64, op| {
            SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, op, value)?])
        };
        let bits = |flags: libc::c_int| u64::from(flags.unsigned_abs());
        // Machine code is created here and never executed.
        let is_data = || only(2, 0, SeccompCmpOp::MaskedEq(bits(libc::PROT_EXEC)));
        for call in [libc::SYS_mmap, libc::SYS_mprotect] {
            rules.insert(call, vec![is_data()?]);
        }
        // Threads, but no processes.
        let thread = bits(libc::CLONE_THREAD);
        rules.insert(libc::SYS_clone, vec![only(0, thread, SeccompCmpOp::MaskedEq(thread))?]);
        // Signals only to this process, as when it aborts.
        let own = u64::from(std::process::id());
        rules.insert(libc::SYS_tgkill, vec![only(0, own, SeccompCmpOp::Eq)?]);
        // Names of threads and of memory.
        let named = [libc::PR_SET_NAME, libc::PR_SET_VMA].map(|what| only(0, bits(what), SeccompCmpOp::Eq));
        rules.insert(libc::SYS_prctl, named.into_iter().collect::<Result<_, _>>()?);
        Ok(rules)
    }
}
