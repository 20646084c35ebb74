//! What goes wrong with adapters, in words that name the adapter and say what to do.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use codewalk_core::call::PortError;

use codewalk_policy::{
    CredentialError, Denial, ExposureError, GrantRequest, IMPORTS, MAX_REASON, ManifestError, OutlineError,
    UnknownCredential, World, short_digest, text,
};

use super::registry::RegistryError;

/// Said of an adapter that answered, or whose service did, but not as it was to.
const UNUSABLE_ANSWER: &str = "gave an answer that cannot be used";

/// An adapter that did not answer, and why.
#[derive(Debug, thiserror::Error)]
#[error("the adapter \"{adapter}\" {problem}")]
pub(crate) struct AdapterError {
    pub(crate) adapter: String,
    pub(crate) problem: Problem,
}

/// What is wrong with an adapter or with one of its calls. Texts continue "the adapter NAME ...".
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is no such file.
    #[error("is not there: no file {path:?}; build it, or correct the path in the configuration")]
    NotFound {
        /// The path that was tried.
        path: PathBuf,
    },
    /// Its file cannot be read.
    #[error("cannot be read from {path:?}: {error}")]
    Unreadable {
        /// The path that was tried.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Others can change its file.
    #[error("is not used: {0}; or pin it with digest in its table")]
    Exposed(#[from] ExposureError),
    /// It is larger than any adapter may be.
    #[error("is too large: {size} bytes, at most {max} are loaded; build it optimised for size and stripped")]
    TooLarge {
        /// Its size in bytes, as far as it was looked at.
        size: u64,
        /// The largest size that is loaded.
        max: u64,
    },
    /// It is machine code, which no sandbox can hold.
    #[error("is precompiled machine code (.cwasm), which is never accepted; use the .wasm it was made from")]
    Precompiled,
    /// It is a module, not a component.
    #[error(
        "is a core WebAssembly module, not a component; turn it into one with `cargo xtask component DIR` or \
         `wasm-tools component new`"
    )]
    CoreModule,
    /// It is neither.
    #[error("is not a WebAssembly component: it begins with neither a component's nor a module's header")]
    NotAComponent,
    /// It is truncated, damaged, or uses what is switched off here.
    #[error("does not compile: {reason}")]
    Compile {
        /// What the compiler says.
        reason: String,
    },
    /// It takes more to compile than any adapter may.
    #[error(
        "takes more than {what} to compile and was given up; build it smaller, or allow more in [compile]"
    )]
    CompileLimit {
        /// Which limit it was.
        what: String,
    },
    /// It was found before that it does not compile.
    #[error("{reason} (found before; `codewalk adapters check` with its file tries again)")]
    NotCompiled {
        /// What was found.
        reason: String,
    },
    /// The compiler did not survive it.
    #[error("breaks the compiler: {reason}; please report it with the component")]
    CompilerBroke {
        /// How it ended.
        reason: String,
    },
    /// The compiler was killed by somebody else, or by a system without memory.
    #[error("is not compiled: the compiler was killed ({reason})")]
    CompilerKilled {
        /// How it ended.
        reason: String,
    },
    /// There is nothing to compile it with.
    #[error("cannot be compiled: {reason}; where codewalk was moved or upgraded meanwhile, start it again")]
    NoCompiler {
        /// Why.
        reason: String,
    },
    /// It was made for another world.
    #[error(
        "is no {}: it does not export {}, which the world {world} asks for; it exports {}",
        world.kind(), world.export(), listed(exports)
    )]
    MissingExport {
        /// The world that was asked for.
        world: World,
        /// What it exports instead.
        exports: Vec<String>,
    },
    /// It wants more than adapters are given.
    #[error("imports {}, which no adapter is given; adapters may import {} and WASI 0.2: build it against those, e.g. for wasm32-unknown-unknown with `cargo xtask component DIR`", listed(imports), IMPORTS.join(", "))]
    UnknownImports {
        /// What is not given.
        imports: Vec<String>,
    },
    /// Its names are right and its types are not.
    #[error("was made for another version of {world}: {reason}; rebuild it with this version's wit/ folder")]
    WrongTypes {
        /// The world that was asked for.
        world: World,
        /// Where the types differ.
        reason: String,
    },
    /// Its manifest makes no sense.
    #[error("has a manifest that cannot be used: {0}")]
    Manifest(#[from] ManifestError),
    /// Its manifest says that it is something else.
    #[error("is no {}: its manifest says that it is a {}", used_as.kind(), made_for.kind())]
    MadeFor {
        /// What its manifest says.
        made_for: World,
        /// What it was to be used as.
        used_as: World,
    },
    /// The configuration wants another one.
    #[error("is not the one that is pinned: its digest is {digest}, [adapters.{name}] has digest = {pin:?}")]
    Pinned {
        /// Its name.
        name: String,
        /// Its digest.
        digest: String,
        /// The digest that the configuration wants.
        pin: String,
    },
    /// It asks for more than it was given.
    #[error(
        "asks to be allowed: {}; see `codewalk adapters show {name}`, and allow it with `codewalk adapters approve {name}`",
        requests.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    WaitsForApproval {
        /// Its name.
        name: String,
        /// What was not given.
        requests: Vec<GrantRequest>,
    },
    /// It was allowed to use a credential that is not configured. It named the server, and nobody is talked into giving that a key.
    #[error("asks for the credential {name:?} at {server}, and no such credential is given to that server")]
    UnknownCredential {
        /// The name of the credential.
        name: String,
        /// Where it is to be sent.
        server: String,
    },
    /// It was tried with a request of our own before it was to be used.
    #[error("failed when it was tried: it {0}")]
    Unfit(Box<Problem>),
    /// It failed before, and is not used again.
    #[error(
        "was rolled back ({}) and is not used again; `codewalk adapters add` takes it back",
        short_digest(digest)
    )]
    RolledBack {
        /// Its digest.
        digest: String,
    },
    /// What is known of it cannot be read.
    #[error("cannot be used: {0}")]
    Registry(#[from] RegistryError),
    /// A credential that it may use is not there.
    #[error("cannot be used: {0}")]
    Credential(#[from] CredentialError),
    /// It may send requests, and there is nothing to send them with.
    #[error("cannot be given a network: {reason}; check the system's certificates")]
    NoClient {
        /// What the HTTP client says.
        reason: String,
    },
    /// It gave up because it was not allowed to send something. These are the host's words, not its own.
    #[error("{0}")]
    Denied(Box<Denial>),
    /// It broke off.
    #[error("stopped with an error: {reason}")]
    Trapped {
        /// Why, as the engine says it.
        reason: String,
    },
    /// It broke off after a request of its own had failed: what other tools make of a guest often does.
    #[error("stopped with an error: {reason}")]
    TrappedAfterRequest {
        /// Why, as the engine says it.
        reason: String,
    },
    /// It executed for too long.
    #[error("computed for more than {} ms and was stopped", budget.as_millis())]
    OutOfBudget {
        /// How long it may execute.
        budget: Duration,
    },
    /// It was not loaded before, and nothing has changed since.
    #[error("{reason}")]
    NotLoaded {
        /// What was wrong.
        reason: String,
    },
    /// It is not compiled yet.
    #[error("is still being compiled after {} ms; it is asked again next time", limit.as_millis())]
    Loading {
        /// How long it was waited for.
        limit: Duration,
    },
    /// Its turn did not come.
    #[error("could not be asked within {} ms: too many calls run at once", limit.as_millis())]
    Busy {
        /// How long it was waited for.
        limit: Duration,
    },
    /// Those that were asked before it took the time.
    #[error("had no time left: those that were asked before it took it")]
    NoTimeLeft,
    /// It took too long, whatever it did.
    #[error("{}", out_of_time(*limit, warning.as_deref()))]
    OutOfTime {
        /// How long a call may take.
        limit: Duration,
        /// What it warned of last: why it took so long, in its own words.
        warning: Option<String>,
    },
    /// It wanted more memory than it may have.
    #[error("ran out of memory: it may use {limit} bytes")]
    OutOfMemory {
        /// How much it may use, over all its memories.
        limit: usize,
    },
    /// Others had the memory that it wanted.
    #[error("got no memory: all calls that run may use {limit} bytes together; it is asked again next time")]
    NoMemoryLeft {
        /// How much all calls may use together.
        limit: usize,
    },
    /// What it answered is malformed or too large.
    #[error("{UNUSABLE_ANSWER}: {reason}")]
    InvalidAnswer {
        /// What is wrong with it.
        reason: String,
    },
    /// It answered that it cannot answer.
    #[error("says: {0}")]
    Refused(PortError),
    /// The call was abandoned by codewalk itself.
    #[error("was not asked to the end: {reason}")]
    Abandoned {
        /// Why.
        reason: String,
    },
}

impl Problem {
    pub(crate) fn compile(error: &wasmtime::Error) -> Self {
        Self::Compile { reason: reason(error) }
    }

    /// Returns whether the same component may do another time, without a change of its file or of what is known of it.
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

/// Returns the whole chain of an error on one line. It may quote names from the component, so it is foreign text.
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
            // There was an answer, and that was wrong.
            Problem::Refused(PortError::InvalidResponse { message: why }) => {
                let adapter = &error.adapter;
                Self::InvalidResponse {
                    message: format!("the adapter \"{adapter}\" {UNUSABLE_ANSWER}: {why}"),
                }
            }
            Problem::Refused(PortError::InvalidRequest { message }) => {
                Self::InvalidRequest { message: named(message) }
            }
            // It has no text; who it was stands beside it in the list of fallbacks.
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

impl From<UnknownCredential> for Problem {
    fn from(UnknownCredential { name, server }: UnknownCredential) -> Self {
        Self::UnknownCredential { name, server }
    }
}
