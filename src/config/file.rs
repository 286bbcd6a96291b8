//! Gets the configuration file from the disk.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::problem::Problem;
use super::source::{Origin, Place, Source};

/// The largest file that is read: a configuration is written by hand, and a wrong path can name anything.
const MOST_BYTES: u64 = 1024 * 1024;

/// Reads the file that was named at that place.
pub(super) fn read(path: &Path, named_at: &Place) -> Result<Arc<Source>, Problem> {
    let bytes = read_bytes(path)
        .map_err(|error| Problem::new(named_at, format!("the configuration file cannot be read: {error}")))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Err(Problem::new(named_at, "the configuration file is larger than 1 MiB"));
    }
    let origin = Origin::File(path.display().to_string());
    match String::from_utf8(bytes) {
        // A byte order mark is allowed at the start and means nothing.
        Ok(text) => Ok(Source::new(origin, text.strip_prefix('\u{feff}').unwrap_or(&text))),
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let source = Source::new(origin, String::from_utf8_lossy(error.as_bytes()));
            let span = start..start + char::REPLACEMENT_CHARACTER.len_utf8();
            Err(Problem::new(
                &Place::new(&source, span),
                "the configuration file is not UTF-8",
            ))
        }
    }
}

/// The file's bytes, or enough of them to see that they are too many.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
