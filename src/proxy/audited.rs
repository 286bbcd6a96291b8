//! A decision that goes into the audit trail, once it is known what became of it: what `/decisions` shows of it, by the names of
//! the Elastic Common Schema where it has one, and the outcome.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::audit_trail::{AuditEvent, AuditTrail};
use super::kept_decision::KeptDecision;
use crate::telemetry::outcome::CommitOutcome;

/// The version of the schema whose names are used, as in the log.
const ECS_VERSION: &str = "8.11.0";

/// A decision that is handed over when this is dropped, whatever happens to its request.
#[derive(Debug)]
pub(super) struct Audited {
    trail: AuditTrail,
    decision: Arc<KeptDecision>,
    /// Whether the request is to change a document, and not to create one.
    is_change: bool,
    /// What became of what was admitted and to be done.
    outcome: Option<CommitOutcome>,
}

impl Audited {
    /// A decision of which nothing has become yet.
    pub(super) const fn new(trail: AuditTrail, decision: Arc<KeptDecision>, is_change: bool) -> Self {
        Self {
            trail,
            decision,
            is_change,
            outcome: None,
        }
    }

    /// It is known what became of it.
    pub(super) fn became(&mut self, outcome: CommitOutcome) {
        self.outcome = Some(outcome);
    }

    fn document(&self) -> Value {
        let Value::Object(mut rest) = self.decision.whole() else {
            return Value::Null;
        };
        let mut take = |name: &str| rest.remove(name).unwrap_or_default();
        let client: Option<SocketAddr> = take("client").as_str().and_then(|client| client.parse().ok());
        let kind = if self.is_change { "change" } else { "creation" };
        let mut document = json!({
            "@timestamp": take("at"),
            "ecs": {"version": ECS_VERSION},
            "event": {
                "id": take("decision_id"),
                "kind": "event",
                "category": ["configuration"],
                "type": [kind],
                "action": rest.get("plugin"),
                "outcome": self.event_outcome(&rest),
                "dataset": "anomaly_gateway.decisions",
            },
            "service": {"name": "anomaly-gateway", "type": "anomaly_gateway", "version": env!("CARGO_PKG_VERSION")},
            "http": {"request": {"method": rest.remove("method")}},
            "url": {"path": rest.remove("path")},
        });
        let user = rest.remove("user").filter(|user| !user.is_null());
        let opaque_id = rest.remove("opaque_id").filter(|id| !id.is_null());
        rest.extend(
            self.outcome
                .map(|outcome| ("outcome".to_owned(), outcome.name().into())),
        );
        if let Value::Object(document) = &mut document {
            let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
            if let Some(client) = client {
                put("source", json!({"ip": client.ip().to_string(), "port": client.port()}));
            }
            if let Some(user) = user {
                put("user", json!({"name": user}));
            }
            if let Some(opaque_id) = opaque_id {
                put(
                    "elasticsearch",
                    json!({"http": {"request": {"x_opaque_id": opaque_id}}}),
                );
            }
            put("anomaly_gateway", rest.into());
        }
        document
    }

    /// Whether what was asked for has come about, in the schema's words.
    fn event_outcome(&self, decision: &Map<String, Value>) -> &'static str {
        match self.outcome {
            Some(CommitOutcome::Stored) => "success",
            Some(CommitOutcome::Unknown) => "unknown",
            Some(_) => "failure",
            // Refused, or tried out.
            None => {
                let is = |name: &str, value: Value| decision.get(name) == Some(&value);
                if is("verdict", "admitted".into()) && is("dry_run", true.into()) {
                    "success"
                } else {
                    "failure"
                }
            }
        }
    }
}

impl Drop for Audited {
    fn drop(&mut self) {
        let mut document = self.document().to_string();
        // Many may wait, and what was written with room to grow does not grow any more.
        document.shrink_to_fit();
        let id = self.decision.id().to_owned();
        let event = AuditEvent { id, document };
        self.trail.hand_over(event);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;

    fn document(summary: Value, why: Value, outcome: Option<CommitOutcome>) -> Value {
        let trail = AuditTrail::holding(NonZero::<usize>::MIN);
        let decision = Arc::new(KeptDecision::of_values("a-1".to_owned(), summary, why));
        let mut audited = Audited::new(trail.clone(), decision, false);
        if let Some(outcome) = outcome {
            audited.became(outcome);
        }
        drop(audited);
        let events = trail.oldest(1, usize::MAX);
        assert_eq!(events[0].id, "a-1");
        serde_json::from_str(&events[0].document).expect("JSON")
    }

    #[test]
    fn a_decision_has_the_names_of_the_schema_and_the_rest_under_its_own() {
        let summary = json!({
            "decision_id": "a-1", "at": "2026-01-01T00:00:00.000Z", "plugin": "p", "id": "j", "verdict": "admitted",
            "dry_run": false, "user": "ada", "violations": 0,
        });
        let why = json!({
            "client": "[::1]:9", "opaque_id": null, "method": "PUT", "path": "/x", "api": "8.19.0", "revision": "r",
            "rule": null, "matched": [], "violated": [{"policy": "q"}],
        });
        let expected = json!({
            "@timestamp": "2026-01-01T00:00:00.000Z",
            "ecs": {"version": "8.11.0"},
            "event": {
                "id": "a-1", "kind": "event", "category": ["configuration"], "type": ["creation"], "action": "p",
                "outcome": "failure", "dataset": "anomaly_gateway.decisions",
            },
            "service": {"name": "anomaly-gateway", "type": "anomaly_gateway", "version": env!("CARGO_PKG_VERSION")},
            "http": {"request": {"method": "PUT"}},
            "url": {"path": "/x"},
            "source": {"ip": "::1", "port": 9},
            "user": {"name": "ada"},
            "anomaly_gateway": {
                "plugin": "p", "id": "j", "verdict": "admitted", "dry_run": false, "violations": 0, "api": "8.19.0",
                "revision": "r", "rule": null, "matched": [], "violated": [{"policy": "q"}], "outcome": "exists",
            },
        });
        assert_eq!(document(summary, why, Some(CommitOutcome::Exists)), expected);
    }

    #[test]
    fn what_has_come_about_is_told_from_what_has_not() {
        for (verdict, is_dry_run, outcome, expected) in [
            ("admitted", false, Some(CommitOutcome::Stored), "success"),
            ("admitted", false, Some(CommitOutcome::Blocked), "failure"),
            ("admitted", false, Some(CommitOutcome::Unknown), "unknown"),
            ("admitted", false, None, "failure"),
            ("admitted", true, None, "success"),
            ("refused", true, None, "failure"),
            ("refused", false, None, "failure"),
        ] {
            let document = document(json!({"verdict": verdict, "dry_run": is_dry_run}), json!({}), outcome);
            assert_eq!(
                document["event"]["outcome"], expected,
                "{verdict} {is_dry_run} {outcome:?}"
            );
        }
    }
}
