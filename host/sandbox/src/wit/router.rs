//! The world of routers.

wasmtime::component::bindgen!({
    path: [
        "../../wit/types",
        "../../wit/http",
        "../../wit/log",
        "../../wit/config",
        "../../wit/router",
    ],
    world: "codewalk:router/router-adapter",
    imports: { "codewalk:http/http": async },
    exports: { default: async },
    additional_derives: [serde::Serialize, serde::Deserialize],
});

pub(crate) use exports::codewalk::router::router as port;
