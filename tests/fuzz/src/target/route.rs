//! Routing: a path that is claimed names the same job however it is spelled.

use std::sync::{Arc, LazyLock};

use anomaly_gateway::es::percent::decode_segment;
use anomaly_gateway::http::target::Target;
use anomaly_gateway::plugin::Plugin;
use anomaly_gateway::plugin::anomaly_job::AnomalyJobPlugin;
use anomaly_gateway::route::Table;
use anomaly_gateway::store::IndexName;
use http::{Method, Uri};

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let plugin: Arc<dyn Plugin> = Arc::new(AnomalyJobPlugin::new(IndexName::default()).expect("the schema is sound"));
    Table::new(vec![plugin]).expect("one plugin")
});

const COLLECTIONS: [&str; 2] = ["_ml/anomaly_detectors/", "_xpack/ml/anomaly_detectors/"];

pub(super) fn check(bytes: &[u8]) {
    let Ok(uri) = Uri::try_from(bytes) else { return };
    let Some(target) = Target::of(&uri) else { return };
    let raw = claimed(&Method::PUT, &target);
    for other in [Method::GET, Method::POST, Method::HEAD, Method::DELETE, Method::PATCH] {
        assert_eq!(claimed(&other, &target), None, "{other} was claimed");
    }
    let path = target.path();
    let path = path.strip_prefix('/').unwrap_or(path);
    let Some(raw) = raw else {
        // What is not claimed is another call, or none.
        let rest = COLLECTIONS.iter().find_map(|collection| path.strip_prefix(collection));
        let segment = rest.unwrap_or_default().trim_end_matches('/');
        assert!(
            segment.is_empty() || segment.contains('/') || segment.starts_with('_'),
            "{path} is a job's"
        );
        return;
    };
    assert!(COLLECTIONS.iter().any(|collection| path.starts_with(collection)));
    assert!(!raw.contains(['/', '?', '#']) && path.contains(&raw));
    let Ok(id) = decode_segment(&raw) else { return };
    let encoded: Vec<String> = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let encoded = encoded.concat();
    let respelled = format!("_ml/anomaly_detectors/{encoded}//?x=/y");
    let respelled = Uri::try_from(format!("/{respelled}")).expect("a target");
    let respelled = Target::of(&respelled).expect("a target");
    let again = claimed(&Method::PUT, &respelled).expect("an id in another spelling is claimed");
    assert_eq!(decode_segment(&again).as_deref(), Ok(id.as_str()));
}

fn claimed(method: &Method, target: &Target) -> Option<String> {
    TABLE.claim(method, target).map(|claim| claim.raw_id.to_owned())
}
