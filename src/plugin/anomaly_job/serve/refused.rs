//! Calls that are claimed to be refused: those of running jobs, as no jobs run here, and methods that Elasticsearch does not
//! take.

use std::sync::Arc;

use http::StatusCode;

use super::{check_product, routes};
use crate::cluster::Product;
use crate::es::error::{Exception, Kind, Refusal};
use crate::plugin::{Handler, Permission, Profile, Route, Service};

/// Nobody is asked for it: nobody is answered.
const PERMISSION: Permission = Permission {
    action: "cluster:monitor/xpack/ml/job/get",
    privilege: "monitor_ml",
    granted_by: "monitor_ml,manage_ml,monitor,manage,all",
};

/// Calls of running jobs, of their results and of their datafeeds.
#[derive(Debug)]
pub(super) struct NotRun;

/// HEAD, which Elasticsearch answers with 405 (jobs-api.md §0).
#[derive(Debug)]
pub(super) struct OtherMethod;

fn not_run(method: &str, target: &str) -> Refusal {
    let path = target.split('?').next().unwrap_or_default();
    let reason = format!(
        "[{method} {path}] is about running jobs, and no jobs run here: this cluster has no machine learning, and the gateway \
         only keeps jobs: they can be created, read, updated, validated and deleted"
    );
    Exception::new(Kind::Status(StatusCode::NOT_IMPLEMENTED), reason).into()
}

impl Service for NotRun {
    fn profile(&self) -> &'static Profile {
        const PROFILE: Profile = Profile {
            name: "anomaly_job_not_run",
            routes: routes::OF_RUNNING_JOBS,
            permission: PERMISSION,
            body_limit: 0,
        };
        &PROFILE
    }

    fn handler(self: Arc<Self>, product: Product, route: &Route, target: &str) -> Result<Arc<dyn Handler>, Refusal> {
        check_product(product)?;
        Err(not_run(route.method, target))
    }
}

impl Service for OtherMethod {
    fn profile(&self) -> &'static Profile {
        const PROFILE: Profile = Profile {
            name: "anomaly_job_other_method",
            routes: routes::HEAD,
            permission: PERMISSION,
            body_limit: 0,
        };
        &PROFILE
    }

    fn handler(self: Arc<Self>, product: Product, route: &Route, target: &str) -> Result<Arc<dyn Handler>, Refusal> {
        check_product(product)?;
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let Route { method, allowed, .. } = route;
        let text = format!(
            "Incorrect HTTP method for uri [{target}] and method [{method}], allowed: [{}]",
            allowed.join(", ")
        );
        Err(Refusal::Text { status, text })
    }
}
