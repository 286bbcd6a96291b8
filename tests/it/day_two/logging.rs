//! What is logged, in which form, and how it is changed while the gateway runs.

use serde_json::{Value, json};

use super::ADMIN;
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::StandIn;
use crate::support::wire;

/// The gateway says where it listens, and nothing of jobs.
const FEW: &str = "info,anomaly_gateway::proxy=warn";

fn put_level(gateway: &Gateway, level: &str) -> (u16, Value) {
    let answer = wire::call(gateway.admin(), "PUT", "/log-level", &[], level);
    (answer.status(), answer.json())
}

#[test]
fn the_level_is_changed_while_the_gateway_runs_and_a_mistyped_one_is_told() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let gateway = Gateway::configured(&[cluster.url()], &format!("{{{ADMIN}, log: {{level: '{FEW}'}}}}"));
    assert_eq!(gateway.ask_admin("GET", "/log-level").json(), json!({"level": FEW}));
    gateway.create_job("a", &job::smallest());
    assert_eq!(put_level(&gateway, "debug\n"), (200, json!({"level": "debug"})));
    gateway.logged(&[
        "INFO",
        "the log level was changed",
        "level=\"debug\"",
        "cause=\"request\"",
    ]);
    gateway.create_job("b", &job::smallest());
    gateway.logged(&["INFO", "committed", "id=\"b\""]);
    assert!(!gateway.log().contains("id=\"a\""), "{}", gateway.log());

    let (status, body) = put_level(&gateway, "inof");
    let told = body["error"].as_str().expect("a text");
    assert!(status == 400 && told.contains("did you mean `info`?"), "{told}");
    let (status, _) = put_level(&gateway, &"x".repeat(5000));
    assert_eq!(status, 400);
    assert_eq!(gateway.ask_admin("GET", "/log-level").json(), json!({"level": "debug"}));
    assert_eq!(
        gateway.ask_admin("POST", "/log-level").values("allow"),
        ["GET, HEAD, PUT"]
    );

    assert_eq!(put_level(&gateway, "error").0, 200);
    gateway.create_job("c", &job::smallest());
    assert_eq!(put_level(&gateway, "info").0, 200);
    gateway.create_job("d", &job::smallest());
    gateway.logged(&["INFO", "committed", "id=\"d\""]);
    assert!(!gateway.log().contains("id=\"c\""), "{}", gateway.log());
}

#[test]
fn the_log_is_json_by_the_names_of_the_schema_and_says_who_asked() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let arguments = ["--log-format", "json", "--admin-listen", "127.0.0.1:0"];
    let gateway = Gateway::with(&[cluster.url()], &arguments);
    let fields = [
        ("content-type", "application/json"),
        ("authorization", "Basic YWRhOnNlY3JldA=="),
        ("x-opaque-id", "it \"is\" me"),
    ];
    let target = "/_ml/anomaly_detectors/a?timeout=1s";
    assert_eq!(
        wire::call(gateway.address, "PUT", target, &fields, &job::smallest()).status(),
        200
    );
    let line = gateway.logged(&["\"committed\""]);
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["message"], "committed");
    assert_eq!(
        line["log"],
        json!({"level": "info", "logger": "anomaly_gateway::proxy"})
    );
    assert_eq!(line["client"]["ip"], "127.0.0.1");
    assert_eq!(line["user"]["name"], "ada");
    assert_eq!(line["elasticsearch"]["http"]["request"]["x_opaque_id"], "it \"is\" me");
    assert_eq!(line["http"]["request"]["method"], "PUT");
    assert_eq!(line["url"]["path"], "/_ml/anomaly_detectors/a");
    assert!(
        line["event"]["duration"].as_f64().is_some_and(|nanos| nanos > 0.0),
        "{line}"
    );
    assert_eq!(line["anomaly_gateway"]["id"], "a");
    assert_eq!(line["anomaly_gateway"]["dry_run"], false);
    for line in gateway.log().lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            line["@timestamp"].is_string() && line["ecs"]["version"].is_string(),
            "{line}"
        );
    }
    assert!(
        !gateway.log().contains("secret") && !gateway.log().contains("YWRh"),
        "{}",
        gateway.log()
    );
}
