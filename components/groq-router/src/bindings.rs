//! The types of the port.
#![allow(missing_docs, unused_qualifications, reason = "generated")]

chat_completions::port!("../../wit/router", "codewalk:router/router-adapter");
