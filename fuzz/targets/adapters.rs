//! Adapters' answers: proposals, summaries and errors, generated from any bytes.

#![no_main]

#[path = "../../host/sandbox/src/bindings"]
mod bindings {
    pub mod answers;
}
/// The bindings for guests have the same form as those for the host.
mod wit {
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

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| bindings::answers::invariants::answers(bytes));
