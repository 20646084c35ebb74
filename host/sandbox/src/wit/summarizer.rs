//! The world of summarizers.

wasmtime::component::bindgen!({
    path: [
        "../../wit/types",
        "../../wit/http",
        "../../wit/log",
        "../../wit/config",
        "../../wit/summarizer",
    ],
    world: "codewalk:summarizer/summarizer-adapter",
    exports: { default: async },
    additional_derives: [serde::Serialize, serde::Deserialize],
    with: {
        "codewalk:types/types": crate::wit::router::codewalk::types::types,
        "codewalk:http/http": crate::wit::router::codewalk::http::http,
        "codewalk:log/log": crate::wit::router::codewalk::log::log,
        "codewalk:config/config": crate::wit::router::codewalk::config::config,
    },
});

pub(crate) use exports::codewalk::summarizer::summarizer as port;
