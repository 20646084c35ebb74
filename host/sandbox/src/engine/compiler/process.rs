//! Compiles components in a child process.
//!
//! The limits for guests do not cover compilation, and a component can be crafted to take minutes and all
//! memory. A process can be limited and killed, and a compiler crash affects only that process. It has no
//! files and no network (`confinement`), so it does not have the cache key either: this process authenticates
//! its output.

use std::num::NonZero;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::thread::available_parallelism;

use codewalk_policy::{CompileLimits, MAX_REASON, text};
use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::engine::compile_queue::Maker;
use crate::error::Problem;

/// The command line argument that makes a program call [`compile_adapter`](crate::compile_adapter).
pub const COMPILE_ADAPTER: &str = "compile-adapter";

/// Where components are compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Compiler {
    /// In this process. Only the size of a component is bounded.
    #[default]
    InProcess,
    /// In a child process.
    Child {
        /// The program, which must call [`compile_adapter`](crate::compile_adapter) with the four numbers
        /// that follow [`COMPILE_ADAPTER`] on its command line.
        program: PathBuf,
        /// The compiler's limits.
        limits: CompileLimits,
    },
}

impl Compiler {
    pub(crate) const fn limits(&self) -> Option<CompileLimits> {
        match self {
            Self::InProcess => None,
            Self::Child { limits, .. } => Some(*limits),
        }
    }
}

/// Compiles a component in another process. Blocks.
pub(crate) fn compiled_by(
    program: &Path,
    limits: CompileLimits,
    maker: Maker,
    reserved: u64,
    compatibility: &str,
    bytes: &[u8],
    threads: &Handle,
) -> Result<Vec<u8>, Problem> {
    let mut command = Command::new(program);
    command.arg(COMPILE_ADAPTER).arg(reserved.to_string());
    command.arg(limits.executing.as_secs().to_string()).arg(limits.memory.to_string());
    command.arg(maker.niceness().to_string());
    let component = bytes.to_vec();
    let (sender, receiver) = std::sync::mpsc::channel();
    // Not on this thread, which may belong to a runtime that must not block.
    threads.spawn(async move { sender.send(compile(command, limits, component).await) });
    let mut compiled = receiver.recv().unwrap_or_else(|_| Err(no_compiler("it was abandoned")))?;
    // The program may have been replaced by another version, which is not the component's fault.
    if !compiled.starts_with(compatibility.as_bytes()) {
        return Err(no_compiler("another version of codewalk runs as the compiler"));
    }
    drop(compiled.drain(..compatibility.len()));
    Ok(compiled)
}

async fn compile(
    mut command: Command,
    limits: CompileLimits,
    component: Vec<u8>,
) -> Result<Vec<u8>, Problem> {
    command.env_clear().current_dir("/").kill_on_drop(true);
    // Each thread and each heap reserves address space, which is limited.
    let threads = available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    command.env("RAYON_NUM_THREADS", threads.to_string()).env("MALLOC_ARENA_MAX", "2");
    // Terminal signals must not reach the compiler. It ends when its input does.
    command.process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = command.as_std().get_program().to_owned();
    let failed = |error: std::io::Error| no_compiler(&format!("{}: {error}", program.display()));
    let mut child = command.spawn().map_err(failed)?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(no_compiler("it has no standard streams"));
    };
    let work = async {
        let give = async {
            // If the compiler does not read everything, its exit status says why.
            stdin.write_all(&(component.len() as u64).to_le_bytes()).await.ok();
            stdin.write_all(&component).await.ok();
            // The compiler ends when its input does, so it never outlives this process.
            stdin
        };
        let (_stdin, compiled, said) = tokio::join!(
            give,
            read(stdout, limits.output.saturating_add(1)),
            read(stderr, MAX_REASON as u64)
        );
        // The rest of the output was not read, so the exit status means nothing.
        if compiled.as_ref().is_ok_and(|compiled| compiled.len() as u64 > limits.output) {
            return Err(Problem::CompileLimit {
                what: format!("{} bytes for its machine code", limits.output),
            });
        }
        let status = child.wait().await.map_err(failed)?;
        let said = String::from_utf8_lossy(&said.map_err(failed)?).into_owned();
        ended(status, &said, limits)?;
        compiled.map_err(failed)
    };
    let too_long = Problem::CompileLimit { what: format!("{} s", limits.wall_clock.as_secs_f32()) };
    timeout(limits.wall_clock, work).await.unwrap_or(Err(too_long))
}

async fn read(from: impl AsyncRead + Unpin, max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(max).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Interprets a compiler's exit status.
fn ended(status: ExitStatus, message: &str, limits: CompileLimits) -> Result<(), Problem> {
    let message = text::line(message.trim(), MAX_REASON);
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(REFUSED), _) => Err(Problem::Compile { reason: message }),
        (None, Some(signal)) if signal == Signal::XCPU.as_raw() => {
            Err(Problem::CompileLimit { what: format!("{} s of processor time", limits.executing.as_secs()) })
        }
        // The compiler aborts if it cannot get memory.
        (None, Some(signal)) if signal == Signal::ABORT.as_raw() && message.contains("memory allocation") => {
            Err(Problem::CompileLimit { what: format!("{} bytes of memory", limits.memory) })
        }
        (None, Some(signal)) if KILLING.iter().any(|killing| killing.as_raw() == signal) => {
            Err(Problem::CompilerKilled { reason: status.to_string() })
        }
        // The system refused a resource to the compiler. The component is not the cause.
        (Some(FAILED | NOT_KNOWN), _) => Err(no_compiler(&message)),
        _ => Err(Problem::CompilerBroke { reason: text::line(&format!("{status} {message}"), MAX_REASON) }),
    }
}

/// The maximum number of threads of one compilation.
const MOST_THREADS: usize = 4;

/// Exit status: the component is invalid.
pub(super) const REFUSED: i32 = 3;

/// Exit status: the compiler could not run.
pub(super) const FAILED: i32 = 1;

/// Exit status: unknown arguments, for example from another version of codewalk.
const NOT_KNOWN: i32 = 2;

/// Signals that users and systems send to end a process.
const KILLING: [Signal; 5] = [Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT];

fn no_compiler(reason: &str) -> Problem {
    Problem::NoCompiler { reason: text::line(reason, MAX_REASON) }
}
