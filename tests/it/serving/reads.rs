//! Reading jobs (jobs-api.md §1).

use serde_json::{Value, json};

use super::{Serving, is, kind, reason};
use crate::support::wire;

#[test]
fn a_job_is_read_as_it_was_created() {
    for version in ["7.0", "7.10", "7.17", "8.19", "9.5"] {
        let serving = Serving::version(version);
        let settings = json!({"b": 1, "a": {"created_by": "x"}, "created_by": "me"});
        let created = serving.create(
            "web-1",
            &json!({"groups": ["web"], "description": "d", "custom_settings": settings}),
        );
        let answer = serving.get("/web-1");
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert_eq!(answer.json(), json!({"count": 1, "jobs": [created]}), "{version}");
        // Key by key, as a person would see it.
        let expected = json!({"count": 1, "jobs": [created]}).to_string();
        assert_eq!(answer.text(), expected, "{version}");
        let is_branded = !["7.0", "7.10"].contains(&version);
        assert_eq!(
            answer.values("x-elastic-product").contains(&"Elasticsearch"),
            is_branded,
            "{version}"
        );
    }
}

#[test]
fn expressions_name_jobs_and_groups() {
    let serving = Serving::version("8.19");
    assert_eq!(serving.ids(""), Ok(vec![]));
    assert_eq!(serving.ids("/x*"), Ok(vec![]));
    assert_eq!(serving.get("/web-1").status(), 404);
    // There is no index yet, and none is made by a question.
    assert_eq!(serving.stored("x")["error"]["type"], "index_not_found_exception");
    serving.create("web-2", &json!({"groups": ["web", "all-of-them"]}));
    serving.create("web-1", &json!({"groups": ["web"]}));
    serving.create("ops_1", &json!({}));
    serving.create("0ps", &json!({}));
    let all = ["0ps", "ops_1", "web-1", "web-2"];
    for (rest, ids) in [
        ("", &all[..]),
        ("/", &all),
        ("///", &all),
        ("?", &all),
        ("/_all", &all),
        ("/*", &all),
        ("/**", &all),
        ("/%2A/", &all),
        ("/,", &all),
        ("/web-1", &["web-1"]),
        ("/web-1//?", &["web-1"]),
        ("/%77eb-1", &["web-1"]),
        ("/web-2,web-1", &["web-1", "web-2"]),
        ("/web-2%2C%20web-1%2C%2C", &["web-1", "web-2"]),
        ("/web", &["web-1", "web-2"]),
        ("/web,web-1,w*", &["web-1", "web-2"]),
        ("/all*", &["web-2"]),
        ("/*s*", &["0ps", "ops_1"]),
        ("/*,web-1", &all),
        ("/nothing*", &[]),
        ("/nothing*,ops_1", &["ops_1"]),
        ("?job_id=ops_1", &["ops_1"]),
        ("/web-1?job_id=ops_1", &["web-1"]),
        ("/web?allow_no_match=false", &["web-1", "web-2"]),
    ] {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(serving.ids(rest), Ok(ids), "{rest}");
    }
    let old = wire::call(
        serving.gateway.address,
        "GET",
        "/_xpack/ml/anomaly_detectors/web-1",
        &[],
        "",
    );
    assert_eq!(old.status(), 400, "{}", old.text());
    for (rest, named) in [
        ("/x", "[x]"),
        ("/x?allow_no_match=true", "[x]"),
        ("/web-1,y,web,x*,x", "[y,x]"),
        ("/web-1,_all", "[_all]"),
        ("/WEB-1", "[WEB-1]"),
        ("/web-%3F", "[web-?]"),
        ("/-web", "[-web]"),
        ("/x*,web*,y?allow_no_match=false", "[x*,y]"),
        ("/a%2Fb", "[a/b]"),
    ] {
        let answer = serving.get(rest);
        is(&answer, 404, "resource_not_found_exception");
        assert!(reason(&answer).ends_with(named), "{rest}: {}", reason(&answer));
        assert_eq!(answer.json()["error"]["root_cause"][0]["reason"], reason(&answer));
    }
    let empty = Serving::version("8.19");
    let answer = empty.get("/_all?allow_no_match=false");
    is(&answer, 404, "resource_not_found_exception");
    assert!(reason(&answer).ends_with("[*]"), "{}", reason(&answer));
}

/// jobs-api.md §1.1.
#[test]
fn each_version_has_its_parameters() {
    let serving = Serving::version("7.0");
    serving.create("a", &json!({}));
    for (version, rest, status) in [
        ("7.0", "/x*?allow_no_jobs=false", 404),
        ("7.0", "/x*?allow_no_jobs=true", 200),
        ("7.0", "?allow_no_match=true", 400),
        ("7.0", "?exclude_generated=true", 400),
        ("7.9", "?allow_no_match", 400),
        ("7.10", "/x*?allow_no_match=false", 404),
        ("7.10", "/x*?allow_no_match=false&allow_no_jobs=true", 404),
        ("7.10", "/x*?allow_no_jobs=false", 404),
        ("7.10", "?exclude_generated", 400),
        ("7.17", "?exclude_generated&allow_no_jobs", 200),
        ("7.17", "?allow_no_match=yes", 400),
        ("8.19", "?allow_no_jobs=true", 400),
        ("8.19", "?exclude_generated=no", 400),
        ("8.19", "?exclude_generated=&human=&pretty=&format=json", 200),
        ("8.19", "?from=0", 400),
        ("8.19", "?size=1", 400),
        ("8.19", "?timeout=1s", 400),
        ("9.5", "?for_export=true", 400),
        ("9.5", "/a?filter_path=jobs.job_id", 200),
    ] {
        let answer = serving.as_version(version).get(rest);
        assert_eq!(answer.status(), status, "{version} {rest}: {}", answer.text());
        if status == 400 {
            assert_eq!(kind(&answer), "illegal_argument_exception", "{version} {rest}");
        }
    }
    let filtered = serving.get("/a?filter_path=jobs.job_id");
    assert_eq!(filtered.json(), json!({"jobs": [{"job_id": "a"}]}));
    let target = "/_ml/anomaly_detectors/a";
    let body = "{\"x\":1}";
    assert_eq!(serving.gateway.call("GET", target, body).status(), 200);
    let refused = serving.as_version("8.19").gateway.call("GET", target, body);
    is(&refused, 400, "illegal_argument_exception");
    assert!(reason(&refused).contains("[GET /_ml/anomaly_detectors/a]"));
    // The older spelling earns a warning.
    let old = wire::call(
        serving.gateway.address,
        "GET",
        "/_xpack/ml/anomaly_detectors/a",
        &[],
        "",
    );
    assert_eq!(old.status(), 200, "{}", old.text());
    let warned =
        "[GET /_xpack/ml/anomaly_detectors/{job_id}] is deprecated! Use [GET /_ml/anomaly_detectors/{job_id}] instead.";
    assert!(old.values("warning").iter().any(|warning| warning.contains(warned)));
}

/// jobs-api.md §1.1: from 7.10 on, and whatever comes of the request.
#[test]
fn the_earlier_name_of_a_parameter_earns_a_warning() {
    let first = Serving::version("7.10");
    let before = first.as_version("7.9");
    let warned = "Deprecated field [allow_no_jobs] used, expected [allow_no_match] instead";
    for (serving, rest, status, count) in [
        (&before, "/x*?allow_no_jobs=true", 200, 0),
        (&first, "/x*?allow_no_jobs=true", 200, 1),
        (&first, "/x*?allow_no_jobs=false", 404, 1),
        (&first, "/x*?allow_no_jobs=odd", 400, 1),
        (&first, "/x*?allow_no_jobs&odd", 400, 1),
        (&first, "/x*?allow_no_match=true", 200, 0),
    ] {
        let answer = serving.get(rest);
        assert_eq!(answer.status(), status, "{rest}: {}", answer.text());
        let warnings = answer.values("warning");
        let of_the_name = warnings.iter().filter(|warning| warning.contains(warned)).count();
        assert_eq!(of_the_name, count, "{rest}: {warnings:?}");
    }
}

/// jobs-api.md §1.3, §1.4, §5.3.
#[test]
fn a_datafeed_is_shown_with_its_job_and_left_out_with_what_is_generated() {
    let serving = Serving::version("8.19");
    let feed = json!({"datafeed_id": "feed", "indices": ["logs-*"], "query": {"term": {"a": 1.5}}});
    let settings = json!({"x": 1, "created_by": "me"});
    let created = serving.create("a", &json!({"datafeed_config": feed, "custom_settings": settings}));
    serving.create("b", &json!({}));
    // What a create that broke off has left belongs to nobody.
    let left =
        json!({"datafeed_id": "left", "job_id": "b", "config_type": "datafeed", "create_time": 7, "indices": ["x"]});
    serving.store([("datafeed-left".to_owned(), left)].into_iter());
    let read = serving.get("/a,b").json();
    assert_eq!(read["jobs"][0].to_string(), created.to_string());
    assert_eq!(read["jobs"][0]["datafeed_config"]["datafeed_id"], "feed");
    assert_eq!(read["jobs"][1]["datafeed_config"], Value::Null);
    let human = serving.get("/a?human").json();
    let times: Vec<&String> = human["jobs"][0].as_object().expect("a job").keys().collect();
    let place = times.iter().position(|key| *key == "create_time").expect("a time");
    assert_eq!(times[place - 1], "create_time_string");
    let answer = serving.get("/a?exclude_generated=true").json();
    let mut expected = created;
    let members = expected.as_object_mut().expect("a job");
    for name in [
        "job_type",
        "job_version",
        "create_time",
        "model_snapshot_min_version",
        "datafeed_config",
    ] {
        members.shift_remove(name);
    }
    expected["custom_settings"] = json!({"x": 1});
    assert_eq!(answer["jobs"][0], expected);
    // Versions before 7.15 know no such member.
    let earlier = serving.as_version("7.14").get("/a").json();
    assert_eq!(earlier["jobs"][0]["datafeed_config"], Value::Null);
}

/// jobs-api.md §1.3.
#[test]
fn what_a_stored_job_lacks_is_filled_in_and_what_breaks_a_rule_spoils_the_list() {
    let serving = Serving::version("8.19");
    serving.create("a", &json!({}));
    let stored = serving.stored("anomaly_detector-a")["_source"].clone();
    let mut old = stored.clone();
    old["job_id"] = "old".into();
    old["unknown"] = json!({"x": 1});
    old["finished_time"] = 1_500_000_000_000_i64.into();
    old.as_object_mut().expect("a job").shift_remove("analysis_limits");
    serving.store([("anomaly_detector-old".to_owned(), old)].into_iter());
    let job = serving.get("/old").json()["jobs"][0].clone();
    assert_eq!(job["analysis_limits"]["model_memory_limit"], "4096mb");
    assert_eq!(job["finished_time"], 1_500_000_000_000_i64);
    assert_eq!(job["unknown"], Value::Null);
    assert_eq!(job["analysis_config"]["detectors"][0]["detector_index"], 0);
    let mut broken = stored;
    broken["job_id"] = "broken".into();
    broken["analysis_config"]["bucket_span"] = "0s".into();
    serving.store([("anomaly_detector-broken".to_owned(), broken)].into_iter());
    assert_eq!(serving.get("/a").status(), 200);
    for rest in ["/broken", "/a,broken", ""] {
        assert_eq!(serving.get(rest).status(), 400, "{rest}");
    }
}

/// More jobs than a page has, and jobs that are too long for a page: all come, in order, and none twice.
#[test]
fn many_and_long_jobs_come_page_by_page() {
    let serving = Serving::version("7.0");
    serving.create("j", &json!({}));
    let stored = serving.stored("anomaly_detector-j")["_source"].clone();
    let copy = |id: String, description: usize| {
        let mut job = stored.clone();
        job["job_id"] = id.clone().into();
        if description > 0 {
            job["description"] = "x".repeat(description).into();
        }
        (format!("anomaly_detector-{id}"), job)
    };
    serving.store((0..420).map(|number| copy(format!("short-{number:03}"), 0)));
    serving.store((0..12).map(|number| copy(format!("long-{number:02}"), 700_000)));
    let ids = serving.ids("").expect("jobs");
    let mut expected: Vec<String> = (0..420).map(|number| format!("short-{number:03}")).collect();
    expected.extend((0..12).map(|number| format!("long-{number:02}")));
    expected.push("j".to_owned());
    expected.sort();
    assert_eq!(ids, expected);
    // A list for which there is no room is refused.
    let index = &serving.index;
    let yaml = format!("jobs: {{ index: {index}, serve: all }}\nlimits: {{ bodies: 1mb }}\n");
    let narrow = crate::support::gateway::Gateway::configured(&[crate::support::node::shared_url()], &yaml);
    let answer = wire::call(narrow.address, "GET", "/_ml/anomaly_detectors/long-*", &[], "");
    is(&answer, 429, "circuit_breaking_exception");
    let answer = wire::call(narrow.address, "GET", "/_ml/anomaly_detectors/short-00*", &[], "");
    assert_eq!(answer.json()["count"], 10, "{}", answer.text());
}

/// jobs-api.md §0, §9.
#[test]
fn a_head_is_not_allowed() {
    let serving = Serving::version("8.19");
    serving.create("a", &json!({}));
    for (rest, allowed) in [("", "GET"), ("/a", "DELETE,GET,PUT"), ("/x/", "DELETE,GET,PUT")] {
        let mut connection = wire::Connection::to(serving.gateway.address);
        let target = format!("/_ml/anomaly_detectors{rest}");
        connection.send(&wire::request("HEAD", &target, &[], ""));
        let answer = connection.answer(true).expect("an answer");
        assert_eq!(
            (answer.status(), answer.values("allow")),
            (405, vec![allowed]),
            "{rest}"
        );
    }
}
