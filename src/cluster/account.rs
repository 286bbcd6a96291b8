//! Who makes calls that are not a client's: the credentials that an operator has put into a file.

use std::path::Path;

use crate::http::authorization::{self, CredentialsError};
use crate::http::caller::Caller;

/// The caller whose `Authorization` is in this file.
pub fn read_credentials(path: &Path) -> Result<Caller, CredentialsError> {
    authorization::read(path).map(Caller::authorized_by)
}
