//! Messages reach the agent once and whole, whatever happens to hosts.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use codewalk_supervisor::{Delivery, RunFolder, SendError};
use rustix::process::{Resource, Rlimit, Signal, setrlimit};

use super::support::{Stage, call, signal, status, until};

const FOLDER: &str = "CODEWALK_TEST_RUN_FOLDER";
const NAME: &str = "CODEWALK_TEST_HOST";
const SIZE: &str = "CODEWALK_TEST_SIZE";
const MEGABYTE: usize = 1024 * 1024;

/// Returns a prompt of one line that names its call.
fn prompt(name: &str, length: usize) -> Vec<u8> {
    let mut prompt = format!("{name} \\n ").into_bytes();
    prompt.resize(length, b'x');
    prompt.extend(format!(" {name}\n").into_bytes());
    prompt
}

#[test]
fn the_first_input_comes_before_messages_and_all_is_recorded_as_delivered() {
    let mut stage = Stage::new("cat");
    stage.handover.first_input = Some((call("first"), b"first\n".to_vec()));
    stage.start();
    let mut sender = stage.sender();
    sender.input(&call("a"), b"one\n\\two\n").unwrap();
    sender.input(&call("b"), b"three").unwrap();
    sender.close_input(&call("c")).unwrap();
    assert_eq!(stage.ended().code, Some(0));
    assert_eq!(stage.stdout(), "first\none\n\\two\nthree");
    let delivered = ["first", "a", "b", "c"].map(|call| (call.to_owned(), Delivery::Delivered));
    assert_eq!(stage.deliveries(), delivered);
}

#[test]
fn a_call_is_sent_once_also_by_the_next_host() {
    let mut stage = Stage::new("cat");
    stage.start();
    let mut sender = stage.sender();
    for _ in 0..2 {
        sender.input(&call("a"), b"once\n").unwrap();
    }
    drop(sender);
    let mut sender = stage.sender();
    assert!(sender.has_sent(&call("a")) && !sender.has_sent(&call("b")));
    sender.input(&call("a"), b"twice\n").unwrap();
    sender.close_input(&call("b")).unwrap();
    stage.ended();
    assert_eq!(stage.stdout(), "once\n");
}

/// A host that sends prompts until it is killed: by another process, or by the system at a byte of the file.
/// Started by the next test.
#[test]
#[ignore = "it is a part of another test"]
fn host() {
    let (Ok(folder), Ok(name)) = (std::env::var(FOLDER), std::env::var(NAME)) else { return };
    let mut sender = RunFolder::at(folder).sender().unwrap();
    if let Some(size) = std::env::var(SIZE).ok().and_then(|size| size.parse().ok()) {
        setrlimit(Resource::Fsize, Rlimit { current: Some(size), maximum: Some(size) }).unwrap();
    }
    for number in 0.. {
        let name = format!("{name}.{number}");
        sender.input(&call(&name), &prompt(&name, MEGABYTE)).unwrap();
    }
}

#[test]
fn each_line_arrives_once_and_whole_though_100_hosts_are_killed_in_a_prompt() {
    let mut stage = Stage::new("cat > received");
    stage.start();
    let told = stage.run.path().join("told");
    let size = || fs::metadata(&told).unwrap().len();
    let mut torn = 0;
    for number in 0..100_u64 {
        // At another byte each time, most in the first prompt.
        let target = size() + 1 + number * number * 131 % (MEGABYTE as u64 + 500_000);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "messages::host"]).stdout(Stdio::null());
        command.env(FOLDER, stage.run.path()).env(NAME, format!("host-{number}"));
        if number % 2 == 0 {
            command.env(SIZE, target.to_string());
        }
        let mut host = command.spawn().unwrap();
        until("the host has written enough", || size() >= target);
        if number % 2 != 0 {
            host.kill().unwrap();
        }
        let status = host.wait().unwrap();
        assert!(matches!(status.signal(), Some(libc::SIGKILL | libc::SIGXFSZ)), "{status}");
        torn += usize::from(last_byte(&told) != b'\n');
    }
    let mut sender = stage.sender();
    sender.input(&call("last"), b"last\n").unwrap();
    sender.close_input(&call("close")).unwrap();
    assert_eq!(stage.ended().code, Some(0));
    let received = fs::read(stage.path("received")).unwrap();
    let mut delivered = stage.deliveries();
    assert_eq!(delivered.pop().unwrap().0, "close");
    assert_eq!(delivered.pop().unwrap().0, "last");
    let mut expected = Vec::new();
    for (name, delivery) in &delivered {
        assert!(*delivery == Delivery::Delivered && sender.has_sent(&call(name)), "{name}");
        expected.extend(prompt(name, MEGABYTE));
    }
    expected.extend(b"last\n");
    assert!(received == expected, "{} bytes arrived instead of {}", received.len(), expected.len());
    eprintln!("{} prompts arrived, {torn} of 100 hosts left part of one", delivered.len());
}

fn last_byte(path: &Path) -> u8 {
    *fs::read(path).unwrap().last().unwrap_or(&b'\n')
}

#[test]
fn a_prompt_torn_at_any_place_never_reaches_the_agent() {
    let mut stage = Stage::new("cat");
    stage.start();
    // As a host writes it.
    let message = r#"input torn {"text":"never\\nnever"}\n"#;
    let whole = format!("\n{:08x} {message}\n", message.len()).into_bytes();
    let mut expected = String::new();
    for length in 0..whole.len() - 1 {
        let mut told = OpenOptions::new().append(true).open(stage.run.path().join("told")).unwrap();
        told.write_all(&whole[..length]).unwrap();
        let mut sender = stage.sender();
        let line = format!("line {length}\n");
        sender.input(&call(&format!("c{length}")), line.as_bytes()).unwrap();
        expected += &line;
    }
    until("the last line has arrived", || stage.stdout().len() >= expected.len());
    assert_eq!(stage.stdout(), expected);
}

#[test]
fn messages_for_an_agent_that_does_not_read_do_not_delay_an_interrupt() {
    let mut stage = Stage::new("echo ready; exec sleep 600");
    stage.start_ready();
    let mut sender = stage.sender();
    for number in 0..20 {
        let name = format!("c{number}");
        sender.input(&call(&name), &prompt(&name, MEGABYTE)).unwrap();
    }
    // Comes after the bell for the prompts has been heard.
    sender.interrupt(&call("i")).unwrap();
    let exit = stage.ended();
    assert_eq!(exit.signal, Some(2));
    let delivered = stage.deliveries().into_iter().filter(|(_, delivery)| *delivery == Delivery::Delivered);
    assert_eq!(delivered.map(|(call, _)| call).collect::<Vec<_>>(), ["i"]);
}

#[test]
fn memory_stays_flat_while_20_megabytes_wait() {
    let mut stage = Stage::new("trap 'echo heard' INT; echo ready; while :; do sleep 600 & wait; done");
    let supervisor = stage.start_ready().supervisor.pid;
    let anonymous = || -> u64 {
        let field = status(supervisor, "RssAnon").unwrap();
        field.split(' ').next().unwrap().parse().unwrap()
    };
    let before = anonymous();
    let mut sender = stage.sender();
    for number in 0..20 {
        let name = format!("c{number}");
        sender.input(&call(&name), &prompt(&name, MEGABYTE)).unwrap();
    }
    sender.interrupt(&call("i")).unwrap();
    until("the bell was heard", || stage.stdout().contains("heard"));
    assert!(anonymous() <= before + 200, "{} kB, {before} kB before", anonymous());
    sender.stop(&call("s")).unwrap();
    signal(stage.run.meta().unwrap().unwrap().agent.pid, Signal::KILL);
    stage.ended();
}

#[test]
fn messages_to_an_agent_that_has_closed_its_input_are_reported_as_lost() {
    let mut stage = Stage::new("exec <&-; echo ready; exec sleep 600");
    stage.start_ready();
    let mut sender = stage.sender();
    sender.input(&call("a"), b"x\n").unwrap();
    sender.input(&call("b"), b"y\n").unwrap();
    let lost = ["a", "b"].map(|call| (call.to_owned(), Delivery::InputClosed));
    until("both are reported", || stage.deliveries() == lost);
    sender.stop(&call("s")).unwrap();
    assert_eq!(stage.ended().signal, Some(2));
}

#[test]
fn a_message_after_the_end_is_an_error() {
    let mut stage = Stage::new("exit 0");
    stage.start();
    stage.ended();
    let sent = stage.sender().input(&call("a"), b"x\n");
    assert!(matches!(sent, Err(SendError::Ended)), "{sent:?}");
}

#[test]
fn a_supervisor_that_does_not_answer_never_blocks_its_host() {
    let mut stage = Stage::new("cat");
    let supervisor = stage.start().supervisor.pid;
    signal(supervisor, Signal::STOP);
    let sender = stage.sender();
    // More than a FIFO holds.
    for _ in 0..70_000 {
        sender.ring().unwrap();
    }
    signal(supervisor, Signal::CONT);
    let mut sender = stage.sender();
    sender.input(&call("a"), b"heard\n").unwrap();
    sender.close_input(&call("b")).unwrap();
    stage.ended();
    assert_eq!(stage.stdout(), "heard\n");
}
