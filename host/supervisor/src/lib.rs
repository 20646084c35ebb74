//! Supervises one run of an agent, and outlives the host that started it.
//!
//! A host starts one supervisor per run. The supervisor starts the agent, moves its output into files,
//! forwards messages to it, bounds it, and records how it ended. It needs no host for any of that. A host
//! that was killed and started again finds everything in the run folder.
//!
//! # Run folder
//!
//! Only the user can read it. Each file has one writer, which appends to it or replaces it atomically.
//!
//! | file | writer | contents |
//! |---|---|---|
//! | `launch.json` | host | how to run the agent, see [`Launch`]: without secrets, never changed |
//! | `lock` | - | locked (`flock`) by the supervisor while it lives |
//! | `told` | host | messages to the agent, appended |
//! | `control` | host | messages to the supervisor, appended: they do not wait for the agent |
//! | `bell` | host | a FIFO; a byte wakes the supervisor, which then looks at `told` and `control` |
//! | `delivered` | supervisor | one line per message that arrived or never will, appended |
//! | `stdout`, `stderr` | supervisor | the output of the agent, appended |
//! | `meta.json` | supervisor | the processes, see [`Meta`]: written once, when the agent was started |
//! | `exit` | supervisor | how the run ended, see [`Exit`]: written once |
//! | `left` | supervisor | what outlived a clean end, see [`Left`]: replaced when one ends or on a bell |
//!
//! A host may keep further files in it. Records are JSON with a `version`. A supervisor refuses a
//! `launch.json` of a newer version; it reads those of older ones.
//!
//! # Start
//!
//! [`RunFolder::create`] writes the folder; [`RunFolder::start`] executes `codewalk supervise FOLDER`,
//! whose standard input is a socket of the host, and the only descriptor it inherits. Over it the
//! supervisor receives the [`Handover`]: the whole environment of the agent and its first input. Neither is
//! ever stored. The supervisor is not a child of the host, leads its own session, and its folder is `/`. It
//! takes the lock before it reads `launch.json`, so [`RunFolder::give_up`] stops one that is late. It
//! replies when the agent runs or cannot be started; then it closes the socket.
//!
//! # State of a run
//!
//! | `lock` | `exit` | `meta.json` | the run |
//! |---|---|---|---|
//! | held | - | - | starts |
//! | held | - | exists | runs, or is being ended |
//! | held | exists | exists | has ended; the processes in `left` still run |
//! | free | exists | any | has ended, and nothing of it lives |
//! | free | - | exists | is lost: the supervisor was killed, and the system killed the agent |
//! | free | - | - | was not started; call [`RunFolder::give_up`] |
//!
//! The agent of a lost run is gone, but not what it started. `meta.json` and the environment that the host
//! chose identify that.
//!
//! # Messages
//!
//! A line of `told` or `control` names its kind and its call, and its length in front reveals whether it is
//! whole. A host that is killed while it writes leaves part of a line. The next message starts with a
//! newline, so the two never fuse, and a part is never forwarded. The supervisor forwards whole messages
//! only, in order, each once. It reads a message when the agent has read all before it, so messages that
//! wait cost no memory.
//!
//! [`Sender`] sends each call once. When a host opens it after a restart, [`Sender::has_sent`] says which
//! calls are in the files, and [`RunFolder::deliveries`] which of them have arrived: a message has arrived
//! when its last byte is in the pipe of the agent. Nothing here is synced to the disk: an agent does not
//! survive what a `write` does not survive.
//!
//! # End
//!
//! - An agent that exits with code 0 leaves its children alone. They are listed in `left`; `exit` is
//!   written at once, and the supervisor stays until they have ended. It still moves their output, and can
//!   stop them.
//! - The children of an agent that ends in another way are ended before `exit` is written.
//! - A stop is a ladder: the process group of the agent is interrupted, then the whole tree is told to
//!   terminate, then it is killed. [`LadderTimes`] says how long each step waits. SIGTERM to the supervisor
//!   is a stop too.
//! - Output above [`Limits::output`], or a disk with less free space than [`Limits::free_disk`], is a stop.
//!   The supervisor stops reading first, so the agent blocks, and the files end at the limit. The free
//!   space is checked once per 16 MiB of output.
//!
//! The supervisor adopts orphans, so it knows the tree without searching all processes, and the run is over
//! when it has no children. `sys/other.rs` lists what systems other than Linux lack.
//!
//! # Cost
//!
//! The supervisor sleeps in one `poll` without a timeout unless a stop is in progress. It must be entered
//! before anything else in `main` ([`supervise_if_requested`]); then its private memory is about 1 MB.

mod deliveries;
mod folder;
mod handover;
mod host;
mod messages;
mod records;
mod supervise;
mod sys;

pub use deliveries::Delivery;
pub use handover::Handover;
pub use host::{RunFolder, SendError, Sender, StartError, Started};
pub use messages::{Call, InvalidCall, MAX_MESSAGE};
pub use records::{Exit, ExitReason, LadderTimes, Launch, Left, LeftProcess, Limits, Meta, Process, VERSION};
pub use supervise::supervise_if_requested;
