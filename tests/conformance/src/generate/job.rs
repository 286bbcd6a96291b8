//! A job's top level (create-job.md §2.2, §2.4 to §2.6).

use super::{
    Generator,
    json::{Json, Members},
};

const TIME_FORMATS: [&str; 13] = [
    "epoch",
    "epoch_ms",
    "yyyy-MM-dd HH:mm:ss",
    "yyyy-MM-dd'T'HH:mm:ssX",
    "yyyy-MM-dd HH",
    "DDD HH",
    "MM-dd HH:mm",
    "yyyy-MM-dd hh:mm a",
    "yy-MM-dd HH",
    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "yyyy-MM-dd HH:mm:ss[x]",
    "yyyy-MM-dd HH:mm:ss VV",
    "EEE MMM dd HH:mm:ss yyyy",
];

/// Patterns that give no whole timestamp, or are none.
const ODD_TIME_FORMATS: [&str; 16] = [
    "yyyy-MM-dd",
    "HH:mm:ss",
    "uuuu-MM-dd HH:mm",
    "YYYY-MM-dd HH",
    "",
    "EPOCH",
    "yyyy-MM-dd 'T",
    "yyyy-MM-dd bHH",
    "dd HH",
    "yyyy-MM-dd hh",
    "yyyy-MM-dd HH SSSSSSSSSS",
    "yyyy-MM-dd HH n",
    "yyyy-MM-dd A",
    "yyyy-MM-dd [HH",
    "yyyy-MM-dd kk",
    "yyyy-MM-dd HH:mm O",
];

impl Generator {
    /// A job, usually a valid one of the version.
    pub(super) fn job(&mut self, id: &str) -> Json {
        let mut job = Members::default();
        let analysis = self.analysis_config();
        job.add("analysis_config", analysis);
        let data = self.data_description();
        job.add("data_description", data);
        self.add_identity(&mut job, id);
        self.add_limits_and_times(&mut job);
        self.add_internal_fields(&mut job);
        self.add_later_fields(&mut job);
        self.add_datafeed(&mut job, id);
        let mut members = job.into_vec();
        if self.chance(60) {
            self.random.shuffle(&mut members);
        }
        Json::Object(members)
    }

    fn add_identity(&mut self, job: &mut Members, id: &str) {
        if self.chance(15) {
            let same = !self.chance(5);
            let named = if same { id.to_owned() } else { self.id() };
            job.add("job_id", Json::text(named));
        }
        if self.chance(25) {
            job.add(
                "description",
                if self.chance(5) {
                    Json::null()
                } else {
                    self.description()
                },
            );
        }
        if self.chance(20) {
            self.kind("groups");
            let groups: Vec<String> = (0..self.below(4))
                .map(|_| self.id())
                .filter(|group| group != id)
                .collect();
            job.add("groups", Json::texts(groups));
        }
        if self.chance(15) {
            self.kind("results index");
            let name = self.id();
            let name = if self.chance(30) {
                format!("custom-{name}")
            } else {
                name
            };
            job.add("results_index_name", Json::text(name));
        }
        if self.chance(15) {
            self.kind("custom settings");
            let settings = match self.anything(3) {
                object @ Json::Object(_) => object,
                other => Json::object([("x", other)]),
            };
            job.add("custom_settings", settings);
        }
    }

    pub(super) fn add_limits_and_times(&mut self, job: &mut Members) {
        if self.chance(25) {
            self.kind("limits");
            let mut limits = Members::default();
            if self.chance(70) {
                limits.add("model_memory_limit", self.size());
            }
            if self.chance(40) {
                limits.add("categorization_examples_limit", self.whole_number());
            }
            job.add("analysis_limits", self.shuffled(limits));
        }
        if self.chance(15) {
            self.kind("model plot");
            let mut plot = Members::default();
            plot.add("enabled", self.boolean());
            if self.chance(40) {
                plot.add("terms", self.description());
            }
            if self.chance(30) && self.allows((7, 9), (99, 0)) {
                plot.add("annotations_enabled", self.boolean());
            }
            job.add("model_plot_config", self.shuffled(plot));
        }
        if self.chance(10) {
            let long = Json::text(self.text_of(&["1h", "3h", "60m", "1d", "3600s", "3600000ms"]));
            let interval = if self.chance(85) { long } else { self.time() };
            job.add("background_persist_interval", interval);
        }
        for name in ["renormalization_window_days", "results_retention_days"] {
            if self.chance(8) {
                job.add(name, self.whole_number());
            }
        }
        if self.chance(12) {
            self.kind("retention");
            let days = Json::token(self.text_of(&["0", "1", "2", "5", "10", "100", "\"7\"", "4.7", "1200"]));
            let days = if self.chance(80) { days } else { self.whole_number() };
            job.add("model_snapshot_retention_days", days);
        }
        if self.chance(8) && self.allows((7, 8), (99, 0)) {
            self.kind("retention");
            let days = Json::token(self.text_of(&["0", "1", "2", "7", "10", "11", "5000"]));
            job.add("daily_model_snapshot_retention_after_days", days);
        }
    }

    /// Fields that the server keeps for itself, of which some versions take some (create-job.md §3).
    fn add_internal_fields(&mut self, job: &mut Members) {
        if !self.chance(6) {
            return;
        }
        self.kind("internal fields");
        let version = self.text_of(&[
            "7.0.0",
            "6.8.23",
            "8.1.0",
            "",
            "7",
            "x",
            "7.0.0-SNAPSHOT",
            "5.6.16",
            "7.0.0-alpha1",
            "8.10.0",
            "8.10.1",
            "8.11.0",
            "8.11.1",
            "10.0.0",
            "12.0.1",
        ]);
        let (name, value) = match self.below(9) {
            0 => ("job_type", self.description()),
            1 => ("job_version", Json::text(version)),
            2 => (
                "create_time",
                Json::token(self.text_of(&["1", "\"x\"", "null", "1500000000000", "true", "\"2017\""])),
            ),
            3 => ("finished_time", Json::token(self.text_of(&["1", "\"x\"", "null"]))),
            4 => (
                "model_snapshot_id",
                Json::token(self.text_of(&["null", "\"1\"", "\"\""])),
            ),
            5 => {
                let value = if self.chance(10) {
                    Json::null()
                } else {
                    Json::text(version)
                };
                ("model_snapshot_min_version", value)
            }
            6 => ("deleting", self.boolean()),
            7 => ("last_data_time", Json::token("1")),
            _ => ("established_model_memory", self.whole_number()),
        };
        job.add(name, value);
    }

    fn add_later_fields(&mut self, job: &mut Members) {
        if self.chance(10) && self.allows((7, 5), (99, 0)) {
            job.add("allow_lazy_open", self.boolean());
        }
        if self.chance(3) && self.allows((7, 14), (8, 14)) {
            self.kind("blocked");
            let mut blocked = Members::default();
            let reason = self.text_of(&["none", "delete", "RESET", "revert", "x", ""]);
            blocked.add("reason", Json::text(reason));
            if self.chance(50) {
                let task = self.text_of(&[
                    "node:1",
                    "node",
                    "a:b",
                    "",
                    "n:9223372036854775808",
                    "unset:-1",
                    "a:b:3",
                ]);
                blocked.add("task_id", Json::text(task));
            }
            job.add("blocked", self.shuffled(blocked));
        }
    }

    fn data_description(&mut self) -> Json {
        let mut data = Members::default();
        if self.chance(50) {
            let name = self.text_of(&["time", "timestamp", "@timestamp", "", "event.created", "ts"]);
            data.add("time_field", Json::text(name));
        }
        if self.chance(35) {
            self.kind("time format");
            let is_odd = self.chance(10);
            let format = if is_odd {
                self.text_of(&ODD_TIME_FORMATS)
            } else {
                self.text_of(&TIME_FORMATS)
            };
            data.add("time_format", Json::text(format));
        }
        if self.chance(4) {
            self.kind("data format");
            let formats = [
                "xcontent",
                "delimited",
                "XContent",
                "DELIMITED",
                "delineated",
                "json",
                "",
            ];
            data.add("format", Json::text(self.text_of(&formats)));
        }
        for name in ["field_delimiter", "quote_character"] {
            if self.chance(4) && self.allows((7, 0), (8, 0)) {
                self.kind("data format");
                let character = self.text_of(&[",", "\t", "'", "é", "日", "", "ab", "𝒳", "\u{0}"]);
                data.add(name, Json::text(character));
            }
        }
        self.shuffled(data)
    }

    /// Whether to write a field that only some versions know: in those, and in the others now and then.
    pub(super) fn allows(&mut self, since: (u16, u16), until: (u16, u16)) -> bool {
        if self.is_between(since, until) {
            return true;
        }
        let writes_it = self.chance(6);
        if writes_it {
            self.kind("other version's field");
        }
        writes_it
    }

    /// An object of these members, often in another order.
    pub(super) fn shuffled(&mut self, members: Members) -> Json {
        let mut members = members.into_vec();
        if self.chance(60) {
            self.random.shuffle(&mut members);
        }
        Json::Object(members)
    }
}
