//! The rest of a job's life, for clusters without machine learning: jobs are read, deleted and validated where they were
//! created, in the gateway's index, and answered as Elasticsearch would (jobs-api.md §1, §2, §4). Updates are in
//! [`super::update`].
//!
//! `get`, `delete` and `validate` are the calls; `expression` is how one names jobs, `listing` reads them page by page, and `shown` makes of
//! a job what a client wants to see. `refused` are the calls that there is nothing to answer to: no jobs run here.

mod delete;
mod deletion;
mod expression;
mod get;
mod listing;
mod refused;
mod routes;
mod shown;
mod validate;

use std::sync::Arc;

use http::StatusCode;

use super::AnomalyJob;
use super::plugin::INDEX;
use super::update::UpdateJob;
use crate::admission::Candidate;
use crate::cluster::Product;
use crate::es::error::{Exception, Kind, Refusal};
use crate::es::version::Version;
use crate::plugin::{PluginError, Service};
use crate::store::{IndexDefinition, IndexName};

/// The answer to what was done.
const ACKNOWLEDGED: &str = r#"{"acknowledged":true}"#;

/// From this version on a call that reads no body refuses one (7.10.2 does not, 7.12.0 does).
const REFUSES_BODIES: Version = Version::new(7, 11, 0);

/// From this version on the datafeed of a job is shown with it, and deleted with it.
const JOINS_DATAFEEDS: Version = Version::new(7, 15, 0);

/// Every service there is, where jobs are stored in this index.
pub fn services(index: &IndexName) -> Result<Vec<Arc<dyn Service>>, PluginError> {
    let jobs = Arc::new(UpdateJob::new(Version::BASE)?);
    let new_jobs = Arc::new(AnomalyJob::new(Version::BASE)?);
    let index = IndexDefinition::new(index.clone(), serde_json::from_str(INDEX)?);
    Ok(vec![
        Arc::new(get::GetJobs::new(Arc::clone(&jobs), index.clone())),
        Arc::new(delete::DeleteJob::new(jobs, index)),
        validate::of_job(Arc::clone(&new_jobs)),
        validate::of_detector(new_jobs),
        Arc::new(refused::OtherMethod),
        Arc::new(refused::NotRun),
    ])
}

/// Refuses to answer for a cluster whose own jobs it would hide.
fn check_product(product: Product) -> Result<(), Refusal> {
    match product {
        Product::OpenSearch => Ok(()),
        Product::Elasticsearch => {
            let reason = "the gateway is to serve jobs in place of the cluster ([jobs.serve] is [all]), and the cluster is \
                          Elasticsearch, which has jobs of its own; nothing was done: the gateway's operator has to set \
                          [jobs.serve] to [create]";
            Err(Exception::new(Kind::Status(StatusCode::INTERNAL_SERVER_ERROR), reason).into())
        }
    }
}

/// Refuses a body that the call does not read.
fn check_no_body(candidate: &Candidate<'_>, method: &str) -> Result<(), Exception> {
    if candidate.body.is_empty() || candidate.api < REFUSES_BODIES {
        return Ok(());
    }
    let reason = format!("request [{method} {}] does not support having a body", candidate.path);
    Err(Exception::new(Kind::IllegalArgument, reason))
}
