//! Errors of measurements, which are only printed.

use std::error::Error;

/// The result of something that may fail.
pub type Fallible<T> = Result<T, Box<dyn Error>>;
