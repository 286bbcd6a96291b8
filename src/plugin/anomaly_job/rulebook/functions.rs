//! The table of functions: which fields a detector's function needs, takes and forbids (create-job.md §4.3).

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use serde::Deserialize;

use super::InForce;
use crate::es::version::Version;

/// What a function demands of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in super::super) enum Demand {
    /// It must be there.
    Required,
    /// It may be there.
    #[default]
    Optional,
    /// It must not be there.
    Forbidden,
}

/// What a function demands: one row of the table, but for its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub(in super::super) struct Demands {
    /// `field_name`.
    #[serde(rename = "field_name", default)]
    pub(in super::super) field: Demand,
    /// `by_field_name`.
    #[serde(rename = "by_field_name", default)]
    pub(in super::super) by: Demand,
    /// `over_field_name`.
    #[serde(rename = "over_field_name", default)]
    pub(in super::super) over: Demand,
    /// `summary_count_field_name` of the analysis.
    #[serde(rename = "summary_count_field_name", default)]
    pub(in super::super) summary_count: Demand,
    /// Whether it works without a field, a by and an over field.
    #[serde(default)]
    pub(in super::super) alone: bool,
    /// Whether rules may have conditions on values.
    #[serde(rename = "value_conditions", default = "yes")]
    pub(in super::super) has_value_conditions: bool,
}

const fn yes() -> bool {
    true
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(in super::super) struct Function {
    /// Its full name, which is what answers show.
    pub(in super::super) name: String,
    /// Its short names.
    #[serde(default)]
    pub(in super::super) aliases: Vec<String>,
    #[serde(flatten)]
    pub(in super::super) demands: Demands,
    #[serde(flatten)]
    pub(super) in_force: InForce,
}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The file of the table.
#[derive(Debug, Deserialize)]
pub(super) struct FunctionsFile {
    /// The function that an absent one is first taken for.
    absent: String,
    functions: Vec<Function>,
}

/// The functions of a version.
#[derive(Debug)]
pub(in super::super) struct Functions {
    listed: Vec<Function>,
    /// Their places in the list, by name and short name.
    by_name: HashMap<String, usize>,
    absent: String,
}

impl Functions {
    pub(super) fn of(file: FunctionsFile, api: Version) -> Self {
        let mut listed = file.functions;
        listed.retain(|function| function.in_force.holds(api));
        let names = |(place, function): (usize, &Function)| {
            let aliases = function.aliases.iter().cloned();
            let names: Vec<String> = std::iter::once(function.name.clone()).chain(aliases).collect();
            names.into_iter().map(move |name| (name, place))
        };
        Self {
            by_name: listed.iter().enumerate().flat_map(names).collect(),
            listed,
            absent: file.absent,
        }
    }

    /// The function of that name or short name.
    pub(in super::super) fn find(&self, name: &str) -> Option<&Function> {
        self.listed.get(*self.by_name.get(name)?)
    }

    /// The function that an absent one is first taken for.
    pub(in super::super) fn of_absent(&self) -> Option<&Function> {
        self.find(&self.absent)
    }

    /// Every function, in the order of the table.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = &Function> {
        self.listed.iter()
    }

    /// Every name and short name, in the order of the table.
    pub(in super::super) fn names(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().flat_map(Function::names)
    }
}

impl Function {
    /// Its name and its short names.
    pub(in super::super) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::rulebook;
    use super::*;

    /// create-job.md §4.3, every row.
    #[test]
    fn holds_the_matrix_of_the_reference() {
        let matrix = "count . - o o y;low_count . - o o y;high_count . - o o y;non_zero_count nzc - o - y;\
            low_non_zero_count low_nzc - o - y;high_non_zero_count high_nzc - o - y;distinct_count dc r o o y;\
            low_distinct_count low_dc r o o y;high_distinct_count high_dc r o o y;rare . - r o n;freq_rare . - r r n;\
            info_content . r o o y;metric . r o o n;mean . r o o y;avg . r o o y;median . r o o y;min . r o o y;\
            max . r o o y;sum . r o o y;non_null_sum . r o o y;varp . r o o y;time_of_day . - o o y;\
            time_of_week . - o o y;lat_long . r o o n";
        let letter = |demand: Demand| match demand {
            Demand::Required => 'r',
            Demand::Optional => 'o',
            Demand::Forbidden => '-',
        };
        let functions = &rulebook(Version::BASE).functions;
        for row in matrix.split(';') {
            let cells: Vec<&str> = row.split_whitespace().collect();
            let function = functions.find(cells[0]).expect("a function");
            assert_eq!(function.aliases.first().map_or(".", String::as_str), cells[1], "{row}");
            let demands = &function.demands;
            let demanded = [letter(demands.field), letter(demands.by), letter(demands.over)].map(String::from);
            assert_eq!(demanded.as_slice(), &cells[2..5], "{row}");
            assert_eq!(demands.has_value_conditions, cells[5] == "y", "{row}");
        }
        assert_eq!(functions.iter().count(), 38);
        assert!(functions.find("Count").is_none());
        let newest = &rulebook(Version::new(9, 5, 3)).functions;
        let over = |functions: &Functions| functions.find("low_non_null_sum").map(|function| function.demands.over);
        assert_eq!(over(newest), Some(Demand::Forbidden));
        assert_eq!(over(functions), Some(Demand::Optional));
        assert_eq!(newest.iter().count(), 38);
    }
}
