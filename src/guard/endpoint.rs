//! Which of the APIs of Elasticsearch and OpenSearch can write to an index, by their paths.
//!
//! The tables of `table` list what both products publish in their REST specifications, Elasticsearch's commercial APIs and the
//! plugins that come with OpenSearch. What they do not list is taken for a write to whatever it names. Maintenance that
//! leaves documents, mapping, settings, aliases and state as they are (refresh, flush, clearing caches, merging segments)
//! is no write. Literal segments are compared byte for byte, as both products route them.

mod table;

use http::Method;

use super::body::BodyKind;
use table::{ALIAS, STRINGS};

/// What a call can write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To no index, or only to ones of the cluster's own.
    Nothing,
    /// To the index that stands first in its path, and to no other.
    Index,
    /// To what its path, or its body, names.
    Body(BodyKind),
    /// Nobody can tell.
    Chunks,
    /// To an index that is known by its UUID.
    Import,
}

/// What a path calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint<'p> {
    /// What it can write to.
    pub(super) reach: Reach,
    /// Its index expression, as it was sent.
    pub(super) index: Option<&'p str>,
    /// Other segments that may name an index, as they were sent.
    pub(super) others: Vec<&'p str>,
}

impl<'p> Endpoint<'p> {
    /// The call of a method and a path: split at its slashes, the first one optional, those at the end dropped.
    pub(super) fn of(method: &Method, path: &'p str) -> Option<Self> {
        let path = path.strip_prefix('/').unwrap_or(path).trim_end_matches('/');
        // `//` is the root, too, but `//_close` is a call with an empty name.
        let segments: Vec<&str> = path.split('/').collect();
        let (first, rest) = segments.split_first()?;
        if path.is_empty() {
            return None;
        }
        if first.starts_with('_') && *first != "_all" {
            return Some(Self::by_itself(method, &segments));
        }
        let found = table::on_an_index(method, rest);
        let others = match found {
            // A document's id and a type are no names of indices.
            Some(Reach::Nothing | Reach::Index | Reach::Body(BodyKind::Bulk)) => Vec::new(),
            _ => rest.to_vec(),
        };
        Some(Self {
            reach: found.unwrap_or(STRINGS),
            index: Some(*first),
            others,
        })
    }

    fn by_itself(method: &Method, segments: &[&'p str]) -> Self {
        let found = table::by_itself(method, segments);
        let others = match found {
            None | Some(STRINGS | ALIAS) => segments.to_vec(),
            Some(_) => Vec::new(),
        };
        Self {
            reach: found.unwrap_or(STRINGS),
            index: None,
            others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reach::{Body, Chunks, Index, Nothing};
    use super::*;

    fn of(method: &str, path: &'static str) -> Option<Endpoint<'static>> {
        Endpoint::of(&method.parse().expect("a method"), path)
    }

    fn reach(method: &str, path: &'static str) -> Option<Reach> {
        of(method, path).map(|endpoint| endpoint.reach)
    }

    #[test]
    fn a_path_is_split_as_both_products_split_it() {
        for (path, index) in [
            ("/a/_doc/1", Some("a")),
            ("a/_doc/1", Some("a")),
            ("/a/_doc/1///", Some("a")),
            ("//_close", Some("")),
            ("///_doc/1", Some("")),
            ("/%5Fall/_doc/1", Some("%5Fall")),
            ("/_all/_settings", Some("_all")),
            ("/*", Some("*")),
            ("*", Some("*")),
            ("/_bulk", None),
        ] {
            let endpoint = of("PUT", path).expect("an endpoint");
            assert_eq!(endpoint.index, index, "{path}");
        }
        for path in ["", "/", "//", "///"] {
            assert_eq!(of("PUT", path), None, "{path}");
        }
    }

    #[test]
    fn reads_are_told_from_writes_by_their_paths() {
        for (method, path) in [
            ("POST", "/a/_search"),
            ("POST", "/_search"),
            ("DELETE", "/_search/scroll/x"),
            ("POST", "/a/_termvectors/1"),
            ("POST", "/a/t/_search"),
            ("POST", "/a/_refresh"),
            ("PUT", "/_cluster/settings"),
            ("POST", "/_ml/anomaly_detectors/j/_open"),
            ("PUT", "/_snapshot/r/s"),
            ("DELETE", "/_index_template/t"),
        ] {
            assert_eq!(reach(method, path), Some(Nothing), "{method} {path}");
        }
        for (method, path) in [
            ("PUT", "/a/_search"),
            ("PUT", "/a/t/_search"),
            ("POST", "/a/_search/x"),
            ("POST", "/a/_doc/_search"),
            ("PUT", "/_ml/data_frame/analytics/x"),
            ("PUT", "/_ingest/pipeline/_simulate"),
            ("PUT", "/_index_template/_simulate"),
            ("PATCH", "/a"),
            ("get", "/a"),
        ] {
            assert_ne!(reach(method, path), Some(Nothing), "{method} {path}");
        }
    }

    #[test]
    fn a_bulk_is_one_in_every_place() {
        for path in ["/_bulk", "/a/_bulk", "/a/t/_bulk", "/a/_doc/_bulk", "/_bulk/"] {
            for method in ["PUT", "POST"] {
                assert_eq!(reach(method, path), Some(Body(BodyKind::Bulk)), "{method} {path}");
            }
        }
        assert_eq!(reach("POST", "/a/_bulk/stream"), Some(Chunks));
    }

    #[test]
    fn what_is_not_listed_is_looked_at_as_a_whole() {
        let unlisted = of("POST", "/a/_no_such_api/b").expect("an endpoint");
        assert_eq!((unlisted.reach, unlisted.index), (STRINGS, Some("a")));
        assert_eq!(unlisted.others, ["_no_such_api", "b"]);
        let by_itself = of("PUT", "/_no_such_api/a/_follow").expect("an endpoint");
        assert_eq!((by_itself.reach, by_itself.index), (STRINGS, None));
        assert_eq!(by_itself.others, ["_no_such_api", "a", "_follow"]);
        let document = of("PUT", "/a/_doc/b").expect("an endpoint");
        assert_eq!((document.reach, document.others.len()), (Index, 0));
        let copy = of("PUT", "/a/_clone/b").expect("an endpoint");
        assert_eq!(copy.others, ["_clone", "b"]);
    }
}
