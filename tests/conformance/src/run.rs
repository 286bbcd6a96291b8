//! A whole run of one version: generated cases, put to both sides in batches, counted.

use std::time::{Duration, Instant};

use anomaly_gateway::xcontent::format::Format;

use crate::{
    agreement::Agreement,
    case::Case,
    generate::Generator,
    judge::{Judge, Judged},
    minimise,
    release::Release,
};

/// Few enough to be in memory, many enough for both sides to be busy.
const BATCH: usize = 500;

/// How often a job is updated, each time as it was created.
const UPDATES_OF_A_JOB: usize = 3;

/// What a run is to do.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What the bodies are written in.
    pub format: Format,
    /// How many cases.
    pub cases: usize,
    /// What they are made from: the same seed makes the same cases.
    pub seed: u64,
    /// How many of a hundred bodies are damaged; where it is not given, as few as leave most cases to the rules.
    pub damaged: Option<u32>,
    /// How many disagreements to keep, minimised.
    pub show: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The version that judged.
    pub release: Release,
    /// The counts.
    pub agreement: Agreement,
    /// The first disagreements of each sort, minimised.
    pub shown: Vec<Judged>,
    /// How long it took with the start of the JVM.
    pub took: Duration,
}

/// Runs a plan for one version.
pub fn run(release: Release, plan: Plan) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let judge = Judge::start(release)?;
    let mut generator = Generator::new(release.profile(), plan.format, plan.seed);
    if let Some(damaged) = plan.damaged {
        generator = generator.damaging(damaged);
    }
    compare(judge, plan, started, |_, wanted| {
        Ok((0..wanted.min(BATCH)).map(|_| generator.case()).collect())
    })
}

/// Runs a plan of updates for one version: jobs that Elasticsearch has created are updated, each a few times.
pub fn run_updates(release: Release, plan: Plan) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let judge = Judge::start(release)?;
    // Jobs are made of bodies that are seldom wrong.
    let mut jobs = Generator::new(release.profile(), Format::Json, plan.seed).damaging(0);
    let mut updates = Generator::new(release.profile(), plan.format, plan.seed + 1);
    if let Some(damaged) = plan.damaged {
        updates = updates.damaging(damaged);
    }
    compare(judge, plan, started, |judge, wanted| {
        let creates: Vec<_> = (0..BATCH).map(|_| jobs.case()).collect();
        let stored = judge.stored(&creates)?;
        let cases = stored
            .iter()
            .flat_map(|(id, job)| std::iter::repeat_n((id, job), UPDATES_OF_A_JOB));
        Ok(cases.take(wanted).map(|(id, job)| updates.update(id, job)).collect())
    })
}

/// Puts as many cases to both sides as the plan says; `make` makes some of those that are still wanted.
fn compare(
    mut judge: Judge,
    plan: Plan,
    started: Instant,
    mut make: impl FnMut(&mut Judge, usize) -> anyhow::Result<Vec<Case>>,
) -> anyhow::Result<Outcome> {
    let mut agreement = Agreement::default();
    let mut kept: Vec<Judged> = Vec::new();
    let mut left = plan.cases;
    while left > 0 {
        let batch = make(&mut judge, left)?;
        left -= batch.len();
        for judged in judge.judge(&batch)? {
            agreement.count(&judged);
            if kept.len() < plan.show && is_new(&kept, &judged) {
                kept.push(judged);
            }
        }
    }
    let took = started.elapsed();
    let shown = kept
        .iter()
        .map(|judged| minimise::minimised(&mut judge, judged))
        .collect::<anyhow::Result<_>>()?;
    Ok(Outcome {
        release: judge.release(),
        agreement,
        shown,
        took,
    })
}

fn is_new(kept: &[Judged], judged: &Judged) -> bool {
    judged.is_comparable && !judged.differences.is_empty() && {
        let sort = judged.sort();
        kept.iter().all(|other| other.sort() != sort)
    }
}
