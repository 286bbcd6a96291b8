//! The product's side: a case put to the gateway's own admission, as the proxy would, without a socket or a cluster.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anomaly_gateway::admission::{Candidate, Decision};
use anomaly_gateway::es::answer::one_line;
use anomaly_gateway::es::caller::Caller;
use anomaly_gateway::es::error::{Refusal, Traces};
use anomaly_gateway::es::format::Format;
use anomaly_gateway::es::media_type;
use anomaly_gateway::es::parameters::Parameters;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use anyhow::Context;
use http::{HeaderMap, HeaderValue};

use crate::{
    answer::{self, Answer},
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
        let mut asked = Asked {
            pretty: false,
            content_type: media_type::json(self.api),
            format: Format::Json,
        };
        let judged = self.judge(case, &mut asked);
        let (status, document, stored) = match judged {
            Err(refusal) | Ok(Decision::Refused(refusal)) => {
                let document = one_line(&refusal.to_body(Traces::Absent)).unwrap_or_default();
                (refusal.status().as_u16(), document, None)
            }
            Ok(Decision::Admitted(admitted)) => (200, admitted.effective, Some(admitted.stored)),
        };
        let content_type = String::from_utf8_lossy(asked.content_type.as_bytes()).into_owned();
        let bytes = asked.format.write(document, asked.pretty, self.api);
        let (body, bytes) = answer::read(bytes.to_vec(), &content_type, self.api);
        Answer {
            status,
            content_type,
            body,
            bytes,
            stored,
        }
    }

    /// The steps of the proxy, as far as they decide on an answer.
    fn judge(&self, case: &Case, asked: &mut Asked) -> Result<Decision, Refusal> {
        let parameters = Parameters::parse(&case.query)?;
        asked.pretty = parameters.flag("pretty")?;
        let has_body = !case.body.is_empty();
        let format = parameters.value("format");
        let negotiated = media_type::negotiate(&headers(case), has_body, format, self.api)?;
        asked.content_type = negotiated.answer;
        asked.format = negotiated.format;
        Ok(self.call.admit(&Candidate {
            id: &case.id,
            query: &case.query,
            path: &case.path(),
            body: &case.body,
            format: negotiated.body?,
            api: self.api,
            caller: &self.caller,
            now_millis: NOW_MILLIS,
        }))
    }
}

/// How a request wants to be answered.
struct Asked {
    pretty: bool,
    content_type: HeaderValue,
    format: Format,
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
