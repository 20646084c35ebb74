//! components/local-summarizer
