//! What `docs/deviations.md` lists, as far as it has no test elsewhere; and that every test which that page names exists.

use std::fs;
use std::path::Path;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::sources::rust_files;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire;

const PAGE: &str = include_str!("../../docs/deviations.md");

fn before(version: &str) -> (StandIn, Gateway) {
    let cluster = StandIn::elasticsearch(version);
    let gateway = Gateway::before(&[cluster.url()]);
    (cluster, gateway)
}

/// The smallest job with one more member.
fn with_member(member: &str) -> String {
    let job = job::smallest();
    format!("{},{member}}}", job.strip_suffix('}').expect("an object"))
}

/// No results index, no aliases, no notification, no look at the licence, at a cluster-wide limit or at what a deleted
/// job left behind; and the cluster's own timeouts.
#[test]
fn a_create_makes_these_calls_and_no_others() {
    let (cluster, gateway) = before("9.5.3");
    let target = "/_ml/anomaly_detectors/j?timeout=1s&master_timeout=1s";
    let body = with_member(r#""analysis_limits":{"model_memory_limit":"100tb"}"#);
    assert_eq!(gateway.call("PUT", target, &body).status(), 200);
    let heads = cluster.upstream.heads();
    let lines: Vec<&str> = heads.iter().filter_map(|head| head.lines().next()).collect();
    let search = "POST /anomaly%2Ddetectors/_search HTTP/1.1";
    // It waits for none of those that see to the index, nor they for it.
    let place = lines.iter().position(|line| *line == search).expect("a search");
    assert!(place > 1, "{lines:?}");
    let others: Vec<&str> = lines.iter().copied().filter(|line| *line != search).collect();
    assert_eq!(lines.len(), others.len() + 1, "{lines:?}");
    assert_eq!(
        others,
        [
            "GET / HTTP/1.1",
            "POST /_security/user/_has_privileges HTTP/1.1",
            "GET /anomaly%2Ddetectors HTTP/1.1",
            "PUT /anomaly%2Ddetectors HTTP/1.1",
            "GET /anomaly%2Ddetectors HTTP/1.1",
            "PUT /anomaly%2Ddetectors/_create/anomaly_detector-j?refresh=true&pipeline=_none HTTP/1.1",
        ]
    );
}

#[test]
fn names_of_analyzers_are_looked_up_for_callers_who_may_ask() {
    let unknown = r#"{"error":{"root_cause":[],"type":"illegal_argument_exception","reason":"failed to find global analyzer [no such analyzer]"},"status":400}"#;
    let forbidden = r#"{"error":{"root_cause":[],"type":"security_exception","reason":"no"},"status":403}"#;
    let body = r#"{"analysis_config":{"detectors":[{"function":"count","by_field_name":"mlcategory"}],"categorization_field_name":"m","categorization_analyzer":"no such analyzer"},"data_description":{}}"#;
    for (status, answer, expected) in [("400 Bad Request", unknown, 400), ("403 Forbidden", forbidden, 200)] {
        let cluster = StandIn::answering("9.5.3", move |(line, _)| {
            line.contains("/_analyze").then(|| with_fields(status, &[], answer))
        });
        let created = Gateway::before(&[cluster.url()]).create_job("j", body);
        assert_eq!(created.status(), expected, "{}", created.text());
    }
}

#[test]
fn names_in_regular_expressions_are_not_looked_up() {
    let (_cluster, gateway) = before("7.17.28");
    let body = r#"{"analysis_config":{"detectors":[{"function":"count","by_field_name":"mlcategory"}],"categorization_field_name":"m","categorization_filters":["\\p{IsNoSuchScript}","\\N{NO SUCH NAME}","[\\da&&]"]},"data_description":{}}"#;
    assert_eq!(gateway.create_job("j", body).status(), 200);
}

#[test]
fn a_thousand_levels_are_the_limit_of_every_version() {
    let (_cluster, gateway) = before("7.17.28");
    let deep = |levels: usize| {
        let value = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        gateway
            .create_job("j", &with_member(&format!(r#""custom_settings":{value}"#)))
            .status()
    };
    assert_eq!((deep(999), deep(1000)), (200, 400));
}

#[test]
fn somebody_unknown_is_told_nothing_but_that() {
    let unknown = r#"{"error":{"root_cause":[],"type":"security_exception","reason":"x"},"status":401}"#;
    let cluster = StandIn::answering("7.17.28", move |(line, _)| {
        (line == "GET / HTTP/1.1").then(|| with_fields("401 Unauthorized", &[], unknown))
    });
    let gateway = Gateway::before(&[cluster.url()]);
    let job = "/_ml/anomaly_detectors/j";
    let status = |content_type, target: &str, body: &str| {
        wire::call(gateway.address, "PUT", target, &[("content-type", content_type)], body).status()
    };
    // Elasticsearch before 8.7 or so tells the first two of these what is wrong with them (http.md §2.1).
    assert_eq!(status("text/plain", job, "{}"), 401);
    assert_eq!(status("application/json", &format!("{job}?pretty=maybe"), "{}"), 401);
    assert_eq!(status("application/json", job, "{"), 401);
}

#[test]
fn a_refused_body_earns_no_warning() {
    let (_cluster, gateway) = before("7.8.1");
    let fraction = r#""analysis_limits":{"model_memory_limit":"1.5gb"}"#;
    let accepted = gateway.create_job("j", &with_member(fraction));
    assert_eq!((accepted.status(), accepted.values("warning").len()), (200, 1));
    let refused = gateway.create_job("j", &with_member(&format!("{fraction},\"groups\":[\"A\"]")));
    assert_eq!((refused.status(), refused.values("warning").len()), (400, 0));
}

#[test]
fn every_deviation_names_tests_that_exist() {
    assert_named_tests_exist(PAGE, "| Test |");
}

/// The last column of each table of a page names tests that there are. `head` is what the heads of the tables end in.
pub fn assert_named_tests_exist(page: &str, head: &str) {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "tests"].map(|folder| rust_files(&project.join(folder)));
    let sources: Vec<String> = files
        .iter()
        .flatten()
        .map(|file| fs::read_to_string(file).expect("a source"))
        .collect();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.ends_with(head))
        .collect();
    assert!(!rows.is_empty());
    for row in rows {
        let tests = row
            .trim_end_matches([' ', '|'])
            .rsplit('|')
            .next()
            .expect("a last column");
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test is named: {row}");
        for name in named {
            let is_test = |source: &String| {
                let before = source
                    .split(&format!("fn {name}("))
                    .next()
                    .filter(|before| before.len() < source.len());
                before.is_some_and(|before| {
                    let attributes = before.trim_end().trim_end_matches("async").trim_end();
                    let attribute = attributes.rsplit('\n').next().unwrap_or_default().trim();
                    attribute == "#[test]" || attribute.starts_with("#[tokio::test")
                })
            };
            assert!(sources.iter().any(is_test), "no test is called {name}");
        }
    }
}
