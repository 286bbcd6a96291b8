//! `analysis_config` and what belongs to categorization (create-job.md §2.3, §2.8, §4.2).

use super::{
    Generator,
    json::{Json, Members},
};

/// The field by which detectors use categories.
pub(super) const CATEGORY: &str = "mlcategory";

const FILTERS: [&str; 14] = [
    "\\[statement:.*?\\]",
    "[A-Z]+",
    "\\d{3,}",
    "(?i)debug",
    "^\\s+",
    "foo|bar",
    "\\p{Alpha}",
    "(?<n>x)\\k<n>",
    "a*+",
    "[",
    "(",
    "",
    "\\",
    "*",
];

impl Generator {
    pub(super) fn analysis_config(&mut self) -> Json {
        let mut analysis = Members::default();
        let categorizes = self.chance(15);
        let per_partition = categorizes && self.chance(20) && self.is_since(7, 9);
        let has_summary = self.chance(12);
        let detectors = self.detectors(categorizes, per_partition, has_summary);
        analysis.add("detectors", detectors);
        if self.chance(60) {
            analysis.add("bucket_span", self.time());
        }
        if self.chance(8) {
            let time = Json::text(self.text_of(&["0", "0s", "90s", "1h", "-1", "60", "1500ms", "0ms", "5m"]));
            analysis.add("latency", time);
        }
        if has_summary {
            self.kind("summary count");
            analysis.add("summary_count_field_name", Json::text(self.name()));
        }
        if self.chance(50) {
            let influencers: Vec<String> = (0..self.below(4)).map(|_| self.name()).collect();
            analysis.add("influencers", Json::texts(influencers));
        }
        if self.chance(8) {
            analysis.add("multivariate_by_fields", self.boolean());
        }
        if self.chance(8) && self.allows((7, 15), (99, 0)) {
            self.kind("prune window");
            let window = self.text_of(&[
                "30d", "1d", "10m", "300s", "3h", "7m", "0", "2d", "14d", "1s", "x", "-1",
            ]);
            analysis.add("model_prune_window", Json::text(window));
        }
        if categorizes {
            self.kind("categorization");
            self.add_categorization(&mut analysis);
        }
        if per_partition || self.chance(2) && self.allows((7, 9), (99, 0)) {
            let mut partitions = Members::default();
            self.kind("per partition");
            let enabled = if per_partition {
                Json::token("true")
            } else {
                self.boolean()
            };
            partitions.add("enabled", enabled);
            if self.chance(40) {
                partitions.add("stop_on_warn", self.boolean());
            }
            analysis.add("per_partition_categorization", self.shuffled(partitions));
        }
        self.shuffled(analysis)
    }

    fn add_categorization(&mut self, analysis: &mut Members) {
        if !self.chance(3) {
            let name = if self.chance(90) {
                "message".to_owned()
            } else {
                self.name()
            };
            analysis.add("categorization_field_name", Json::text(name));
        }
        let (has_filters, has_analyzer) = match self.below(20) {
            0..7 => (true, false),
            7..15 => (false, true),
            15 => (true, true),
            _ => (false, false),
        };
        if has_filters {
            self.kind("categorization filters");
            // The last ones are refused.
            let known = if self.chance(90) { 9 } else { FILTERS.len() };
            let filters: Vec<&str> = (0..self.below(4))
                .map(|_| self.text_of(FILTERS.get(..known).unwrap_or_default()))
                .collect();
            analysis.add("categorization_filters", Json::texts(filters));
        }
        if has_analyzer {
            self.kind("categorization analyzer");
            analysis.add("categorization_analyzer", self.analyzer());
        }
    }

    fn analyzer(&mut self) -> Json {
        if self.chance(20) {
            return Json::text(self.text_of(&["standard", "simple", "", "whitespace", "my analyzer"]));
        }
        let mut analyzer = Members::default();
        if self.chance(50) {
            let filters = (0..self.below(3))
                .map(|_| self.component(&["html_strip", "first_line_with_letters"]))
                .collect();
            analyzer.add("char_filter", Json::List(filters));
        }
        if !self.chance(5) {
            analyzer.add(
                "tokenizer",
                self.component(&["ml_classic", "ml_standard", "whitespace", "keyword"]),
            );
        }
        if self.chance(50) {
            let filters = (0..self.below(3))
                .map(|_| self.component(&["lowercase", "stop", "snowball"]))
                .collect();
            analyzer.add("filter", Json::List(filters));
        }
        self.shuffled(analyzer)
    }

    /// A tokenizer or filter: a name, or settings that are flattened and printed anew.
    fn component(&mut self, names: &[&'static str]) -> Json {
        if self.chance(60) {
            return Json::text(self.text_of(names));
        }
        let mut component = Members::default();
        if !self.chance(10) {
            let kind = self.text_of(&["pattern_replace", "stop", "limit", "mapping", "simple_pattern_split"]);
            component.add("type", Json::text(kind));
        }
        for name in [
            "pattern",
            "stopwords",
            "max_token_count",
            "nested.key",
            "object",
            "ignore_case",
            "replacement",
        ] {
            if !self.chance(20) {
                continue;
            }
            let value = match self.below(8) {
                0 => Json::token(self.text_of(&["1", "100", "1.5", "true", "false", "null", "1e3"])),
                1 => Json::texts(["a", "b", "c"]),
                2 => Json::List(vec![Json::token("1"), Json::token("true"), Json::text("x")]),
                3 => Json::object([("inner", Json::text("x")), ("other", Json::token("2"))]),
                4 => Json::List(Vec::new()),
                _ => Json::text(self.text_of(&["\\d+", "x", "", "é", "a => b"])),
            };
            component.add(name, value);
        }
        self.shuffled(component)
    }
}
