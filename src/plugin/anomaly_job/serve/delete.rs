//! Delete anomaly detection job: `DELETE _ml/anomaly_detectors/<job_id>` (jobs-api.md §2).

use std::sync::Arc;

use super::deletion::{Deletion, absent};
use super::{check_no_body, check_product, routes};
use crate::admission::Candidate;
use crate::cluster::Product;
use crate::es::error::{Exception, Refusal};
use crate::es::parameters::{Known, Parameters};
use crate::es::version::Version;
use crate::plugin::anomaly_job::update::UpdateJob;
use crate::plugin::{Begun, Handler, Permission, Profile, Route, Service};
use crate::store::IndexDefinition;

/// From this version on what users have noted can be deleted, too (7.17.28 does not know it, 8.10.0 does).
const DELETES_ANNOTATIONS: Version = Version::new(8, 7, 0);

/// Those that are on or off. None has an effect: no jobs run that `force` would end, what is done is done when it is answered,
/// and there are no annotations.
const FLAGS: [(&str, Version); 3] = [
    ("force", Version::BASE),
    ("wait_for_completion", Version::BASE),
    ("delete_user_annotations", DELETES_ANNOTATIONS),
];

const PARAMETERS: Known = Known {
    times: &["timeout", "master_timeout"],
    others: &[("job_id", Version::BASE), FLAGS[0], FLAGS[1], FLAGS[2]],
};

/// The longest body that is read, to be passed over or refused, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Who may delete a job (jobs-api.md §0).
const PERMISSION: Permission = Permission {
    action: "cluster:admin/xpack/ml/job/delete",
    privilege: "manage_ml",
    granted_by: "manage_ml,manage,all",
};

/// The call, and the index that jobs are stored in.
#[derive(Debug)]
pub(super) struct DeleteJob {
    jobs: Arc<UpdateJob>,
    index: IndexDefinition,
}

impl DeleteJob {
    pub(super) const fn new(jobs: Arc<UpdateJob>, index: IndexDefinition) -> Self {
        Self { jobs, index }
    }

    fn deletion(&self, candidate: &Candidate<'_>) -> Result<Deletion, Exception> {
        let Candidate { id, api, .. } = *candidate;
        let parameters = Parameters::parse(candidate.query)?;
        for (name, since) in FLAGS {
            if api >= since {
                parameters.flag(name)?;
            }
        }
        parameters.check(&PARAMETERS, candidate.path, api)?;
        check_no_body(candidate, "DELETE")?;
        parameters.check_filter(api)?;
        // No text that is no id names anything: not `*`, `_all` or a list.
        if !self.jobs.is_id(id, api) {
            return Err(absent(id));
        }
        Ok(Deletion::new(self.index.clone(), id.to_owned()))
    }
}

impl Service for DeleteJob {
    fn profile(&self) -> &'static Profile {
        const PROFILE: Profile = Profile {
            name: "anomaly_job_delete",
            routes: routes::DELETE,
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

impl Handler for DeleteJob {
    fn begin(&self, candidate: &Candidate<'_>) -> Result<Begun, Refusal> {
        let deletion = self.deletion(candidate)?;
        Ok(Begun::Work(Box::new(deletion)))
    }
}
