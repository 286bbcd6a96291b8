//! Counts agreement by kind of case and by aspect, and prints it as a table.

use std::collections::BTreeMap;
use std::fmt;

use crate::{comparison::Aspect, judge::Judged};

/// The row that counts every case.
const EVERY_CASE: &str = "(all)";

/// How often two sides agreed.
#[derive(Debug, Default)]
pub struct Agreement {
    rows: BTreeMap<&'static str, BTreeMap<Aspect, Count>>,
    /// Cases that the oracle could not judge.
    not_comparable: usize,
    /// Cases done, that is answered with 200, by the oracle.
    admitted: usize,
    /// All cases.
    cases: usize,
    /// Differences that a known deviation explains.
    explained: usize,
    /// Cases with a difference that none explains.
    disagreements: usize,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    agreed: usize,
    compared: usize,
}

impl Agreement {
    /// Counts a case.
    pub fn count(&mut self, judged: &Judged) {
        self.cases += 1;
        if !judged.is_comparable {
            self.not_comparable += 1;
            return;
        }
        self.admitted += usize::from(judged.theirs.status == 200);
        self.disagreements += usize::from(!judged.differences.is_empty());
        self.explained += judged.comparison.differences().len() - judged.differences.len();
        let mut kinds = judged.case.kinds.clone();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds.into_iter().chain([EVERY_CASE]) {
            let row = self.rows.entry(kind).or_default();
            for (aspect, agrees) in judged.comparison.aspects() {
                let count = row.entry(aspect).or_default();
                count.compared += 1;
                count.agreed += usize::from(agrees);
            }
        }
    }

    /// Cases with a difference that no known deviation explains.
    #[must_use]
    pub fn disagreements(&self) -> usize {
        self.disagreements
    }

    /// Cases that were compared.
    #[must_use]
    pub fn compared(&self) -> usize {
        self.cases - self.not_comparable
    }

    /// Cases that Elasticsearch admitted.
    #[must_use]
    pub fn admitted(&self) -> usize {
        self.admitted
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} cases, {} admitted by Elasticsearch, {} not comparable; {} with differences, {} differences known",
            self.cases, self.admitted, self.not_comparable, self.disagreements, self.explained
        )?;
        write!(f, "{:26}", "agreed/compared")?;
        for aspect in Aspect::ALL {
            write!(f, "{aspect:>16}")?;
        }
        for (kind, row) in &self.rows {
            write!(f, "\n{kind:26}")?;
            for aspect in Aspect::ALL {
                let text = row.get(&aspect).map(Count::to_string).unwrap_or_default();
                write!(f, "{text:>16}")?;
            }
        }
        writeln!(f)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.agreed == self.compared { "" } else { "!" };
        write!(f, "{mark}{}/{}", self.agreed, self.compared)
    }
}
