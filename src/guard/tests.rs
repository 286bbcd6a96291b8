//! The guard as a whole.

mod bodies;
mod model;

use std::time::Instant;

use http::{HeaderValue, Method, Uri};

use super::*;

const TERMS: Terms = Terms {
    rule: "jobs.protect",
    remedy: "ask somebody",
};

fn guard() -> IndexGuard {
    let others = ["jobs-alias".to_owned(), "anomaly-detectors-000001".to_owned()];
    IndexGuard::new("anomaly-detectors", TERMS).knowing(others, Instant::now())
}

fn target(text: &str) -> Target {
    let uri: Uri = text.parse().expect("hyper reads it");
    Target::of(&uri).expect("it has a path")
}

fn judge(request: &str) -> Verdict {
    let (method, path) = request.split_once(' ').expect("a method and a target");
    guard().judge(&method.parse().expect("a method"), &target(path))
}

#[test]
fn writes_by_path_and_query_are_refused() {
    for request in [
        "PUT /anomaly-detectors",
        "DELETE /anomaly-detectors",
        "DELETE /anom*",
        "DELETE /_all",
        "DELETE /*",
        "DELETE /other,jobs-alias",
        "DELETE /-x,other",
        "PUT /anomaly-detectors/_doc/1",
        "PUT /anomaly%2Ddetectors/_doc/1",
        "PUT /%61nomaly-detectors/_doc/1?x",
        "PUT /%3Canomaly-%7Bnow%2Fd%7D%3E/_doc/1",
        "PUT /%3Canomaly-{now%2Fd}%3E/_doc/1",
        "PUT /anomaly-detectors/_create/1",
        "POST /anomaly-detectors/_update/1",
        "POST /anomaly-detectors/_doc",
        "POST /anomaly-detectors/type",
        "PUT /anomaly-detectors/type/1/_create",
        "PUT /anomaly-detectors/type/_search",
        "PUT /anomaly-detectors//1",
        "POST /*,-other/_update_by_query",
        "POST /c:anomaly-detectors/_delete_by_query",
        "POST /anomaly-detectors::data/_delete_by_query",
        "POST /anomaly-detectors-000001/_close",
        "POST //_close",
        "PUT //_settings",
        "PUT /_settings",
        "PUT /_mapping?index=anom*",
        "PUT /_mapping/type",
        "POST /_bulk?index=anomaly-detectors",
        "POST /_bulk?%69ndex=anomaly%2ddetectors",
        "POST /other/_rollover?new_index=anomaly-detectors",
        "POST /other/_rollover/anomaly-detectors",
        "PUT /other/_clone/anomaly-detectors",
        "PUT /anomaly-detectors/_clone/other",
        "PUT /other/_alias/anomaly-detectors",
        "PUT /other/_alias?name=anomaly-detectors",
        "DELETE /anomaly-detectors/_alias/x",
        "PUT /anomaly-detectors/_block/write",
        "PUT /_template/t?template=anom*",
        "PUT /_data_stream/anomaly-detectors",
        "POST /_create_from/other/anomaly-detectors",
        "POST /_plugins/_ism/add/anom*",
        "POST /anomaly-detectors/_no_such_api",
        "POST /other/_no_such_api/anomaly-detectors",
        "PATCH /anomaly-detectors",
        "get /anomaly-detectors",
        "POST /_bulk/stream",
        "POST /_dangling/abc?accept_data_loss=true",
        "PUT /other/_alias/x?source={}&source_content_type=application/json",
        "DELETE /anomaly%zzdetectors",
        "PUT /other/_doc/1?index=%zz",
    ] {
        assert!(
            matches!(judge(request), Verdict::Refuse(_)),
            "{request}: {:?}",
            judge(request)
        );
    }
}

#[test]
fn everything_else_passes() {
    for request in [
        "GET /anomaly-detectors/_search",
        "HEAD /anomaly-detectors",
        "OPTIONS /anomaly-detectors",
        "POST /anomaly-detectors/_search",
        "POST /*/_count",
        "POST /_msearch",
        "POST /anomaly-detectors/_refresh",
        "POST /_flush",
        "POST /anomaly-detectors/_forcemerge",
        "PUT /other/_doc/anomaly-detectors",
        "PUT /other/_doc/%zz",
        "PUT /other/type/*",
        "DELETE /other",
        "DELETE /other*",
        "DELETE /*,-anomaly-detectors*,-jobs-alias",
        "PUT /anomaly-detectors2/_doc/1",
        "PUT /%3Clogs-%7Bnow%2Fd%7D%3E/_doc/1",
        "PUT /other/_mapping",
        "PUT /_mapping?index=other",
        "DELETE /other/_alias/*",
        "PUT /_cluster/settings",
        "PUT /_security/role/anomaly-detectors",
        "PUT /_snapshot/r/anomaly-detectors",
        "DELETE /_index_template/anomaly-detectors",
        "POST /_ml/anomaly_detectors/anomaly-detectors/_close",
        "POST /_tasks/_cancel",
        "POST /",
        "POST //",
    ] {
        assert_eq!(judge(request), Verdict::Pass, "{request}");
    }
}

#[test]
fn while_its_names_are_unknown_no_other_index_is_written_to() {
    let guard = IndexGuard::new("anomaly-detectors", TERMS);
    let judge = |method: Method, path: &str| guard.judge(&method, &target(path));
    let unknown = Verdict::Refuse(Reason::NamesUnknown);
    assert_eq!(judge(Method::PUT, "/other/_doc/1"), unknown);
    assert_eq!(judge(Method::POST, "/_bulk"), unknown);
    assert_eq!(judge(Method::PUT, "/_no_such_api/x"), unknown);
    let named = judge(Method::DELETE, "/anomaly-detectors");
    assert!(matches!(named, Verdict::Refuse(Reason::Named { .. })));
    for path in [
        "/other/_search",
        "/_security/user/u",
        "/_cluster/settings",
        "/other/_refresh",
    ] {
        assert_eq!(judge(Method::POST, path), Verdict::Pass, "{path}");
    }
    assert_eq!(judge(Method::GET, "/other"), Verdict::Pass);
}

#[test]
fn bodies_that_cannot_be_read_as_the_node_reads_them_are_refused() {
    let inspect = |fields: &[(http::HeaderName, &'static str)]| {
        let fields = fields
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut inspector = Inspector::new(guard(), BodyKind::Bulk, &fields.collect())?;
        inspector.look(b"\n").and_then(|_| inspector.finish())
    };
    let content_type = http::header::CONTENT_TYPE;
    for good in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/x-ndjson",
        "application/vnd.elasticsearch+x-ndjson;compatible-with=8",
        "application/vnd.opensearch+json",
    ] {
        assert_eq!(inspect(&[(content_type.clone(), good)]), Ok(()), "{good}");
    }
    for bad in [
        "application/yaml",
        "application/smile",
        "application/cbor",
        "text/plain",
        "application/json, x/y",
        "",
    ] {
        assert_eq!(
            inspect(&[(content_type.clone(), bad)]),
            Err(Unjudged::Format.into()),
            "{bad}"
        );
    }
    assert_eq!(inspect(&[]), Err(Unjudged::Format.into()));
    let brotli = [
        (content_type, "application/json"),
        (http::header::CONTENT_ENCODING, "br"),
    ];
    assert_eq!(inspect(&brotli), Err(Unjudged::Coding.into()));
}

#[test]
fn a_refusal_names_the_index_the_rule_and_what_to_do() {
    let refused = guard().refused(Reason::named(Place::Path, "anom*"));
    assert_eq!(
        refused.to_string(),
        "the index [anomaly-detectors] is protected by [jobs.protect], and this request could write to it: [anom*] in its \
         path could name it; ask somebody"
    );
}
