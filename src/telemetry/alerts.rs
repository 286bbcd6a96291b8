//! Rules by which Prometheus tells those who run the gateway that something needs them, written to a file that it reads.

use std::fmt::Write as _;

/// A rule.
#[derive(Debug)]
pub(super) struct Alert {
    /// Its name, after `AnomalyGateway`.
    name: &'static str,
    /// What has to hold, in `PromQL`.
    pub(super) condition: &'static str,
    /// For how long, before anybody is told; at once if empty.
    lasts: &'static str,
    /// How soon somebody has to look: `critical` at once, `warning` within the day.
    severity: &'static str,
    /// What has happened, in a sentence.
    summary: &'static str,
}

/// What the file begins with.
const BEGINNING: &str = "\
# Alerts of anomaly-gateway, for `rule_files` of Prometheus. Written by `anomaly-gateway schema alerts`; what each metric says is in
# docs/reference/telemetry.md, and what to do in docs/operate/events.md. `up` is that of the scrape job `anomaly-gateway`.
groups:
  - name: anomaly-gateway
    rules:
";

/// All of them, the most urgent first.
pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "Down",
        condition: r#"up{job="anomaly-gateway"} == 0"#,
        lasts: "1m",
        severity: "critical",
        summary: "{{ $labels.instance }} does not answer /metrics",
    },
    Alert {
        name: "NotReady",
        condition: "anomaly_gateway_ready == 0",
        lasts: "1m",
        severity: "critical",
        summary: "{{ $labels.instance }} is not ready; its /ready says why",
    },
    Alert {
        name: "Errors",
        condition: r#"sum by (instance) (rate(anomaly_gateway_requests_total{outcome=~"node_gone|node_timeout|unavailable|failed"}[5m])) > 0.01 * sum by (instance) (rate(anomaly_gateway_requests_total[5m]))"#,
        lasts: "5m",
        severity: "critical",
        summary: "more than 1 % of the requests of {{ $labels.instance }} fail",
    },
    Alert {
        name: "NotStored",
        condition: r#"sum by (instance, outcome) (increase(anomaly_gateway_commits_total{outcome=~"blocked|unusable_index|failed|unknown"}[10m])) > 0"#,
        lasts: "",
        severity: "critical",
        summary: "{{ $labels.instance }} could not store admitted jobs: {{ $labels.outcome }}; the log names them",
    },
    Alert {
        name: "IndexGone",
        condition: r#"increase(anomaly_gateway_index_creations_total{again="true"}[10m]) > 0"#,
        lasts: "",
        severity: "critical",
        summary: "the index of jobs was deleted; {{ $labels.instance }} has made it again, empty",
    },
    Alert {
        name: "IndexNamesUnknown",
        condition: r#"rate(anomaly_gateway_protected_index_refusals_total{reason="names_unknown"}[5m]) > 0"#,
        lasts: "5m",
        severity: "critical",
        summary: "{{ $labels.instance }} refuses writes with 503 because the aliases of the index of jobs are not known",
    },
    Alert {
        name: "WorkerStuck",
        condition: "anomaly_gateway_worker_overdue_seconds > 1",
        lasts: "",
        severity: "critical",
        summary: "worker {{ $labels.worker }} of {{ $labels.instance }} does not get to its work",
    },
    Alert {
        name: "CertificateExpired",
        condition: "anomaly_gateway_certificate_not_after_seconds < time()",
        lasts: "",
        severity: "critical",
        summary: "the certificate of {{ $labels.side }} of {{ $labels.instance }} has expired",
    },
    Alert {
        name: "NodeDown",
        condition: "anomaly_gateway_node_up == 0",
        lasts: "1m",
        severity: "warning",
        summary: "{{ $labels.node }} does not answer {{ $labels.instance }}",
    },
    Alert {
        name: "PoliciesNotInUse",
        condition: "anomaly_gateway_policies_outdated == 1",
        lasts: "1m",
        severity: "warning",
        summary: "changed policies were refused; /ready of {{ $labels.instance }} says why",
    },
    Alert {
        name: "ConfigurationNotInUse",
        condition: "anomaly_gateway_configuration_outdated == 1",
        lasts: "1m",
        severity: "warning",
        summary: "gateway.yml says something else than what holds; /ready of {{ $labels.instance }} says what",
    },
    Alert {
        name: "PolicyNotEvaluated",
        condition: "increase(anomaly_gateway_policy_problems_total[10m]) > 0",
        lasts: "",
        severity: "warning",
        summary: "policy {{ $labels.policy }} could not be evaluated; see its on_error",
    },
    Alert {
        name: "NotAudited",
        condition: "increase(anomaly_gateway_audits_left_out_total[1h]) > 0",
        lasts: "",
        severity: "warning",
        summary: "{{ $labels.instance }} has left out audits: jobs were too large, or too many at once",
    },
    Alert {
        name: "ScanFails",
        condition: r#"sum by (instance) (increase(anomaly_gateway_scans_total{outcome="failed"}[1h])) > 0 and sum by (instance) (increase(anomaly_gateway_scans_total{outcome="completed"}[1h])) == 0"#,
        lasts: "15m",
        severity: "warning",
        summary: "{{ $labels.instance }} cannot judge the stored jobs; its /policies/report says why",
    },
    Alert {
        name: "CertificateExpires",
        condition: "anomaly_gateway_certificate_not_after_seconds - time() < 14 * 86400",
        lasts: "",
        severity: "warning",
        summary: "the certificate of {{ $labels.side }} of {{ $labels.instance }} expires within two weeks",
    },
    Alert {
        name: "CertificatesNotInUse",
        condition: "anomaly_gateway_certificates_outdated == 1",
        lasts: "1m",
        severity: "warning",
        summary: "changed files of {{ $labels.side }} were refused; /ready of {{ $labels.instance }} says why",
    },
    Alert {
        name: "HandshakesFail",
        condition: "sum by (instance) (rate(anomaly_gateway_client_handshakes_failed_total[10m])) > 0.1 * sum by (instance) (rate(anomaly_gateway_client_connections_opened_total[10m]))",
        lasts: "10m",
        severity: "warning",
        summary: "more than a tenth of the connections to {{ $labels.instance }} do not come to speak TLS",
    },
    Alert {
        name: "TurnedAway",
        condition: "sum by (instance, reason) (increase(anomaly_gateway_turned_away_total[10m])) > 0",
        lasts: "10m",
        severity: "warning",
        summary: "{{ $labels.instance }} turns clients away: {{ $labels.reason }}",
    },
    Alert {
        name: "BodyBudgetFull",
        condition: "anomaly_gateway_body_budget_used_bytes > 0.9 * anomaly_gateway_body_budget_limit_bytes",
        lasts: "5m",
        severity: "warning",
        summary: "the room for bodies ({{ $labels.budget }}) of {{ $labels.instance }} is nearly used up",
    },
    Alert {
        name: "FilesNearLimit",
        condition: r#"process_open_fds{job="anomaly-gateway"} > 0.8 * process_max_fds{job="anomaly-gateway"}"#,
        lasts: "5m",
        severity: "warning",
        summary: "{{ $labels.instance }} has nearly as many files and connections open as it may have",
    },
    Alert {
        name: "LostRecords",
        condition: "anomaly_gateway_lost_records_total > 0",
        lasts: "",
        severity: "warning",
        summary: "the cluster has jobs that {{ $labels.instance }} could not record; the log names them",
    },
    Alert {
        name: "UnjudgedChanges",
        condition: "increase(anomaly_gateway_unjudged_changes_total[10m]) > 0",
        lasts: "",
        severity: "warning",
        summary: "a job that was updated past {{ $labels.instance }} is not what was judged; the log names it",
    },
    Alert {
        name: "AuditEventsDropped",
        condition: "sum by (instance, reason) (increase(anomaly_gateway_audit_events_dropped_total[10m])) > 0",
        lasts: "",
        severity: "warning",
        summary: "the audit trail of {{ $labels.instance }} has gaps: {{ $labels.reason }}",
    },
    Alert {
        name: "AccessLogDropped",
        condition: "increase(anomaly_gateway_access_log_dropped_total[10m]) > 0",
        lasts: "",
        severity: "warning",
        summary: "the access log of {{ $labels.instance }} has gaps: its disk or pipe is full or slow",
    },
];

/// The file of them, in YAML.
#[must_use]
pub fn file() -> String {
    let mut file = BEGINNING.to_owned();
    for alert in ALERTS {
        // Writing to a string does not fail.
        let _ = writeln!(file, "      - alert: AnomalyGateway{}", alert.name);
        let _ = writeln!(file, "        expr: {}", quoted(alert.condition));
        if !alert.lasts.is_empty() {
            let _ = writeln!(file, "        for: {}", alert.lasts);
        }
        let _ = writeln!(file, "        labels: {{ severity: {} }}", alert.severity);
        let _ = writeln!(file, "        annotations: {{ summary: {} }}", quoted(alert.summary));
    }
    file
}

/// A text in YAML's single quotes, in which nothing but they themselves is special.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::promql;
    use super::*;

    #[test]
    fn every_condition_is_promql_over_metrics_that_there_are() {
        for alert in ALERTS {
            promql::check(alert.condition).unwrap_or_else(|fault| panic!("{}: {fault}", alert.name));
        }
    }

    #[test]
    fn the_file_is_yaml_and_has_each_rule_once() {
        let file: Value = serde_saphyr::from_str(&file()).expect("YAML");
        let rules = file["groups"][0]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), ALERTS.len());
        let names: BTreeSet<&str> = rules.iter().filter_map(|rule| rule["alert"].as_str()).collect();
        assert_eq!(names.len(), ALERTS.len());
        for (rule, alert) in rules.iter().zip(ALERTS) {
            assert_eq!(rule["expr"], alert.condition);
            assert_eq!(rule["annotations"]["summary"], alert.summary);
            assert!(["critical", "warning"].contains(&alert.severity));
        }
    }
}
