//! What is counted while the gateway runs, in the form that Prometheus reads. Every metric has its name, its meaning and
//! its one way to be counted here.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use super::turned_away::Reason;

const BUILD: &str = "anomaly_gateway_build_info";
const DECISIONS: &str = "anomaly_gateway_decisions_total";
const VIOLATIONS: &str = "anomaly_gateway_policy_violations_total";
const PROBLEMS: &str = "anomaly_gateway_policy_problems_total";
const LEFT_OUT: &str = "anomaly_gateway_audits_left_out_total";
const SHADOW_DECISIONS: &str = "anomaly_gateway_shadow_decisions_total";
const RELOADS: &str = "anomaly_gateway_policy_reloads_total";
const LOST_RECORDS: &str = "anomaly_gateway_lost_records_total";
const TURNED_AWAY: &str = "anomaly_gateway_turned_away_total";
const PROTECTED_INDEX_REFUSALS: &str = "anomaly_gateway_protected_index_refusals_total";

/// Values of labels.
const ADMITTED: &str = "admitted";
const REFUSED: &str = "refused";
const USED: &str = "used";

/// What is counted, and how it is explained to those who read it.
const COUNTERS: [(&str, &str); 9] = [
    (
        DECISIONS,
        "Claimed requests that were decided on, by plugin and verdict (admitted, refused).",
    ),
    (
        VIOLATIONS,
        "Violations of policies, by policy and its enforcement (enforce, warn, audit).",
    ),
    (
        PROBLEMS,
        "Times that a policy could not be evaluated on a job, by policy.",
    ),
    (
        LEFT_OUT,
        "Jobs that neither the policies that audit nor the shadow set has judged, since too many waited or they were too \
         large.",
    ),
    (
        SHADOW_DECISIONS,
        "Jobs that the shadow set has judged, too, by how it agrees: same; refuses, what the active set admits; admits, \
         what that refuses; differs, in violations or the document.",
    ),
    (
        RELOADS,
        "Times that the policies were read again, by outcome (used, refused).",
    ),
    (
        LOST_RECORDS,
        "Jobs that the cluster has created and of which no record could be kept.",
    ),
    (
        TURNED_AWAY,
        "Clients that were turned away, by the limit that was reached (connections, requests, bodies, heads), or as the \
         gateway had come back to itself (loop).",
    ),
    (
        PROTECTED_INDEX_REFUSALS,
        "Requests that were refused since they could write to a protected index, by reason (path, query, body: what could \
         name it is there; unjudged; names_unknown).",
    ),
];

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// How the shadow set agrees with the active one on a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// In everything.
    Same,
    /// It would refuse what the active one admits.
    Refuses,
    /// It would admit what the active one refuses.
    Admits,
    /// In the verdict, but not in violations or the document.
    Differs,
}

impl Agreement {
    /// All of them.
    const ALL: [Self; 4] = [Self::Same, Self::Refuses, Self::Admits, Self::Differs];

    /// Its name in metrics and the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Refuses => "refuses",
            Self::Admits => "admits",
            Self::Differs => "differs",
        }
    }
}

impl Metrics {
    /// Starts counting, once for the whole program. What is counted before is lost.
    pub(super) fn start() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new().install_recorder()?;
        describe_gauge!(BUILD, "1, with the version of the gateway.");
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1);
        for (name, meaning) in COUNTERS {
            describe_counter!(name, Unit::Count, meaning);
        }
        // There from the start, so that the first time can be seen.
        for reason in Reason::ALL {
            counter!(TURNED_AWAY, "reason" => reason.name()).increment(0);
        }
        for agreement in Agreement::ALL {
            counter!(SHADOW_DECISIONS, "agreement" => agreement.name()).increment(0);
        }
        for outcome in [USED, REFUSED] {
            counter!(RELOADS, "outcome" => outcome).increment(0);
        }
        counter!(LEFT_OUT).increment(0);
        counter!(LOST_RECORDS).increment(0);
        Ok(Self(handle))
    }

    /// All of them, in Prometheus's text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }
}

/// The decisions of a plugin are counted from now on.
pub fn count_decisions_of(plugin: &'static str) {
    for verdict in [ADMITTED, REFUSED] {
        counter!(DECISIONS, "plugin" => plugin, "verdict" => verdict).increment(0);
    }
}

/// Refusals of requests that could write to a protected index are counted from now on, by these reasons.
pub fn count_protected_index_refusals(reasons: &[&'static str]) {
    for reason in reasons {
        counter!(PROTECTED_INDEX_REFUSALS, "reason" => *reason).increment(0);
    }
}

/// A claimed request was decided on.
pub fn decided(plugin: &'static str, is_admitted: bool) {
    let verdict = if is_admitted { ADMITTED } else { REFUSED };
    counter!(DECISIONS, "plugin" => plugin, "verdict" => verdict).increment(1);
}

/// A policy was violated, in so many places.
pub fn violated(policy: &str, enforcement: &'static str, places: u64) {
    counter!(VIOLATIONS, "policy" => policy.to_owned(), "enforcement" => enforcement).increment(places);
}

/// A policy could not be evaluated.
pub fn not_evaluated(policy: &str) {
    counter!(PROBLEMS, "policy" => policy.to_owned()).increment(1);
}

/// A job was not judged again.
pub fn left_out() {
    counter!(LEFT_OUT).increment(1);
}

/// The shadow set has judged a job.
pub fn compared(agreement: Agreement) {
    counter!(SHADOW_DECISIONS, "agreement" => agreement.name()).increment(1);
}

/// The policies were read again.
pub fn reloaded(is_used: bool) {
    let outcome = if is_used { USED } else { REFUSED };
    counter!(RELOADS, "outcome" => outcome).increment(1);
}

/// A record could not be kept.
pub fn record_lost() {
    counter!(LOST_RECORDS).increment(1);
}

/// A client was turned away.
pub(super) fn turned_away(reason: Reason) {
    counter!(TURNED_AWAY, "reason" => reason.name()).increment(1);
}

/// A request was refused that could write to a protected index.
pub fn protected_index_refused(reason: &'static str) {
    counter!(PROTECTED_INDEX_REFUSALS, "reason" => reason).increment(1);
}
