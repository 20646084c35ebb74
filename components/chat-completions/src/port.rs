//! The bindings of an adapter, as wit-bindgen generates them.

/// Generates the bindings of the adapter's world; the shared interfaces are those of this crate.
#[macro_export]
macro_rules! port {
    ($package:tt, $world:tt) => {
        wit_bindgen::generate!({
            path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", $package],
            world: $world,
            with: {
                "codewalk:types/types@0.1.0": chat_completions::bindings::codewalk::types::types,
                "codewalk:http/http@0.1.0": chat_completions::bindings::codewalk::http::http,
                "codewalk:log/log@0.1.0": chat_completions::bindings::codewalk::log::log,
                "codewalk:config/config@0.1.0": chat_completions::bindings::codewalk::config::config,
            },
            generate_all,
            additional_derives: [PartialEq, Eq],
        });
    };
}
