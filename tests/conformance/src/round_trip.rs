//! An answer sent back as a request, less what a client cannot set: where Elasticsearch's own parser gives the same
//! answer again, the product does.

use std::collections::HashSet;

use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use anomaly_gateway::xcontent::format::Format;
use anomaly_gateway::xcontent::json::{Document, Node};
use anyhow::Context;

use crate::{
    answer::{Answer, json},
    case::Case,
    generate::Generator,
    oracle::Oracle,
    product::Product,
    release::Release,
};

/// What came of it in one version.
#[derive(Debug, Default)]
pub struct RoundTrips {
    /// Requests that were made.
    pub asked: usize,
    /// Those whose job both sides made.
    pub made: usize,
    /// Those of them whose answer Elasticsearch answers alike when it is sent back.
    pub stable: usize,
    /// Requests of the latter that the product answers otherwise, with its answer.
    pub differing: Vec<(Case, Answer)>,
}

/// Sends generated requests, and then the answers of those that are admitted.
pub fn run(release: Release, cases: usize, seed: u64) -> anyhow::Result<RoundTrips> {
    let mut oracle = Oracle::start(release)?;
    let product = Product::new(release.profile())?;
    let settable = settable(release)?;
    let mut generator = Generator::new(release.profile(), Format::Json, seed);
    // Without their queries, which may ask for a part of the answer only.
    let bodies = (0..cases).map(|_| Case {
        query: String::new(),
        ..generator.case()
    });
    let first: Vec<Case> = bodies.collect();
    let theirs = oracle.ask(&first)?;
    let mut round = RoundTrips {
        asked: cases,
        ..RoundTrips::default()
    };
    let mut again = Vec::new();
    for (case, answer) in first.iter().zip(theirs) {
        let ours = product.ask(case);
        if answer.status == 200 && ours.status == 200 {
            round.made += 1;
            let body = as_request(&answer.body, &settable).context("an answer that is no object")?;
            again.push((Case::new(&case.id, body), answer, ours));
        }
    }
    let requests: Vec<Case> = again.iter().map(|(case, ..)| case.clone()).collect();
    for ((case, before, ours_before), after) in again.into_iter().zip(oracle.ask(&requests)?) {
        if !is_same(&after, &before) {
            continue;
        }
        round.stable += 1;
        // The product's own answer is what its clients would send back.
        let body = as_request(&ours_before.body, &settable).context("an answer that is no object")?;
        let ours = product.ask(&Case::new(&case.id, body));
        if !is_same(&ours, &ours_before) {
            round.differing.push((case, ours));
        }
    }
    Ok(round)
}

/// What came of forwarding in one version.
#[derive(Debug, Default)]
pub struct Forwardings {
    /// Jobs that both sides made.
    pub made: usize,
    /// Those whose forwarded body Elasticsearch answers otherwise than what the client has sent: the client's request,
    /// what was forwarded, and the answer to it.
    pub differing: Vec<(Case, String, Answer)>,
}

/// Sends generated requests, and for each that is admitted what the gateway would forward in its place.
pub fn forward(release: Release, cases: usize, seed: u64) -> anyhow::Result<Forwardings> {
    let mut oracle = Oracle::start(release)?;
    let product = Product::new(release.profile())?;
    let mut generator = Generator::new(release.profile(), Format::Json, seed);
    // Answered in JSON, as what is forwarded is.
    let sent: Vec<Case> = (0..cases)
        .map(|_| Case {
            query: String::new(),
            accept: None,
            ..generator.case()
        })
        .collect();
    let theirs = oracle.ask(&sent)?;
    let made: Vec<(Case, Answer, Case)> = sent
        .into_iter()
        .zip(theirs)
        .filter(|(_, answer)| answer.status == 200)
        .filter_map(|(case, answer)| {
            let body = product.forwarded(&case)?;
            // Elasticsearch prints what it does not read: docs/deviations.md.
            let is_read = !body.contains(r#""script":null"#) && !has_unreadable_limit(&body);
            let forwarded = Case::new(&case.id, body);
            is_read.then_some((case, answer, forwarded))
        })
        .collect();
    let forwarded: Vec<Case> = made.iter().map(|(.., forwarded)| forwarded.clone()).collect();
    let after = oracle.ask(&forwarded)?;
    let differing = made.iter().zip(after).filter(|((_, before, _), after)| {
        // As documents, unless they are the same texts: the settings of an analyzer have no order of their own (create-job.md
        // §2.8), and what nests very deep is not read here.
        let is_same_document = || {
            let job = json(&after.body);
            job.is_some() && job == json(&before.body)
        };
        after.status != 200 || (after.body != before.body && !is_same_document())
    });
    Ok(Forwardings {
        made: made.len(),
        differing: differing
            .map(|((case, _, forwarded), after)| {
                let body = String::from_utf8_lossy(&forwarded.body).into_owned();
                (case.clone(), body, after)
            })
            .collect(),
    })
}

/// Whether a limit of memory, which as a number of MiB has no bound, is more than a text of one may say (create-job.md §2.4).
fn has_unreadable_limit(body: &str) -> bool {
    let body: serde_json::Value = json(body).unwrap_or_default();
    let limit = body.pointer("/analysis_limits/model_memory_limit");
    let limit = limit.and_then(|limit| limit.as_str()?.strip_suffix("mb")?.parse::<i64>().ok());
    limit.is_some_and(|mebibytes| mebibytes > i64::MAX >> 20)
}

/// The fields of a job that a client can set in that version (create-job.md §3).
fn settable(release: Release) -> anyhow::Result<HashSet<String>> {
    let schema = AnomalyJob::new(release.profile())?.schema(release.profile())?;
    let properties = schema.effective.pointer("/$defs/job_details/properties");
    let properties = properties.and_then(|properties| properties.as_object());
    let mut names: HashSet<String> = properties
        .context("the schema has no properties")?
        .keys()
        .cloned()
        .collect();
    names.remove("create_time");
    Ok(names)
}

fn as_request(answer: &str, settable: &HashSet<String>) -> Option<String> {
    let document = Document::read(answer.as_bytes());
    let members = document.root().into_iter().flat_map(Node::members);
    let kept: Vec<String> = members
        .filter(|member| settable.contains(member.name.as_ref()))
        .map(|member| format!("\"{}\":{}", member.name, member.value.raw()))
        .collect();
    (!kept.is_empty()).then(|| format!("{{{}}}", kept.join(",")))
}

/// The answer as it is without `pretty`; none where it is no JSON, or too deep to be laid out anew.
fn one_line(answer: &str) -> Option<String> {
    json(answer).map(|document| document.to_string())
}

/// Whether two answers are the same job, in the same order of its members.
fn is_same(after: &Answer, before: &Answer) -> bool {
    let line = one_line(&after.body);
    after.status == 200 && line.is_some() && line == one_line(&before.body)
}
