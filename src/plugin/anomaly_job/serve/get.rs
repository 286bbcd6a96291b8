//! Get anomaly detection jobs: `GET _ml/anomaly_detectors[/<expression>]` (jobs-api.md §1).

use std::sync::Arc;

use super::expression::Expression;
use super::listing::{Form, Listing};
use super::{check_no_body, check_product, routes};
use crate::admission::Candidate;
use crate::cluster::Product;
use crate::es::error::{Exception, Refusal};
use crate::es::parameters::{Known, Parameters};
use crate::es::version::Version;
use crate::plugin::anomaly_job::update::UpdateJob;
use crate::plugin::{Begun, Handler, Permission, Profile, Route, Service};
use crate::store::IndexDefinition;

/// From this version on a wildcard that matches nothing is allowed by this name, and the earlier one is deprecated (7.8.1 does
/// not know it, 7.10.2 does).
const ALLOWS_NO_MATCH: Version = Version::new(7, 10, 0);
/// From this version on the earlier name is not known any more.
const FORGETS_EARLIER_NAME: Version = Version::new(8, 0, 0);
/// From this version on what is generated can be left out (7.10.2 does not know it, 7.12.0 does).
const EXCLUDES_GENERATED: Version = Version::new(7, 11, 0);

const ALLOW_NO_MATCH: &str = "allow_no_match";
const ALLOW_NO_JOBS: &str = "allow_no_jobs";
const EXCLUDE_GENERATED: &str = "exclude_generated";

/// What the earlier name earns: what Elasticsearch's parsers say of a field by an earlier name (jobs-api.md §1.1).
const EARLIER_NAME_IS_DEPRECATED: &str = "Deprecated field [allow_no_jobs] used, expected [allow_no_match] instead";

/// Names jobs where the path does not.
const JOB_ID: &str = "job_id";

const PARAMETERS: Known = Known {
    times: &[],
    others: &[
        (JOB_ID, Version::BASE),
        (ALLOW_NO_MATCH, ALLOWS_NO_MATCH),
        (EXCLUDE_GENERATED, EXCLUDES_GENERATED),
    ],
};
const EARLIER_PARAMETERS: Known = Known {
    times: &[],
    others: &[
        (JOB_ID, Version::BASE),
        (ALLOW_NO_JOBS, Version::BASE),
        (ALLOW_NO_MATCH, ALLOWS_NO_MATCH),
        (EXCLUDE_GENERATED, EXCLUDES_GENERATED),
    ],
};

/// The longest body that is read, to be passed over or refused, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Who may read jobs (jobs-api.md §0).
const PERMISSION: Permission = Permission {
    action: "cluster:monitor/xpack/ml/job/get",
    privilege: "monitor_ml",
    granted_by: "monitor_ml,manage_ml,monitor,manage,all",
};

/// The call, and the index that jobs are stored in.
#[derive(Debug)]
pub(super) struct GetJobs {
    jobs: Arc<UpdateJob>,
    index: IndexDefinition,
}

impl GetJobs {
    pub(super) const fn new(jobs: Arc<UpdateJob>, index: IndexDefinition) -> Self {
        Self { jobs, index }
    }

    fn listing(&self, candidate: &Candidate<'_>) -> Result<Listing, Exception> {
        let Candidate { id, api, .. } = *candidate;
        let parameters = Parameters::parse(candidate.query)?;
        let forgets = api >= FORGETS_EARLIER_NAME;
        let allow_no_match = if forgets {
            true
        } else {
            on_unless_off(&parameters, ALLOW_NO_JOBS, true)?
        };
        let allow_no_match = if api >= ALLOWS_NO_MATCH {
            on_unless_off(&parameters, ALLOW_NO_MATCH, allow_no_match)?
        } else {
            allow_no_match
        };
        let excludes_generated = api >= EXCLUDES_GENERATED && parameters.flag(EXCLUDE_GENERATED)?;
        let known = if forgets { &PARAMETERS } else { &EARLIER_PARAMETERS };
        parameters.check(known, candidate.path, api)?;
        check_no_body(candidate, "GET")?;
        parameters.check_filter(api)?;
        let named = if id.is_empty() {
            parameters.value(JOB_ID).unwrap_or_default()
        } else {
            id
        };
        let form = Form {
            api,
            for_humans: parameters.flag("human")?,
            excludes_generated,
        };
        let expression = Expression::parse(named, allow_no_match);
        Ok(Listing::new(
            Arc::clone(&self.jobs),
            self.index.clone(),
            expression,
            form,
        ))
    }
}

/// A parameter that is on or off, and so where it is absent.
fn on_unless_off(parameters: &Parameters, name: &str, absent: bool) -> Result<bool, Exception> {
    match parameters.value(name) {
        None => Ok(absent),
        Some(_) => parameters.flag(name),
    }
}

impl Service for GetJobs {
    fn profile(&self) -> &'static Profile {
        const PROFILE: Profile = Profile {
            name: "anomaly_job_get",
            routes: routes::GET,
            permission: PERMISSION,
            body_limit: BODY_LIMIT,
        };
        &PROFILE
    }

    fn handler(self: Arc<Self>, product: Product, _: &Route, _: &str) -> Result<Arc<dyn Handler>, Refusal> {
        check_product(product)?;
        Ok(self)
    }
}

impl Handler for GetJobs {
    fn warnings(&self, candidate: &Candidate<'_>) -> Vec<&'static str> {
        let is_deprecated = candidate.api >= ALLOWS_NO_MATCH && candidate.api < FORGETS_EARLIER_NAME;
        let is_used = |parameters: Parameters| parameters.value(ALLOW_NO_JOBS).is_some();
        if is_deprecated && Parameters::parse(candidate.query).is_ok_and(is_used) {
            vec![EARLIER_NAME_IS_DEPRECATED]
        } else {
            Vec::new()
        }
    }

    fn begin(&self, candidate: &Candidate<'_>) -> Result<Begun, Refusal> {
        let listing = self.listing(candidate)?;
        Ok(Begun::Work(Box::new(listing)))
    }
}
