//! The configuration of a command.

use crate::config::{Config, check_environment};
use crate::error::CommandError;
use crate::private;

/// Reads the configuration, and removes the credentials that it names from the environment.
pub fn config() -> Result<Config, CommandError> {
    check_environment(&|name| std::env::var_os(name))?;
    let config = Config::load(&|name| std::env::var(name).ok())?;
    private::take(&config.secret_variables);
    Ok(config)
}
