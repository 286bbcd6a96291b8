//! One cluster for all tests of a program that only need *a* cluster.

use std::{
    env,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::{Kind, Node, error::Error};

const VARIABLE: &str = "OPENSEARCH_URL";

/// The cluster that tests share: the one `OPENSEARCH_URL` names, or else a node of the default kind that lives as long
/// as this process.
///
/// Of a cluster that `OPENSEARCH_URL` names only the address is known. Whatever needs the process behind it, like its
/// id, its log or stopping and starting one of its nodes, goes through [`Shared::node`] and is
/// [`Error::NotStartedHere`] then. Nobody can kill or stop a shared cluster altogether; for that start a [`Node`].
#[derive(Debug)]
pub struct Shared {
    url: String,
    started_here: Option<Mutex<Node>>,
}

impl Shared {
    /// Where it answers, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The node behind it.
    pub fn node(&self) -> Result<MutexGuard<'_, Node>, Error> {
        match &self.started_here {
            Some(node) => Ok(node.lock().unwrap_or_else(PoisonError::into_inner)),
            None => Err(Error::NotStartedHere { url: self.url.clone() }),
        }
    }
}

/// The shared cluster; the first call starts it, and if that fails every call has the same error.
pub fn shared() -> Result<&'static Shared, &'static Error> {
    static SHARED: OnceLock<Result<Shared, Error>> = OnceLock::new();
    SHARED.get_or_init(|| named_or_started(given_url())).as_ref()
}

/// The shared cluster's address.
pub fn shared_url() -> Result<&'static str, &'static Error> {
    shared().map(Shared::url)
}

/// The address in `OPENSEARCH_URL`, if there is one.
#[must_use]
pub fn given_url() -> Option<String> {
    env::var(VARIABLE)
        .ok()
        .map(|url| url.trim_end_matches('/').to_owned())
        .filter(|url| !url.is_empty())
}

fn named_or_started(named: Option<String>) -> Result<Shared, Error> {
    if let Some(url) = named {
        return Ok(Shared {
            url,
            started_here: None,
        });
    }
    let node = Node::builder(Kind::default_for_this_machine()?).start()?;
    Ok(Shared {
        url: node.url().to_owned(),
        started_here: Some(Mutex::new(node)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_is_named_is_used_and_has_no_node_to_stop() {
        let shared = named_or_started(Some("http://cluster.example:9200".to_owned())).unwrap();
        assert_eq!(shared.url(), "http://cluster.example:9200");
        assert!(matches!(shared.node(), Err(Error::NotStartedHere { .. })));
    }
}
