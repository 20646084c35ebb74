//! A scriptable model server on loopback, so that tests can drive real coding agents without a model.
//!
//! It implements the part of the Anthropic Messages API that Claude Code needs. A [`Script`] defines the
//! replies of the model. The server is stateless: each request contains its conversation, whose length
//! selects the next turn. So any number of sessions can share a server.
//!
//! It also serves chat completions (`POST /openai/v1/chat/completions`), for adapters that call a model. A
//! script either sends one [`Completion`] after another, or imitates a [`Vendor`], which rejects what the
//! real vendor rejects.
//!
//! ```
//! use codewalk_loopback_model::{LoopbackModel, Script, Turn};
//! use serde_json::json;
//!
//! let model = LoopbackModel::start(
//!     Script::new()
//!         .turn(Turn::tool("Write", json!({"file_path": "{cwd}/hello.txt", "content": "hello\n"})))
//!         .turn(Turn::text("Wrote hello.txt.")),
//! )?;
//! assert!(model.base_url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod completion;
mod messages_reply;
mod messages_request;
mod recorded;
mod script;
mod server;
mod turn;
mod usage;
mod vendor;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

pub use completion::Completion;
pub use recorded::RecordedRequest;
pub use script::Script;
use server::Shared;
pub use turn::Turn;
pub use usage::Usage;
pub use vendor::Vendor;

/// A running server. Dropping it closes the server and all connections.
///
/// It runs on its own thread, so that a test can block on a child process that uses the server.
#[derive(Debug)]
pub struct LoopbackModel {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LoopbackModel {
    /// Starts a server on a free port of 127.0.0.1 that replies according to `script`.
    ///
    /// # Errors
    /// If no port can be bound or no thread can be started.
    pub fn start(script: Script) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // Entered, not blocked on, because the caller may already be in a runtime.
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let shared = Arc::new(Shared::new(script));
        let (stop, stopped) = oneshot::channel();
        let serving = server::serve(listener, Arc::clone(&shared), stopped);
        let thread = std::thread::Builder::new()
            .name("loopback-model".to_owned())
            // The runtime, and every connection with it, is dropped at the end of the thread.
            .spawn(move || runtime.block_on(serving))?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the `ANTHROPIC_BASE_URL` for a client.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address of the chat completions API.
    #[must_use]
    pub fn completions_url(&self) -> String {
        format!("{}/openai/v1", self.base_url())
    }

    /// Returns all requests so far, in the order in which they arrived.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests()
    }

    /// Returns the usage reported by the replies so far.
    ///
    /// An interrupted reply counts only with its input, because the client can only estimate the rest.
    #[must_use]
    pub fn usage_total(&self) -> Usage {
        self.shared.usage_total()
    }

    /// Returns the number of turns that are hanging (see [`Turn::hanging`]), so that a test can wait for
    /// them.
    #[must_use]
    pub fn hanging(&self) -> watch::Receiver<usize> {
        self.shared.hanging()
    }

    /// Lets all hanging turns continue. From now on, no turn hangs.
    pub fn release(&self) {
        self.shared.release();
    }

    /// Returns the environment for a Claude Code client that uses only this server and stores its state in
    /// `home`.
    ///
    /// Use it with an otherwise empty environment plus `PATH`, because the caller's credentials and provider
    /// settings would override it.
    #[must_use]
    pub fn claude_env(&self, home: &Path) -> Vec<(String, String)> {
        [
            ("HOME", home.display().to_string()),
            ("CLAUDE_CONFIG_DIR", home.join(".claude").display().to_string()),
            ("ANTHROPIC_BASE_URL", self.base_url()),
            ("ANTHROPIC_API_KEY", "sk-ant-loopback".to_owned()),
            // The client would use a proxy from the environment even for loopback.
            ("NO_PROXY", "127.0.0.1".to_owned()),
            ("DISABLE_AUTOUPDATER", "1".to_owned()),
            ("DISABLE_TELEMETRY", "1".to_owned()),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
            // The pauses between retries grow from half a second, so the default of ten retries would outlast
            // any test.
            ("CLAUDE_CODE_MAX_RETRIES", "2".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Returns the environment for a client whose user has a subscription, to which usage limits apply.
    #[must_use]
    pub fn subscriber_env(&self, home: &Path) -> Vec<(String, String)> {
        let mut env = self.claude_env(home);
        env.retain(|(name, _)| name != "ANTHROPIC_API_KEY");
        env.push(("CLAUDE_CODE_OAUTH_TOKEN".to_owned(), "sk-ant-oat01-loopback".to_owned()));
        env
    }
}

impl Drop for LoopbackModel {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the server has already ended.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
