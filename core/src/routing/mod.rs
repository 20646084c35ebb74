//! From words to plans: the core's own small grammar, and what is made of a router's proposal.

pub mod asked;
pub mod beforehand;
pub mod decision;
pub mod grammar;
pub(crate) mod named;
pub mod place;
