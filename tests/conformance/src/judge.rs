//! Puts cases to both sides, and says where they agree.

use std::fmt;
use std::thread;

use crate::{
    answer::Answer,
    case::Case,
    comparison::{self, Aspect, Comparison},
    deviation::{self, Deviation},
    oracle::Oracle,
    product::Product,
    release::Release,
};

/// Both sides of one version.
#[derive(Debug)]
pub struct Judge {
    oracle: Oracle,
    product: Product,
    deviations: Vec<Deviation>,
}

/// A case with both answers.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The request.
    pub case: Case,
    /// Elasticsearch's answer.
    pub theirs: Answer,
    /// The product's answer.
    pub ours: Answer,
    /// Whether the oracle's answer is one to compare with.
    pub is_comparable: bool,
    /// What there was to compare, and whether it agrees.
    pub comparison: Comparison,
    /// The differences that no known deviation explains.
    pub differences: Vec<Aspect>,
}

impl Judge {
    /// Starts a version's oracle and sets the product beside it.
    pub fn start(release: Release) -> anyhow::Result<Self> {
        Ok(Self {
            oracle: Oracle::start(release)?,
            product: Product::new(release.profile())?,
            deviations: Deviation::all()?,
        })
    }

    /// The version that judges.
    #[must_use]
    pub fn release(&self) -> Release {
        self.oracle.release()
    }

    /// Asks both.
    pub fn judge(&mut self, cases: &[Case]) -> anyhow::Result<Vec<Judged>> {
        let (oracle, product) = (&mut self.oracle, &self.product);
        // Each side has a core to itself, where there are two.
        let (theirs, ours) = thread::scope(|scope| {
            let ours = scope.spawn(|| cases.iter().map(|case| product.ask(case)).collect::<Vec<_>>());
            (oracle.ask(cases), ours.join())
        });
        let ours = ours.map_err(|_| anyhow::anyhow!("the product's side panicked"))?;
        let answers = theirs?.into_iter().zip(ours);
        let judged = cases.iter().zip(answers);
        Ok(judged
            .map(|(case, (theirs, ours))| self.compared(case, theirs, ours))
            .collect())
    }

    /// The jobs of the cases that Elasticsearch admits, as it stores them, each with its id.
    pub(crate) fn stored(&mut self, cases: &[Case]) -> anyhow::Result<Vec<(String, String)>> {
        let answers = self.oracle.ask(cases)?;
        let release = self.release();
        let own = format!(r#""job_version":"{release}""#);
        let version = |stored: String| {
            if release.stands_for_another() {
                // Both show it as it is, so that it is none that is taken for another.
                stored.replacen(&own, r#""job_version":"6.7.2""#, 1)
            } else {
                stored
            }
        };
        let stored = cases.iter().zip(answers);
        Ok(stored
            .filter_map(|(case, answer)| Some((case.id.clone(), version(answer.stored?))))
            .collect())
    }

    fn compared(&self, case: &Case, theirs: Answer, ours: Answer) -> Judged {
        let release = self.oracle.release();
        let comparison = Comparison::of(release, &theirs, &ours);
        let is_explained = |aspect: &Aspect| {
            let mut known = self.deviations.iter();
            known.any(|deviation| deviation.explains(release, *aspect, &theirs, &ours))
        };
        let mut differences = comparison.differences();
        differences.retain(|aspect| !is_explained(aspect));
        Judged {
            case: case.clone(),
            is_comparable: deviation::is_comparable(release, case, &theirs),
            comparison,
            differences,
            theirs,
            ours,
        }
    }
}

impl Judged {
    /// Which disagreement it is: cases that disagree alike have the same text.
    pub(crate) fn sort(&self) -> String {
        let differing: Vec<String> = self.differences.iter().map(ToString::to_string).collect();
        let way = comparison::sort_of_difference(&self.theirs, &self.ours);
        format!("{}: {way}", differing.join(", "))
    }
}

/// Both answers in full, to be read by somebody who has to decide which side is wrong.
impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aspects: Vec<String> = self.differences.iter().map(ToString::to_string).collect();
        let content_type = self.case.content_type.as_deref().unwrap_or("(none)");
        writeln!(
            f,
            "-- differs in {} ({})",
            aspects.join(", "),
            self.case.kinds.join(", "),
        )?;
        writeln!(f, "{} {}", self.case.method(), self.case.target())?;
        if let Some(job) = &self.case.job {
            writeln!(f, "the job: {job}")?;
        }
        match std::str::from_utf8(&self.case.body) {
            Ok(body) => writeln!(f, "{content_type}: {body}")?,
            Err(_) => writeln!(f, "{content_type}: {}", self.case.body.escape_ascii())?,
        }
        for (side, answer) in [("Elasticsearch", &self.theirs), ("the product", &self.ours)] {
            writeln!(f, "{side}: {} {}", answer.status, answer.body)?;
            if let Some(stored) = &answer.stored {
                writeln!(f, "{side} stores: {stored}")?;
            }
        }
        Ok(())
    }
}
