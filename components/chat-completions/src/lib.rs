//! Asks a model for a JSON object over the chat completions API of Groq and other servers. Adapters that use
//! a model share this crate's request forms, single retry and errors.
//!
//! An adapter passes fixed instructions, a data block, a type and its schema; it receives a value of that
//! type or a [`PortError`]. Validating the answer is up to the adapter.

mod answer;
mod ask;
mod available_models;
mod form;
mod host;
mod json;
pub mod models;
mod port;
mod refusal;
mod request;
mod retry_after;
#[cfg(feature = "schema")]
pub mod schema;
mod server_error;
mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;

pub use ask::{Question, ask};
pub use bindings::codewalk::http::http;
pub use bindings::codewalk::types::types::PortError;
pub use host::{Host, Imports};
pub use request::Schema;

/// The types of the ports that an adapter may use, as wit-bindgen generates them. The adapter's own bindings
/// refer to these types.
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
