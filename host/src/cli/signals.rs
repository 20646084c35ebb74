//! Signals to this process.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{CommandError, ErrorKind};

/// Starts to listen for a signal.
pub fn listen(kind: SignalKind) -> Result<Signal, CommandError> {
    signal(kind)
        .map_err(|error| CommandError::because(ErrorKind::Internal, "cannot listen for signals", error))
}
