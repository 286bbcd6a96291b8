//! The longest request line of a claimed call. Elasticsearch reads no longer ones and says so below its REST layer, before
//! it asks who the caller is; what a query may cost here is bounded with it.
//!
//! As 7.10.2, 7.17.29, 8.19.21 and 9.5.3, and OpenSearch 2.19.5 and 3.8.0 answer with their default settings.

use http::Request;

use crate::cluster::{Identity, Product};
use crate::es::error::Kind;
use crate::es::version::Version;

/// The longest line, in bytes without its end: `http.max_initial_line_length` (http.md §2.7).
const LIMIT: usize = 4096;

/// What stands in a line besides its method and target: two blanks and the protocol's version.
const REST: usize = " ".len() + " HTTP/1.1".len();

/// From this version on the exception has a type of its own, and a line of 4096 bytes is read (in between the last one
/// seen that is otherwise, 7.10.2, and the first one that is not, 7.17.29, it is not verified).
const LATER: Version = Version::new(7, 17, 0);

/// The request line is longer than Elasticsearch reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An HTTP line is larger than {LIMIT} bytes.")]
pub(super) struct LineTooLong {
    /// The exception's type.
    pub(super) kind: Kind,
}

/// Fails if the line of a request is longer than the cluster would read. `identity` is what the cluster last said of
/// itself, `fixed` the version that the operator has named instead.
pub(super) fn check<B>(
    request: &Request<B>,
    identity: impl FnOnce() -> Option<Identity>,
    fixed: Option<Version>,
) -> Result<(), LineTooLong> {
    let target = request.uri();
    let length = match (target.scheme(), target.path_and_query()) {
        (None, Some(target)) => target.as_str().len(),
        _ => target.to_string().len(),
    };
    let length = request.method().as_str().len() + length + REST;
    if length < LIMIT {
        return Ok(());
    }
    let is_early = match (fixed, identity()) {
        (Some(version), _) => version < LATER,
        (None, Some(identity)) => identity.product == Product::Elasticsearch && identity.version < LATER,
        (None, None) => false,
    };
    match (is_early, length) {
        (true, _) => Err(LineTooLong {
            kind: Kind::TooLongFrame,
        }),
        (false, ..=LIMIT) => Ok(()),
        (false, _) => Err(LineTooLong {
            kind: Kind::TooLongHttpLine,
        }),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn checked(length: usize, product: Product, version: Version) -> Option<Kind> {
        let line = "PUT /?".len() + " HTTP/1.1".len();
        let request = Request::put(format!("/?{}", "a".repeat(length - line)));
        let identity = Identity {
            product,
            version,
            build_hash: String::new(),
            product_fields: HeaderMap::new(),
            warnings: Vec::new(),
        };
        let request = request.body(()).expect("a request");
        check(&request, || Some(identity), None).err().map(|error| error.kind)
    }

    /// As the nodes named above answer.
    #[test]
    fn the_limit_is_each_versions_own() {
        use Product::{Elasticsearch, OpenSearch};
        for (product, version, [at, above]) in [
            (Elasticsearch, Version::new(7, 10, 2), [Some(Kind::TooLongFrame); 2]),
            (
                Elasticsearch,
                Version::new(7, 17, 29),
                [None, Some(Kind::TooLongHttpLine)],
            ),
            (
                Elasticsearch,
                Version::new(9, 5, 3),
                [None, Some(Kind::TooLongHttpLine)],
            ),
            (OpenSearch, Version::new(2, 19, 5), [None, Some(Kind::TooLongHttpLine)]),
        ] {
            assert_eq!(checked(4095, product, version), None, "{version}");
            assert_eq!(checked(4096, product, version), at, "{version}");
            assert_eq!(checked(4097, product, version), above, "{version}");
        }
    }
}
