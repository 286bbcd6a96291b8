//! The printed schemas beside Elasticsearch's own parser, with fewer bodies than `cargo xtask schema` has.

use conformance::{Release, measure};

/// Bodies a version that the parser takes.
const TAKEN: usize = 1500;

#[test]
fn a_printed_schema_refuses_nothing_that_elasticsearch_takes_and_most_of_what_it_refuses() {
    for version in ["6.8.23", "7.17.28", "8.19.21", "9.5.3"] {
        let release: Release = version.parse().unwrap();
        let measured = measure(release, TAKEN, 5).unwrap();
        assert!(measured.taken >= TAKEN, "{measured}");
        assert_eq!(measured.unsound, 0, "{measured}");
        assert!(measured.wrongly_stored.is_empty(), "{measured}");
        assert!(measured.completeness() >= 0.8, "{measured}");
        let unlisted: Vec<_> = measured.unlisted().collect();
        assert!(unlisted.is_empty(), "{unlisted:?}: {measured}");
    }
}
