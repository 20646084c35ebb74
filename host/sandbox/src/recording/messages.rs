//! Conversions between the messages of `codewalk:http` and their recorded form.

use codewalk_policy::Limits;

use super::record::{Body, RecordedLimits, RecordedRequest, RecordedResponse};
use crate::wit::http;

impl From<Limits> for RecordedLimits {
    fn from(limits: Limits) -> Self {
        let ms = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let Limits { executing, wall_clock, memory } = limits;
        Self { executing_ms: ms(executing), wall_clock_ms: ms(wall_clock), memory }
    }
}

impl From<&http::Request> for RecordedRequest {
    fn from(request: &http::Request) -> Self {
        let http::Request { method, url, headers, body, credential } = request;
        Self {
            method: method.clone(),
            url: url.clone(),
            headers: pairs(headers),
            body: Body(body.clone()),
            credential: credential.clone(),
        }
    }
}

impl From<&http::Response> for RecordedResponse {
    fn from(response: &http::Response) -> Self {
        let http::Response { status, headers, body } = response;
        Self { status: *status, headers: pairs(headers), body: Body(body.clone()) }
    }
}

impl From<RecordedResponse> for http::Response {
    fn from(RecordedResponse { status, headers, body }: RecordedResponse) -> Self {
        let headers = headers.into_iter().map(|(name, value)| http::Header { name, value }).collect();
        Self { status, headers, body: body.0 }
    }
}

fn pairs(headers: &[http::Header]) -> Vec<(String, String)> {
    headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect()
}
