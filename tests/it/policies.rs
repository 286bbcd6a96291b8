//! The operator's policies, as clients meet them.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::Answer;

const BUDGET: &str = "\
policies:
  - name: memory-budget
    match: { job_id: ['web-*'] }
    enforcement: ENFORCEMENT
    defaults: { analysis_limits: { model_memory_limit: 256mb } }
    schema:
      properties:
        analysis_limits: { properties: { model_memory_limit: { x-max-bytes: 512mb } } }
    message: Ask for \"more\" than 512 MB, 100 % of the time.
    link: https://example.org/budget
  - name: detectors
    match: { job_id: ['web-*'] }
    enforcement: ENFORCEMENT
    rule: size(job.analysis_config.detectors) < 2
";

/// A gateway with policies before a cluster that is not there.
struct Governed {
    cluster: StandIn,
    gateway: Gateway,
    _folder: TempDir,
}

impl Governed {
    fn by(policies: &str) -> Self {
        Self::configured(policies, "", StandIn::elasticsearch("8.19.21"))
    }

    fn configured(policies: &str, more: &str, cluster: StandIn) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("policies.yml"), policies).expect("a file");
        let config = folder.path().join("gateway.yml");
        fs::write(&config, format!("policies: {{ files: [policies.yml] }}\n{more}")).expect("a file");
        let config = config.to_str().expect("a path");
        let gateway = Gateway::with(&[cluster.url()], &["--config", config]);
        Self {
            cluster,
            gateway,
            _folder: folder,
        }
    }

    fn put(&self, target: &str, body: &str) -> Answer {
        let target = format!("/_ml/anomaly_detectors/{target}");
        self.gateway.call("PUT", &target, body)
    }
}

/// A job that asks for that much memory, with so many detectors.
fn job_of(memory: &str, detectors: usize) -> String {
    let detector = |number| json!({"function": "mean", "field_name": format!("field{number}")});
    json!({
        "analysis_config": {"detectors": (0..detectors).map(detector).collect::<Vec<_>>()},
        "data_description": {},
        "analysis_limits": {"model_memory_limit": memory}
    })
    .to_string()
}

#[test]
fn all_violations_are_told_at_once_and_nothing_is_stored() {
    let governed = Governed::by(&BUDGET.replace("ENFORCEMENT", "enforce"));
    let answer = governed.put("web-1", &job_of("1gb", 2));
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.values("x-elastic-product"), ["Elasticsearch"]);
    let body = answer.json();
    assert_eq!(body["status"], 400);
    assert_eq!(body["error"]["type"], "policy_violation_exception");
    let causes = body["error"]["root_cause"].as_array().expect("a list");
    assert_eq!(causes.len(), 2, "{body}");
    let members = |cause: &Value, names: &[&str]| names.iter().map(|name| cause[*name].clone()).collect::<Vec<_>>();
    assert_eq!(
        members(
            &causes[0],
            &["type", "policy", "pointer", "value", "limit", "message", "link"]
        ),
        [
            "policy_violation_exception",
            "memory-budget",
            "/analysis_limits/model_memory_limit",
            "1024mb",
            "512mb",
            "Ask for \"more\" than 512 MB, 100 % of the time.",
            "https://example.org/budget"
        ]
    );
    assert_eq!(
        members(&causes[1], &["policy", "limit"]),
        ["detectors", "size(job.analysis_config.detectors) < 2"]
    );
    assert!(governed.cluster.creates().is_empty());

    assert_eq!(governed.put("web-1", &job_of("512mb", 1)).status(), 200);
    assert_eq!(
        governed.put("db-1", &job_of("1gb", 2)).status(),
        200,
        "no policy concerns it"
    );
}

#[test]
fn elasticsearchs_own_refusal_comes_first() {
    let governed = Governed::by(&BUDGET.replace("ENFORCEMENT", "enforce"));
    let answer = governed.put(
        "web-1",
        r#"{"analysis_config": {"detectors": []}, "data_description": {}}"#,
    );
    assert_eq!(answer.status(), 400);
    assert_ne!(answer.json()["error"]["type"], "policy_violation_exception");
}

#[test]
fn a_warning_is_one_of_elasticsearchs_kind_and_the_job_is_created() {
    let governed = Governed::by(&BUDGET.replace("ENFORCEMENT", "warn"));
    let answer = governed.put("web-1", &job_of("1gb", 2));
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(
        answer.values("warning"),
        [
            "299 Elasticsearch-8.19.21-0123456789abcdef0123456789abcdef01234567 \"policy [memory-budget]: \
             [/analysis_limits/model_memory_limit] is [1024mb], which is more than [512mb]. \
             Ask for \\\"more\\\" than 512 MB, 100 %25 of the time. (https://example.org/budget)\"",
            "299 Elasticsearch-8.19.21-0123456789abcdef0123456789abcdef01234567 \"policy [detectors]: \
             the job does not keep `size(job.analysis_config.detectors) < 2`\"",
        ]
    );
    assert_eq!(governed.cluster.creates().len(), 1);
}

#[test]
fn an_audit_changes_nothing_that_a_client_sees() {
    let audited = Governed::by(&BUDGET.replace("ENFORCEMENT", "audit"));
    let free = Governed::by("policies: []");
    for body in [job_of("1gb", 2), job::smallest()] {
        let (audited, free) = (audited.put("web-1", &body), free.put("web-1", &body));
        assert_eq!(audited.status_line, free.status_line);
        assert_eq!(audited.fields, free.fields);
        let without_time = |answer: &Answer| job::without(answer.json(), &["create_time"]);
        assert_eq!(without_time(&audited), without_time(&free));
    }
}

#[test]
fn defaults_fill_in_what_a_client_left_out() {
    let governed = Governed::by(&BUDGET.replace("ENFORCEMENT", "enforce"));
    let limits = |answer: Answer| answer.json()["analysis_limits"]["model_memory_limit"].clone();
    assert_eq!(limits(governed.put("web-1", &job::smallest())), "256mb");
    assert_eq!(limits(governed.put("web-1", &job_of("64mb", 1))), "64mb");
    assert_eq!(limits(governed.put("db-1", &job::smallest())), "1024mb");
}

#[test]
fn days_and_exceptions_decide() {
    let policy = |more: &str| format!("policies:\n  - {{ name: p, enforcement: enforce, rule: \"false\"{more} }}\n");
    let status = |more: &str| Governed::by(&policy(more)).put("web-1", &job::smallest()).status();
    assert_eq!(status(""), 400);
    assert_eq!(status(", enforce_after: 2020-01-01"), 400);
    assert_eq!(status(", enforce_after: 2200-01-01"), 200);
    let exception = |expires: &str| {
        format!(", exceptions: [{{ job_id: ['web-*'], owner: me, reason: testing, expires: {expires} }}]")
    };
    assert_eq!(status(&exception("2020-01-01")), 400);
    assert_eq!(status(&exception("2200-01-01")), 200);
}

#[test]
fn users_are_who_the_cluster_says_they_are() {
    let cluster = || {
        StandIn::answering("8.19.21", |(line, head)| {
            let is_asked = line.starts_with("GET /_security/_authenticate ");
            let is_ada = head.contains("Basic YWRhOng=");
            is_asked.then(|| {
                let body = if is_ada {
                    r#"{"username":"ada","roles":["ml_admin"]}"#
                } else {
                    r#"{"username":"bob","roles":["viewer"]}"#
                };
                with_fields("200 OK", &[], body)
            })
        })
    };
    let policy = "policies:\n  - { name: p, enforcement: enforce, rule: 'false', match: { users: [ml_*] } }\n";
    let governed = Governed::configured(policy, "", cluster());
    let put = |credentials: &str| {
        let fields = [("content-type", "application/json"), ("authorization", credentials)];
        let target = "/_ml/anomaly_detectors/j";
        crate::support::wire::call(governed.gateway.address, "PUT", target, &fields, &job::smallest()).status()
    };
    assert_eq!(put("Basic YWRhOng="), 400);
    assert_eq!(put("Basic Ym9iOng="), 200);
}

#[test]
fn a_dry_run_answers_as_the_real_call_would_and_stores_nothing() {
    let governed = Governed::by(&BUDGET.replace("ENFORCEMENT", "enforce"));
    let answer = governed.put("web-1?dry_run=true&pretty", &job::smallest());
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let mut body = answer.json();
    let changes = body["changes"].take();
    assert_eq!(body["dry_run"], true);
    assert!(governed.cluster.creates().is_empty());
    assert!(
        governed
            .cluster
            .upstream
            .heads()
            .iter()
            .all(|head| !head.starts_with("PUT "))
    );
    let expected = json!({"op": "add", "path": "/analysis_limits", "origin": "policy memory-budget",
        "value": {"model_memory_limit": "256mb", "categorization_examples_limit": 4}});
    let changes = changes.as_array().expect("a list");
    assert!(changes.contains(&expected), "{changes:?}");

    let real = governed.put("web-1", &job::smallest()).json();
    let same = |document: Value| job::without(document, &["create_time"]);
    let mut tried = same(body);
    for name in ["dry_run", "changes"] {
        tried.as_object_mut().expect("an object").remove(name);
    }
    assert_eq!(tried, same(real));

    let refused = governed.put("web-1?dry_run", &job_of("1gb", 1));
    assert_eq!(refused.json(), governed.put("web-1", &job_of("1gb", 1)).json());
    assert_eq!(governed.put("web-1?dry_run=maybe", &job::smallest()).status(), 400);
    // Of what the API itself refuses it names the rule, and is the answer of the real call otherwise.
    let wrong = r#"{"analysis_config":{"detectors":[{"function":"sum","by_field_name":"a"}]},"data_description":{}}"#;
    let mut refused = governed.put("web-1?dry_run", wrong).json();
    let rule = refused["error"].as_object_mut().expect("an error").shift_remove("rule");
    assert_eq!(rule, Some(json!("detector.field_name_needed")));
    assert_eq!(refused, governed.put("web-1", wrong).json());
    assert_eq!(
        governed
            .put("web-1?dry_run=false", &job::smallest())
            .json()
            .get("dry_run"),
        None
    );
}

/// Who reads the log finds the rule in `docs/rules.md`.
#[test]
fn the_log_names_the_rule_of_the_api_that_refuses() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let debug = [("ANOMALY_GATEWAY_LOG", "debug")];
    let gateway = Gateway::with_environment(&[cluster.url()], &[], &debug);
    let wrong = r#"{"analysis_config":{"detectors":[{"function":"sum","by_field_name":"a"}]},"data_description":{}}"#;
    assert_eq!(gateway.create_job("web-1", wrong).status(), 400);
    gateway.logged(&["decided", "refused", "detector.field_name_needed", "web-1"]);
}

#[test]
fn a_dry_run_that_is_switched_off_is_an_unknown_parameter() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let governed = Governed::configured("policies: []", "jobs: { dry_run: false }", cluster);
    let answer = governed.put("j?dry_run=true", &job::smallest());
    assert_eq!(answer.status(), 400);
    let reason = answer.json()["error"]["reason"].as_str().expect("a reason").to_owned();
    assert!(reason.contains("unrecognized parameter: [dry_run]"), "{reason}");
    assert!(governed.cluster.creates().is_empty());
}

#[test]
fn a_policy_that_cannot_be_evaluated_does_as_it_says() {
    let policy = |on_error: &str| {
        format!(
            "policies:\n  - {{ name: p, enforcement: enforce, rule: job.custom_settings.at.all, on_error: {on_error} }}\n"
        )
    };
    let answer = Governed::by(&policy("refuse")).put("j", &job::smallest());
    assert_eq!(answer.json()["error"]["root_cause"][0]["policy"], "p");
    assert_eq!(Governed::by(&policy("admit")).put("j", &job::smallest()).status(), 200);
}

#[test]
fn defaults_that_break_a_job_are_the_policys_fault() {
    let policy = |on_error: &str| {
        format!(
            "policies:\n  - {{ name: p, enforcement: warn, defaults: {{ results_retention_days: -1 }}, on_error: {on_error} }}\n"
        )
    };
    let answer = Governed::by(&policy("refuse")).put("j", &job::smallest());
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json()["error"]["type"], "policy_violation_exception");
    assert_eq!(Governed::by(&policy("admit")).put("j", &job::smallest()).status(), 200);
}
