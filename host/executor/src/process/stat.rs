//! Facts about a process from `/proc`.

use codewalk_core::time::Timestamp;

/// Facts about a process.
#[derive(Clone, Copy)]
pub(super) struct Stat {
    pub(super) zombie: bool,
    pub(super) parent: u32,
    pub(super) group: u32,
    pub(super) started_ticks: u64,
}

pub(super) fn stat(pid: u32) -> Option<Stat> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // The name may contain anything, also closing brackets. The fields after it start with the third.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    Some(Stat {
        zombie: matches!(*fields.first()?, "Z" | "X"),
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        started_ticks: fields.get(19)?.parse().ok()?,
    })
}

/// Returns when a living process started.
pub(crate) fn start_time(pid: u32) -> Option<Timestamp> {
    let stat = stat(pid).filter(|stat| !stat.zombie)?;
    let system = std::fs::read_to_string("/proc/stat").ok()?;
    let boot: u64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let ticks = rustix::param::clock_ticks_per_second();
    Some(Timestamp(boot * 1000 + stat.started_ticks * 1000 / ticks))
}
