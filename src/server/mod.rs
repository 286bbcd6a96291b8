//! The life of the gateway: bind, serve, drain, stop.

use crate::config::Config;

/// Runs the gateway until it is told to stop.
pub fn run(_config: Config) -> Result<(), ServerError> {
    Err(ServerError::NotConnected)
}

/// Why the gateway could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// This room is still empty.
    #[error("the server is not part of this build")]
    NotConnected,
}
