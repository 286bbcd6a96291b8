//! How many connections a gateway may serve, by the files that the process may open.

use tokio::sync::Semaphore;

use super::ServerError;
use crate::telemetry::events::limits::{FewFiles, FilesUnknown};

/// Files that are open besides connections: standard streams, signals, the listener for those who run the gateway, files
/// that are read, and some to spare.
const OTHER_FILES: u64 = 48;

/// Files of each worker besides connections: its listener, what wakes it, and some to spare.
const FILES_PER_WORKER: u64 = 8;

/// How many clients a gateway serves at least; with fewer files than that takes it does not start.
const MIN_CONNECTIONS: u64 = 8;

/// How many connections clients may have: what is asked for, but no more than there are files for, of which each
/// connection may need another one to a node.
pub(super) fn most_connections(limit: Option<usize>, workers: usize, for_admin: usize) -> Result<usize, ServerError> {
    let files = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap_or_else(|error| {
        FilesUnknown { error: &error }.log();
        1024
    });
    let possible = possible_connections(files, workers, for_admin)?;
    let most = limit.map_or(possible, |limit| limit.min(possible));
    if limit.is_some_and(|limit| limit > most) {
        FewFiles { connections: most }.log();
    }
    Ok(most.min(Semaphore::MAX_PERMITS))
}

/// For how many connections of clients there are files, with so many to spare for those who run the gateway.
fn possible_connections(files: u64, workers: usize, for_admin: usize) -> Result<usize, ServerError> {
    let [workers, for_admin] = [workers, for_admin].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    let others = FILES_PER_WORKER.saturating_mul(workers);
    let others = others.saturating_add(OTHER_FILES).saturating_add(for_admin);
    let possible = files.saturating_sub(others) / 2;
    if possible < MIN_CONNECTIONS {
        let least = others.saturating_add(2 * MIN_CONNECTIONS);
        return Err(ServerError::TooFewFiles { files, least });
    }
    Ok(usize::try_from(possible).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_could_serve_nobody_does_not_start() {
        for (files, workers, for_admin, connections) in [
            (64, 2, 0, None),
            (79, 2, 0, None),
            (80, 2, 0, Some(8)),
            (143, 2, 64, None),
            (144, 2, 64, Some(8)),
            (1024, 2, 0, Some(480)),
            (1024, 2, 64, Some(448)),
            (1024, 128, 0, None),
            (u64::MAX, 2, 0, Some(usize::MAX / 2 - 32)),
        ] {
            let possible = possible_connections(files, workers, for_admin).ok();
            assert_eq!(
                possible, connections,
                "{files} files, {workers} workers, {for_admin} more"
            );
        }
        let told = possible_connections(64, 2, 0).expect_err("too few").to_string();
        assert!(
            told.contains("may open 64 files") && told.contains("needs 80 or more"),
            "{told}"
        );
    }
}
