//! Reads servers' error messages in all common formats.

use serde_json::Value;

use crate::{http, text};

/// How many bytes of a server's or library's message an error quotes.
pub(crate) const MAX_QUOTED: usize = 200;

/// The HTTP statuses that correspond to error codes given as words.
const STATUSES: [(&str, u16); 8] = [
    ("invalid_api_key", 401),
    ("invalid_request_error", 400),
    ("model_not_found", 404),
    ("insufficient_quota", 429),
    ("rate_limit_exceeded", 429),
    ("server_error", 500),
    ("internal_error", 500),
    ("overloaded_error", 503),
];

/// The error message of a server.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerError {
    /// The status, which some servers put in the body of a response with another status.
    pub(crate) status: u16,
    pub(crate) code: String,
    /// The request parameter that it names.
    param: String,
    message: String,
}

impl ServerError {
    /// Reads a response whose status is an error.
    pub(crate) fn read(response: &http::Response) -> Self {
        let body = String::from_utf8_lossy(&response.body);
        let error = match serde_json::from_str::<Value>(&body) {
            Ok(body) => Self::of(&body),
            Err(_) => Self { message: outside_of_json(&body), ..Self::default() },
        };
        Self { status: response.status, ..error }
    }

    /// Reads an error in the body of a response with a success status.
    pub(crate) fn read_unmarked(status: u16, body: &Value) -> Option<Self> {
        let choice = &body["choices"][0];
        let marked = |value: &Value| !value["error"].is_null() || value["object"] == "error";
        let marked = [body, &body[0], choice].into_iter().find(|value| marked(value))?;
        let error = Self::of(marked);
        let named = || STATUSES.iter().find(|(code, _)| *code == error.code).map(|(_, status)| *status);
        let numbered = error.code.parse().ok().filter(|code| (400..600).contains(code));
        let status = numbered.or_else(named).unwrap_or(status);
        Some(Self { status, ..error })
    }

    fn of(body: &Value) -> Self {
        // Some servers send a list with one error, or a list of texts.
        let listed = body;
        let body = if body.is_array() { &body[0] } else { body };
        let error = if body["error"].is_object() { &body["error"] } else { body };
        // A gateway repeats the message of the server behind it.
        let behind = &error["metadata"]["raw"];
        let messages =
            [&error["message"], &error["error"], &error["detail"], &error["detail"][0]["msg"], listed];
        let message = messages.into_iter().find_map(texts).unwrap_or_default();
        let behind = behind.as_str().map(|raw| format!(": {raw}")).unwrap_or_default();
        Self {
            status: 0,
            code: [&error["code"], &error["type"]].into_iter().find_map(scalar).unwrap_or_default(),
            param: scalar(&error["param"]).unwrap_or_default(),
            message: text::line(&format!("{message}{behind}"), MAX_QUOTED),
        }
    }

    /// Returns the status and the message.
    pub(crate) fn words(&self) -> String {
        let status = self.status;
        let text = [&self.message, &self.code].into_iter().find(|text| !text.is_empty());
        text.map_or_else(|| format!("status {status}"), |text| format!("status {status}: {text}"))
    }

    /// Returns whether the error mentions one of these words.
    pub(crate) fn mentions(&self, words: &[&str]) -> bool {
        let text = [&self.message, &self.param, &self.code].map(|text| text.to_ascii_lowercase());
        words.iter().any(|word| text.iter().any(|text| text.contains(word)))
    }

    /// Returns whether it has neither a message nor a code.
    pub(crate) fn is_mute(&self) -> bool {
        self.message.is_empty() && self.code.is_empty()
    }

    /// Returns whether the error has no message.
    pub(crate) fn is_silent(&self) -> bool {
        self.message.is_empty() && self.param.is_empty()
    }
}

/// Returns a text, or the texts of a list.
fn texts(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let texts: Option<Vec<&str>> = value.as_array()?.iter().map(Value::as_str).collect();
    texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join("; "))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text::line(text, MAX_QUOTED)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the title of a page; returns any other text unchanged.
fn outside_of_json(body: &str) -> String {
    if !body.trim_start().starts_with('<') {
        return text::line(body, MAX_QUOTED);
    }
    let lower = body.to_ascii_lowercase();
    let title = lower.find("<title>").map(|at| at + "<title>".len()).and_then(|start| {
        let end = start + lower.get(start..)?.find('<')?;
        body.get(start..end)
    });
    text::line(title.unwrap_or_default(), MAX_QUOTED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(status: u16, body: &str) -> String {
        ServerError::read(&http::Response { status, headers: Vec::new(), body: body.into() }).words()
    }

    #[test]
    fn an_error_in_any_shape_becomes_one_line() {
        for (status, body, expected) in [
            // OpenAI, Groq, OpenRouter.
            (
                401,
                r#"{"error":{"message":"Invalid API Key","type":"x","code":"invalid_api_key"}}"#,
                ": Invalid API Key",
            ),
            (402, r#"{"error":{"code":402,"message":"Insufficient credits"}}"#, ": Insufficient credits"),
            (
                502,
                r#"{"error":{"code":502,"message":"Provider returned error",
                    "metadata":{"raw":"model is\noverloaded"}}}"#,
                ": Provider returned error: model is overloaded",
            ),
            // LM Studio and old versions of Ollama.
            (
                400,
                r#"{"error":"'response_format.type' must be 'json_schema' or 'text'"}"#,
                ": 'response_format.type' must be 'json_schema' or 'text'",
            ),
            // A list, as from Google.
            (
                400,
                r#"[{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}]"#,
                ": API key not valid",
            ),
            // A list of texts in each field.
            (400, r#"{"error":["the model","is asleep"]}"#, ": the model; is asleep"),
            (400, r#"{"error":{"message":["a","b"]}}"#, ": a; b"),
            (400, r#"{"detail":["a","b"]}"#, ": a; b"),
            (400, r#"["a","b"]"#, ": a; b"),
            (400, r#"{"error":["a",1]}"#, ""),
            // vLLM, without and with a nested error object.
            (
                404,
                r#"{"object":"error","message":"The model `x` does not exist.",
                    "type":"NotFoundError","param":null,"code":404}"#,
                ": The model `x` does not exist.",
            ),
            // FastAPI in front of a server.
            (404, r#"{"detail":"Not Found"}"#, ": Not Found"),
            (
                422,
                r#"{"detail":[{"loc":["body","messages"],"msg":"Field required","type":"missing"}]}"#,
                ": Field required",
            ),
            // A code without a message.
            (498, r#"{"error":{"code":"capacity_exceeded"}}"#, ": capacity_exceeded"),
            (400, r#"{"error":{"type":"tokens"}}"#, ": tokens"),
            // Not JSON.
            (
                503,
                "<html>\n<head><TITLE>503 Service\nUnavailable</TITLE></head><body>nginx</body></html>",
                ": 503 Service Unavailable",
            ),
            (503, "<html>no title", ""),
            (503, "upstream connect error\r\nor disconnect", ": upstream connect error or disconnect"),
            (500, "\u{1b}[2J", ": [2J"),
            (500, "", ""),
            (500, "null", ""),
            (500, "[]", ""),
        ] {
            assert_eq!(words(status, body), format!("status {status}{expected}"), "{body}");
        }
        assert!(words(500, &"long ".repeat(1000)).len() < 300);
    }

    #[test]
    fn an_error_in_a_successful_response_is_an_error() {
        let read = |body| ServerError::read_unmarked(200, &body).map(|error| error.words());
        assert_eq!(
            read(json!({"error": {"code": 502, "message": "down"}})).as_deref(),
            Some("status 502: down")
        );
        assert_eq!(read(json!({"error": "no such model"})).as_deref(), Some("status 200: no such model"));
        assert_eq!(read(json!({"error": ["a", "b"]})).as_deref(), Some("status 200: a; b"));
        assert_eq!(read(json!([{"error": {"message": "down"}}])).as_deref(), Some("status 200: down"));
        let old = json!({"object": "error", "message": "The model `x` does not exist.", "code": 404});
        assert_eq!(read(old).as_deref(), Some("status 404: The model `x` does not exist."));
        let in_choice =
            json!({"choices": [{"error": {"code": 429, "message": "later"}, "finish_reason": "error"}]});
        assert_eq!(read(in_choice).as_deref(), Some("status 429: later"));
        assert_eq!(read(json!({"error": null, "choices": []})), None);
        assert_eq!(read(json!("error")), None);
    }
}
