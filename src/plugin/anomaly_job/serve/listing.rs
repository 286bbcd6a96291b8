//! Reads stored jobs page by page, and writes what of them is to be seen: no page, and no job, is held longer than it takes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::JOINS_DATAFEEDS;
use super::expression::Expression;
use super::shown::{with_datafeed, without_generated};
use crate::cluster::CallError;
use crate::es::error::{Exception, Kind};
use crate::es::version::Version;
use crate::plugin::anomaly_job::update::UpdateJob;
use crate::plugin::{Calling, CommitError, Work};
use crate::store::{FoundIndex, IndexDefinition, Page, PageHit, Store, StoreError};
use crate::xcontent::json::Node;

/// How many jobs an answer has at most: what one search of Elasticsearch finds.
const MAX_JOBS: usize = 10_000;

/// How many jobs a page has, unless they are too long for one.
const PAGE: usize = 200;

/// How jobs are to be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) api: Version,
    /// With times as people read them, too.
    pub(super) for_humans: bool,
    /// Without what a server has made of them.
    pub(super) excludes_generated: bool,
}

impl Form {
    fn has_datafeeds(self) -> bool {
        self.api >= JOINS_DATAFEEDS && !self.excludes_generated
    }
}

/// What the cluster has said last.
#[derive(Debug)]
enum Said {
    Nothing,
    /// There is no index, and so no job.
    NoIndex,
    Jobs(Page),
    Datafeeds(Page),
}

impl Said {
    fn length(&self) -> usize {
        match self {
            Self::Nothing | Self::NoIndex => 0,
            Self::Jobs(page) | Self::Datafeeds(page) => page.length(),
        }
    }
}

/// A job of the page that is being read.
#[derive(Debug)]
struct Job {
    id: String,
    /// By which its datafeed knows it.
    create_time: Option<String>,
    shown: String,
}

/// A list of jobs on its way.
#[derive(Debug)]
pub(super) struct Listing {
    jobs: Arc<UpdateJob>,
    index: IndexDefinition,
    expression: Expression,
    form: Form,
    found: Option<FoundIndex>,
    /// How many jobs a page has, and the one that comes next.
    size: usize,
    asked: usize,
    /// The last job of the page before.
    after: Option<String>,
    said: Said,
    /// Jobs whose datafeeds are not known yet.
    page: Vec<Job>,
    /// Those that are done, and how many they are.
    written: String,
    count: usize,
}

impl Listing {
    pub(super) fn new(jobs: Arc<UpdateJob>, index: IndexDefinition, expression: Expression, form: Form) -> Self {
        Self {
            jobs,
            index,
            expression,
            form,
            found: None,
            size: PAGE,
            asked: 0,
            after: None,
            said: Said::Nothing,
            page: Vec::new(),
            written: String::new(),
            count: 0,
        }
    }

    async fn ask(&mut self, store: Store<'_>) -> Result<(), CommitError> {
        if self.found.is_none() {
            self.found = self.index.find(store).await?;
        }
        let Some(index) = &self.found else {
            self.said = Said::NoIndex;
            return Ok(());
        };
        if !self.page.is_empty() {
            match store.page(index, &datafeeds_of(&self.page)).await {
                // The page begins again with fewer jobs.
                Err(StoreError::NotSent(CallError::ReplyTooLong)) if self.page.len() > 1 => {
                    self.size = (self.page.len() / 4).max(1);
                    self.page.clear();
                }
                said => {
                    self.said = Said::Datafeeds(said?);
                    return Ok(());
                }
            }
        }
        loop {
            self.asked = self.size.min(MAX_JOBS - self.count);
            match store.page(index, &self.query()).await {
                // Most jobs have a few thousand bytes; some have millions.
                Err(StoreError::NotSent(CallError::ReplyTooLong)) if self.size > 1 => {
                    self.size = (self.size / 4).max(1);
                }
                said => {
                    self.said = Said::Jobs(said?);
                    return Ok(());
                }
            }
        }
    }

    /// Finds the jobs of the next page, in the order of their ids.
    fn query(&self) -> Value {
        let of_this_type = json!({"term": {"job_type": "anomaly_detector"}});
        let filter: Vec<Value> = [of_this_type].into_iter().chain(self.expression.query()).collect();
        let mut query = json!({
            "size": self.asked,
            "query": {"bool": {"filter": filter}},
            "sort": [{"job_id": "asc"}]
        });
        if let (Some(after), Some(query)) = (&self.after, query.as_object_mut()) {
            query.insert("search_after".to_owned(), json!([after]));
        }
        query
    }

    fn read_on(&mut self) -> Result<Option<String>, CommitError> {
        match std::mem::replace(&mut self.said, Said::Nothing) {
            Said::Nothing => {
                let reason = "jobs were to be read and the cluster had not been asked";
                Err(CommitError::Refused(Exception::new(Kind::Internal, reason).into()))
            }
            Said::NoIndex => self.finish().map(Some),
            Said::Jobs(page) => {
                let mut jobs = Vec::new();
                page.read(|hit| {
                    jobs.push(self.job(hit)?);
                    Ok::<(), CommitError>(())
                })?;
                self.page = jobs;
                if self.form.has_datafeeds() && !self.page.is_empty() {
                    return Ok(None);
                }
                self.end_page()
            }
            Said::Datafeeds(page) => {
                page.read(|hit| {
                    self.join(hit.source);
                    Ok::<(), CommitError>(())
                })?;
                self.end_page()
            }
        }
    }

    /// A stored job. One that cannot be read spoils the list, as it does in Elasticsearch.
    fn job(&mut self, hit: PageHit<'_>) -> Result<Job, CommitError> {
        let stored = hit.source;
        let text = |name: &str| stored.member(name).and_then(Node::as_text);
        let id = text("job_id").unwrap_or_default().into_owned();
        let refused = |exception: Exception| CommitError::Refused(exception.into());
        let Form {
            api,
            for_humans,
            excludes_generated,
        } = self.form;
        let shown = self.jobs.shown(stored.raw(), &id, api, for_humans).map_err(refused)?;
        let groups = stored.member("groups").into_iter().flat_map(Node::elements);
        let groups: Vec<_> = groups.filter_map(Node::as_text).collect();
        let others = groups.iter().map(|group| &**group);
        self.expression.note(&[id.as_str()].into_iter().chain(others));
        let create_time = stored.member("create_time").and_then(Node::as_number);
        Ok(Job {
            create_time: create_time.map(str::to_owned),
            shown: if excludes_generated {
                without_generated(&shown)
            } else {
                shown
            },
            id,
        })
    }

    /// Shows a datafeed with its job, if it has one: what a create that broke off has left belongs to none.
    fn join(&mut self, datafeed: Node<'_>) {
        let job_id = datafeed.member("job_id").and_then(Node::as_text);
        let create_time = datafeed.member("create_time").and_then(Node::as_number);
        let is_its = |job: &&mut Job| {
            job_id.as_deref() == Some(job.id.as_str())
                && create_time.is_some()
                && create_time == job.create_time.as_deref()
        };
        if let Some(job) = self.page.iter_mut().find(is_its) {
            job.shown = with_datafeed(&job.shown, datafeed);
        }
    }

    /// Writes the jobs of a page, and says whether it was the last one.
    fn end_page(&mut self) -> Result<Option<String>, CommitError> {
        let jobs = std::mem::take(&mut self.page);
        let is_last = jobs.len() < self.asked || self.count + jobs.len() >= MAX_JOBS;
        for job in &jobs {
            if self.count > 0 {
                self.written.push(',');
            }
            self.written.push_str(&job.shown);
            self.count += 1;
        }
        self.after = jobs.into_iter().next_back().map(|job| job.id);
        if is_last { self.finish().map(Some) } else { Ok(None) }
    }

    fn finish(&mut self) -> Result<String, CommitError> {
        let refused = |exception: Exception| CommitError::Refused(exception.into());
        self.expression.check().map_err(refused)?;
        let Self { count, written, .. } = self;
        Ok(format!(r#"{{"count":{count},"jobs":[{written}]}}"#))
    }
}

/// Finds the datafeeds of jobs. Each was made at the same moment as its job.
fn datafeeds_of(jobs: &[Job]) -> Value {
    let ids: Vec<&str> = jobs.iter().map(|job| job.id.as_str()).collect();
    let times: Vec<&str> = jobs.iter().filter_map(|job| job.create_time.as_deref()).collect();
    json!({
        "size": MAX_JOBS,
        "query": {"bool": {"filter": [
            {"term": {"config_type": "datafeed"}},
            {"terms": {"job_id": ids}},
            {"terms": {"create_time": times}}
        ]}}
    })
}

impl Work for Listing {
    fn call<'a>(&'a mut self, store: Store<'a>) -> Calling<'a> {
        Box::pin(self.ask(store))
    }

    fn unread(&self) -> usize {
        // The end may follow, which copies what was written.
        self.said.length() + self.written.len()
    }

    fn held(&self) -> usize {
        let page: usize = self.page.iter().map(|job| job.shown.len()).sum();
        // The last page is written, and the answer made, while what it is made of is still there.
        2 * (self.written.len() + page + self.said.length())
    }

    fn read(&mut self) -> Result<Option<String>, CommitError> {
        self.read_on()
    }
}
