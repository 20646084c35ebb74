//! The names of front ends.

use codewalk_core::origin::{Channel, Origin};

/// Names a front end of this process.
pub fn origin(channel: Channel, front_end: &str) -> Origin {
    // Processes in different containers may have the same ID.
    let noise = uuid::Uuid::now_v7().simple().to_string();
    Origin { channel, name: format!("{front_end}-{}-{}", std::process::id(), &noise[24..]) }
}
