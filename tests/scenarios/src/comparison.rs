//! Compares a run through the gateway with two direct ones: the outcome of every test, and every exchange.

use std::{collections::HashMap, fmt};

use crate::{
    masked::Variance,
    parts::{Part, differing_names, parts},
    transcript::{Exchange, TestRun},
};

/// What a comparison has found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Tests that end alike in both direct runs, and otherwise through the gateway.
    pub outcomes: Vec<String>,
    /// Tests that end differently in the two direct runs, so that nothing can be said of them.
    pub unstable: Vec<String>,
    /// Exchanges that were compared.
    pub exchanges: usize,
    /// Statuses and reasons that differ.
    pub statuses: usize,
    /// Fields that are missing, added, in another place or case, or of another value.
    pub fields: usize,
    /// Bodies that differ.
    pub bodies: usize,
    /// A line on each difference in an exchange.
    pub differences: Vec<String>,
    /// Words not looked at, as they differ between the direct runs.
    pub masked: usize,
    /// Words that differ, in what other direct exchanges of the same API show to vary.
    pub varying: usize,
    /// Parts of answers that were not compared, as the direct runs do not have as many words in them.
    pub taken_off: usize,
}

impl Comparison {
    /// Compares runs of the same tests in the same order.
    #[must_use]
    pub fn of(direct: [&[TestRun]; 2], through: &[TestRun]) -> Self {
        let mut comparison = Self::default();
        let [first, second] = direct;
        let mut alike = Vec::new();
        for ((first, second), through) in first.iter().zip(second).zip(through) {
            if !first.outcome.is_like(&second.outcome) || first.exchanges.len() != second.exchanges.len() {
                comparison
                    .unstable
                    .push(format!("{}: {} | {}", first.name, first.outcome, second.outcome));
            } else if !first.outcome.is_like(&through.outcome) || first.exchanges.len() != through.exchanges.len() {
                let (direct, through) = (&first.outcome, &through.outcome);
                comparison
                    .outcomes
                    .push(format!("{}: {direct} | {through}", first.name));
            } else {
                let exchanges = first.exchanges.iter().zip(&second.exchanges).zip(&through.exchanges);
                alike.extend(exchanges.map(|((a, b), c)| (first.name.as_str(), [a, b, c])));
            }
        }
        let mut variance = Variance::default();
        for (_, [first, second, _]) in &alike {
            let of_second: HashMap<_, _> = parts(second).into_iter().collect();
            for (part, bytes) in parts(first) {
                if let Some(other) = of_second.get(&part) {
                    variance.learn(&first.api, &part, &bytes, other);
                }
            }
        }
        for (test, exchanges) in alike {
            comparison.compare(&variance, test, exchanges);
        }
        comparison
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.outcomes.is_empty() && self.differences.is_empty()
    }

    fn compare(&mut self, variance: &Variance, test: &str, [first, second, through]: [&Exchange; 3]) {
        self.exchanges += 1;
        let of_second: HashMap<_, _> = parts(second).into_iter().collect();
        let of_through: HashMap<_, _> = parts(through).into_iter().collect();
        let is_same_content = first.content == second.content && first.content == through.content;
        for (part, expected) in parts(first) {
            // A field that is there in one run only shows in the list of the names.
            let (Some(other), Some(found)) = (of_second.get(&part), of_through.get(&part)) else {
                continue;
            };
            // Both follow from the content; that the length is the body's was checked when it was read.
            let follows = part == Part::CodedBody || part == Part::Field("content-length".to_owned(), 0);
            if follows && !is_same_content && !first.content.is_empty() {
                continue;
            }
            let compared = variance.compare(&first.api, &part, [&expected, other], found);
            self.masked += compared.masked;
            self.varying += compared.varying;
            self.taken_off += usize::from(compared.is_taken_off);
            let Some(difference) = compared.difference else {
                continue;
            };
            match part {
                Part::StatusLine => self.statuses += 1,
                Part::FieldNames => self.fields += differing_names(&expected, found),
                Part::Field(..) | Part::Trailers => self.fields += 1,
                Part::Content | Part::CodedBody => self.bodies += 1,
            }
            let line = &through.request_line;
            self.differences
                .push(format!("{test}\n    {line}\n    {part:?}: {difference}"));
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{:>8} tests that end otherwise through the gateway",
            self.outcomes.len()
        )?;
        writeln!(
            formatter,
            "{:>8} tests that end differently in the two direct runs",
            self.unstable.len()
        )?;
        writeln!(formatter, "{:>8} exchanges compared", self.exchanges)?;
        writeln!(formatter, "{:>8} differing statuses or reasons", self.statuses)?;
        writeln!(formatter, "{:>8} differing fields", self.fields)?;
        writeln!(formatter, "{:>8} differing bodies", self.bodies)?;
        writeln!(
            formatter,
            "{:>8} words masked, as they differ between the direct runs",
            self.masked
        )?;
        writeln!(
            formatter,
            "{:>8} words taken off, as such words of the API differ there",
            self.varying
        )?;
        write!(
            formatter,
            "{:>8} parts taken off, as even their number of words differs there",
            self.taken_off
        )
    }
}
