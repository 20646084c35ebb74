//! host/loopback-model
