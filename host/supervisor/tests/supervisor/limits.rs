//! Bounds of the output.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use codewalk_supervisor::{ExitReason, Limits};

use super::support::{PROGRAM, Stage, until};

const MEGABYTE: u64 = 1024 * 1024;

#[test]
fn an_agent_that_prints_without_end_is_stopped_at_its_limit() {
    for redirection in ["", ">&2"] {
        let mut stage = Stage::new(&format!("trap '' INT; yes {redirection}"));
        stage.launch.limits = Limits { output: 40 * MEGABYTE, free_disk: 0 };
        stage.launch.ladder.interrupt_ms = 50;
        stage.start();
        let exit = stage.ended();
        assert_eq!(exit.reason, ExitReason::OutputLimit);
        assert_eq!(exit.output, 40 * MEGABYTE);
        let size = |path| fs::metadata(path).unwrap().len();
        assert_eq!(size(stage.run.stdout()) + size(stage.run.stderr()), exit.output);
    }
}

#[test]
fn an_agent_that_prints_exactly_its_limit_ends_by_itself() {
    let mut stage = Stage::new("head -c 60000 /dev/zero; head -c 40000 /dev/zero >&2");
    stage.launch.limits.output = 100_000;
    stage.start();
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.code, exit.output), (ExitReason::Ended, Some(0), 100_000));
}

#[test]
fn an_agent_is_stopped_before_its_output_fills_the_disk() {
    let mut stage = Stage::new("yes");
    stage.launch.limits = Limits { output: u64::MAX, free_disk: u64::MAX };
    stage.start();
    let exit = stage.ended();
    assert_eq!(exit.reason, ExitReason::DiskFloor);
    assert!((16 * MEGABYTE..24 * MEGABYTE).contains(&exit.output), "{exit:?}");
}

#[test]
fn few_bytes_on_a_full_disk_do_no_harm() {
    let mut stage = Stage::new("echo done");
    stage.launch.limits.free_disk = u64::MAX;
    stage.start();
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.code), (ExitReason::Ended, Some(0)));
}

#[test]
fn an_agent_is_stopped_when_its_output_cannot_be_written() {
    let stage = Stage::new("yes");
    stage.run.create(&stage.launch).unwrap();
    // Writing fails after 1 MiB.
    let program = stage.path("program");
    fs::write(&program, format!("#!/bin/sh\nulimit -f 2048\nexec {PROGRAM} \"$@\"\n")).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    until("the program can be executed", || stage.run.start(&program, &stage.handover).is_ok());
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.output), (ExitReason::DiskFloor, MEGABYTE));
}
