//! The types of the port, as wit-bindgen generates them.

wit_bindgen::generate!({
    path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/summarizer"],
    world: "codewalk:summarizer/summarizer-adapter",
    generate_all,
});
