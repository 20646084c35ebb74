//! Replies to the calls that deliver messages to agents.

use super::decider::Decider;
use crate::event::SessionEvent;
use crate::ids::{CallId, SessionId};
use crate::port_reply::PortError;

impl Decider<'_> {
    /// Records whether a message reached its agent. A second reply is ignored.
    pub(super) fn delivered(&mut self, id: SessionId, call: CallId, result: &Result<(), PortError>) {
        let Some(session) = self.state.session(id) else { return };
        if session.deliveries.iter().all(|delivery| delivery.call != call) {
            return;
        }
        let event = match result {
            Ok(()) => SessionEvent::Delivered { call },
            Err(error) => SessionEvent::DeliveryFailed { call, error: error.clone() },
        };
        self.session_event(id, event);
    }
}
