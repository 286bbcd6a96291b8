//! What was measured, as tables in Markdown: medians over the rounds, and how the gateway compares round by round.

use std::fmt;

use super::measure::{CORES_BUSY, Taken};

/// All that was measured of one thing.
#[derive(Debug, Clone)]
pub struct Section {
    title: String,
    /// Those that are compared. The first one is compared with all others.
    columns: Vec<String>,
    rows: Vec<Row>,
    /// Who could not be measured, and why.
    failures: Vec<String>,
}

/// A figure.
#[derive(Debug, Clone)]
struct Row {
    figure: &'static str,
    /// Of each column.
    values: Vec<Values>,
}

/// What was measured in which round.
type Values = Vec<(usize, f64)>;

/// The middle of some values, and the two between which half of them are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Section {
    /// A section of which nothing is known yet.
    #[must_use]
    pub fn new(title: &str, columns: &[String]) -> Self {
        Self {
            title: title.to_owned(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Adds what was measured in a round for a column.
    pub fn add(&mut self, column: usize, round: usize, taken: Vec<Taken>) {
        for (figure, value) in taken {
            let known = self.rows.iter().position(|row| row.figure == figure);
            let place = known.unwrap_or_else(|| {
                let values = vec![Vec::new(); self.columns.len()];
                self.rows.push(Row { figure, values });
                self.rows.len() - 1
            });
            let values = self.rows.get_mut(place).and_then(|row| row.values.get_mut(column));
            if let Some(values) = values {
                values.push((round, value));
            }
        }
    }

    /// Adds that a column could not be measured. The same is not said twice.
    pub fn fail(&mut self, column: usize, error: &anyhow::Error) {
        let name = self.columns.get(column).map_or("", String::as_str);
        let failure = format!("{name}: {error:#}");
        if !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    /// Its title and the medians.
    #[must_use]
    pub fn medians(&self) -> String {
        let mut text = format!("## {}\n\n", self.title);
        let lines = self.rows.iter().map(|row| {
            let cells = row
                .values
                .iter()
                .map(|values| spread(values.iter().map(|(_, value)| *value)));
            (row.figure, cells.collect())
        });
        text.push_str(&table("figure", &self.columns, lines));
        for failure in &self.failures {
            text.push_str("\nNot measured: ");
            text.push_str(failure.trim_end());
            text.push('\n');
        }
        text
    }

    /// What part of each other column's value that of the first one is.
    #[must_use]
    pub fn ratios(&self) -> String {
        let Some((first, others)) = self.columns.split_first() else {
            return String::new();
        };
        let compared = self.rows.iter().filter(|row| row.figure != CORES_BUSY);
        let lines = compared.filter_map(|row| {
            let (first, others) = row.values.split_first()?;
            let cells = others.iter().map(|values| spread(ratios(first, values)));
            Some((row.figure, cells.collect()))
        });
        table(&format!("{first} ÷"), others, lines)
    }
}

fn table(corner: &str, columns: &[String], lines: impl Iterator<Item = (&'static str, Vec<Option<Spread>>)>) -> String {
    let line = |first: &str, cells: &[String]| format!("| {first} | {} |\n", cells.join(" | "));
    let mut text = line(corner, columns);
    text.push_str(&line("---", &vec!["---".to_owned(); columns.len()]));
    for (figure, cells) in lines {
        let shown = |cell: &Option<Spread>| cell.map_or_else(|| "-".to_owned(), |cell| cell.to_string());
        let cells: Vec<String> = cells.iter().map(shown).collect();
        text.push_str(&line(figure, &cells));
    }
    text
}

/// Of each round in which both were measured, what part of the second the first is.
fn ratios<'v>(first: &'v [(usize, f64)], second: &'v [(usize, f64)]) -> impl Iterator<Item = f64> + 'v {
    first.iter().filter_map(|(round, value)| {
        let (_, other) = second.iter().find(|(other, _)| other == round)?;
        Some(value / other)
    })
}

fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    Some(Spread {
        low: quantile(&values, 0.25)?,
        median: quantile(&values, 0.5)?,
        high: quantile(&values, 0.75)?,
    })
}

/// The value below which this part of them is, of values in order; between two of them what is in between.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list of a few rounds"
)]
fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let place = values.len().checked_sub(1)? as f64 * part;
    let (below, above) = (values.get(place.floor() as usize)?, values.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, median, high } = self;
        let digits = match *median {
            median if median >= 100.0 => 0,
            median if median >= 10.0 => 1,
            median if median >= 0.1 => 2,
            _ => 3,
        };
        write!(f, "{median:.digits$} ({low:.digits$}–{high:.digits$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section() -> Section {
        let columns = ["gateway, lane", "gateway, lane (again)", "nginx"].map(str::to_owned);
        let mut section = Section::new("GET, answers of 500 bytes", &columns);
        let rounds = [
            [12.0, 12.1, 13.5],
            [12.2, 12.0, 13.4],
            [12.1, 12.3, 13.9],
            [15.0, 15.1, 16.0],
            [11.9, 11.8, 13.0],
        ];
        for (round, values) in rounds.iter().enumerate() {
            for (column, value) in values.iter().enumerate() {
                section.add(
                    column,
                    round,
                    vec![("CPU µs a request", *value), ("requests a second", 1e6 / value)],
                );
            }
        }
        section.add(2, 0, vec![("MiB with 1,000 connections", 7.8)]);
        section
    }

    #[test]
    fn medians_and_ratios_are_tables() {
        let mut section = section();
        section.fail(2, &anyhow::anyhow!("no connection").context("no answer"));
        section.fail(2, &anyhow::anyhow!("no connection").context("no answer"));
        insta::assert_snapshot!(section.medians() + "\n" + &section.ratios(), @r"
        ## GET, answers of 500 bytes

        | figure | gateway, lane | gateway, lane (again) | nginx |
        | --- | --- | --- | --- |
        | CPU µs a request | 12.1 (12.0–12.2) | 12.1 (12.0–12.3) | 13.5 (13.4–13.9) |
        | requests a second | 82645 (81967–83333) | 82645 (81301–83333) | 74074 (71942–74627) |
        | MiB with 1,000 connections | - | - | 7.80 (7.80–7.80) |

        Not measured: nginx: no answer: no connection

        | gateway, lane ÷ | gateway, lane (again) | nginx |
        | --- | --- | --- |
        | CPU µs a request | 0.99 (0.99–1.01) | 0.91 (0.89–0.92) |
        | requests a second | 1.01 (0.99–1.01) | 1.10 (1.09–1.12) |
        | MiB with 1,000 connections | - | - |
        ");
    }

    #[test]
    fn rounds_are_compared_one_by_one() {
        // A slow round of both is no difference between them.
        let (first, second) = ([(0, 10.0), (1, 20.0), (2, 11.0)], [(0, 20.0), (1, 40.0)]);
        assert_eq!(ratios(&first, &second).collect::<Vec<_>>(), [0.5, 0.5]);
    }

    #[test]
    fn the_middle_half_is_what_is_spread() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 100.0];
        let found = spread(values.into_iter().rev());
        assert_eq!(
            found,
            Some(Spread {
                low: 3.0,
                median: 5.0,
                high: 7.0
            })
        );
        assert_eq!(spread([1.0, 2.0].into_iter()).map(|spread| spread.median), Some(1.5));
        assert_eq!(spread([f64::NAN].into_iter()), None);
        assert_eq!(spread([].into_iter()), None);
    }

    #[test]
    fn three_digits_are_shown() {
        let shown = |median| {
            Spread {
                low: median,
                median,
                high: median,
            }
            .to_string()
        };
        assert_eq!(shown(8123.4), "8123 (8123–8123)");
        assert_eq!(shown(13.46), "13.5 (13.5–13.5)");
        assert_eq!(shown(0.867), "0.87 (0.87–0.87)");
        assert_eq!(shown(0.0456), "0.046 (0.046–0.046)");
    }
}
