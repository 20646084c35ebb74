//! Adapter errors. Each message names the adapter and the remedy.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use codewalk_core::port_reply::PortError;

use codewalk_policy::{
    CredentialError, Denial, ExposureError, GrantRequest, IMPORTS, MAX_REASON, ManifestError, OutlineError,
    UnknownCredential, World, short_digest, text,
};

use tokio::task::JoinError;

use super::registry::RegistryError;

/// For an invalid answer from an adapter or its service.
const UNUSABLE_ANSWER: &str = "gave an answer that cannot be used";

/// An adapter that did not answer, and the reason.
#[derive(Debug, thiserror::Error)]
#[error("the adapter \"{adapter}\" {problem}")]
pub(crate) struct AdapterError {
    pub(crate) adapter: String,
    pub(crate) problem: Problem,
}

/// A problem with an adapter or with one of its calls. Messages continue "the adapter NAME ...".
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Its file does not exist.
    #[error("does not exist: no file {path:?}; build it, or correct the path in the configuration")]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// Its file cannot be read.
    #[error("cannot be read from {path:?}: {error}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The system's error.
        #[source]
        error: io::Error,
    },
    /// Other users can change its file.
    #[error("is not used: {0}; or pin it with digest in its table")]
    Exposed(#[from] ExposureError),
    /// It is larger than any adapter may be.
    #[error("is too large: {size} bytes, at most {max} are loaded; build it optimised for size and stripped")]
    TooLarge {
        /// Its size in bytes, or the number of bytes read so far.
        size: u64,
        /// The maximum size.
        max: u64,
    },
    /// It is machine code, which cannot be sandboxed.
    #[error("is precompiled machine code (.cwasm), which is never accepted; use its .wasm file")]
    Precompiled,
    /// It is a module, not a component.
    #[error(
        "is a core WebAssembly module, not a component; turn it into one with `cargo xtask component DIR` or \
         `wasm-tools component new`"
    )]
    CoreModule,
    /// It is neither a component nor a module.
    #[error("is not a WebAssembly component: it has no header of a component or module")]
    NotAComponent,
    /// It is truncated or damaged, or uses disabled features.
    #[error("does not compile: {reason}")]
    Compile {
        /// The compiler's error.
        reason: String,
    },
    /// Compiling it exceeds a limit.
    #[error("needs more than {what} to compile; build it smaller, or allow more in [compile]")]
    CompileLimit {
        /// The limit that was exceeded.
        what: String,
    },
    /// An earlier attempt to compile it failed.
    #[error("{reason} (from an earlier attempt; run `codewalk adapters check` with its file to try again)")]
    NotCompiled {
        /// The reason given at that time.
        reason: String,
    },
    /// It crashed the compiler.
    #[error("crashes the compiler: {reason}; please report it with the component")]
    CompilerBroke {
        /// How the compiler ended.
        reason: String,
    },
    /// Another process killed the compiler, or the system ran out of memory.
    #[error("is not compiled: the compiler was killed ({reason})")]
    CompilerKilled {
        /// How the compiler ended.
        reason: String,
    },
    /// The compiler cannot run.
    #[error("cannot be compiled: {reason}; if codewalk was moved or upgraded, start it again")]
    NoCompiler {
        /// The reason.
        reason: String,
    },
    /// It implements another world.
    #[error(
        "is not a {}: it does not export {}, which the world {world} requires; it exports {}",
        world.kind(), world.export(), listed(exports)
    )]
    MissingExport {
        /// The required world.
        world: World,
        /// What it exports instead.
        exports: Vec<String>,
    },
    /// It imports unknown interfaces.
    #[error(
        "imports {}, which adapters cannot import; adapters may import {} and WASI 0.2: build it against \
         those, for example for wasm32-unknown-unknown with `cargo xtask component DIR`",
        listed(imports), IMPORTS.join(", ")
    )]
    UnknownImports {
        /// The unknown interfaces.
        imports: Vec<String>,
    },
    /// Its exports have the wrong types.
    #[error("was built for another version of {world}: {reason}; rebuild it with this version's wit/ folder")]
    WrongTypes {
        /// The required world.
        world: World,
        /// Where the types differ.
        reason: String,
    },
    /// Its manifest is invalid.
    #[error("has an invalid manifest: {0}")]
    Manifest(#[from] ManifestError),
    /// Its manifest names another world.
    #[error("is not a {}: its manifest says that it is a {}", used_as.kind(), made_for.kind())]
    MadeFor {
        /// The world in its manifest.
        made_for: World,
        /// The world that it is used for.
        used_as: World,
    },
    /// The configuration pins another component.
    #[error("is not the pinned component: its digest is {digest}, [adapters.{name}] has digest = {pin:?}")]
    Pinned {
        /// Its name.
        name: String,
        /// Its digest.
        digest: String,
        /// The pinned digest.
        pin: String,
    },
    /// It requests more than it was granted.
    #[error(
        "requests permission to send: {}; see `codewalk adapters show {name}`, and grant it with \
         `codewalk adapters approve {name}`",
        requests.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    WaitsForApproval {
        /// Its name.
        name: String,
        /// The requests that were not granted.
        requests: Vec<GrantRequest>,
    },
    /// It was approved for a credential that is not configured. The adapter itself named the server, so the
    /// message does not suggest adding a key.
    #[error(
        "asks for the credential {name:?} at {server}, but no such credential is configured for that server"
    )]
    UnknownCredential {
        /// The name of the credential.
        name: String,
        /// The server that would receive it.
        server: String,
    },
    /// It failed the trial call before its first use.
    #[error("failed its trial call: it {0}")]
    Unfit(Box<Problem>),
    /// It failed earlier and was rolled back.
    #[error(
        "was rolled back ({}) and is not used again; `codewalk adapters add` takes it back",
        short_digest(digest)
    )]
    RolledBack {
        /// Its digest.
        digest: String,
    },
    /// Its entry in the registry cannot be read.
    #[error("cannot be used: {0}")]
    Registry(#[from] RegistryError),
    /// A credential that it may use is missing.
    #[error("cannot be used: {0}")]
    Credential(#[from] CredentialError),
    /// It may send requests, but the HTTP client cannot start.
    #[error("cannot use the network: {reason}; check the system's certificates")]
    NoClient {
        /// The error of the HTTP client.
        reason: String,
    },
    /// It gave up because a request was denied. The message is from the host, not from the guest.
    #[error("{0}")]
    Denied(Box<Denial>),
    /// It trapped.
    #[error("stopped with an error: {reason}")]
    Trapped {
        /// The engine's error.
        reason: String,
    },
    /// It trapped after a request failed, as guests built with other tools often do.
    #[error("stopped with an error: {reason}")]
    TrappedAfterRequest {
        /// The engine's error.
        reason: String,
    },
    /// It executed for too long.
    #[error("computed for more than {} ms and was stopped", budget.as_millis())]
    OutOfBudget {
        /// The execution limit.
        budget: Duration,
    },
    /// An earlier attempt to load it failed, and nothing has changed since.
    #[error("{reason}")]
    NotLoaded {
        /// The reason given at that time.
        reason: String,
    },
    /// It is still being compiled.
    #[error("is still being compiled after {} ms; the next call tries it again", limit.as_millis())]
    Loading {
        /// How long the call waited.
        limit: Duration,
    },
    /// No slot became free.
    #[error("got no slot within {} ms: too many calls run at once", limit.as_millis())]
    Busy {
        /// How long the call waited.
        limit: Duration,
    },
    /// The adapters before it in the chain used up the time.
    #[error("had no time left: the adapters before it used it up")]
    NoTimeLeft,
    /// It exceeded the time limit of a call.
    #[error("{}", out_of_time(*limit, warning.as_deref()))]
    OutOfTime {
        /// The time limit of a call.
        limit: Duration,
        /// Its last warning, which may say why.
        warning: Option<String>,
    },
    /// It exceeded its memory limit.
    #[error("ran out of memory: it may use {limit} bytes")]
    OutOfMemory {
        /// The limit, over all its memories.
        limit: usize,
    },
    /// Other calls use the memory that it needs.
    #[error("got no memory: all running calls share {limit} bytes; the next call tries it again")]
    NoMemoryLeft {
        /// The limit of all calls together.
        limit: usize,
    },
    /// Its answer is malformed or too large.
    #[error("{UNUSABLE_ANSWER}: {reason}")]
    InvalidAnswer {
        /// What is wrong with it.
        reason: String,
    },
    /// It answered with an error.
    #[error("says: {0}")]
    Refused(PortError),
    /// codewalk abandoned the call.
    #[error("was interrupted: {reason}")]
    Abandoned {
        /// The reason.
        reason: String,
    },
}

impl Problem {
    pub(crate) fn compile(error: &wasmtime::Error) -> Self {
        Self::Compile { reason: reason(error) }
    }

    /// Returns whether a later attempt may succeed even if the component and the registry do not change.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unfit(problem) => problem.is_passing(),
            Self::NotFound { .. }
            | Self::Unreadable { .. }
            | Self::Exposed(_)
            | Self::CompilerKilled { .. }
            | Self::NoCompiler { .. }
            | Self::NoClient { .. }
            | Self::Credential(_)
            | Self::Registry(RegistryError::File { .. })
            | Self::Busy { .. }
            | Self::NoTimeLeft
            | Self::NoMemoryLeft { .. }
            | Self::OutOfTime { .. }
            | Self::Abandoned { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn wrong_types(world: World, error: &wasmtime::Error) -> Self {
        Self::WrongTypes { world, reason: reason(error) }
    }
}

/// Returns an error and its causes on one line. The text may quote names from the component, so it is
/// untrusted.
pub(crate) fn reason(error: &wasmtime::Error) -> String {
    text::line(&format!("{error:#}"), MAX_REASON)
}

fn out_of_time(limit: Duration, warning: Option<&str>) -> String {
    let limit = limit.as_millis();
    match warning {
        Some(warning) => format!("says: {warning}; no answer within {limit} ms"),
        None => format!("did not answer within {limit} ms"),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

impl From<AdapterError> for PortError {
    fn from(error: AdapterError) -> Self {
        let message = error.to_string();
        let named = |text: String| format!("the adapter \"{}\" says: {text}", error.adapter);
        match error.problem {
            Problem::Refused(PortError::Unavailable { message }) => {
                Self::Unavailable { message: named(message) }
            }
            Problem::Refused(PortError::Denied { message }) => Self::Denied { message: named(message) },
            // It did answer, but wrongly.
            Problem::Refused(PortError::InvalidResponse { message: why }) => {
                let adapter = &error.adapter;
                Self::InvalidResponse {
                    message: format!("the adapter \"{adapter}\" {UNUSABLE_ANSWER}: {why}"),
                }
            }
            Problem::Refused(PortError::InvalidRequest { message }) => {
                Self::InvalidRequest { message: named(message) }
            }
            // This case needs no text, because the list of fallbacks names the adapter.
            Problem::Refused(limited @ PortError::RateLimited { .. }) => limited,
            Problem::Denied(_) => Self::Denied { message },
            Problem::InvalidAnswer { .. } => Self::InvalidResponse { message },
            _ => Self::Unavailable { message },
        }
    }
}

impl From<OutlineError> for Problem {
    fn from(error: OutlineError) -> Self {
        match error {
            OutlineError::CoreModule => Self::CoreModule,
            OutlineError::NotAComponent => Self::NotAComponent,
            OutlineError::Malformed { reason } => Self::Compile { reason },
            OutlineError::UnknownImports { imports } => Self::UnknownImports { imports },
            OutlineError::MissingExport { world, exports } => Self::MissingExport { world, exports },
            OutlineError::Manifest(error) => Self::Manifest(error),
        }
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        Self::Abandoned { reason: error.to_string() }
    }
}

impl From<UnknownCredential> for Problem {
    fn from(UnknownCredential { name, server }: UnknownCredential) -> Self {
        Self::UnknownCredential { name, server }
    }
}
