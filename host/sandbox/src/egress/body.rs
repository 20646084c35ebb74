//! The body of a response: bounded, and without credentials.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use codewalk_policy::{Proxy, Scrubber};
use http_body::{Body, Frame};
use tokio::sync::OwnedSemaphorePermit;

use super::client::failed;
use super::error::EgressError;

/// The maximum size of a response body, in bytes.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;

/// Reads only as much as the guest does; the rest stays on the server. Dropping it closes the connection.
#[derive(Debug)]
pub(super) struct BoundedBody {
    /// `None` after the last byte or an error.
    body: Option<reqwest::Body>,
    server: String,
    proxy: Option<Proxy>,
    room: usize,
    scrubber: Scrubber,
    /// The request counts as in flight until this is dropped.
    permit: Option<OwnedSemaphorePermit>,
}

impl BoundedBody {
    pub(super) const fn new(
        body: reqwest::Body,
        server: String,
        proxy: Option<Proxy>,
        scrubber: Scrubber,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self { body: Some(body), server, proxy, room: MAX_RESPONSE, scrubber, permit: Some(permit) }
    }

    fn end(&mut self) {
        self.body = None;
        self.permit = None;
    }

    /// Returns the part of the next bytes that contains no credential.
    fn pass(&mut self, chunk: &[u8]) -> Result<Vec<u8>, EgressError> {
        let Some(room) = self.room.checked_sub(chunk.len()) else {
            self.end();
            let server = &self.server;
            let reason = format!("{server} answered with more than {MAX_RESPONSE} bytes");
            return Err(EgressError::TooLarge(reason));
        };
        self.room = room;
        Ok(self.scrubber.pass(chunk, false))
    }
}

impl Body for BoundedBody {
    type Data = Bytes;
    type Error = EgressError;

    /// Returns at least one byte, because some readers treat an empty frame as an endless stream. Trailers
    /// are dropped.
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
                    Err(failed(&self.server, self.proxy.as_ref(), error))
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
