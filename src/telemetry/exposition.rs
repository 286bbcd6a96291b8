//! Metrics as text, in the format that Prometheus reads.

use std::fmt::{Display, Write as _};

use super::family::Family;

/// Text to which metrics are added. Writing to it does not fail.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// Begins a metric: its samples follow.
    pub fn family(&mut self, family: &Family) {
        let Family { name, kind, help, .. } = family;
        let kind = kind.name();
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// Adds a sample with these values of the metric's labels, in their order.
    pub fn sample(&mut self, family: &Family, values: &[&str], value: impl Display) {
        self.line(family, "", values, None, value);
    }

    /// Adds a metric that has one sample.
    pub fn single(&mut self, family: &Family, value: impl Display) {
        self.family(family);
        self.sample(family, &[], value);
    }

    /// Adds a histogram with these values of the metric's labels: how many were at most as much as each bound, which is
    /// `+Inf` at last, and the sum of all.
    pub fn histogram<'b>(
        &mut self,
        family: &Family,
        values: &[&str],
        buckets: impl IntoIterator<Item = (&'b str, u64)>,
        sum: impl Display,
    ) {
        let mut count = 0;
        for (bound, at_most) in buckets {
            self.line(family, "_bucket", values, Some(bound), at_most);
            count = at_most;
        }
        self.line(family, "_sum", values, None, sum);
        self.line(family, "_count", values, None, count);
    }

    fn line(&mut self, family: &Family, suffix: &str, values: &[&str], bound: Option<&str>, value: impl Display) {
        self.0.push_str(family.name);
        self.0.push_str(suffix);
        let labels = family.labels.iter().map(|label| label.name).zip(values.iter().copied());
        let mut is_first = true;
        for (label, text) in labels.chain(bound.map(|bound| ("le", bound))) {
            self.0.push(if is_first { '{' } else { ',' });
            is_first = false;
            let _ = write!(self.0, "{label}=\"");
            self.escaped(text);
            self.0.push('"');
        }
        if !is_first {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '\\' => self.0.push_str("\\\\"),
                '"' => self.0.push_str("\\\""),
                '\n' => self.0.push_str("\\n"),
                other => self.0.push(other),
            }
        }
    }

    /// All that was added.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::family::{Kind, Label};
    use super::*;

    const FAMILY: Family = Family {
        name: "a_total",
        kind: Kind::Counter,
        unit: "events",
        help: "What it counts.",
        labels: &[Label::configured("node", ""), Label::configured("state", "")],
    };

    #[test]
    fn a_label_cannot_end_its_line() {
        let mut text = Exposition::default();
        text.family(&FAMILY);
        text.sample(&FAMILY, &["a\"b\\c\nd", "idle"], 3);
        assert_eq!(
            text.into_text(),
            "# HELP a_total What it counts.\n# TYPE a_total counter\n\
             a_total{node=\"a\\\"b\\\\c\\nd\",state=\"idle\"} 3\n"
        );
    }

    #[test]
    fn a_histogram_has_buckets_sum_and_count() {
        let family = Family {
            name: "b_seconds",
            kind: Kind::Histogram,
            labels: &[],
            ..FAMILY
        };
        let mut text = Exposition::default();
        text.histogram(&family, &[], [("0.5", 2), ("+Inf", 3)], 1.25);
        assert_eq!(
            text.into_text(),
            "b_seconds_bucket{le=\"0.5\"} 2\nb_seconds_bucket{le=\"+Inf\"} 3\nb_seconds_sum 1.25\nb_seconds_count 3\n"
        );
    }
}
