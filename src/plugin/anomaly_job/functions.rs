//! The function matrix: which fields a detector's function needs, takes and forbids (create-job.md §4.3).

use std::hash::{Hash, Hasher};

use crate::es::version::Version;

/// What a function demands of one of a detector's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// It must be there.
    Required,
    /// It may be there.
    Optional,
    /// It must not be there.
    Forbidden,
    /// It must not be there from a version on.
    ForbiddenFrom(Version),
}

impl Demand {
    pub(super) fn forbids(self, api: Version) -> bool {
        match self {
            Self::Forbidden => true,
            Self::ForbiddenFrom(since) => api >= since,
            Self::Required | Self::Optional => false,
        }
    }
}

/// A function and its demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function {
    /// Its full name, which is what answers show.
    pub(super) name: &'static str,
    /// Its short name.
    alias: Option<&'static str>,
    /// `field_name`.
    pub(super) field: Demand,
    /// `by_field_name`.
    pub(super) by: Demand,
    /// `over_field_name`.
    pub(super) over: Demand,
    /// Whether it works without a field, a by and an over field.
    pub(super) stands_alone: bool,
    /// Whether rules may have conditions on values.
    pub(super) has_value_conditions: bool,
}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

use Demand::{Forbidden, ForbiddenFrom, Optional, Required};

/// Functions of a field.
const OF_FIELD: Function = Function {
    name: "",
    alias: None,
    field: Required,
    by: Optional,
    over: Optional,
    stands_alone: false,
    has_value_conditions: true,
};
/// Functions that count documents.
const COUNT: Function = Function {
    field: Forbidden,
    stands_alone: true,
    ..OF_FIELD
};
/// Functions that count documents where there are some.
const NON_ZERO: Function = Function {
    over: Forbidden,
    ..COUNT
};
/// Functions that look for rare values.
const RARE: Function = Function {
    field: Forbidden,
    by: Required,
    has_value_conditions: false,
    ..OF_FIELD
};
/// Sums that leave out buckets without values.
const NON_NULL: Function = Function {
    over: ForbiddenFrom(Version::new(9, 3, 0)),
    ..OF_FIELD
};

const fn named(name: &'static str, like: &Function) -> Function {
    Function { name, ..*like }
}

const fn aliased(name: &'static str, alias: &'static str, like: &Function) -> Function {
    Function {
        name,
        alias: Some(alias),
        ..*like
    }
}

/// The function that an absent one is first taken for (create-job.md §4.3).
pub(super) const METRIC: &str = "metric";

/// Every function.
const FUNCTIONS: &[Function] = &[
    named("count", &COUNT),
    named("low_count", &COUNT),
    named("high_count", &COUNT),
    aliased("non_zero_count", "nzc", &NON_ZERO),
    aliased("low_non_zero_count", "low_nzc", &NON_ZERO),
    aliased("high_non_zero_count", "high_nzc", &NON_ZERO),
    aliased("distinct_count", "dc", &OF_FIELD),
    aliased("low_distinct_count", "low_dc", &OF_FIELD),
    aliased("high_distinct_count", "high_dc", &OF_FIELD),
    named("rare", &RARE),
    Function {
        name: "freq_rare",
        over: Required,
        ..RARE
    },
    named("info_content", &OF_FIELD),
    named("low_info_content", &OF_FIELD),
    named("high_info_content", &OF_FIELD),
    Function {
        name: METRIC,
        has_value_conditions: false,
        ..OF_FIELD
    },
    named("mean", &OF_FIELD),
    named("low_mean", &OF_FIELD),
    named("high_mean", &OF_FIELD),
    named("avg", &OF_FIELD),
    named("low_avg", &OF_FIELD),
    named("high_avg", &OF_FIELD),
    named("median", &OF_FIELD),
    named("low_median", &OF_FIELD),
    named("high_median", &OF_FIELD),
    named("min", &OF_FIELD),
    named("max", &OF_FIELD),
    named("sum", &OF_FIELD),
    named("low_sum", &OF_FIELD),
    named("high_sum", &OF_FIELD),
    named("non_null_sum", &NON_NULL),
    named("low_non_null_sum", &NON_NULL),
    named("high_non_null_sum", &NON_NULL),
    named("varp", &OF_FIELD),
    named("low_varp", &OF_FIELD),
    named("high_varp", &OF_FIELD),
    named("time_of_day", &COUNT),
    named("time_of_week", &COUNT),
    Function {
        name: "lat_long",
        has_value_conditions: false,
        ..OF_FIELD
    },
];

/// The function of that name or short name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    // Few are called by their short names.
    let named = FUNCTIONS.iter().find(|function| function.name == name);
    named.or_else(|| FUNCTIONS.iter().find(|function| function.alias == Some(name)))
}

#[cfg(test)]
mod tests {
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
            Required => 'r',
            Optional | ForbiddenFrom(_) => 'o',
            Forbidden => '-',
        };
        for row in matrix.split(';') {
            let cells: Vec<&str> = row.split_whitespace().collect();
            let function = find(cells[0]).expect("a function");
            assert_eq!(function.alias.unwrap_or("."), cells[1], "{row}");
            let demands = [letter(function.field), letter(function.by), letter(function.over)].map(String::from);
            assert_eq!(demands.as_slice(), &cells[2..5], "{row}");
            assert_eq!(function.has_value_conditions, cells[5] == "y", "{row}");
        }
        assert_eq!(FUNCTIONS.len(), 38);
        assert!(find("Count").is_none());
    }
}
