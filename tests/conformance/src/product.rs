//! The product's side: a case put to the gateway's own admission, as the proxy would, without a socket or a cluster.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anomaly_gateway::admission::{Candidate, Decision};
use anomaly_gateway::es::caller::Caller;
use anomaly_gateway::es::error::Refusal;
use anomaly_gateway::es::parameters::Parameters;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::es::{answer, media_type};
use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use anyhow::Context;
use http::{HeaderMap, HeaderValue};

use crate::{answer::Answer, case::Case};

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
        let mut pretty = false;
        let mut content_type = media_type::json(self.api);
        let judged = self.judge(case, &mut pretty, &mut content_type);
        let content_type = String::from_utf8_lossy(content_type.as_bytes()).into_owned();
        match judged {
            Err(refusal) | Ok(Decision::Refused(refusal)) => Answer {
                status: refusal.status().as_u16(),
                content_type,
                body: written(answer::one_line(&refusal.to_body()).unwrap_or_default(), pretty),
                stored: None,
            },
            Ok(Decision::Admitted(admitted)) => Answer {
                status: 200,
                content_type,
                body: written(admitted.effective, pretty),
                stored: Some(admitted.stored),
            },
        }
    }

    /// The steps of the proxy, as far as they decide on an answer.
    fn judge(&self, case: &Case, pretty: &mut bool, content_type: &mut HeaderValue) -> Result<Decision, Refusal> {
        let parameters = Parameters::parse(&case.query)?;
        *pretty = parameters.flag("pretty")?;
        let has_body = !case.body.is_empty();
        let format = parameters.value("format");
        *content_type = media_type::negotiate(&headers(case), has_body, format, self.api)?.answer;
        Ok(self.call.admit(&Candidate {
            id: &case.id,
            query: &case.query,
            path: &case.path(),
            body: &case.body,
            api: self.api,
            caller: &self.caller,
            now_millis: NOW_MILLIS,
        }))
    }
}

/// A document that stands on one line, as the product prints it.
fn written(document: String, pretty: bool) -> String {
    String::from_utf8_lossy(&answer::write(document, pretty)).into_owned()
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
