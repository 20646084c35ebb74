//! The request: the fixed part first, byte for byte the same each time, so that the vendor finds it in its cache.

use serde::Serialize;

use crate::http;
use crate::settings::{CREDENTIAL, Settings};

#[derive(Serialize)]
struct Body<'a> {
    messages: [Message<'a>; 2],
    model: &'a str,
    response_format: Format,
    temperature: u8,
    max_completion_tokens: u32,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct Format {
    r#type: &'static str,
}

/// Returns the request that puts a data block before a model.
pub(crate) fn request(
    settings: &Settings,
    instructions: &str,
    data: &str,
    most_tokens: u32,
) -> Result<http::Request, serde_json::Error> {
    let body = Body {
        messages: [
            Message { role: "system", content: instructions },
            Message { role: "user", content: data },
        ],
        model: &settings.model,
        response_format: Format { r#type: "json_object" },
        // The same question should get the same answer.
        temperature: 0,
        max_completion_tokens: most_tokens,
    };
    Ok(http::Request {
        method: "POST".to_owned(),
        url: settings.url.clone(),
        headers: vec![http::Header { name: "content-type".to_owned(), value: "application/json".to_owned() }],
        body: serde_json::to_vec(&body)?,
        credential: Some(CREDENTIAL.to_owned()),
    })
}
