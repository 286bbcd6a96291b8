//! What is counted while the gateway runs, in the form that Prometheus reads. Every metric has its name, its meaning and
//! its one way to be counted here.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

const BUILD: &str = "anomaly_gateway_build_info";
const DECISIONS: &str = "anomaly_gateway_decisions_total";

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts counting, once for the whole program. What is counted before is lost.
    pub(super) fn start() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new().install_recorder()?;
        describe_gauge!(BUILD, "1, with the version of the gateway.");
        describe_counter!(
            DECISIONS,
            Unit::Count,
            "Claimed requests that were decided on, by plugin and verdict (admitted, refused)."
        );
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1);
        Ok(Self(handle))
    }

    /// All of them, in Prometheus's text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }
}

/// A claimed request was decided on.
pub fn decided(plugin: &'static str, is_admitted: bool) {
    let verdict = if is_admitted { "admitted" } else { "refused" };
    counter!(DECISIONS, "plugin" => plugin, "verdict" => verdict).increment(1);
}
