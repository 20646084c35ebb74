//! host/executor
