//! What judges beside an answer: policies that only audit, and the shadow set. Operators hear of it, clients never.

use std::fs;

use tempfile::TempDir;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{Answer, eventually};

/// A gateway with an active set of policies and perhaps a shadow set.
struct Governed {
    gateway: Gateway,
    cluster: StandIn,
    _folder: TempDir,
}

impl Governed {
    fn by(active: &str, shadow: Option<&str>, cluster: StandIn) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("active.yml"), active).expect("a file");
        let mut yaml = "admin: { listen: '127.0.0.1:0' }\npolicies:\n  files: [active.yml]\n".to_owned();
        if let Some(shadow) = shadow {
            fs::write(folder.path().join("shadow.yml"), shadow).expect("a file");
            yaml.push_str("  shadow: [shadow.yml]\n");
        }
        let config = folder.path().join("gateway.yaml");
        fs::write(&config, yaml).expect("a file");
        let gateway = Gateway::with(&[cluster.url()], &["--config", config.to_str().expect("a path")]);
        Self {
            gateway,
            cluster,
            _folder: folder,
        }
    }

    fn free() -> Self {
        Self::by("policies: []", None, StandIn::elasticsearch("8.19.21"))
    }

    /// Waits until a metric has a value.
    fn counts(&self, metric: &str, value: u64) {
        let line = format!("anomaly_gateway_{metric} {value}");
        eventually(&line, || {
            let metrics = self.gateway.ask_admin("GET", "/metrics").text();
            metrics.lines().any(|found| found == line)
        });
    }
}

fn assert_alike(one: &Answer, other: &Answer) {
    assert_eq!(one.status_line, other.status_line);
    assert_eq!(one.fields, other.fields);
    let without_time = |answer: &Answer| job::without(answer.json(), &["create_time"]);
    assert_eq!(without_time(one), without_time(other));
}

const STRICT: &str = "policies: [{ name: strict, enforcement: enforce, rule: \"job.job_id == 'good'\" }]";

#[test]
fn a_shadow_set_that_decides_otherwise_is_counted_and_told_and_decides_nothing() {
    let governed = Governed::by(
        "policies: [{ name: old, enforcement: enforce, rule: \"job.job_id != 'old'\" }]",
        Some(STRICT),
        StandIn::elasticsearch("8.19.21"),
    );
    let free = Governed::free();
    for id in ["good", "other"] {
        let answers = [&governed, &free].map(|one| one.gateway.create_job(id, &job::smallest()));
        assert_eq!(answers[0].status(), 200);
        assert_alike(&answers[0], &answers[1]);
    }
    assert_eq!(governed.gateway.create_job("old", &job::smallest()).status(), 400);
    governed.counts("shadow_decisions_total{agreement=\"same\"}", 1);
    governed.counts("shadow_decisions_total{agreement=\"refuses\"}", 1);
    governed.counts("shadow_decisions_total{agreement=\"differs\"}", 1);
    let told = governed.gateway.logged(&["the shadow set disagrees"]);
    assert!(
        told.contains("disagreement=\"refuses\"") && told.contains("strict (enforce)"),
        "{told}"
    );
    let in_use = &governed.gateway.ask_admin("GET", "/ready").json()["policies"];
    assert!(
        in_use["shadow"].is_string() && in_use["shadow"] != in_use["revision"],
        "{in_use}"
    );
}

#[test]
fn a_shadow_set_that_admits_more_is_counted() {
    let governed = Governed::by(STRICT, Some("policies: []"), StandIn::elasticsearch("8.19.21"));
    assert_eq!(governed.gateway.create_job("bad", &job::smallest()).status(), 400);
    assert!(governed.cluster.creates().is_empty());
    governed.counts("shadow_decisions_total{agreement=\"admits\"}", 1);
}

/// One has no answer, one could loop for hours, and one could fill the memory.
const MISBEHAVING: &str = r#"
policies:
  - { name: no-answer, enforcement: audit, rule: job.custom_settings.at.all }
  - name: loops
    enforcement: audit
    rule: job.l.all(a, job.l.all(b, job.l.all(c, job.l.all(d, job.l.all(e, a + b + c + d + e > 0)))))
  - name: grows
    enforcement: audit
    rule: "[job.job_id].map(a, [a+a].map(b, [b+b].map(c, [c+c].map(d, [d+d].map(e, [e+e].map(f, [f+f].map(g, [g+g].map(h, [h+h].map(i, [i+i].map(j, [j+j])))))))))).size() == 1"
"#;

#[test]
fn audits_that_have_no_answer_or_would_never_end_change_nothing_that_a_client_sees() {
    let rule = MISBEHAVING.replace("job.l.", "job.analysis_config.detectors.");
    let governed = Governed::by(&rule, None, StandIn::elasticsearch("8.19.21"));
    let detector = |number: usize| format!(r#"{{"function": "mean", "field_name": "field{number}"}}"#);
    let detectors: Vec<_> = (0..100).map(detector).collect();
    let job = format!(
        r#"{{"analysis_config": {{"detectors": [{}]}}, "data_description": {{}}}}"#,
        detectors.join(",")
    );
    let free = Governed::free();
    let answers = [&governed, &free].map(|one| one.gateway.create_job("j", &job));
    assert_eq!(answers[0].status(), 200, "{}", answers[0].text());
    assert_alike(&answers[0], &answers[1]);
    for policy in ["no-answer", "loops", "grows"] {
        governed.counts(&format!("policy_problems_total{{policy=\"{policy}\"}}"), 1);
    }
}

#[test]
fn an_audit_of_a_user_whom_the_cluster_does_not_tell_is_left_out_and_changes_nothing() {
    let cluster = StandIn::answering("8.19.21", |(line, _)| {
        line.starts_with("GET /_security/_authenticate ")
            .then(|| with_fields("500 Internal Server Error", &[], "{}"))
    });
    let audit = "policies: [{ name: p, enforcement: audit, rule: 'false', match: { users: [ada] } }]";
    let governed = Governed::by(audit, None, cluster);
    let free = Governed::free();
    let answers = [&governed, &free].map(|one| one.gateway.create_job("j", &job::smallest()));
    assert_alike(&answers[0], &answers[1]);
    governed.counts("audits_left_out_total", 1);
}

#[test]
fn what_policies_find_is_counted() {
    let policies = "\
policies:
  - { name: a, enforcement: audit, rule: 'false' }
  - { name: w, enforcement: warn, rule: 'false' }
  - { name: e, enforcement: enforce, rule: \"job.job_id != 'bad'\" }
";
    let governed = Governed::by(policies, None, StandIn::elasticsearch("8.19.21"));
    governed.gateway.create_job("good", &job::smallest());
    governed.gateway.create_job("bad", &job::smallest());
    governed.counts(
        "policy_violations_total{policy=\"a\",enforcement=\"audit\",dry_run=\"false\"}",
        1,
    );
    governed.counts(
        "policy_violations_total{policy=\"w\",enforcement=\"warn\",dry_run=\"false\"}",
        2,
    );
    governed.counts(
        "policy_violations_total{policy=\"e\",enforcement=\"enforce\",dry_run=\"false\"}",
        1,
    );
}
