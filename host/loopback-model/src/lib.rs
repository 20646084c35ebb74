//! A scriptable model server on loopback, so that tests can drive real coding agents without a model.
//!
//! It speaks the Anthropic Messages API as far as Claude Code needs it. A [`Script`] says what the model answers; the
//! server keeps no conversation: each request carries its own, and its length says which turn comes next. So any
//! number of sessions may use one server at once.
//!
//! It serves chat completions too (`POST /openai/v1/chat/completions`), for adapters that ask a model: there a script
//! gives one [`Completion`] after the other, whatever is asked, or lets a [`Vendor`] serve them, which refuses what the real
//! one refuses.
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

mod answer;
mod completion;
mod conversation;
mod script;
mod server;
mod vendor;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

pub use completion::Completion;
pub use script::{Script, Turn, Usage};
pub use server::Recorded;
use server::Shared;
pub use vendor::Vendor;

/// A running server. It ends, with all its connections, when this is dropped.
///
/// It runs on a thread of its own, so a test may block on a child process while the child talks to it.
#[derive(Debug)]
pub struct LoopbackModel {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LoopbackModel {
    /// Starts a server on a free port of 127.0.0.1 that answers by `script`.
    ///
    /// # Errors
    /// When no port can be bound or no thread be started.
    pub fn start(script: Script) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // Entered, not blocked on: the caller may be in a runtime of its own.
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let shared = Arc::new(Shared::new(script));
        let (stop, stopped) = oneshot::channel();
        let serving = server::serve(listener, Arc::clone(&shared), stopped);
        let thread = std::thread::Builder::new()
            .name("loopback-model".to_owned())
            // The runtime is dropped at the end of the thread, and every connection with it.
            .spawn(move || runtime.block_on(serving))?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The address to give a client as `ANTHROPIC_BASE_URL`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address to give a client of the chat completions API.
    #[must_use]
    pub fn completions_url(&self) -> String {
        format!("{}/openai/v1", self.base_url())
    }

    /// Every request so far, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests()
    }

    /// What the answers so far told their clients to have used.
    ///
    /// Of an answer that was cut off, only the input counts: a client can but estimate the rest.
    #[must_use]
    pub fn usage_total(&self) -> Usage {
        self.shared.usage_total()
    }

    /// How many turns hang at present (see [`Turn::hanging`]), to be waited on.
    #[must_use]
    pub fn hanging(&self) -> watch::Receiver<usize> {
        self.shared.hanging()
    }

    /// Lets the turns that hang go on; from now on none hangs.
    pub fn release(&self) {
        self.shared.release();
    }

    /// The environment of a Claude Code client that knows only this server and keeps all its state in `home`.
    ///
    /// Meant for a cleared environment with `PATH`: credentials and provider settings of the caller would win over it.
    #[must_use]
    pub fn claude_env(&self, home: &Path) -> Vec<(String, String)> {
        [
            ("HOME", home.display().to_string()),
            ("CLAUDE_CONFIG_DIR", home.join(".claude").display().to_string()),
            ("ANTHROPIC_BASE_URL", self.base_url()),
            ("ANTHROPIC_API_KEY", "sk-ant-loopback".to_owned()),
            // The client would send even loopback through a proxy of the environment.
            ("NO_PROXY", "127.0.0.1".to_owned()),
            ("DISABLE_AUTOUPDATER", "1".to_owned()),
            ("DISABLE_TELEMETRY", "1".to_owned()),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
            // Its pauses grow from half a second; the default of ten would outlast any test.
            ("CLAUDE_CODE_MAX_RETRIES", "2".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The same of a client whose user has a subscription, for which limits of usage hold.
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
            // An error means that the server has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
