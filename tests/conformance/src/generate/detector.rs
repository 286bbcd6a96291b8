//! Detectors and their rules (create-job.md §2.7, §4.3).

use super::{
    Generator,
    analysis::CATEGORY,
    json::{Json, Members},
};

/// What a function wants of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    None,
    Any,
    Required,
}

/// A group of functions with the same wants: field, by, over, and whether rules may test values.
struct Functions {
    names: &'static [&'static str],
    field: Wants,
    by: Wants,
    over: Wants,
    takes_value_conditions: bool,
}

const FUNCTIONS: [Functions; 9] = [
    group(
        &["count", "low_count", "high_count"],
        Wants::None,
        Wants::Any,
        Wants::Any,
        true,
    ),
    group(
        &[
            "non_zero_count",
            "nzc",
            "low_non_zero_count",
            "low_nzc",
            "high_non_zero_count",
            "high_nzc",
        ],
        Wants::None,
        Wants::Any,
        Wants::None,
        true,
    ),
    group(
        &[
            "distinct_count",
            "dc",
            "low_distinct_count",
            "low_dc",
            "high_distinct_count",
            "high_dc",
        ],
        Wants::Required,
        Wants::Any,
        Wants::Any,
        true,
    ),
    group(&["rare"], Wants::None, Wants::Required, Wants::Any, false),
    group(&["freq_rare"], Wants::None, Wants::Required, Wants::Required, false),
    group(&["metric", "lat_long"], Wants::Required, Wants::Any, Wants::Any, false),
    group(
        &[
            "info_content",
            "low_info_content",
            "high_info_content",
            "mean",
            "low_mean",
            "high_mean",
            "avg",
            "low_avg",
            "high_avg",
            "median",
            "low_median",
            "high_median",
            "min",
            "max",
            "sum",
            "low_sum",
            "high_sum",
            "varp",
            "low_varp",
            "high_varp",
        ],
        Wants::Required,
        Wants::Any,
        Wants::Any,
        true,
    ),
    group(
        &["non_null_sum", "low_non_null_sum", "high_non_null_sum"],
        Wants::Required,
        Wants::Any,
        Wants::Any,
        true,
    ),
    group(
        &["time_of_day", "time_of_week"],
        Wants::None,
        Wants::Any,
        Wants::Any,
        true,
    ),
];

const fn group(names: &'static [&'static str], field: Wants, by: Wants, over: Wants, values: bool) -> Functions {
    Functions {
        names,
        field,
        by,
        over,
        takes_value_conditions: values,
    }
}

/// The names that a detector splits by, each a different one.
#[derive(Debug, Default)]
struct Split {
    names: Vec<String>,
}

impl Generator {
    pub(super) fn detectors(&mut self, categorizes: bool, per_partition: bool, has_summary: bool) -> Json {
        let count = if self.chance(60) { 1 } else { 1 + self.below(4) };
        let detectors = (0..count).map(|place| self.detector(categorizes && place == 0, per_partition, has_summary));
        Json::List(detectors.collect())
    }

    fn detector(&mut self, categorizes: bool, per_partition: bool, has_summary: bool) -> Json {
        let breaks_the_matrix = self.chance(3);
        if breaks_the_matrix {
            self.kind("function matrix");
        }
        let groups = FUNCTIONS.len();
        let Some(functions) = FUNCTIONS.get(self.below(groups)) else {
            return Json::null();
        };
        let mut detector = Members::default();
        let mut split = Split::default();
        let mut function = self.text_of(functions.names);
        if has_summary && function == "metric" && !self.chance(5) {
            function = "lat_long";
        }
        if !self.chance(1) {
            let misspelt = self.chance(1);
            detector.add("function", Json::text(if misspelt { "Count" } else { function }));
        }
        let wants = |wants: Wants, generator: &mut Self, percent: u32| match wants {
            _ if breaks_the_matrix => generator.chance(50),
            Wants::None => false,
            Wants::Any => generator.chance(percent),
            Wants::Required => true,
        };
        if wants(functions.field, self, 0) {
            detector.add("field_name", Json::text(self.name()));
        }
        if categorizes || wants(functions.by, self, 40) {
            let name = if categorizes { CATEGORY.to_owned() } else { self.name() };
            self.add_split(&mut detector, &mut split, "by_field_name", name);
        }
        if wants(functions.over, self, 25) {
            let name = self.name();
            self.add_split(&mut detector, &mut split, "over_field_name", name);
        }
        if per_partition || self.chance(25) {
            let name = if per_partition {
                "partition".to_owned()
            } else {
                self.name()
            };
            self.add_split(&mut detector, &mut split, "partition_field_name", name);
        }
        self.add_options(&mut detector);
        if self.chance(15) {
            self.kind("rules");
            let rules = (0..=self.below(2)).map(|_| self.rule(&split.names, functions.takes_value_conditions));
            let rules = Json::List(rules.collect());
            detector.add("custom_rules", rules);
        }
        self.shuffled(detector)
    }

    /// Adds a field to split by. The same one twice is refused, so it seldom is.
    fn add_split(&mut self, detector: &mut Members, split: &mut Split, field: &str, name: String) {
        let name = if split.names.contains(&name) && !self.chance(10) {
            format!("{name}_2")
        } else {
            name
        };
        detector.add(field, Json::text(name.clone()));
        split.names.push(name);
    }

    fn add_options(&mut self, detector: &mut Members) {
        if self.chance(10) {
            detector.add("detector_description", self.description());
        }
        if self.chance(10) {
            detector.add("use_null", self.boolean());
        }
        if self.chance(10) {
            let frequent = self.text_of(&["all", "none", "by", "over", "ALL", "By", "all", "true", ""]);
            detector.add("exclude_frequent", Json::text(frequent));
        }
        if self.chance(5) {
            detector.add("detector_index", self.whole_number());
        }
    }

    pub(super) fn rule(&mut self, names: &[String], takes_value_conditions: bool) -> Json {
        let mut rule = Members::default();
        let shifts_time = self.chance(20) && self.allows((8, 16), (99, 0));
        if shifts_time {
            self.kind("time shift");
            if !self.chance(5) {
                rule.add("params", self.rule_parameters());
            }
        }
        if self.chance(if shifts_time { 95 } else { 60 }) {
            let actions = (0..self.below(4))
                .map(|_| self.text_of(&["skip_result", "skip_model_update", "SKIP_RESULT", "Skip_Model_Update"]));
            let mut actions: Vec<&str> = actions.collect();
            if shifts_time && !self.chance(4) {
                let spelling = self.text_of(&["force_time_shift", "FORCE_TIME_SHIFT", "Force_Time_Shift"]);
                actions.insert(self.below(actions.len() + 1), spelling);
            }
            let misspelt = self.chance(3);
            rule.add(
                "actions",
                if misspelt {
                    Json::texts(["skip"])
                } else {
                    Json::texts(actions)
                },
            );
        }
        let has_scope = !names.is_empty() && self.chance(50);
        if has_scope {
            rule.add("scope", self.scope(names));
        }
        if !has_scope || self.chance(40) {
            let count = if self.chance(3) { 0 } else { 1 + self.below(2) };
            let conditions = (0..count).map(|_| self.condition(takes_value_conditions)).collect();
            rule.add("conditions", Json::List(conditions));
        }
        self.shuffled(rule)
    }

    /// What the action `force_time_shift` needs, and now and then what it does not know.
    fn rule_parameters(&mut self) -> Json {
        let mut shift = Members::default();
        if !self.chance(3) {
            shift.add("time_shift_amount", self.whole_number());
        }
        // The parser passes over these.
        if self.chance(20) {
            shift.add(self.text_of(&["unit", "time_shift_amoun", "é"]), self.anything(2));
        }
        let shift = self.shuffled(shift);
        let odd = self.text_of(&["{}", "null", "[]", "1", "\"1h\"", "[{\"time_shift_amount\":1}]"]);
        let shift = if self.chance(4) { Json::token(odd) } else { shift };
        let mut parameters = Members::default();
        if !self.chance(4) {
            parameters.add("force_time_shift", shift);
        }
        if self.chance(3) {
            parameters.add("force_time_shif", self.anything(1));
        }
        self.shuffled(parameters)
    }

    fn scope(&mut self, names: &[String]) -> Json {
        let mut scope: Vec<(String, Json)> = Vec::new();
        for name in names {
            if !self.chance(70) {
                continue;
            }
            let key = if self.chance(4) { "elsewhere" } else { name };
            let mut filter = Members::default();
            filter.add(
                "filter_id",
                Json::text(self.text_of(&["safe_domains", "my-filter", "", "é"])),
            );
            if self.chance(50) {
                let kind = self.text_of(&["include", "exclude", "INCLUDE", "Exclude", "include", "x"]);
                filter.add("filter_type", Json::text(kind));
            }
            let filter = self.shuffled(filter);
            let odd = self.text_of(&["\"x\"", "1", "true", "[]", "null", "{}"]);
            let filter = if self.chance(3) { Json::token(odd) } else { filter };
            if scope.iter().all(|(known, _)| known != key) {
                scope.push((key.to_owned(), filter));
            }
        }
        Json::Object(scope)
    }

    fn condition(&mut self, takes_value_conditions: bool) -> Json {
        let mut condition = Members::default();
        let values = ["actual", "typical", "diff_from_typical", "ACTUAL", "time"];
        let tests_value = takes_value_conditions || self.chance(5);
        let applies_to = if tests_value { self.text_of(&values) } else { "time" };
        let odd = self.text_of(&[" actual", "x", ""]);
        let applies_to = if self.chance(3) { odd } else { applies_to };
        condition.add("applies_to", Json::text(applies_to));
        let operator = self.text_of(&["gt", "gte", "lt", "lte", "GT", " lt ", "Gte", "lte", "gt", "eq"]);
        condition.add("operator", Json::text(operator));
        let value = match self.below(3) {
            0 => Json::token(self.random.u16(..).to_string()),
            1 => Json::token(self.text_of(&[
                "0.5",
                "10.0",
                "1e10",
                "1e-7",
                "-3",
                "1e7",
                "0.001",
                "12345678.9",
                "\"5\"",
            ])),
            _ => self.odd_number(),
        };
        condition.add("value", value);
        self.shuffled(condition)
    }
}
