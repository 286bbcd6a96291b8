//! The flags of other commands that mean what flags of `serve` mean.

use std::path::PathBuf;

use crate::config::ServeFlags;

/// The flags of `serve` with which it would read this file.
pub(super) fn typed(config: Option<&PathBuf>) -> ServeFlags {
    match config {
        Some(path) => ServeFlags::default().config(path),
        None => ServeFlags::default(),
    }
}

/// The same with nodes of a cluster, who has to have signed their certificates, and the index of the jobs, as far as they are
/// given.
pub(super) fn with_cluster(
    mut typed: ServeFlags,
    nodes: &[String],
    tls_ca: Option<&String>,
    jobs_index: Option<&String>,
) -> ServeFlags {
    for node in nodes {
        typed = typed.with("upstream", node);
    }
    for (name, value) in [("upstream-tls-ca", tls_ca), ("jobs-index", jobs_index)] {
        typed = value.into_iter().fold(typed, |typed, value| typed.with(name, value));
    }
    typed
}
