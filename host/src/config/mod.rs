//! Configuration: defaults, overridden by the file, then the environment, then flags.

mod agents;
mod checks;
mod file;
mod limits;
mod network;
mod paths;
mod resolved;
mod store;
mod uplink;

pub use agents::{DEMO_AGENT, executable};
pub use network::{AdapterConfig, ModelEndpoint};
pub use paths::{Paths, base_name, check_environment};
pub use resolved::{Config, trusted_keys};
pub use store::StorePlace;
