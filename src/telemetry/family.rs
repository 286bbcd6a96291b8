//! What a metric is declared as: its name, kind, unit, labels and meaning, in one place for `/metrics`, for the recorder and
//! for the [page](super::page) of metrics.

use metrics::Label as RecordedLabel;

use super::word::Word;

/// A metric with all its series.
#[derive(Debug)]
pub struct Family {
    /// Its name: prefix, base unit, and `_total` if it only grows.
    pub name: &'static str,
    /// What kind of figure it is.
    pub kind: Kind,
    /// What it counts or measures.
    pub unit: &'static str,
    /// What it says, in a sentence.
    pub help: &'static str,
    /// What tells its series apart.
    pub labels: &'static [Label],
}

/// What kind of figure a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

impl Kind {
    /// Its name in Prometheus's text format.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A label of a metric.
#[derive(Debug)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: Values,
}

/// The values of a label. There are few, and no client chooses them.
#[derive(Debug)]
pub enum Values {
    /// These.
    Listed(fn() -> Vec<Word>),
    /// Known when the gateway runs: what they are.
    Configured(&'static str),
}

impl Label {
    /// A label with these values.
    pub(super) const fn listed(name: &'static str, words: fn() -> Vec<Word>) -> Self {
        let values = Values::Listed(words);
        Self { name, values }
    }

    /// A label whose values come from the configuration.
    pub(super) const fn configured(name: &'static str, meaning: &'static str) -> Self {
        let values = Values::Configured(meaning);
        Self { name, values }
    }
}

impl Family {
    /// Adds to the series with these values of its labels, in their order.
    pub(crate) fn add(&self, values: &[&str], count: u64) {
        let labels = self.labels.iter().zip(values);
        let labels: Vec<_> = labels
            .map(|(label, value)| RecordedLabel::new(label.name, (*value).to_owned()))
            .collect();
        metrics::counter!(self.name, labels).increment(count);
    }

    /// Every combination of its labels' values, if all of them are listed.
    pub(super) fn series(&self) -> Option<Vec<Vec<&'static str>>> {
        let mut series = vec![Vec::new()];
        for label in self.labels {
            let Values::Listed(words) = label.values else {
                return None;
            };
            let words = words();
            let longer = |values: &Vec<&'static str>| {
                let values = values.clone();
                let longer = words.iter().map(move |word| [values.as_slice(), &[word.name]].concat());
                longer.collect::<Vec<_>>()
            };
            series = series.iter().flat_map(longer).collect();
        }
        Some(series)
    }
}

/// Declares metrics, with a list of all of them. A metric's documentation is its help.
macro_rules! families {
    ($(#[doc = $about:literal])+ $list:ident: $(
        $(#[doc = $help:literal])+
        $name:ident = $kind:ident $text:literal in $unit:literal by [$($label:expr),*];
    )+) => {
        $(
            $(#[doc = $help])+
            pub(crate) const $name: $crate::telemetry::family::Family = $crate::telemetry::family::Family {
                name: $text,
                kind: $crate::telemetry::family::Kind::$kind,
                unit: $unit,
                help: concat!($($help),+).trim_ascii(),
                labels: &[$($label),*],
            };
        )+

        $(#[doc = $about])+
        pub(super) const $list: &[&$crate::telemetry::family::Family] = &[$(&$name),+];
    };
}

pub(super) use families;

#[cfg(test)]
mod tests {
    use super::*;

    fn words(names: &[&'static str]) -> Vec<Word> {
        let words = names.iter().map(|name| Word { name, meaning: "" });
        words.collect()
    }

    #[test]
    fn series_are_all_combinations_of_listed_values() {
        const LISTED: Family = Family {
            name: "a",
            kind: Kind::Counter,
            unit: "events",
            help: "",
            labels: &[
                Label::listed("one", || words(&["a", "b"])),
                Label::listed("two", || words(&["c", "d"])),
            ],
        };
        const OPEN: Family = Family {
            labels: &[Label::configured("node", "the nodes")],
            ..LISTED
        };
        let series = LISTED.series().expect("all are listed");
        assert_eq!(series, [["a", "c"], ["a", "d"], ["b", "c"], ["b", "d"]]);
        assert_eq!(OPEN.series(), None);
        let single = Family { labels: &[], ..LISTED };
        assert_eq!(single.series(), Some(vec![Vec::new()]));
    }
}
