//! What those who run the gateway are shown of its policies, its decisions and its configuration.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::configuration::ConfigurationState;
use super::json_answer::written;
use super::policies::{InUse, PolicyState};
use crate::admission::now_millis;
use crate::admission::policy::{OnError, OnUpdate, Policy, PolicySet};
use crate::proxy::Decisions;
use crate::telemetry::log_control::LogControl;

/// `GET /policies`.
pub(super) fn policies(state: &PolicyState) -> Response<Full<Bytes>> {
    let InUse { sets, fault, .. } = state.get();
    let mut shown = Map::from_iter([("active".to_owned(), of_set(&sets.active))]);
    shown.extend(sets.shadow.map(|shadow| ("shadow".to_owned(), of_set(&shadow))));
    shown.extend(fault.map(|fault| ("outdated_policies".to_owned(), fault.into())));
    written(StatusCode::OK, &shown.into())
}

fn of_set(set: &PolicySet) -> Value {
    let policies: Vec<Value> = set.policies().iter().map(of_policy).collect();
    json!({"revision": set.revision().to_string(), "policies": policies})
}

fn of_policy(policy: &Policy) -> Value {
    let mut shown = Map::from_iter([
        ("name".to_owned(), policy.name.clone().into()),
        (
            "enforcement".to_owned(),
            policy.enforcement_at(now_millis()).name().into(),
        ),
    ]);
    let mut add = |name: &str, value: Option<String>| {
        shown.extend(value.map(|value| (name.to_owned(), Value::from(value))));
    };
    add("description", policy.description.clone());
    // Until that day it warns.
    add("enforce_after", policy.enforce_after.map(|day| day.to_string()));
    add("message", policy.message.clone());
    add("link", policy.link.clone());
    let has = [
        ("defaults", !policy.defaults.is_empty()),
        ("schema", policy.schema.is_some()),
        ("rule", policy.rule.is_some()),
        ("exemptions", !policy.exemptions.is_empty()),
    ];
    let has: Vec<&str> = has.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect();
    shown.insert("has".to_owned(), has.into());
    let on_error = match policy.on_error {
        OnError::Refuse => "refuse",
        OnError::Admit => "admit",
    };
    let on_update = match policy.on_update {
        OnUpdate::New => "new",
        OnUpdate::All => "all",
    };
    shown.insert("on_error".to_owned(), on_error.into());
    shown.insert("on_update".to_owned(), on_update.into());
    shown.into()
}

/// `GET /decisions`.
pub(super) fn decisions(decisions: &Decisions) -> Response<Full<Bytes>> {
    let kept = decisions.list();
    let summaries: Vec<&Value> = kept.iter().map(|decision| decision.summary()).collect();
    written(
        StatusCode::OK,
        &json!({"kept": decisions.most(), "decisions": summaries}),
    )
}

/// `GET /decisions/<id>`.
pub(super) fn decision(decisions: &Decisions, id: &str) -> Response<Full<Bytes>> {
    if let Some(decision) = decisions.get(id) {
        return written(StatusCode::OK, &decision.whole());
    }
    let text = format!(
        "there is no decision [{id}] among the last {} of this process (`admin.decisions`)",
        decisions.most()
    );
    written(StatusCode::NOT_FOUND, &json!({ "error": text }))
}

/// `GET /config`.
pub(super) fn config(state: &ConfigurationState, log: &LogControl) -> Response<Full<Bytes>> {
    let values = state.values();
    let values = values.with_changed("log.level", &log.level(), "PUT /log-level");
    written(StatusCode::OK, &values.as_json())
}
