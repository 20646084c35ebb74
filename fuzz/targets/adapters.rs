//! What adapters answer: proposals, summaries and errors, made of any bytes.

#![no_main]

#[path = "../../host/sandbox/src/bindings"]
mod bindings {
    pub mod answers;

    // What is made of the ports for a guest has the same form as what is made of them for the host.
    pub mod router {
        pub use groq_router as port;
    }
    pub mod summarizer {
        pub use groq_summarizer as port;
    }
    pub mod types {
        pub use groq_router::{PortError, SessionState};
    }
}
#[path = "../../host/sandbox/src/text.rs"]
mod text;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| bindings::answers::invariants::answers(bytes));
