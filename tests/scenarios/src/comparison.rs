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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{transcript::Outcome, wire::Answer};

    const HEAD: [&str; 2] = ["X-Product: a b", "content-length: 9"];

    fn run(status_line: &str, fields: &[&str], body: &str) -> Vec<TestRun> {
        let answer = Answer {
            status_line: status_line.into(),
            fields: fields.iter().map(|line| line.as_bytes().to_vec()).collect(),
            body: body.into(),
            ..Answer::default()
        };
        let exchange = Exchange {
            api: "info".into(),
            request_line: "GET / HTTP/1.1".into(),
            content: answer.body.clone(),
            answer,
        };
        vec![TestRun {
            name: "a test".into(),
            outcome: Outcome::Passed,
            exchanges: vec![exchange],
        }]
    }

    /// Differing statuses, fields and bodies of an answer beside one whose number varies.
    fn compare(status_line: &str, fields: &[&str], body: &str) -> [usize; 3] {
        let direct = [r#"{"n":1.5}"#, r#"{"n":2.5}"#].map(|body| run("HTTP/1.1 200 OK", &HEAD, body));
        let comparison = Comparison::of([&direct[0], &direct[1]], &run(status_line, fields, body));
        assert_eq!(comparison.exchanges, 1);
        assert_eq!(comparison.is_equal(), comparison.differences.is_empty());
        [comparison.statuses, comparison.fields, comparison.bodies]
    }

    #[test]
    fn nothing_differs_where_only_that_differs_which_varies() {
        let longer = ["X-Product: a b", "content-length: 10"];
        assert_eq!(compare("HTTP/1.1 200 OK", &HEAD, r#"{"n":3.5}"#), [0, 0, 0]);
        assert_eq!(compare("HTTP/1.1 200 OK", &longer, r#"{"n":13.5}"#), [0, 0, 0]);
    }

    #[test]
    fn what_proxies_change_is_counted() {
        let body = r#"{"n":1.5}"#;
        assert_eq!(compare("HTTP/1.1 200 Fine", &HEAD, body), [1, 0, 0]);
        assert_eq!(compare("HTTP/1.1 200 OK", &HEAD, r#"{"n": 1.5}"#), [0, 0, 1]);
        for (fields, differing) in [
            (["x-product: a b", "content-length: 9"].as_slice(), 2),
            (&["content-length: 9", "X-Product: a b"], 1),
            (&["X-Product: a b", "content-length: 9", "Date: now", "Via: 1.1 a"], 2),
            (&["content-length: 9"], 1),
            (&["X-Product: a  b", "content-length: 9"], 1),
            (&["X-Product:a b", "content-length: 9"], 1),
        ] {
            assert_eq!(
                compare("HTTP/1.1 200 OK", fields, body),
                [0, differing, 0],
                "{fields:?}"
            );
        }
    }

    #[test]
    fn a_test_that_ends_otherwise_is_told_of() {
        let direct = run("HTTP/1.1 200 OK", &HEAD, "");
        let mut through = run("HTTP/1.1 200 OK", &HEAD, "");
        through[0].outcome = Outcome::Failed("for a reason".into());
        let comparison = Comparison::of([&direct, &direct], &through);
        assert_eq!(
            (
                comparison.outcomes.len(),
                comparison.unstable.len(),
                comparison.exchanges
            ),
            (1, 0, 0)
        );
        assert!(!comparison.is_equal());
        let comparison = Comparison::of([&direct, &through], &direct);
        assert_eq!((comparison.outcomes.len(), comparison.unstable.len()), (0, 1));
    }
}
