//! Updates of a job (jobs-api.md §3), and what becomes of a job while it is stored.

use anomaly_gateway::xcontent::format::Format;
use serde_json::{Map, Value, json};

use super::{
    Generator,
    json::{Json, Members},
};
use crate::case::Case;

impl Generator {
    /// A request to update the job with this id and stored document, or what years have made of it.
    pub fn update(&mut self, id: &str, stored: &str) -> Case {
        self.kinds.clear();
        let read = serde_json::from_str(stored).ok();
        // Half a character, say, is no JSON to others.
        let is_aged = read.is_some() && self.chance(40);
        let mut job: Map<String, Value> = read.unwrap_or_default();
        if is_aged {
            self.age(&mut job);
        }
        let mut update = self.update_of(&job, id);
        if self.chance(25) {
            self.mutate(&mut update);
        }
        let mut case = if self.format == Format::Json {
            let text = self.written(&update);
            let body = if self.chance(self.damaged) {
                self.garbled(text)
            } else {
                text.into_bytes()
            };
            let mut case = Case::new(id, body);
            self.dress(&mut case);
            case
        } else {
            self.case_in_format(id, &update)
        };
        if self.chance(1) {
            "_all".clone_into(&mut case.id);
        }
        case.job = Some(if is_aged {
            Value::Object(job).to_string()
        } else {
            stored.to_owned()
        });
        if self.kinds.is_empty() {
            self.kind("plain");
        }
        case.kinds.clone_from(&self.kinds);
        case
    }

    fn update_of(&mut self, job: &Map<String, Value>, id: &str) -> Json {
        let mut update = Members::default();
        if self.chance(10) {
            let other = self.id();
            let id = if self.chance(50) { id.to_owned() } else { other };
            update.add("job_id", Json::text(id));
        }
        if self.chance(20) {
            let description = if self.chance(20) {
                Json::null()
            } else {
                self.description()
            };
            update.add("description", description);
        }
        if self.chance(20) {
            self.kind("groups");
            let mut groups: Vec<String> = (0..self.below(4)).map(|_| self.id()).collect();
            if self.chance(5) {
                groups.push(id.to_owned());
            }
            if self.chance(5) {
                groups.push("Ü".to_owned());
            }
            update.add("groups", Json::texts(groups));
        }
        if self.chance(35) {
            self.kind("detectors");
            let detectors = job.get("analysis_config").and_then(|config| config.get("detectors"));
            let detectors = detectors
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let entries = (0..self.below(4)).map(|_| self.detector_update(detectors)).collect();
            update.add("detectors", Json::List(entries));
        }
        self.add_limits_and_times(&mut update);
        if self.chance(12) {
            self.kind("custom settings");
            let settings = match self.anything(3) {
                object @ Json::Object(_) => object,
                other => Json::object([("x", other)]),
            };
            update.add("custom_settings", settings);
        }
        if self.chance(8) {
            self.kind("categorization filters");
            let filters: Vec<&str> = (0..self.below(3))
                .map(|_| self.text_of(&["[A-Z]+", "\\d{3,}", "", "[", "a*+"]))
                .collect();
            update.add("categorization_filters", Json::texts(filters));
        }
        self.add_partitions(&mut update, job);
        if self.chance(8) && self.allows((7, 5), (99, 0)) {
            update.add("allow_lazy_open", self.boolean());
        }
        if self.chance(12) && self.allows((7, 15), (99, 0)) {
            self.kind("prune window");
            let windows = [
                "30d", "1d", "10m", "300s", "3h", "7m", "0", "2d", "14d", "1s", "x", "-1",
            ];
            update.add("model_prune_window", Json::text(self.text_of(&windows)));
        }
        self.add_not_updatable(&mut update);
        let mut members = update.into_vec();
        if self.chance(60) {
            self.random.shuffle(&mut members);
        }
        Json::Object(members)
    }

    fn add_partitions(&mut self, update: &mut Members, job: &Map<String, Value>) {
        if self.chance(8) && self.allows((7, 9), (99, 0)) {
            self.kind("per partition");
            let mut partitions = Members::default();
            if !self.chance(8) {
                let is_enabled = job
                    .get("analysis_config")
                    .and_then(|config| config.pointer("/per_partition_categorization/enabled")?.as_bool());
                let enabled = if self.chance(70) {
                    Json::token(is_enabled.unwrap_or_default().to_string())
                } else {
                    self.boolean()
                };
                partitions.add("enabled", enabled);
            }
            if self.chance(50) {
                partitions.add("stop_on_warn", self.boolean());
            }
            update.add("per_partition_categorization", self.shuffled(partitions));
        }
    }

    fn add_not_updatable(&mut self, update: &mut Members) {
        if self.chance(3) {
            self.kind("not updatable");
            let names = [
                "analysis_config",
                "data_description",
                "results_index_name",
                "datafeed_config",
                "job_type",
                "job_version",
                "create_time",
                "finished_time",
                "model_snapshot_id",
                "model_snapshot_min_version",
                "established_model_memory",
                "deleting",
                "blocked",
                "clear_job_finish_time",
                "bucket_span",
            ];
            let name = self.text_of(&names);
            update.add(name, self.anything(2));
        }
    }

    fn detector_update(&mut self, detectors: &[Value]) -> Json {
        let place = self.below(detectors.len());
        let detector = detectors.get(place);
        let mut update = Members::default();
        if !self.chance(4) {
            let index = match self.below(40) {
                0 => Json::token("-1"),
                1 => Json::token(detectors.len().to_string()),
                2 => self.whole_number(),
                3 => Json::text(place.to_string()),
                4 => Json::token(format!("{place}.7")),
                _ => Json::token(place.to_string()),
            };
            update.add("detector_index", index);
        }
        if self.chance(60) {
            let description = if self.chance(10) {
                Json::null()
            } else {
                self.description()
            };
            update.add("description", description);
        }
        if self.chance(50) {
            self.kind("custom rules");
            let text = |name: &str| detector.and_then(|detector| detector.get(name)).and_then(Value::as_str);
            let fields = ["by_field_name", "over_field_name", "partition_field_name"];
            let mut names: Vec<String> = fields.iter().filter_map(|name| text(name)).map(str::to_owned).collect();
            if self.chance(8) {
                names.push(self.name());
            }
            let tests_values = self.chance(70);
            let rules = (0..self.below(3)).map(|_| self.rule(&names, tests_values)).collect();
            update.add("custom_rules", Json::List(rules));
        }
        if self.chance(2) {
            self.kind("not updatable");
            let name = self.text_of(&["detector_description", "function", "field_name", "use_null", "rules"]);
            update.add(name, self.anything(1));
        }
        self.shuffled(update)
    }

    /// What has happened to a job since it was stored, or what an earlier version has left out of it.
    fn age(&mut self, job: &mut Map<String, Value>) {
        self.kind("aged job");
        for _ in 0..=self.below(3) {
            match self.below(13) {
                0 => drop(job.insert("finished_time".to_owned(), json!(1_600_000_000_123_i64))),
                1 => drop(job.insert("model_snapshot_id".to_owned(), json!("1541587919"))),
                2 if self.is_since(7, 1) => drop(job.insert("model_snapshot_min_version".to_owned(), json!("6.4.0"))),
                3 => drop(job.shift_remove("analysis_limits")),
                4 => {
                    if let Some(Value::Object(limits)) = job.get_mut("analysis_limits") {
                        limits.shift_remove(self.text_of(&["model_memory_limit", "categorization_examples_limit"]));
                    }
                }
                5 => drop(job.shift_remove("daily_model_snapshot_retention_after_days")),
                6 => drop(job.shift_remove("allow_lazy_open")),
                7 => drop(job.insert("a_later_field".to_owned(), json!({"x": [1]}))),
                8 => drop(job.insert("job_version".to_owned(), json!("6.5.4"))),
                9 => drop(job.insert("deleting".to_owned(), json!(true))),
                10 => {
                    if let Some(Value::Object(config)) = job.get_mut("analysis_config")
                        && config.contains_key("categorization_field_name")
                        && config.shift_remove("categorization_analyzer").is_some()
                    {
                        config.insert("categorization_filters".to_owned(), json!(["[A-Z]+"]));
                    }
                }
                11 => {
                    if let Some(Value::Object(config)) = job.get_mut("analysis_config") {
                        // With another bucket span the window may be wrong, and then nothing can be updated.
                        config.shift_remove("model_prune_window");
                        config.shift_remove(self.text_of(&["per_partition_categorization", "bucket_span"]));
                    }
                }
                _ => {
                    let detectors = job
                        .get_mut("analysis_config")
                        .and_then(|config| config.get_mut("detectors"));
                    let first = detectors.and_then(|detectors| detectors.get_mut(0));
                    if let Some(Value::Object(first)) = first {
                        first.shift_remove("detector_description");
                    }
                }
            }
        }
    }
}
