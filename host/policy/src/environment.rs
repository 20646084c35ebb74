//! Credentials that were removed from the environment of this process.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

/// The removed values, by variable name.
static TAKEN: Mutex<BTreeMap<String, SecretString>> = Mutex::new(BTreeMap::new());

/// Removes credentials from the environment of this process and stores them here, so that no child process
/// inherits them.
///
/// # Safety
/// No other thread may be running, because it could read the environment at the same time.
pub unsafe fn take_from_environment(variables: &[String]) {
    for variable in variables {
        // A variable with an invalid name is never set.
        let Some(value) = std::env::var_os(variable) else { continue };
        if let Ok(value) = value.into_string() {
            TAKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(variable.clone(), value.into());
        }
        // SAFETY: the caller guarantees that no other thread runs.
        unsafe { std::env::remove_var(variable) };
    }
}

/// Returns the value of a variable: the one that was removed, or the one in the environment.
pub(crate) fn variable(name: &str) -> Option<SecretString> {
    let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
    taken.or_else(|| std::env::var(name).ok().map(SecretString::from))
}

/// Stores a value as if it had been removed from the environment.
#[cfg(test)]
pub(crate) fn keep(variable: &str, value: &str) {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(variable.to_owned(), value.to_owned().into());
}
