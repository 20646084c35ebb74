//! The body of a response, on its way to a guest: bounded, and without credentials.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use codewalk_policy::Scrubber;
use http_body::{Body, Frame};
use tokio::sync::OwnedSemaphorePermit;

use super::client::failed;
use super::error::EgressError;

/// How large the body of a response may be, in bytes.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;

/// Reads as the guest does, and no further: what a guest leaves unread stays with the server. Dropping it ends the
/// connection.
#[derive(Debug)]
pub(super) struct BoundedBody {
    /// None after the last byte, or an error.
    body: Option<reqwest::Body>,
    server: String,
    room: usize,
    scrubber: Scrubber,
    /// The request is under way until this is gone.
    permit: Option<OwnedSemaphorePermit>,
}

impl BoundedBody {
    pub(super) const fn new(
        body: reqwest::Body,
        server: String,
        scrubber: Scrubber,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self { body: Some(body), server, room: MAX_RESPONSE, scrubber, permit: Some(permit) }
    }

    fn end(&mut self) {
        self.body = None;
        self.permit = None;
    }

    /// Returns what is certain of the next bytes.
    fn pass(&mut self, chunk: &[u8]) -> Result<Vec<u8>, EgressError> {
        let Some(room) = self.room.checked_sub(chunk.len()) else {
            self.end();
            let server = &self.server;
            let told = format!("{server} answered with more than {MAX_RESPONSE} bytes");
            return Err(EgressError::TooLarge(told));
        };
        self.room = room;
        Ok(self.scrubber.pass(chunk, false))
    }
}

impl Body for BoundedBody {
    type Data = Bytes;
    type Error = EgressError;

    /// Returns bytes, and at least one: there are readers that take an empty frame for an endless one. Trailers are left out.
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EgressError>>> {
        while let Some(body) = &mut self.body {
            let passed = match ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(chunk) => self.pass(&chunk),
                    Err(_trailers) => continue,
                },
                Some(Err(error)) => {
                    self.end();
                    Err(failed(&self.server, error))
                }
                None => {
                    self.end();
                    Ok(self.scrubber.pass(b"", true))
                }
            };
            match passed {
                Ok(bytes) if bytes.is_empty() => {}
                passed => return Poll::Ready(Some(passed.map(|bytes| Frame::data(bytes.into())))),
            }
        }
        Poll::Ready(None)
    }
}
