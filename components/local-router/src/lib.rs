//! components/local-router
