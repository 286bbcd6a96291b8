//! What `GET /metrics` answers: what was counted, and what is looked up at that moment.

use super::admin::Shown;
use crate::http::body_budget::BodyBudget;
use crate::telemetry::exposition::{Exposition, Kind};

const NODE_UP: &str = "anomaly_gateway_node_up";
const BUDGET_USED: &str = "anomaly_gateway_body_budget_used_bytes";
const BUDGET_LIMIT: &str = "anomaly_gateway_body_budget_limit_bytes";

impl Shown {
    /// All metrics as text.
    pub(super) fn metrics(&self) -> String {
        let mut text = Exposition::default();
        self.traffic.show(&mut text);
        text.family(NODE_UP, Kind::Gauge, "Whether a node has answered last: 1 or 0.");
        for node in self.nodes.iter() {
            text.sample(NODE_UP, &[("node", &node.url.to_string())], u8::from(node.answers));
        }
        let budgets = [("claimed", &self.budgets.bodies), ("early", &self.budgets.early_bodies)];
        let mut gauge = |name, help, of: fn(&BodyBudget) -> usize| {
            text.family(name, Kind::Gauge, help);
            for (budget, bodies) in budgets {
                text.sample(name, &[("budget", budget)], of(bodies));
            }
        };
        gauge(
            BUDGET_USED,
            "Bytes of the bodies of claimed requests that are held.",
            BodyBudget::held,
        );
        gauge(BUDGET_LIMIT, "How many there may be.", BodyBudget::limit);
        self.metrics.render() + &text.into_text()
    }
}
