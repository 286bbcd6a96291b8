//! Compares a run through the gateway with two direct ones: the outcome of every test, and every exchange.

use std::{
    collections::{BTreeSet, HashMap},
    fmt, mem,
};

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
    /// What differs in them.
    pub differences: Vec<Difference>,
    /// Bodies that differed, and did not when their tests were run again.
    pub passing: Vec<Difference>,
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
            let is_like = |other: &TestRun| {
                first.outcome.is_like(&other.outcome) && first.exchanges.len() == other.exchanges.len()
            };
            let told = |other: &TestRun| format!("{}: {} | {}", first.name, first.outcome, other.outcome);
            if !is_like(second) {
                comparison.unstable.push(told(second));
            } else if !is_like(through) {
                comparison.outcomes.push(told(through));
            } else {
                let exchanges = first.exchanges.iter().zip(&second.exchanges).zip(&through.exchanges);
                let numbered = exchanges.enumerate();
                alike.extend(numbered.map(|(number, ((a, b), c))| ((first.name.as_str(), number), [a, b, c])));
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
        for (place, exchanges) in alike {
            comparison.compare(&variance, place, exchanges);
        }
        comparison
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.outcomes.is_empty() && self.differences.is_empty()
    }

    /// The tests in which a body differs, which may be the server's own doing.
    #[must_use]
    pub fn doubtful(&self) -> BTreeSet<&str> {
        let bodies = self.differences.iter().filter(|difference| difference.part.is_body());
        bodies.map(|difference| difference.test.as_str()).collect()
    }

    /// Leaves of the bodies that differ those that differ again in another comparison of the same tests, and in the same
    /// words. Of the hundreds of numbers of a node's statistics there is always one that happens to be alike in two runs
    /// and not in a third, but not the same one each time.
    pub fn confirm(&mut self, again: &Self) {
        for mut difference in mem::take(&mut self.differences) {
            let is_there = |other: &Difference| difference.is_at(other);
            let confirmed = match again.differences.iter().find(|other| is_there(other)) {
                _ if !difference.part.is_body() => true,
                None => false,
                Some(other) => difference.keep(&other.names),
            };
            let kept = if confirmed {
                &mut self.differences
            } else {
                &mut self.passing
            };
            kept.push(difference);
        }
    }

    fn compare(&mut self, variance: &Variance, place: (&str, usize), [first, second, through]: [&Exchange; 3]) {
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
            if let Some(words) = compared.difference {
                self.differences.push(Difference {
                    test: place.0.to_owned(),
                    exchange: place.1,
                    request_line: through.request_line.clone(),
                    facts: if part == Part::FieldNames {
                        differing_names(&expected, found)
                    } else {
                        1
                    },
                    part,
                    words,
                    names: compared.names,
                });
            }
        }
    }

    fn count(&self, wanted: impl Fn(&Part) -> bool) -> usize {
        let wanted = self.differences.iter().filter(|difference| wanted(&difference.part));
        wanted.map(|difference| difference.facts).sum()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_status = |part: &Part| *part == Part::StatusLine;
        for (count, what) in [
            (self.outcomes.len(), "tests that end otherwise through the gateway"),
            (self.unstable.len(), "tests that end differently in the two direct runs"),
            (self.exchanges, "exchanges compared"),
            (self.count(is_status), "differing statuses or reasons"),
            (
                self.count(|part| !is_status(part) && !part.is_body()),
                "differing fields",
            ),
            (self.count(Part::is_body), "differing bodies"),
            (
                self.passing.len(),
                "bodies that differed once, and not when their tests were run again",
            ),
            (self.masked, "words masked, as they differ between the direct runs"),
            (self.varying, "words taken off, as such words of the API differ there"),
            (
                self.taken_off,
                "parts taken off, as even their number of words differs there",
            ),
        ] {
            writeln!(formatter, "{count:>8} {what}")?;
        }
        Ok(())
    }
}

/// Something that differs in an exchange.
#[derive(Debug)]
pub struct Difference {
    test: String,
    /// The exchange's number within the test.
    exchange: usize,
    request_line: String,
    part: Part,
    words: String,
    /// The names of all the words that differ; none where there are not as many words.
    names: BTreeSet<String>,
    /// How many fields it makes: a list of names may differ in several.
    facts: usize,
}

impl Difference {
    /// Keeps of what differs that which differs there, too; whether anything does.
    fn keep(&mut self, names: &BTreeSet<String>) -> bool {
        if self.names.is_empty() {
            return names.is_empty();
        }
        self.names.retain(|name| names.contains(name));
        !self.names.is_empty()
    }

    fn is_at(&self, other: &Self) -> bool {
        (&self.test, self.exchange, &self.part) == (&other.test, other.exchange, &other.part)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            test,
            request_line,
            part,
            words,
            ..
        } = self;
        write!(formatter, "{test}\n    {request_line}\n    {part:?}: {words}")
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
            own_words: Vec::new(),
            exchanges: vec![exchange],
        }]
    }

    /// Differing statuses, fields and bodies of an answer beside one whose number varies.
    fn compare(status_line: &str, fields: &[&str], body: &str) -> [usize; 3] {
        let direct = [r#"{"n":1.5}"#, r#"{"n":2.5}"#].map(|body| run("HTTP/1.1 200 OK", &HEAD, body));
        let comparison = Comparison::of([&direct[0], &direct[1]], &run(status_line, fields, body));
        assert_eq!(comparison.exchanges, 1);
        assert_eq!(comparison.is_equal(), comparison.differences.is_empty());
        let is_field = |part: &Part| *part != Part::StatusLine && !part.is_body();
        [|part: &Part| *part == Part::StatusLine, is_field, Part::is_body].map(|wanted| comparison.count(wanted))
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

    #[test]
    fn a_body_must_differ_again_to_count() {
        let compare = |body| {
            let direct = run("HTTP/1.1 200 OK", &HEAD, r#"{"n":1.5}"#);
            Comparison::of([&direct, &direct], &run("HTTP/1.1 200 Fine", &HEAD, body))
        };
        let mut comparison = compare(r#"{"n":2.5}"#);
        assert_eq!(comparison.doubtful().into_iter().collect::<Vec<_>>(), ["a test"]);
        comparison.confirm(&compare(r#"{"n":3.5}"#));
        assert_eq!((comparison.differences.len(), comparison.passing.len()), (2, 0));
        comparison.confirm(&compare(r#"{"n":1.5}"#));
        assert_eq!((comparison.differences.len(), comparison.passing.len()), (1, 1));
        assert!(!comparison.is_equal(), "the reason differs, whatever the body does");
    }

    #[test]
    fn a_body_must_differ_in_the_same_word_each_time() {
        let compare = |body| {
            let direct = run("HTTP/1.1 200 OK", &HEAD, r#"{"m":0,"n":1,"o":2}"#);
            Comparison::of([&direct, &direct], &run("HTTP/1.1 200 OK", &HEAD, body))
        };
        let differing = |others: &[&'static str]| {
            let mut comparison = compare(r#"{"m":5,"n":5,"o":2}"#);
            for other in others {
                comparison.confirm(&compare(other));
            }
            comparison.differences.len()
        };
        assert_eq!(differing(&[r#"{"m":0,"n":6,"o":6}"#]), 1);
        assert_eq!(differing(&[r#"{"m":0,"n":6,"o":6}"#, r#"{"m":7,"n":1,"o":7}"#]), 0);
        assert_eq!(differing(&[r#"{"m":0}"#]), 0);
    }
}
