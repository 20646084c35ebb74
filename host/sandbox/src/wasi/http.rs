//! `wasi:http/outgoing-handler`, the other interface to `egress`. A guest cannot name a credential there, so
//! it gets the credential of its grant.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH};
use ::http::response::Builder;
use ::http::{Request, Response};
use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::calls::Call;
use crate::egress::{CredentialChoice, EgressError, Incoming, Outgoing};
use crate::recording::ReplayedResponse;
use crate::wit::http;

/// How many bytes of a request body a guest may write before it is read.
const CHUNK: usize = 64 * 1024;

/// Sends the requests of one call.
#[derive(Debug)]
pub(super) struct Door(Arc<Call>);

/// The remaining work for an answered request: none.
type Rest = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl Door {
    pub(super) fn new(call: &Arc<Call>) -> Self {
        Self(Arc::clone(call))
    }
}

impl WasiHttpHooks for Door {
    /// The host header comes from the address.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _failed: Rest,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Rest), Error>> + Send> {
        let call = Arc::clone(&self.0);
        let RequestOptions { connect_timeout, first_byte_timeout, .. } = options.unwrap_or_default();
        let guest_timeout =
            first_byte_timeout.map(|wait| wait.saturating_add(connect_timeout.unwrap_or_default()));
        Box::new(async move {
            let exchange = exchange(&call, request);
            let response = match guest_timeout {
                // These are the guest's own timeouts. The host's are in `egress`.
                Some(guest_timeout) => {
                    timeout(guest_timeout, exchange).await.unwrap_or(Err(Error::HttpResponseTimeout))
                }
                None => exchange.await,
            };
            Ok((response?, Box::new(async { Ok(()) }) as Rest))
        })
    }
}

/// Sends a request, if it is allowed, and returns the response as it arrives.
async fn exchange(call: &Arc<Call>, request: Request<WasiBody>) -> Result<Response<WasiBody>, Error> {
    call.begin_request().map_err(wasi_error)?;
    let (mut parts, body) = request.into_parts();
    // Already checked against the body, and responses are never compressed.
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(ACCEPT_ENCODING);
    let header = |(name, value): (&::http::HeaderName, &::http::HeaderValue)| http::Header {
        name: name.to_string(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    let recordable = http::Request {
        method: parts.method.to_string(),
        url: parts.uri.to_string(),
        headers: parts.headers.iter().map(header).collect(),
        body: Vec::new(),
        credential: None,
    };
    let mark = call.exchanges.record_request(&recordable);
    if let Some(recorded) = call.exchanges.replay(&recordable) {
        let mut body = body;
        while let Some(frame) = body.frame().await {
            call.exchanges.record_request_body(mark, frame?.data_ref());
        }
        call.exchanges.record_response(mark, &recorded.begun);
        if let Some(error) = &recorded.broken {
            call.exchanges.record_response(mark, &Err(error.clone()));
        }
        return replayed(recorded);
    }
    let outgoing = Outgoing {
        method: &recordable.method,
        url: &recordable.url,
        headers: recordable
            .headers
            .iter()
            .map(|header| (header.name.as_str(), header.value.as_str()))
            .collect(),
        credential: CredentialChoice::Granted,
        body: body.map_frame(|frame| {
            call.exchanges.record_request_body(mark, frame.data_ref());
            frame
        }),
    };
    let failed = |error: EgressError| {
        let error = call.failed(error);
        call.exchanges.record_response(mark, &Err(error.clone()));
        wasi_error(error)
    };
    let Incoming { status, headers, body } = call.identity.egress.send(outgoing).await.map_err(failed)?;
    call.answered(status);
    let mut response = Response::builder().status(status);
    let begun = http::Response { status, headers: headers.iter().map(header).collect(), body: Vec::new() };
    call.exchanges.record_response(mark, &Ok(begun));
    if let Some(map) = response.headers_mut() {
        *map = headers;
    }
    let (heard, broken) = (Arc::clone(call), Arc::clone(call));
    let body = body.map_frame(move |frame| {
        heard.exchanges.record_response_body(mark, frame.data_ref());
        frame
    });
    let body = body.map_err(move |error| {
        let error = broken.failed(error);
        broken.exchanges.record_response(mark, &Err(error.clone()));
        wasi_error(error)
    });
    built(response, body.boxed_unsync())
}

/// Replays a recorded response: all at once, or broken off where the original was.
fn replayed(ReplayedResponse { begun, broken }: ReplayedResponse) -> Result<Response<WasiBody>, Error> {
    let http::Response { status, headers, body } = begun.map_err(wasi_error)?;
    let headers = headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
    let response = headers
        .fold(Response::builder().status(status), |response, (name, value)| response.header(name, value));
    let body = RecordedBody { bytes: Some(Bytes::from(body)), broken: broken.map(wasi_error) };
    built(response, body.boxed_unsync())
}

/// The body of a recorded response.
struct RecordedBody {
    bytes: Option<Bytes>,
    broken: Option<Error>,
}

impl Body for RecordedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let bytes = self.bytes.take().filter(|bytes| !bytes.is_empty());
        let frame = bytes.map(|bytes| Ok(Frame::data(bytes)));
        Poll::Ready(frame.or_else(|| self.broken.take().map(Err)))
    }
}

fn built(response: Builder, body: WasiBody) -> Result<Response<WasiBody>, Error> {
    response.body(body).map_err(|_| Error::HttpProtocolError)
}

/// Converts an error to WASI. Only some errors have a text, which is for the adapter's author, who finds the
/// others in the log.
fn wasi_error(error: http::Error) -> Error {
    match error {
        http::Error::Denied(_) => Error::HttpRequestDenied,
        http::Error::InvalidRequest(text) => Error::InternalError(Some(text)),
        http::Error::Unreachable(_) => Error::DestinationUnavailable,
        http::Error::Timeout(_) => Error::HttpResponseTimeout,
        http::Error::TooLarge(_) => Error::HttpResponseBodySize(None),
        http::Error::RateLimited(_) => Error::ConnectionLimitReached,
    }
}
