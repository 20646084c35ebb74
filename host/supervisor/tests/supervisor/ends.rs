//! How runs end by themselves.

use std::fs;
use std::time::{Duration, Instant};

use codewalk_supervisor::ExitReason;
use rustix::process::Signal;

use super::support::{Stage, call, lives, signal, until};

#[test]
fn the_exit_says_how_and_when_an_agent_ended_and_what_it_used() {
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; printf out; printf err >&2; exit 3";
    let mut stage = Stage::new(script);
    let started = stage.start();
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.code, exit.signal), (ExitReason::Ended, Some(3), None));
    assert_eq!((stage.stdout().as_str(), exit.output), ("out", 6));
    assert_eq!(fs::read(stage.run.stderr()).unwrap(), b"err");
    assert_eq!(exit.started_at, Some(started.agent.started_at));
    // The start is known to a clock tick.
    assert!(exit.ended_at + 1_000 > started.agent.started_at, "{exit:?}");
    assert!((100_000..1_000_000_000).contains(&exit.peak_memory), "{exit:?}");
    assert!((1..60_000).contains(&exit.cpu_ms), "{exit:?}");
}

#[test]
fn all_output_is_in_the_files_before_the_exit_is() {
    let mut stage = Stage::new("head -c 3000000 /dev/zero; head -c 60000 /dev/zero >&2");
    stage.start();
    assert_eq!(stage.ended().output, 3_060_000);
    assert_eq!(fs::metadata(stage.run.stdout()).unwrap().len(), 3_000_000);
    assert_eq!(fs::metadata(stage.run.stderr()).unwrap().len(), 60_000);
}

#[test]
fn an_agent_dies_with_its_supervisor_and_the_run_is_lost() {
    let mut stage = Stage::new("trap '' INT TERM HUP; echo ready; while :; do sleep 1; done");
    let started = stage.start_ready();
    let killed = Instant::now();
    signal(started.supervisor.pid, Signal::KILL);
    until("the agent is gone", || !lives(started.agent.pid));
    eprintln!("the agent was gone after {:?}", killed.elapsed());
    assert!(killed.elapsed() < Duration::from_secs(20));
    until("the lock is free", || !stage.run.is_alive().unwrap());
    assert_eq!(stage.run.exit().unwrap(), None);
    assert_eq!(stage.run.meta().unwrap().unwrap().agent, started.agent);
}

#[test]
fn a_process_that_outlives_a_clean_end_is_listed_and_can_be_stopped() {
    let mut stage = Stage::new("sleep 600 & echo $! > child; exit 0");
    stage.start();
    let child = stage.pid("child");
    until("the end is recorded", || stage.run.exit().unwrap().is_some());
    let exit = stage.run.exit().unwrap().unwrap();
    assert_eq!((exit.reason, exit.code), (ExitReason::Ended, Some(0)));
    assert!(stage.run.is_alive().unwrap() && lives(child));
    let mut sender = stage.sender();
    let listed = || -> Vec<(u32, String)> {
        let processes = stage.run.left().unwrap().processes;
        processes.into_iter().map(|left| (left.process.pid, left.name)).collect()
    };
    // At first it may not have executed its program.
    until("it is listed", || {
        sender.ring().unwrap();
        listed() == [(child, "sleep".to_owned())]
    });
    sender.stop(&call("s")).unwrap();
    assert_eq!(stage.ended(), exit, "the exit is that of the agent");
    assert!(!lives(child));
    assert!(stage.run.left().unwrap().processes.is_empty());
}

#[test]
fn the_list_follows_what_outlives_an_agent_until_nothing_does() {
    let script = "sleep 600 & echo $! > one; (sleep 600; echo late) & echo $! > two; exit 0";
    let mut stage = Stage::new(script);
    stage.start();
    let (one, two) = (stage.pid("one"), stage.pid("two"));
    let listed =
        || -> Vec<u32> { stage.run.left().unwrap().processes.iter().map(|left| left.process.pid).collect() };
    let sender = stage.sender();
    until("all three are listed", || {
        sender.ring().unwrap();
        listed().len() == 3
    });
    signal(one, Signal::KILL);
    until("two are left", || listed().len() == 2 && listed().contains(&two));
    let sleep = *listed().iter().find(|pid| **pid != two).unwrap();
    // Its shell prints now: the supervisor still moves output.
    signal(sleep, Signal::KILL);
    stage.ended();
    assert_eq!(stage.stdout(), "late\n");
    assert!(!stage.run.path().join("left").exists());
}

#[test]
fn an_agent_that_crashes_takes_its_children_along() {
    for (crash, code, by) in [("kill -SEGV $$", None, Some(11)), ("exit 1", Some(1), None)] {
        let script = format!("setsid sleep 600 & echo $! > child; {crash}");
        let mut stage = Stage::new(&script);
        stage.start();
        let child = stage.pid("child");
        let exit = stage.ended();
        assert_eq!((exit.reason, exit.code, exit.signal), (ExitReason::Ended, code, by), "{crash}");
        assert!(!lives(child), "{crash}");
    }
}

#[test]
fn an_agent_that_closes_its_output_is_watched_on() {
    let mut stage = Stage::new("exec >&- 2>&-; echo x > closed; cat > input; exit 7");
    stage.start();
    until("it has closed its output", || stage.path("closed").exists());
    let mut sender = stage.sender();
    sender.input(&call("a"), b"still here\n").unwrap();
    sender.close_input(&call("b")).unwrap();
    assert_eq!(stage.ended().code, Some(7));
    assert_eq!(fs::read(stage.path("input")).unwrap(), b"still here\n");
}

#[test]
fn the_end_is_recorded_as_soon_as_that_is_possible() {
    let mut stage = Stage::new("cat; exit 4");
    stage.start();
    // Like a full disk: the record cannot be written.
    let obstacle = stage.run.path().join("exit.new");
    fs::remove_file(&obstacle).unwrap();
    fs::create_dir(&obstacle).unwrap();
    let agent = stage.run.meta().unwrap().unwrap().agent.pid;
    stage.sender().close_input(&call("a")).unwrap();
    until("the agent is gone", || !lives(agent));
    fs::remove_dir(&obstacle).unwrap();
    assert_eq!(stage.ended().code, Some(4));
}
