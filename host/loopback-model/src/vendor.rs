//! Servers of chat completions, as documented by their vendors: what each accepts, how it replies, and what
//! it rejects.

use serde_json::{Value, json};

use crate::completion::Completion;
use crate::recorded::RecordedRequest;
use crate::usage::Usage;

/// A vendor of chat completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Groq.
    Groq,
    /// OpenAI.
    OpenAi,
    /// OpenRouter, which forwards requests to others.
    OpenRouter,
    /// Ollama, on the user's machine.
    Ollama,
    /// LM Studio, on the user's machine.
    LmStudio,
    /// vLLM, self-hosted.
    Vllm,
}

/// The API of a vendor with its models.
#[derive(Debug)]
pub(crate) struct VendorApi {
    pub(crate) vendor: Vendor,
    pub(crate) models: Vec<String>,
    /// Contents, each with the part of the messages that selects it.
    pub(crate) contents: Vec<(String, String)>,
}

impl Vendor {
    /// All vendors.
    pub const ALL: [Self; 6] =
        [Self::Groq, Self::OpenAi, Self::OpenRouter, Self::Ollama, Self::LmStudio, Self::Vllm];

    /// Returns the path of the API.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Groq => "/openai/v1",
            Self::OpenAi | Self::Ollama | Self::LmStudio | Self::Vllm => "/v1",
            Self::OpenRouter => "/api/v1",
        }
    }

    const fn wants_key(self) -> bool {
        matches!(self, Self::Groq | Self::OpenAi | Self::OpenRouter)
    }

    fn listed(self, id: &str) -> Value {
        let mut model = json!({"id": id, "object": "model", "created": 1_754_407_957});
        let more = match self {
            Self::Groq => json!({
                "owned_by": "OpenAI", "active": true, "context_window": 131_072, "public_apps": null,
                "max_completion_tokens": 65_536,
            }),
            Self::OpenAi => json!({"owned_by": "system"}),
            Self::OpenRouter => json!({
                "name": id, "context_length": 131_072, "pricing": {"prompt": "0.00000005"},
                "supported_parameters": ["response_format", "structured_outputs", "temperature"],
            }),
            Self::Ollama => json!({"owned_by": "library"}),
            Self::LmStudio => json!({"owned_by": "organization_owner"}),
            Self::Vllm => json!({
                "owned_by": "vllm", "root": id, "parent": null, "max_model_len": 32_768, "permission": [],
            }),
        };
        if let (Value::Object(model), Value::Object(more)) = (&mut model, more) {
            model.extend(more);
        }
        model
    }

    fn no_key(self) -> Completion {
        match self {
            Self::OpenRouter => {
                rejected(401, &json!({"error": {"message": "No auth credentials found", "code": 401}}))
            }
            _ => rejected(
                401,
                &json!({"error": {
                    "message": "Invalid API Key", "type": "invalid_request_error", "param": null,
                    "code": "invalid_api_key",
                }}),
            ),
        }
    }

    fn no_model(self, model: &str) -> Completion {
        let error = |message: String, kind: &str, code: Value| {
            let error = json!({"message": message, "type": kind, "param": null, "code": code});
            json!({ "error": error })
        };
        let unknown = || format!("The model `{model}` does not exist or you do not have access to it.");
        match self {
            Self::Groq | Self::OpenAi => {
                rejected(404, &error(unknown(), "invalid_request_error", json!("model_not_found")))
            }
            Self::OpenRouter => {
                let message = format!("{model} is not a valid model ID");
                rejected(400, &json!({"error": {"message": message, "code": 400}, "user_id": "user_1"}))
            }
            Self::Ollama => {
                let message = format!("model \"{model}\" not found, try pulling it first");
                rejected(404, &error(message, "api_error", Value::Null))
            }
            Self::LmStudio => {
                let message = format!("Failed to load model \"{model}\". Error: Model not found.");
                rejected(404, &error(message, "invalid_request_error", json!("model_not_found")))
            }
            Self::Vllm => {
                let message = format!("The model `{model}` does not exist.");
                rejected(404, &error(message, "NotFoundError", json!(404)))
            }
        }
    }

    /// Returns the error for a parameter that the vendor rejects.
    fn objection(self, body: &Value) -> Option<Completion> {
        let model = body["model"].as_str().unwrap_or_default();
        let (format, thinks) = (&body["response_format"]["type"], model.contains("gpt-oss"));
        let invalid = |param: &str, message: &str| {
            let kind = "invalid_request_error";
            rejected(400, &json!({"error": {"message": message, "type": kind, "param": param, "code": null}}))
        };
        if format == "json_schema" && !is_strict(&body["response_format"]["json_schema"]) {
            let why = "Invalid schema for response_format: 'additionalProperties' is required to be false";
            return Some(invalid("response_format", why));
        }
        match self {
            Self::Groq if format == "json_schema" && !thinks => Some(invalid(
                "response_format",
                "This model does not support response format `json_schema`. See supported models",
            )),
            Self::Groq if !thinks && !body["reasoning_effort"].is_null() => {
                Some(invalid("", "`reasoning_effort` is not supported with this model"))
            }
            Self::OpenAi if model.starts_with("gpt-5") && body["temperature"] == 0 => Some(invalid(
                "temperature",
                "Unsupported value: 'temperature' does not support 0 with this model. \
                 Only the default (1) value is supported.",
            )),
            Self::LmStudio if format == "json_object" => {
                let why = "'response_format.type' must be 'json_schema' or 'text'";
                Some(rejected(400, &json!({ "error": why })))
            }
            _ => None,
        }
    }

    fn completion(self, body: &Value, content: &str) -> Completion {
        // A constrained reply cannot contain reasoning.
        let is_constrained = body["response_format"]["type"] == "json_schema";
        let thought = "The user wants this: {\"intent\": ...}? Yes.";
        let loose = || format!("<think>\n{thought}\n</think>\n\n```json\n{content}\n```");
        let content = if is_constrained { content.to_owned() } else { loose() };
        let mut message = json!({"role": "assistant", "content": content});
        let mut choice = json!({"index": 0, "logprobs": null, "finish_reason": "stop"});
        let Usage { input_tokens, output_tokens, .. } = Usage::PER_TURN;
        let mut whole = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_754_407_957, "model": body["model"],
            "usage": {
                "prompt_tokens": input_tokens, "completion_tokens": output_tokens,
                "total_tokens": input_tokens + output_tokens,
            },
        });
        match self {
            Self::Groq => {
                message["reasoning"] = json!(thought);
                whole["system_fingerprint"] = json!("fp_1");
                whole["x_groq"] = json!({"id": "req_1"});
                whole["usage"]["queue_time"] = json!(0.01);
            }
            Self::OpenAi => {
                message["refusal"] = Value::Null;
                message["annotations"] = json!([]);
                whole["service_tier"] = json!("default");
            }
            Self::OpenRouter => {
                message["refusal"] = Value::Null;
                message["reasoning"] = json!(thought);
                message["reasoning_details"] = json!([{"type": "reasoning.text", "text": thought}]);
                choice["native_finish_reason"] = json!("stop");
                whole["provider"] = json!("Somebody");
            }
            Self::Ollama => {
                message["reasoning"] = json!(thought);
                whole["system_fingerprint"] = json!("fp_ollama");
            }
            Self::LmStudio => {
                message["reasoning_content"] = json!(thought);
                message["tool_calls"] = json!([]);
                whole["stats"] = json!({});
            }
            Self::Vllm => {
                message["reasoning_content"] = Value::Null;
                message["tool_calls"] = json!([]);
                choice["stop_reason"] = Value::Null;
                whole["prompt_logprobs"] = Value::Null;
                whole["kv_transfer_params"] = Value::Null;
            }
        }
        choice["message"] = message;
        whole["choices"] = json!([choice]);
        Completion::raw(200, whole.to_string())
    }
}

impl VendorApi {
    /// Replies to an API request, or returns `None` for any other path.
    pub(crate) fn respond(&self, request: &RecordedRequest) -> Option<Completion> {
        let RecordedRequest { method, body, .. } = request;
        let path = request.path.strip_prefix(self.vendor.path())?;
        let is_list = (&**method, path) == ("GET", "/models");
        if !is_list && (&**method, path) != ("POST", "/chat/completions") {
            return None;
        }
        let has_key = request.header("authorization").is_some_and(|value| value.len() > "Bearer ".len());
        if self.vendor.wants_key() && !has_key {
            return Some(self.vendor.no_key());
        }
        if is_list {
            let data: Vec<Value> = self.models.iter().map(|id| self.vendor.listed(id)).collect();
            return Some(Completion::json_body(200, &json!({"object": "list", "data": data})));
        }
        let model = body["model"].as_str().unwrap_or_default();
        if !self.models.iter().any(|known| known == model) {
            return Some(self.vendor.no_model(model));
        }
        if let Some(rejection) = self.vendor.objection(body) {
            return Some(rejection);
        }
        let messages = body["messages"].to_string();
        let content = self.contents.iter().find(|(part, _)| messages.contains(part));
        Some(self.vendor.completion(body, content.map_or("Hello!", |(_, content)| content)))
    }
}

fn rejected(status: u16, body: &Value) -> Completion {
    Completion::json_body(status, body)
}

/// Returns whether a schema is strict: each object requires all its fields and allows no others.
fn is_strict(named: &Value) -> bool {
    fn is_closed(schema: &Value) -> bool {
        let names = |value: &Value| -> Vec<String> {
            let mut names: Vec<String> = match value {
                Value::Object(fields) => fields.keys().cloned().collect(),
                Value::Array(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => Vec::new(),
            };
            names.sort();
            names
        };
        let own = match &schema["properties"] {
            Value::Object(fields) => {
                schema["additionalProperties"] == false
                    && names(&schema["properties"]) == names(&schema["required"])
                    && fields.values().all(is_closed)
            }
            _ => true,
        };
        let ways = schema["anyOf"].as_array().map_or(&[][..], Vec::as_slice);
        own && ways.iter().all(is_closed) && (schema["items"].is_null() || is_closed(&schema["items"]))
    }
    let schema = &named["schema"];
    named["strict"] == true && named["name"].is_string() && schema["type"] == "object" && is_closed(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strict_schema_requires_all_fields_and_allows_no_others() {
        let named = |schema: Value| json!({"name": "answer", "strict": true, "schema": schema});
        let object = |fields: Value, required: Value, more: Value| {
            json!({
                "type": "object", "properties": fields, "required": required,
                "additionalProperties": more,
            })
        };
        let text = || json!({"a": {"type": "string"}});
        let closed = || object(text(), json!(["a"]), json!(false));
        assert!(is_strict(&named(closed())));
        assert!(is_strict(&named(object(json!({"b": closed()}), json!(["b"]), json!(false)))));
        for open in [
            object(text(), json!([]), json!(false)),
            object(text(), json!(["a"]), json!(null)),
            json!({"anyOf": [closed()]}),
            object(
                json!({"b": {"anyOf": [object(text(), json!([]), json!(false))]}}),
                json!(["b"]),
                json!(false),
            ),
            object(
                json!({"b": {"type": "array", "items": object(text(), json!(["a"]), json!(true))}}),
                json!(["b"]),
                json!(false),
            ),
        ] {
            assert!(!is_strict(&named(open.clone())), "{open:#}");
        }
        assert!(!is_strict(&json!({"name": "answer", "schema": closed()})));
    }
}
