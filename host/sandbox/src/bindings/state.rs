//! The host functions of a guest: logging, its configuration, and granted HTTP.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::calls::{Call, Identity};
use crate::egress::{CredentialChoice, EgressError, Outgoing};
use crate::engine::{Allocations, CommonMemory, ExecutionBudget};
use crate::recording::ExchangeLog;
use crate::wasi::{HasWasi, Origin, Wasi};
use crate::wit::{config, http, log, types};

/// The state of one call.
pub(crate) struct CallState {
    pub(crate) call: Arc<Call>,
    pub(crate) allocations: Allocations,
    pub(crate) budget: ExecutionBudget,
    /// Returns the starting point of the guest's clocks and random numbers.
    origin: Box<dyn Fn() -> Origin + Send + Sync>,
    /// `None` until the guest uses WASI.
    wasi: Option<Box<Wasi>>,
}

impl CallState {
    pub(crate) fn new(
        identity: Arc<Identity>,
        number: u64,
        exchanges: ExchangeLog,
        memory: Arc<CommonMemory>,
        origin: impl Fn() -> Origin + Send + Sync + 'static,
    ) -> Self {
        Self {
            allocations: Allocations::new(identity.limits.memory, Arc::clone(&identity.counters), memory),
            budget: ExecutionBudget::new(identity.limits.executing),
            call: Arc::new(Call::new(identity, number, exchanges)),
            origin: Box::new(origin),
            wasi: None,
        }
    }
}

impl HasWasi for CallState {
    fn wasi(&mut self) -> &mut Wasi {
        let Self { call, origin, wasi, .. } = self;
        wasi.get_or_insert_with(|| Box::new(Wasi::new(call, origin())))
    }
}

impl WasiView for CallState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi().view()
    }
}

impl WasiHttpView for CallState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.wasi().http_view()
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
        let mark = call.exchanges.record_request(&request);
        let result = match call.exchanges.replay(&request) {
            Some(recorded) => recorded.whole(),
            None => send(call, &request).await.map_err(|error| call.failed(error)),
        };
        if let (Ok(response), Some(experience)) = (&result, &call.identity.experience) {
            experience.answered(&request.url, &request.body, response.status);
        }
        call.exchanges.record_response(mark, &result);
        result
    }
}

/// Sends a request, if it is allowed, and reads the whole response.
async fn send(call: &Call, request: &http::Request) -> Result<http::Response, EgressError> {
    let http::Request { method, url, headers, body, credential } = request;
    let headers = headers.iter().map(|header| (header.name.as_str(), header.value.as_str())).collect();
    let credential = credential.as_deref().map_or(CredentialChoice::Nothing, CredentialChoice::Named);
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
