//! Asks a model for a JSON object over the chat completions API, as Groq and others serve it. What the adapters with a
//! model share: the request in a form that the server takes, one retry, and what every failure is called.
//!
//! An adapter hands in fixed instructions, a data block, a type and its schema; it gets that type or a [`PortError`]. Whether
//! the answer makes sense is for the adapter to say.

mod answer;
mod ask;
mod form;
mod host;
mod json;
pub mod models;
mod refusal;
mod request;
mod retry_after;
mod said;
#[cfg(feature = "schema")]
pub mod schema;
mod served;
mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;

pub use ask::{Question, Schema, ask};
pub use bindings::codewalk::http::http;
pub use bindings::codewalk::types::types::PortError;
pub use host::{Host, Imports};

/// What wit-bindgen makes of the ports that an adapter may use. Its own bindings refer to these.
pub mod bindings {
    #![allow(missing_docs, unused_qualifications, reason = "generated")]
    wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config"],
        inline: "
            package codewalk:chat-completions;
            world guest {
                import codewalk:types/types@0.1.0;
                import codewalk:http/http@0.1.0;
                import codewalk:log/log@0.1.0;
                import codewalk:config/config@0.1.0;
            }
        ",
        world: "codewalk:chat-completions/guest",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
    });
}
