//! Validate anomaly detection job, and detector: `POST _ml/anomaly_detectors/_validate[/detector]` (jobs-api.md §4).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::super::AnomalyJob;
use super::super::plugin::BODY_LIMIT;
use super::{ACKNOWLEDGED, check_product, routes};
use crate::admission::Candidate;
use crate::admission::schema::Schema;
use crate::cluster::Product;
use crate::es::error::{Exception, Kind, Refusal};
use crate::es::parameters::{Known, Parameters};
use crate::es::version::Version;
use crate::plugin::{Begun, Handler, Permission, Profile, Route, Service};
use crate::xcontent::format::Format;

const PARAMETERS: Known = Known {
    times: &[],
    others: &[],
};

/// Where a body may stand instead, and what it is written in.
const SOURCE: &str = "source";
const SOURCE_TYPE: &str = "source_content_type";
const PARAMETERS_INSTEAD_OF_A_BODY: Known = Known {
    times: &[],
    others: &[(SOURCE, Version::BASE), (SOURCE_TYPE, Version::BASE)],
};

const OF_JOB: Profile = Profile {
    name: "anomaly_job_validate",
    routes: routes::VALIDATE,
    permission: Permission {
        action: "cluster:admin/xpack/ml/job/validate",
        privilege: "manage_ml",
        granted_by: "manage_ml,manage,all",
    },
    body_limit: BODY_LIMIT,
};

const OF_DETECTOR: Profile = Profile {
    name: "anomaly_job_validate_detector",
    routes: routes::VALIDATE_DETECTOR,
    permission: Permission {
        action: "cluster:admin/xpack/ml/job/validate/detector",
        privilege: "manage_ml",
        granted_by: "manage_ml,manage,all",
    },
    body_limit: BODY_LIMIT,
};

/// A call that judges what it is given, and does nothing with it.
struct Validation<J> {
    profile: &'static Profile,
    judge: J,
}

/// The schemas of detectors by themselves, each made when it is first asked for.
#[derive(Default)]
struct Schemas {
    made: RwLock<HashMap<Version, Arc<Schema>>>,
}

/// Whether a job can be created as it is described.
pub(super) fn of_job(jobs: Arc<AnomalyJob>) -> Arc<dyn Service> {
    Arc::new(Validation {
        profile: &OF_JOB,
        judge: move |candidate: &Candidate<'_>| jobs.validate(candidate),
    })
}

/// Whether a detector is one.
pub(super) fn of_detector(jobs: Arc<AnomalyJob>) -> Arc<dyn Service> {
    let schemas = Schemas::default();
    Arc::new(Validation {
        profile: &OF_DETECTOR,
        judge: move |candidate: &Candidate<'_>| jobs.validate_detector(candidate, &*schemas.of(&jobs, candidate.api)?),
    })
}

impl Schemas {
    fn of(&self, jobs: &AnomalyJob, api: Version) -> Result<Arc<Schema>, Exception> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = made.get(&api) {
            return Ok(Arc::clone(schema));
        }
        drop(made);
        let schema = jobs.schema_of_detectors(api);
        let schema = Arc::new(schema.map_err(|error| Exception::new(Kind::Internal, error.to_string()))?);
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(made.entry(api).or_insert(schema)))
    }
}

/// Reads what is to be judged, judges it, and then looks at the other parameters, as Elasticsearch does.
fn judge(
    candidate: &Candidate<'_>,
    judge: impl FnOnce(&Candidate<'_>) -> Result<(), Exception>,
) -> Result<Begun, Refusal> {
    let parameters = Parameters::parse(candidate.query)?;
    let source = source(candidate, &parameters)?;
    let (known, body, format) = match &source {
        None => (&PARAMETERS, candidate.body, candidate.format),
        Some((source, format)) => (&PARAMETERS_INSTEAD_OF_A_BODY, source.as_bytes(), *format),
    };
    judge(&Candidate {
        body,
        format,
        ..*candidate
    })?;
    parameters.check(known, candidate.path, candidate.api)?;
    parameters.check_filter(candidate.api)?;
    Ok(Begun::Answered(ACKNOWLEDGED.to_owned()))
}

/// What stands in the parameters instead of a body.
fn source<'p>(candidate: &Candidate<'_>, parameters: &'p Parameters) -> Result<Option<(&'p str, Format)>, Exception> {
    if !candidate.body.is_empty() {
        return Ok(None);
    }
    let Some(source) = parameters.value(SOURCE) else {
        return Err(Exception::new(
            Kind::Parse,
            "request body or source parameter is required",
        ));
    };
    let media_type = parameters.value(SOURCE_TYPE).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let format = match essence {
        "application/json" => Format::Json,
        "application/yaml" => Format::Yaml,
        _ => {
            let reason = format!("[{SOURCE_TYPE}] is [{essence}]; with [{SOURCE}], set it to [application/json]");
            return Err(Exception::new(Kind::IllegalState, reason));
        }
    };
    Ok(Some((source, format)))
}

impl<J> Service for Validation<J>
where
    J: Fn(&Candidate<'_>) -> Result<(), Exception> + Send + Sync + 'static,
{
    fn profile(&self) -> &'static Profile {
        self.profile
    }

    fn handler(self: Arc<Self>, product: Product, _: &Route, _: &str) -> Result<Arc<dyn Handler>, Refusal> {
        check_product(product)?;
        Ok(self)
    }
}

impl<J> Handler for Validation<J>
where
    J: Fn(&Candidate<'_>) -> Result<(), Exception> + Send + Sync,
{
    fn begin(&self, candidate: &Candidate<'_>) -> Result<Begun, Refusal> {
        judge(candidate, &self.judge)
    }
}
