//! The policies that are measured: of the kinds that operators write, each a little different from the next.

use std::fs;
use std::sync::Arc;

use anomaly_gateway::admission::policy::PolicySet;
use anomaly_gateway::config::policies::load_paths;

/// What policies ask for, by turns; `N` is the policy's number. The measured jobs keep all of it.
const USUAL: [&str; 5] = [
    "schema: { properties: { analysis_limits: { properties: { model_memory_limit: { x-max-bytes: 2gb, x-min-bytes: Nb } } } } }",
    "schema: { properties: { analysis_config: { properties: { bucket_span: { x-min-duration: 1m, x-max-duration: 1d } } } } }",
    "schema: { properties: { job_id: { pattern: '^[a-z][a-z0-9_-]*$' }, description: { maxLength: 10NN } } }",
    "rule: size(job.analysis_config.detectors) <= 10N",
    "rule: job.model_snapshot_retention_days < 40N",
];

/// What costs most: a loop over the detectors.
const LOOP: &str =
    "rule: \"job.analysis_config.detectors.all(d, d.function in ['count', 'sum', 'mean', 'max', 'wN'])\"";

/// What policies ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Sizes, times, patterns, bounds and counts, by turns.
    Usual,
    /// Something of each detector.
    Loops,
}

/// So many policies, for the jobs of these ids.
#[must_use]
pub fn policies(count: usize, asks: Asks, job_id: impl Fn(usize) -> String) -> Arc<PolicySet> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policies.yml");
    fs::write(&file, yaml(count, asks, job_id)).expect("a file");
    load_paths(&[file])
        .map_err(|problems| problems.render(false))
        .expect("policies")
}

/// The same as the text of a file.
#[must_use]
pub fn yaml(count: usize, asks: Asks, job_id: impl Fn(usize) -> String) -> String {
    let asks: &[&str] = match asks {
        Asks::Usual => &USUAL,
        Asks::Loops => &[LOOP],
    };
    let policy = |(number, ask): (usize, &&str)| {
        let ask = ask.replace('N', &number.to_string());
        let job_id = job_id(number);
        format!("  - {{ name: p{number}, match: {{ job_id: ['{job_id}'] }}, enforcement: enforce, {ask} }}\n")
    };
    let policies: Vec<String> = asks.iter().cycle().take(count).enumerate().map(policy).collect();
    format!("policies:\n{}", policies.concat())
}
