//! x
mod commit;
mod plugin;
pub use plugin::AnomalyJob;

/// x
pub fn admit(candidate: &crate::admission::Candidate<'_>) -> crate::admission::Decision {
    let body: serde_json::Value = serde_json::from_slice(candidate.body).unwrap_or_default();
    let mut effective = body;
    effective["job_id"] = candidate.id.into();
    crate::admission::Decision::Admitted(crate::admission::Admitted {
        document_id: format!("anomaly_detector-{}", candidate.id),
        stored: effective.clone(),
        effective,
        warnings: vec![],
    })
}
