//! Stops: after one, nothing of the run lives.

use codewalk_supervisor::{Delivery, ExitReason, LadderTimes};
use rustix::process::Signal;

use super::support::{Stage, call, lives, signal, until};

#[test]
fn a_stop_ends_an_agent_and_a_grandchild_that_ignore_every_polite_signal() {
    // The grandchild was forked twice, leads its own session and has no environment.
    let script = r#"trap '' INT TERM HUP
        env -i DIR="$DIR" /bin/sh -c \
            '(setsid /bin/sh -c "echo \$\$ > \$DIR/grandchild; exec env -i sleep 600" &)'
        echo ready
        while :; do sleep 600; done"#;
    let mut stage = Stage::new(script);
    stage.launch.ladder = LadderTimes { interrupt_ms: 50, terminate_ms: 50 };
    let agent = stage.start_ready().agent.pid;
    let grandchild = stage.pid("grandchild");
    assert!(lives(grandchild));
    stage.sender().stop(&call("s")).unwrap();
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.code, exit.signal), (ExitReason::Stopped, None, Some(9)));
    assert!(!lives(agent) && !lives(grandchild));
    assert_eq!(stage.deliveries(), [("s".to_owned(), Delivery::Delivered)]);
}

#[test]
fn a_stop_interrupts_first_and_ends_the_rest_at_once() {
    let script = "trap 'echo interrupted; exit 5' INT
        setsid sleep 600 & echo $! > child
        echo ready; wait";
    let mut stage = Stage::new(script);
    stage.start_ready();
    let child = stage.pid("child");
    stage.sender().stop(&call("s")).unwrap();
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.code), (ExitReason::Stopped, Some(5)));
    assert_eq!(stage.stdout(), "ready\ninterrupted\n");
    assert!(!lives(child));
}

#[test]
fn a_stop_terminates_what_an_interrupt_does_not_end() {
    let script = "trap 'echo interrupted' INT; trap 'echo terminated; exit 6' TERM
        echo ready; while :; do sleep 600 & wait; done";
    let mut stage = Stage::new(script);
    stage.launch.ladder.interrupt_ms = 50;
    stage.start_ready();
    stage.sender().stop(&call("s")).unwrap();
    assert_eq!(stage.ended().code, Some(6));
    assert_eq!(stage.stdout(), "ready\ninterrupted\nterminated\n");
}

#[test]
fn an_interrupt_reaches_the_agent_and_does_not_end_the_run() {
    let script = "trap 'echo interrupted' INT; echo ready; while :; do sleep 600 & wait; done";
    let mut stage = Stage::new(script);
    stage.start_ready();
    let mut sender = stage.sender();
    sender.interrupt(&call("i")).unwrap();
    until("it is interrupted", || stage.stdout().contains("interrupted"));
    sender.stop(&call("s")).unwrap();
    until("it is interrupted again", || stage.stdout().matches("interrupted").count() == 2);
    assert!(stage.run.is_alive().unwrap());
    signal(stage.run.meta().unwrap().unwrap().agent.pid, Signal::KILL);
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.signal), (ExitReason::Stopped, Some(9)));
}

#[test]
fn a_supervisor_that_is_told_to_terminate_stops_its_run() {
    let mut stage = Stage::new("echo ready; exec sleep 600");
    let supervisor = stage.start_ready().supervisor.pid;
    // A terminal that hangs up does not matter.
    signal(supervisor, Signal::HUP);
    signal(supervisor, Signal::TERM);
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.signal), (ExitReason::Stopped, Some(2)));
}

#[test]
fn a_stop_ends_a_tree_that_grows_while_it_is_ended() {
    // Each process starts another one when it is told to terminate.
    let script = r#"cat > grow <<'END'
trap 'sh grow & wait' TERM
echo ready
while :; do sleep 600 & wait; done
END
        trap '' INT
        sh grow & sh grow & wait; while :; do sleep 600; done"#;
    let mut stage = Stage::new(script);
    stage.launch.ladder = LadderTimes { interrupt_ms: 50, terminate_ms: 200 };
    stage.start();
    until("both are ready", || stage.stdout().matches("ready").count() == 2);
    stage.sender().stop(&call("s")).unwrap();
    assert_eq!(stage.ended().reason, ExitReason::Stopped);
    assert!(stage.run.left().unwrap().processes.is_empty());
    let own = stage.path("").to_string_lossy().into_owned();
    let marked = format!("DIR={}", own.trim_end_matches('/'));
    assert_eq!(processes_with(&marked), Vec::<u32>::new());
}

#[test]
fn a_stop_ends_processes_that_keep_replacing_themselves() {
    // A look at the tree misses some of them: each starts the next one and ends.
    let script = r#"cat > hop <<'END'
trap '' INT TERM
[ $1 -gt 0 ] || { echo > survived; exit; }
/bin/sh hop $(($1 - 1)) &
END
        trap '' INT TERM
        for i in 1 2 3 4 5 6 7 8 9 10; do /bin/sh hop 3000 & done
        echo ready; while :; do sleep 600; done"#;
    let mut stage = Stage::new(script);
    stage.launch.ladder = LadderTimes { interrupt_ms: 10, terminate_ms: 10 };
    stage.start_ready();
    stage.sender().stop(&call("s")).unwrap();
    assert_eq!(stage.ended().signal, Some(9));
    assert!(!stage.path("survived").exists(), "they were not ended");
}

/// Returns the living processes with a variable in their environment.
fn processes_with(variable: &str) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let carries = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
    };
    pids.filter(carries).collect()
}
