//! Exits: a guest can only end its own call.

use wasmtime::{Result, bail};
use wasmtime_wasi::p2::bindings::cli::exit;

/// Implements `exit` by ending the call.
pub(super) struct Exit;

impl exit::Host for Exit {
    fn exit(&mut self, status: std::result::Result<(), ()>) -> Result<()> {
        self.exit_with_code(if status.is_ok() { 0 } else { 1 })
    }

    fn exit_with_code(&mut self, code: u8) -> Result<()> {
        bail!("it called exit({code}); an adapter must return its answer")
    }
}
