//! Which request lines are create-job: the gateway's decision beside a model of Elasticsearch's router.

use std::sync::{Arc, OnceLock};

use anomaly_gateway::es::media_type;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::http::target::Target;
use anomaly_gateway::plugin::anomaly_job::AnomalyJobPlugin;
use anomaly_gateway::plugin::anomaly_job::update::UpdateJobPlugin;
use anomaly_gateway::route::Table;
use anomaly_gateway::store::IndexName;
use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let creates = AnomalyJobPlugin::new(IndexName::default()).expect("built-in documents are sound");
        let updates = UpdateJobPlugin::new(IndexName::default()).expect("built-in documents are sound");
        Table::new(vec![Arc::new(creates), Arc::new(updates)]).expect("one plugin a route")
    })
}

/// The raw id, when the gateway takes the request for create-job. `None` too when the target is one that the gateway
/// could not send upstream, and so refuses.
fn claimed(method: &str, target: &str) -> Option<String> {
    let target = Target::of(&target.parse().ok()?)?;
    let method = Method::from_bytes(method.as_bytes()).expect("a token");
    let claim = table().claim(&method, &target)?;
    Some(claim.raw_id.to_owned())
}

/// Whether a claimed request is served as Elasticsearch of this version would serve it.
fn served(target: &str, api: Version, accept: &str) -> bool {
    let target = Target::of(&target.parse().expect("a target")).expect("a path");
    let claim = table().claim(&Method::PUT, &target).expect("it is claimed");
    let accept = HeaderValue::from_str(accept).expect("a value");
    let headers = HeaderMap::from_iter([(http::header::ACCEPT, accept)]);
    claim.is_served(api, media_type::compatible_with(&headers))
}

/// Elasticsearch's router, as http.md §1.1 describes it: the path is what comes before the first `?`; it is
/// split at `/`, empty segments at the end are dropped, one at the start is skipped; literals are compared raw and win
/// over the variable. The old path is routed by some versions and claimed before all.
fn routed(method: &str, target: &str) -> Option<String> {
    let path = target.split('?').next()?;
    let mut segments: Vec<&str> = path.split('/').collect();
    while segments.last() == Some(&"") {
        segments.pop();
    }
    if segments.first() == Some(&"") {
        segments.remove(0);
    }
    if segments.starts_with(&["_xpack", "ml"]) {
        segments.drain(..2);
        segments.insert(0, "_ml");
    }
    match segments.as_slice() {
        [
            "_ml",
            "anomaly_detectors",
            "_stats" | "_validate" | "_estimate_model_memory",
        ] => None,
        ["_ml", "anomaly_detectors", id] if !id.is_empty() && method == "PUT" => Some((*id).to_owned()),
        // Nothing of an update's path is another call's, and an empty id is one (jobs-api.md §0).
        ["_ml", "anomaly_detectors", id, "_update"] if method == "POST" => Some((*id).to_owned()),
        _ => None,
    }
}

/// jobs-api.md §0.
#[test]
fn the_spelling_table_of_updates_holds() {
    for (target, id) in [
        ("/_ml/anomaly_detectors/j/_update", Some("j")),
        ("/_ml/anomaly_detectors/j/_update/", Some("j")),
        ("/_ml/anomaly_detectors/j/_update////?x=/y", Some("j")),
        ("/_ml/anomaly_detectors/j/_update?", Some("j")),
        ("/_xpack/ml/anomaly_detectors/j/_update//", Some("j")),
        ("/_ml/anomaly_detectors//_update", Some("")),
        ("/_ml/anomaly_detectors/%6A/_update", Some("%6A")),
        ("/_ml/anomaly_detectors/a%2Fb/_update", Some("a%2Fb")),
        ("/_ml/anomaly_detectors/_all/_update", Some("_all")),
        ("/_ml/anomaly_detectors/_validate/_update", Some("_validate")),
        ("/_ml/anomaly_detectors/_update/_update", Some("_update")),
        ("/_ml/anomaly_detectors/a,b*/_update", Some("a,b*")),
        ("http://h/_ml/anomaly_detectors/j/_update", Some("j")),
        ("/_ml/anomaly_detectors/_update", None),
        ("/_ml/anomaly_detectors/j_update", None),
        ("/_ml/anomaly_detectors/j//_update", None),
        ("/_ml/anomaly_detectors///_update", None),
        ("//_ml/anomaly_detectors/j/_update", None),
        ("/_ml/anomaly_detectors/j/%5Fupdate", None),
        ("/_ml/anomaly_detectors/j/_UPDATE", None),
        ("/_ml/anomaly_detectors/j/_update;x", None),
        ("/_ml/anomaly_detectors/j/./_update", None),
        ("/_ml/anomaly_detectors/j/_update/x", None),
        ("/_ml/anomaly_detectors/j/model_snapshots/s/_update", None),
        ("/_ml/datafeeds/j/_update", None),
        ("/_ml/filters/j/_update", None),
    ] {
        assert_eq!(claimed("POST", target).as_deref(), id, "{target}");
    }
    for method in ["GET", "HEAD", "PUT", "DELETE", "post"] {
        assert_eq!(claimed(method, "/_ml/anomaly_detectors/j/_update"), None, "{method}");
    }
}

/// http.md §1.3, the rows that hyper can read.
#[test]
fn the_spelling_table_holds() {
    for (target, id) in [
        ("/_ml/anomaly_detectors/j", Some("j")),
        ("/_ml/anomaly_detectors/j/", Some("j")),
        ("/_ml/anomaly_detectors/j///", Some("j")),
        ("/_ml/anomaly_detectors/j//?x=1", Some("j")),
        ("/_xpack/ml/anomaly_detectors/j", Some("j")),
        ("/_xpack/ml/anomaly_detectors/j//", Some("j")),
        ("/_ml/anomaly_detectors/%6A", Some("%6A")),
        ("/_ml/anomaly_detectors/a%2Fb", Some("a%2Fb")),
        ("/_ml/anomaly_detectors/*", Some("*")),
        ("/_ml/anomaly_detectors/..", Some("..")),
        ("/_ml/anomaly_detectors/%2e%2e", Some("%2e%2e")),
        ("/_ml/anomaly_detectors/j;v=1", Some("j;v=1")),
        ("/_ml/anomaly_detectors/_all", Some("_all")),
        ("http://h:9200/_ml/anomaly_detectors/j", Some("j")),
        ("//_ml/anomaly_detectors/j", None),
        ("/_ml//anomaly_detectors/j", None),
        ("/_ml/anomaly_detectors//j", None),
        ("/_ml/./anomaly_detectors/j", None),
        ("/x/../_ml/anomaly_detectors/j", None),
        ("/_ml\\anomaly_detectors\\j", None),
        ("/%5Fml/anomaly_detectors/j", None),
        ("/_ml/%61nomaly_detectors/j", None),
        ("/_ML/anomaly_detectors/j", None),
        ("/_ml;v=1/anomaly_detectors/j", None),
        ("/_ml/anomaly_detectors", None),
        ("/_ml/anomaly_detectors/", None),
        ("/_ml/anomaly_detectors/j/x", None),
        ("/_ml/anomaly_detectors/j/_update", None),
        ("/_ml/anomaly_detectors/_stats", None),
        ("/_ml/anomaly_detectors/_validate/", None),
        ("/_ml/anomaly_detectors/_estimate_model_memory?x", None),
        ("/?/_ml/anomaly_detectors/j", None),
        ("*", None),
    ] {
        assert_eq!(claimed("PUT", target).as_deref(), id, "{target}");
    }
    for method in ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH", "put", "Put"] {
        assert_eq!(claimed(method, "/_ml/anomaly_detectors/j"), None, "{method}");
    }
}

/// http.md §1.2: who serves the old spelling.
#[test]
fn the_old_spelling_is_served_up_to_8_and_there_only_for_compatibility() {
    let old = "/_xpack/ml/anomaly_detectors/j";
    let compatible = "application/vnd.elasticsearch+json; compatible-with=7";
    for (api, accept, is_served) in [
        (Version::BASE, "*/*", true),
        (Version::new(7, 17, 29), "*/*", true),
        (Version::new(8, 0, 0), "*/*", false),
        (Version::new(8, 19, 0), compatible, true),
        (Version::new(8, 19, 0), "application/json;Compatible-With=7", true),
        (Version::new(8, 19, 0), "application/json;compatible-with=007", true),
        (
            Version::new(8, 19, 0),
            "application/vnd.elasticsearch+json;compatible-with=8",
            false,
        ),
        (Version::new(9, 0, 0), compatible, false),
    ] {
        assert_eq!(served(old, api, accept), is_served, "{api} {accept}");
    }
}

fn target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => Just("/".to_owned()),
        3 => Just("_ml".to_owned()),
        3 => Just("anomaly_detectors".to_owned()),
        2 => Just("/_ml/anomaly_detectors/".to_owned()),
        1 => Just("/_xpack/ml/anomaly_detectors/".to_owned()),
        1 => Just("_xpack".to_owned()),
        1 => Just("ml".to_owned()),
        1 => Just("_stats".to_owned()),
        2 => Just("/_update".to_owned()),
        1 => Just("_update".to_owned()),
        1 => Just("?".to_owned()),
        1 => prop::sample::select(vec![".", "..", "%2e", "%2F", "%5F", "\\", ";", ":", "%", "%%", "A", "j", "é", "+", "~"])
            .prop_map(str::to_owned),
        1 => "[a-z0-9_.-]{1,3}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("/{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn line_25_the_gateway_claims_what_elasticsearch_would_route_and_nothing_else(
        target in target(),
        method in prop::sample::select(vec!["PUT", "PUT", "PUT", "GET", "POST", "POST", "put"]),
    ) {
        prop_assume!(target.parse::<http::Uri>().is_ok());
        prop_assert_eq!(claimed(method, &target), routed(method, &target));
    }
}
