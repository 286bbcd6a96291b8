//! `anomaly-gateway explain`: says of each policy whether it concerns a job, why, and what it finds.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::validate::{RuleFlags, read_submission};
use super::{Exit, console};
use crate::admission::policy::matching::Subject;
use crate::admission::policy::{Enforcement, Policy};
use crate::admission::{Verdict, now_millis};
use crate::es::version::Version;

/// The flags of `explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainFlags {
    /// The file with the body of the job, as JSON or YAML; `-` for standard input
    #[arg(value_name = "JOB")]
    job: PathBuf,
    #[command(flatten)]
    rules: RuleFlags,
    /// The id of the job; otherwise the `job_id` in the body, or the file's name without its ending
    #[arg(long, value_name = "ID")]
    job_id: Option<String>,
}

/// Explains.
pub(super) fn run(flags: &ExplainFlags) -> Result<Exit> {
    let Some((engine, is_said)) = flags.rules.engine()? else {
        return Ok(Exit::Usage);
    };
    let mut submission = match read_submission(&flags.job, flags.job_id.as_deref()) {
        Ok(submission) => submission,
        Err(text) => {
            console::say(&format!("anomaly-gateway: {} {text}", flags.job.display()));
            return Ok(Exit::Usage);
        }
    };
    submission.user = flags.rules.user();
    let outcome = engine.judge(&submission);
    let mut lines = vec![
        format!("job [{}] is {}", submission.id, outcome.decision.verdict.name()),
        judged_as(engine.api, is_said),
    ];
    lines.extend(
        outcome
            .refused_by_elasticsearch()
            .map(|reason| format!("  Elasticsearch refuses it: {reason}")),
    );
    lines.extend(outcome.unsettled().map(|text| format!("  {text}")));
    let groups = match &outcome.decision.verdict {
        Verdict::Admitted(admitted) => engine.groups(admitted.stored().as_bytes()),
        Verdict::Refused(_) => engine.groups(&submission.body),
    };
    let subject = Subject {
        id: &submission.id,
        groups: &groups,
        user: submission.user.as_ref(),
    };
    let now_millis = now_millis();
    for policy in engine.policies.policies() {
        lines.push(format!(
            "policy [{}] {}",
            policy.name,
            concern(policy, subject, now_millis)
        ));
        let filled = outcome
            .decision
            .filled
            .iter()
            .filter(|filled| filled.policy == policy.name);
        lines.extend(filled.map(|filled| format!("  fills in [{}]", filled.pointer)));
        let violations = outcome.violations().filter(|violation| violation.policy == policy.name);
        lines.extend(violations.map(|violation| format!("  is violated: {}", violation.text)));
    }
    lines.push(String::new());
    console::print(&lines.join("\n"));
    Ok(Exit::Fine)
}

/// As which version a job was judged, and that another may be meant where nobody has said one.
fn judged_as(api: Version, is_said: bool) -> String {
    if is_said {
        return format!("  judged as Elasticsearch {api}");
    }
    format!(
        "  judged as Elasticsearch {api}, as nobody has named a version: --api and `jobs.api` do; before OpenSearch the gateway \
         judges as {}",
        Version::BASE
    )
}

/// Whether, and why, a policy concerns a job.
fn concern(policy: &Policy, subject: Subject<'_>, now_millis: i64) -> String {
    if let Some(reason) = policy.scope.why_not(subject) {
        return format!("does not concern it: {reason}");
    }
    let exemption = policy
        .exemptions
        .iter()
        .find(|exemption| exemption.covers(subject, now_millis));
    if let Some(exemption) = exemption {
        let until = exemption.expires.map(|day| format!(" until {day}")).unwrap_or_default();
        return format!(
            "leaves it alone{until}: {} (owner: {})",
            exemption.reason, exemption.owner
        );
    }
    match (policy.enforcement_at(now_millis), policy.enforce_after) {
        (Enforcement::Off, _) => "is off".to_owned(),
        (Enforcement::Audit, _) => "concerns it and is audited".to_owned(),
        (Enforcement::Warn, Some(day)) => format!("concerns it and warns, and is enforced from {day} on"),
        (Enforcement::Warn, None) => "concerns it and warns".to_owned(),
        (Enforcement::Enforce, _) => "concerns it and is enforced".to_owned(),
    }
}
