//! Deleting jobs (jobs-api.md §2).

use std::thread;

use serde_json::{Value, json};

use super::{Serving, is, reason};
use crate::support::gateway::Gateway;
use crate::support::node;
use crate::support::wire;

fn acknowledged() -> Value {
    json!({"acknowledged": true})
}

#[test]
fn a_deleted_job_is_gone_and_its_names_are_free() {
    let serving = Serving::version("8.19");
    let missing = serving.call("DELETE", "/a");
    is(&missing, 404, "resource_not_found_exception");
    let feed = json!({"datafeed_config": {"datafeed_id": "feed", "indices": ["logs"]}});
    serving.create("a", &feed);
    serving.create("b", &json!({"groups": ["g"]}));
    assert_eq!(serving.stored("datafeed-feed")["found"], true);
    let deleted = serving.call("DELETE", "/a");
    assert_eq!((deleted.status(), deleted.json()), (200, acknowledged()));
    for id in ["anomaly_detector-a", "datafeed-feed"] {
        assert_eq!(serving.stored(id)["found"], false, "{id}");
    }
    assert_eq!(serving.ids(""), Ok(vec!["b".to_owned()]));
    let again = serving.call("DELETE", "/a?force=true");
    is(&again, 404, "resource_not_found_exception");
    assert!(reason(&again).contains("[a]"));
    // Both names can be taken at once.
    serving.create("a", &feed);
    assert_eq!(
        serving.get("/a").json()["jobs"][0]["datafeed_config"]["datafeed_id"],
        "feed"
    );
}

#[test]
fn one_job_is_deleted_by_its_very_id() {
    let serving = Serving::version("8.19");
    serving.create("a", &json!({"groups": ["g"]}));
    serving.create("b", &json!({}));
    for rest in ["/g", "/_all", "/*", "/a*", "/a,b", "/A", "/%2A", "/a%2Fb", "/.."] {
        is(&serving.call("DELETE", rest), 404, "resource_not_found_exception");
    }
    // No id, no call: what the cluster says of it.
    assert_eq!(serving.call("DELETE", "").status(), 400);
    assert_eq!(serving.ids(""), Ok(vec!["a".to_owned(), "b".to_owned()]));
    for rest in [
        "/%61//?",
        "/b/?wait_for_completion=false&force&timeout=1m&master_timeout=1s&delete_user_annotations=true",
    ] {
        let deleted = serving.call("DELETE", rest);
        assert_eq!((deleted.status(), deleted.json()), (200, acknowledged()), "{rest}");
    }
    assert_eq!(serving.ids(""), Ok(vec![]));
}

#[test]
fn each_version_has_its_parameters() {
    let serving = Serving::version("7.17");
    serving.create("a", &json!({}));
    for (version, rest) in [
        ("7.17", "/a?delete_user_annotations=true"),
        ("7.17", "/a?force=yes"),
        ("7.17", "/a?wait_for_completion=1"),
        ("7.17", "/a?timeout=x"),
        ("7.17", "/a?allow_no_match"),
        ("9.5", "/a?delete_user_annotations=maybe"),
    ] {
        let answer = serving.as_version(version).call("DELETE", rest);
        is(&answer, 400, "illegal_argument_exception");
    }
    let body = |serving: &Serving| serving.gateway.call("DELETE", "/_ml/anomaly_detectors/a", "{}");
    is(&body(&serving), 400, "illegal_argument_exception");
    assert_eq!(serving.ids(""), Ok(vec!["a".to_owned()]));
    assert_eq!(body(&serving.as_version("7.0")).status(), 200);
    serving.create("a", &json!({}));
    let target = "/_xpack/ml/anomaly_detectors/a";
    let old = wire::call(serving.gateway.address, "DELETE", target, &[], "");
    assert_eq!(old.status(), 200, "{}", old.text());
    let text = "[DELETE /_xpack/ml/anomaly_detectors/{job_id}] is deprecated! Use [DELETE /_ml/anomaly_detectors/{job_id}] instead.";
    assert!(old.values("warning").iter().any(|warning| warning.contains(text)));
}

/// Of many who delete one job at once, one has deleted it.
#[test]
fn a_job_is_deleted_once() {
    let serving = Serving::version("8.19");
    for round in 0..5 {
        serving.create("a", &json!({"datafeed_config": {"indices": ["logs"]}}));
        let statuses: Vec<u16> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| serving.call("DELETE", "/a").status()))
                .collect();
            let join = |thread: thread::ScopedJoinHandle<'_, u16>| thread.join().expect("no panic");
            threads.into_iter().map(join).collect()
        });
        let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
        assert_eq!((count(200), count(404)), (1, 7), "{round}: {statuses:?}");
        assert_eq!(serving.stored("datafeed-a")["found"], false);
    }
}

/// An update and a delete of one job at once: it is gone afterwards, whoever was first.
#[test]
fn an_update_does_not_bring_a_deleted_job_back() {
    let serving = Serving::version("8.19");
    for round in 0..5 {
        serving.create("a", &json!({}));
        thread::scope(|scope| {
            let update = || {
                serving
                    .gateway
                    .call("POST", "/_ml/anomaly_detectors/a/_update", r#"{"description":"x"}"#)
            };
            let updates: Vec<_> = (0..4).map(|_| scope.spawn(update)).collect();
            let deleted = serving.call("DELETE", "/a");
            assert_eq!(deleted.status(), 200, "{}", deleted.text());
            for update in updates {
                let status = update.join().expect("no panic").status();
                // Whoever waits too long for a turn is told so.
                assert!([200, 404, 429].contains(&status), "{status}");
            }
        });
        assert_eq!(serving.get("/a").status(), 404, "{round}");
    }
}

/// Protection closes the index to others, and not to the gateway's own calls.
#[test]
fn a_protected_index_is_served_and_not_written_to() {
    let index = node::fresh_id("serving");
    let yaml = format!("jobs: {{ index: {index}, serve: all, protect: true }}\n");
    let gateway = Gateway::configured(&[node::shared_url()], &yaml);
    let serving = Serving { gateway, index };
    serving.create("a", &json!({}));
    let target = format!("/{}/_doc/anomaly_detector-a", serving.index);
    is(&serving.gateway.call("DELETE", &target, ""), 403, "security_exception");
    let update = r#"{"description":"x"}"#;
    let updated = serving.gateway.call("POST", "/_ml/anomaly_detectors/a/_update", update);
    assert_eq!(updated.status(), 200, "{}", updated.text());
    assert_eq!(serving.ids("/a"), Ok(vec!["a".to_owned()]));
    assert_eq!(serving.call("DELETE", "/a").json(), acknowledged());
    assert_eq!(serving.ids(""), Ok(vec![]));
}

/// A gateway that is killed while it deletes leaves jobs with their datafeeds, or neither; what it has acknowledged is gone.
#[test]
fn a_gateway_that_is_killed_leaves_no_half_of_a_job() {
    const JOBS: usize = 6;
    let keeper = Serving::version("8.19");
    let mut left = 0;
    for round in 0..4 {
        let ids: Vec<String> = (0..JOBS).map(|number| format!("j{round}-{number}")).collect();
        let feed = json!({"datafeed_config": {"indices": ["logs"]}});
        for id in &ids {
            keeper.create(id, &feed);
        }
        let mut killed = keeper.as_version("8.19");
        let address = killed.gateway.address;
        let acknowledged: Vec<String> = thread::scope(|scope| {
            let delete = |id: &String| {
                let target = format!("/_ml/anomaly_detectors/{id}");
                let mut connection = wire::Connection::to(address);
                connection.send(&wire::request("DELETE", &target, &[], ""));
                connection.answer(false).filter(|answer| answer.status() == 200)
            };
            let threads: Vec<_> = ids.iter().map(|id| scope.spawn(move || (id, delete(id)))).collect();
            // Once some are gone, whatever it is at.
            wire::eventually("a deletion", || {
                keeper.ids(&format!("/j{round}-*")).is_ok_and(|ids| ids.len() < JOBS)
            });
            killed.gateway.kill();
            let done = threads.into_iter().filter_map(|thread| thread.join().ok());
            done.filter(|(_, answer)| answer.is_some())
                .map(|(id, _)| id.clone())
                .collect()
        });
        let answer = keeper.get(&format!("/j{round}-*")).json();
        for job in answer["jobs"].as_array().expect("jobs") {
            let id = job["job_id"].as_str().expect("an id");
            if job["datafeed_config"].is_null() {
                // What had been sent before was done while the list was read.
                assert_eq!(keeper.get(&format!("/{id}")).status(), 404, "{job}");
                continue;
            }
            assert!(!acknowledged.iter().any(|gone| gone == id), "{id} was acknowledged");
            left += 1;
        }
    }
    eprintln!("{left} of {} jobs were left", 4 * JOBS);
}
