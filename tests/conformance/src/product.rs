//! The product's side: a case put to the gateway's own admission, as the proxy would, without a socket or a cluster.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anomaly_gateway::admission::{Candidate, Decision};
use anomaly_gateway::es::caller::Caller;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::es::{answer, media_type};
use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use anyhow::Context;
use http::{HeaderMap, HeaderValue};

use crate::{
    answer::{Answer, written},
    case::Case,
};

/// When every job is created; the oracle has the same.
const NOW_MILLIS: i64 = 1_500_000_000_000;

/// The product, answering as one version.
#[derive(Debug)]
pub struct Product {
    api: Version,
    call: AnomalyJob,
    caller: Caller,
}

impl Product {
    /// The product, answering as `api`.
    pub fn new(api: Version) -> anyhow::Result<Self> {
        Ok(Self {
            api,
            call: AnomalyJob::new(api).context("the product's schema cannot be used")?,
            caller: Caller::default(),
        })
    }

    /// Its answer. A panic is none.
    #[must_use]
    pub fn ask(&self, case: &Case) -> Answer {
        catch_unwind(AssertUnwindSafe(|| self.answer(case))).unwrap_or_else(|_| Answer::none("the product panicked"))
    }

    fn answer(&self, case: &Case) -> Answer {
        let content_type = media_type(self.api);
        if let Err(refusal) = media_type::check_json(&headers(case), !case.body.is_empty()) {
            return Answer::refused(&refusal, content_type);
        }
        let candidate = Candidate {
            id: &case.id,
            query: &case.query,
            path: &case.path(),
            body: &case.body,
            api: self.api,
            caller: &self.caller,
            now_millis: NOW_MILLIS,
        };
        match self.call.admit(&candidate) {
            Decision::Refused(refusal) => Answer::refused(&refusal, content_type),
            Decision::Admitted(admitted) => Answer {
                status: 200,
                content_type,
                body: written(&admitted.effective),
                stored: Some(written(&admitted.stored)),
            },
        }
    }
}

fn media_type(api: Version) -> String {
    String::from_utf8_lossy(answer::media_type(api).as_bytes()).into_owned()
}

fn headers(case: &Case) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in case.headers() {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    }
    headers
}
