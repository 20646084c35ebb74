//! A compiler program for the tests, like the subcommand of codewalk. It can also try to escape its
//! confinement.

use std::fs;
use std::io;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, ExitCode};
use std::thread;

use codewalk_sandbox::{COMPILE_ADAPTER, compile_adapter, confine};
use rustix::process::{Pid, test_kill_process};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    match (args.first().map(String::as_str), &*numbers) {
        (Some(COMPILE_ADAPTER), &[reserved, executing, memory, niceness]) => {
            compile_adapter(reserved, executing, memory, i32::try_from(niceness).unwrap_or_default())
        }
        (Some(how @ ("free" | "confined")), _) if args.len() == 3 => {
            let parent = rustix::process::getppid();
            if how == "confined" && confine().is_err() {
                return ExitCode::FAILURE;
            }
            try_all(&args[1], &args[2], parent);
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

/// Tries forbidden and necessary operations, and prints each result.
fn try_all(key: &str, port: &str, parent: Option<Pid>) {
    let said = |what: &str, done: io::Result<()>| {
        println!("{what} {}", if done.is_ok() { "done" } else { "refused" });
    };
    said("read", fs::read(key).map(drop));
    said("write", fs::write(key, "changed"));
    said("folder", fs::read_dir("/").map(drop));
    said("tcp", TcpStream::connect(format!("127.0.0.1:{port}")).map(drop));
    said("udp", UdpSocket::bind("127.0.0.1:0").map(drop));
    said("unix", UnixDatagram::unbound().map(drop));
    said("program", Command::new("/bin/true").status().map(drop));
    let parent = parent.ok_or_else(|| io::Error::other("there is none"));
    said("signal", parent.and_then(|parent| test_kill_process(parent).map_err(Into::into)));
    said("thread", thread::Builder::new().spawn(|| ()).map(drop));
    said("memory", Vec::<u8>::new().try_reserve(64 << 20).map_err(|_| io::Error::other("no")));
}
