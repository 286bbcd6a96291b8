//! A job as it is: read from its stored document, or from what the cluster shows of it (jobs-api.md §1.3, §3.6).

use std::borrow::Cow;

use super::super::defaults;
use super::super::job::Job;
use super::super::request;
use super::super::response::Kept;
use super::super::rulebook::Rulebook;
use super::super::rules;
use super::super::values;
use crate::admission::annotation::Reading;
use crate::admission::schema::Schema;
use crate::es::error::{Exception, Kind};
use crate::xcontent::json::{Document, Node, Token};

/// A job, and what its server has noted of it.
pub(super) struct StoredJob<'a> {
    pub(super) job: Job<'a>,
    pub(super) kept: Kept<'a>,
}

/// The job that a document holds, with what Elasticsearch fills in while it reads one. What breaks a rule cannot be read, and
/// so cannot be mended by an update.
pub(super) fn read<'a>(
    document: &'a Document<'a>,
    id: &str,
    schema: &Schema,
    rules: &'a Rulebook,
) -> Result<StoredJob<'a>, Exception> {
    read_whole(document, id, schema, rules).map_err(|cause| {
        let reason = format!("the job [{id}] cannot be read as it is stored; delete it and create it anew");
        Exception::new(Kind::Parse, reason).caused_by(cause)
    })
}

/// The same, with what is wrong with it as it is: a call that shows jobs names no job.
pub(super) fn read_whole<'a>(
    document: &'a Document<'a>,
    id: &str,
    schema: &Schema,
    rules: &'a Rulebook,
) -> Result<StoredJob<'a>, Exception> {
    let mut job = request::read(document, schema, rules)?;
    // Whose it is must not be in doubt: what was found may be another job.
    if job.job_id.as_deref() != Some(id) {
        let reason = format!(
            "the document says that it is the job [{}]",
            job.job_id.unwrap_or_default()
        );
        return Err(Exception::new(Kind::IllegalArgument, reason));
    }
    rules::whole_job::check_updated(&job, id, rules)?;
    defaults::fill_in_stored(&mut job, rules.api);
    let kept = kept(document, rules)?;
    Ok(StoredJob { job, kept })
}

fn kept<'a>(document: &'a Document<'a>, rules: &Rulebook) -> Result<Kept<'a>, Exception> {
    let member = |field| document.root()?.member(field);
    let reading = |field| Reading { field, api: rules.api };
    let time = |field: &'static str| match member(field) {
        None => Ok(None),
        Some(time) if time.token() == Token::Number => values::long(time, reading(field)).map(Some),
        Some(_) => {
            let reason = format!("[{field}] is not a number of milliseconds");
            Err(Exception::new(Kind::IllegalArgument, reason))
        }
    };
    let version = member("job_version").map(|version| values::version(version, rules.api));
    Ok(Kept {
        job_version: version.transpose()?.flatten().map(Cow::Owned),
        create_time: time("create_time")?,
        finished_time: time("finished_time")?,
        model_snapshot_id: member("model_snapshot_id").and_then(Node::as_text),
    })
}
