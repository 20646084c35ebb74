//! What a silent agent costs.

use super::support::{Stage, call, status, until};

/// Returns how often a process was scheduled.
fn switches(pid: u32) -> u64 {
    let fields = ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"];
    fields.map(|field| status(pid, field).unwrap().parse::<u64>().unwrap()).iter().sum()
}

/// Returns whether a process sleeps, and has slept between two looks.
fn rests(pid: u32) -> bool {
    let before = switches(pid);
    std::thread::sleep(std::time::Duration::from_millis(20));
    switches(pid) == before && status(pid, "State").unwrap().starts_with('S')
}

#[test]
fn a_supervisor_does_not_wake_up_while_its_agent_is_silent() {
    // The second one has closed its output: nothing may spin on that.
    for script in
        ["echo ready; cat", "echo ready; exec >&- 2>&-; cat > /dev/null", "echo ready; exec <&-; sleep 600"]
    {
        let mut stage = Stage::new(script);
        let supervisor = stage.start_ready().supervisor.pid;
        if script.contains("sleep") {
            stage.sender().input(&call("a"), b"lost\n").unwrap();
            until("it is lost", || !stage.deliveries().is_empty());
        }
        until("it rests", || rests(supervisor));
        let before = switches(supervisor);
        // Another run, from start to end.
        let mut other = Stage::new("i=0; while [ $i -lt 30 ]; do echo $i; sleep 0.01; i=$((i+1)); done");
        other.start();
        assert_eq!(other.ended().code, Some(0));
        assert_eq!(switches(supervisor), before, "{script}");
    }
}

#[test]
fn a_supervisor_holds_less_than_1_5_megabytes() {
    let mut stage = Stage::new("echo ready; cat");
    for number in 0..200 {
        stage.handover.set(format!("VARIABLE_{number}"), "x".repeat(500));
    }
    stage.handover.first_input = Some((call("first"), vec![b'x'; 1024 * 1024]));
    let supervisor = stage.start_ready().supervisor.pid;
    until("the first input has arrived", || !stage.deliveries().is_empty());
    until("it rests", || rests(supervisor));
    // All private dirty pages, but not those of a program that was built a moment ago and is not on the disk.
    let private = status(supervisor, "RssAnon").unwrap();
    eprintln!("{private}");
    assert!(private.strip_suffix(" kB").unwrap().parse::<u32>().unwrap() <= 1536, "{private}");
}
