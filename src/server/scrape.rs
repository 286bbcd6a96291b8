//! What `GET /metrics` answers: what was counted, and what is looked up at that moment.

use super::admin::Shown;
use crate::http::body_budget::BodyBudget;
use crate::telemetry::exposition::Exposition;
use crate::telemetry::families::{
    AUDIT_WAITING, BODY_BUDGET_LIMIT, BODY_BUDGET_USED, CERTIFICATE_NOT_AFTER, CERTIFICATES_OUTDATED,
    CONFIGURATION_OUTDATED, NODE_UP, POLICIES_OUTDATED, READY, SCAN_COMPLETED, SCAN_DOCUMENTS, SCAN_VIOLATING,
};
use crate::telemetry::family::Family;

impl Shown {
    /// All metrics as text.
    pub(super) fn metrics(&self) -> String {
        let mut text = Exposition::default();
        self.traffic.show(&mut text);
        text.single(&READY, u8::from(self.unready_because().is_none()));
        text.family(&NODE_UP);
        for node in self.nodes.iter() {
            text.sample(&NODE_UP, &[&node.url.to_string()], u8::from(node.answers));
        }
        text.single(&CONFIGURATION_OUTDATED, u8::from(self.configuration.is_outdated()));
        text.single(&POLICIES_OUTDATED, u8::from(self.policies.get().fault.is_some()));
        text.family(&CERTIFICATES_OUTDATED);
        for (side, is_outdated) in self.faults.sides() {
            text.sample(&CERTIFICATES_OUTDATED, &[side], u8::from(is_outdated));
        }
        let budgets = [("claimed", &self.budgets.bodies), ("early", &self.budgets.early_bodies)];
        let mut show = |family: &Family, of: fn(&BodyBudget) -> usize| {
            text.family(family);
            for (budget, bodies) in budgets {
                text.sample(family, &[budget], of(bodies));
            }
        };
        show(&BODY_BUDGET_USED, BodyBudget::held);
        show(&BODY_BUDGET_LIMIT, BodyBudget::limit);
        text.single(&AUDIT_WAITING, self.decisions.unwritten());
        text.family(&CERTIFICATE_NOT_AFTER);
        for (side, expiry) in self.expiries.list() {
            text.sample(&CERTIFICATE_NOT_AFTER, &[side], expiry.not_after);
        }
        if let Some(completed) = self.scan.as_ref().and_then(|scan| scan.get().completed) {
            text.family(&SCAN_VIOLATING);
            for (name, policy) in completed.standing.policies() {
                text.sample(&SCAN_VIOLATING, &[name], policy.violating);
            }
            text.single(&SCAN_DOCUMENTS, completed.standing.documents);
            text.single(&SCAN_COMPLETED, completed.ended / 1000);
        }
        #[cfg(target_os = "linux")]
        crate::telemetry::process::show(&mut text);
        self.telemetry.metrics.render() + &text.into_text()
    }
}
