//! The types of the port, as wit-bindgen generates them.
#![allow(missing_docs, unused_qualifications, reason = "generated")]

wit_bindgen::generate!({
    path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/summarizer"],
    world: "codewalk:summarizer/summarizer-adapter",
    with: {
        "codewalk:types/types@0.1.0": chat_completions::bindings::codewalk::types::types,
        "codewalk:http/http@0.1.0": chat_completions::bindings::codewalk::http::http,
        "codewalk:log/log@0.1.0": chat_completions::bindings::codewalk::log::log,
        "codewalk:config/config@0.1.0": chat_completions::bindings::codewalk::config::config,
    },
    generate_all,
});
