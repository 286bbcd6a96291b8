//! The recorder of what is counted where it happens, in the form that Prometheus reads. What workers count for themselves is
//! in [`traffic`](super::traffic).

use metrics::{describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use super::families::{BUILD, COMMITS, DECISIONS, RECORDED};
use super::family::Kind;
use super::outcome::{CommitOutcome, Verdict};

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts counting, once for the whole program. What is counted before is lost.
    pub(super) fn start() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new().install_recorder()?;
        for family in RECORDED {
            if family.kind == Kind::Gauge {
                describe_gauge!(family.name, family.help);
                continue;
            }
            describe_counter!(family.name, family.help);
            // There from the start, so that the first time can be seen.
            for series in family.series().unwrap_or_default() {
                family.add(&series, 0);
            }
        }
        gauge!(BUILD.name, "version" => env!("CARGO_PKG_VERSION")).set(1);
        Ok(Self(handle))
    }

    /// All of them, in Prometheus's text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }
}

/// The decisions of a plugin, and what becomes of what it admits, are counted from now on.
pub fn count_decisions_of(plugin: &'static str) {
    for verdict in [Verdict::Admitted, Verdict::Refused] {
        for dry_run in ["false", "true"] {
            DECISIONS.add(&[plugin, verdict.name(), dry_run], 0);
        }
    }
    for outcome in CommitOutcome::ALL {
        COMMITS.add(&[plugin, outcome.name()], 0);
    }
}
