//! The types of the port, as wit-bindgen generates them.
#![allow(missing_docs, unused_qualifications, reason = "generated")]

wit_bindgen::generate!({
    path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/router"],
    world: "codewalk:router/router-adapter",
    generate_all,
    additional_derives: [PartialEq, Eq],
});
