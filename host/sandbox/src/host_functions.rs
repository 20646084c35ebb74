//! What a guest may ask of the host: a log, its own configuration, and HTTP as far as it was granted.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};

use crate::bindings::{config, http, log, types};
use crate::call::Call;
pub(crate) use crate::call::Identity;
use crate::egress::{EgressError, Outgoing, Wanted};
use crate::limits::{Allocations, CommonMemory};
use crate::pace::Pace;
use crate::tape::Tape;
use crate::wasi::{Origin, Wasi};

/// What the host keeps for one call.
pub(crate) struct CallState {
    pub(crate) call: Arc<Call>,
    pub(crate) allocations: Allocations,
    pub(crate) pace: Pace,
    /// Says where its clocks and its random numbers begin.
    origin: Box<dyn Fn() -> Origin + Send + Sync>,
    /// None until a guest that knows WASI asks for anything of it.
    wasi: Option<Box<Wasi>>,
}

impl CallState {
    pub(crate) fn new(
        identity: Arc<Identity>,
        number: u64,
        tape: Tape,
        memory: Arc<CommonMemory>,
        origin: impl Fn() -> Origin + Send + Sync + 'static,
    ) -> Self {
        Self {
            allocations: Allocations::new(identity.limits.memory, Arc::clone(&identity.counters), memory),
            pace: Pace::new(identity.limits.executing),
            call: Arc::new(Call::new(identity, number, tape)),
            origin: Box::new(origin),
            wasi: None,
        }
    }

    pub(crate) fn wasi(&mut self) -> &mut Wasi {
        let Self { call, origin, wasi, .. } = self;
        wasi.get_or_insert_with(|| Box::new(Wasi::new(call, origin())))
    }
}

impl types::Host for CallState {}

impl log::Host for CallState {
    fn write(&mut self, level: log::Level, message: String) {
        self.call.write(level, &message);
    }
}

impl config::Host for CallState {
    fn get(&mut self, key: String) -> Option<String> {
        self.call.identity.config.load().get(&key).cloned()
    }
}

impl http::Host for CallState {
    async fn send(&mut self, request: http::Request) -> Result<http::Response, http::Error> {
        let call = &self.call;
        call.begin_request()?;
        let mark = call.tape.sent(&request);
        let told = match call.tape.served(&request) {
            Some(recorded) => recorded.whole(),
            None => send(call, &request).await.map_err(|error| call.failed(error)),
        };
        if let (Ok(response), Some(experience)) = (&told, &call.identity.experience) {
            experience.answered(&request.url, &request.body, response.status);
        }
        call.tape.told(mark, &told);
        told
    }
}

/// Sends a request, as far as the adapter may, and reads the whole response.
async fn send(call: &Call, request: &http::Request) -> Result<http::Response, EgressError> {
    let http::Request { method, url, headers, body, credential } = request;
    let headers = headers.iter().map(|header| (header.name.as_str(), header.value.as_str())).collect();
    let credential = credential.as_deref().map_or(Wanted::Nothing, Wanted::Named);
    let body = Full::new(Bytes::copy_from_slice(body));
    let incoming = call.identity.egress.send(Outgoing { method, url, headers, credential, body }).await?;
    call.answered(incoming.status);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let header = |(name, value): (&::http::HeaderName, &::http::HeaderValue)| http::Header {
        name: name.to_string(),
        value: text(value.as_bytes()),
    };
    Ok(http::Response {
        status: incoming.status,
        headers: incoming.headers.iter().map(header).collect(),
        body: incoming.body.collect().await?.to_bytes().into(),
    })
}
