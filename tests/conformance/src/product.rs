//! The product's side: a case put to the gateway's own admission, as the proxy would, without a socket or a cluster.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anomaly_gateway::admission::{Candidate, Verdict};
use anomaly_gateway::es::answer_form::{AnswerForm, Head};
use anomaly_gateway::es::error::{Exception, Kind, Refusal};
use anomaly_gateway::es::version::Version;
use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use anomaly_gateway::plugin::anomaly_job::update::UpdateJob;
use anomaly_gateway::xcontent::format::Format;
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
    update: UpdateJob,
}

impl Product {
    /// The product, answering as `api`.
    pub fn new(api: Version) -> anyhow::Result<Self> {
        Ok(Self {
            api,
            call: AnomalyJob::new(api).context("the product's schema cannot be used")?,
            update: UpdateJob::new(api).context("the product's schema of updates cannot be used")?,
        })
    }

    /// Its answer. A panic is none.
    #[must_use]
    pub fn ask(&self, case: &Case) -> Answer {
        catch_unwind(AssertUnwindSafe(|| self.answer(case))).unwrap_or_else(|_| Answer::none("the product panicked"))
    }

    /// The body that is forwarded for a case, if it is admitted.
    #[must_use]
    pub fn forwarded(&self, case: &Case) -> Option<String> {
        let mut form = AnswerForm::of(self.api);
        let head = Head {
            query: &case.query,
            headers: &headers(case),
            has_body: !case.body.is_empty(),
        };
        match self.judge(case, form.settle(head).ok()?) {
            Verdict::Admitted(admitted) => Some(admitted.request().text().into_owned()),
            Verdict::Refused(_) => None,
        }
    }

    /// The schema that is printed of the version.
    pub fn printed_schema(&self) -> anyhow::Result<serde_json::Value> {
        self.call
            .printed_schema(self.api)
            .context("the product's schema cannot be printed")
    }

    /// The schema of what it stores.
    pub fn stored_schema(&self) -> anyhow::Result<serde_json::Value> {
        self.call
            .stored_schema(self.api)
            .context("the schema of what is stored cannot be printed")
    }

    /// The id of the rule by which a case is refused, if it is.
    #[must_use]
    pub fn rule(&self, case: &Case) -> Option<&'static str> {
        match self.judge(case, Format::Json) {
            Verdict::Refused(refusal) => refusal.rule(),
            Verdict::Admitted(_) => None,
        }
    }

    /// The steps of the proxy, as far as they decide on an answer.
    fn answer(&self, case: &Case) -> Answer {
        let mut form = AnswerForm::of(self.api);
        let settled = form.settle(Head {
            query: &case.query,
            headers: &headers(case),
            has_body: !case.body.is_empty(),
        });
        let judged = settled.map(|format| self.judge(case, format));
        let (status, body, stored) = match judged {
            Err(refusal) | Ok(Verdict::Refused(refusal)) => {
                (refusal.status().as_u16(), form.write_refusal(&refusal), None)
            }
            Ok(Verdict::Admitted(admitted)) => {
                let stored = admitted.stored().into_owned();
                (200, form.write(admitted.documents.into_whole()), Some(stored))
            }
        };
        let content_type = String::from_utf8_lossy(form.media_type().as_bytes()).into_owned();
        let (body, bytes) = answer::read(body.to_vec(), &content_type, self.api);
        Answer {
            status,
            content_type,
            body,
            bytes,
            stored,
        }
    }

    fn judge(&self, case: &Case, format: Format) -> Verdict {
        let candidate = Candidate {
            id: &case.id,
            query: &case.query,
            path: &case.path(),
            body: &case.body,
            format,
            api: self.api,
            now_millis: NOW_MILLIS,
            current: case.job.as_deref(),
        };
        if case.job.is_some() {
            // As the proxy does it: first what is wrong whatever the job is.
            return match self.update.groups_of(&candidate) {
                Ok(_) => as_read(self.update.admit(&candidate)),
                Err(exception) => Verdict::Refused(exception.into()),
            };
        }
        self.call.admit(&candidate)
    }
}

/// What is wrong with a stored job, without what the server says around it: that is in classes that are not published.
fn as_read(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Refused(Refusal::Exception(Exception {
            kind: Kind::Parse,
            cause: Some(cause),
            ..
        })) => Verdict::Refused(Refusal::Exception(*cause)),
        verdict => verdict,
    }
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
