//! `datafeed_config`, which a job may hold from 7.15 on (jobs-api.md §5).

use super::{
    Generator,
    json::{Json, Members},
};

/// Queries that every version takes.
const QUERIES: [&str; 9] = [
    r#"{"match_all":{}}"#,
    r#"{"term":{"service":"web"}}"#,
    r#"{"term":{"status":{"value":1.50,"boost":2.0}}}"#,
    r#"{"bool":{"filter":[{"range":{"@timestamp":{"gte":"now-1d","lt":1e3}}},{"exists":{"field":"x"}}],"must_not":{"prefix":{"url":"/é"}}}}"#,
    r#"{"bool":{"must":[],"should":[{"match":{"message":{"query":"a \"b\"","operator":"and"}}}],"minimum_should_match":1}}"#,
    r#"{"terms":{"zone":["b","a",3,true]}}"#,
    r#"{"query_string":{"query":"status:500 AND service:web"}}"#,
    r#"{"match_none":{}}"#,
    r#"{"constant_score":{"filter":{"ids":{"values":["1"]}},"boost":1.2}}"#,
];

/// What is no query, whatever the cluster knows.
const NO_QUERIES: [&str; 8] = [
    "{}",
    r#"{"match_all":1}"#,
    r#"{"match_all":null}"#,
    r#"{"term":"x"}"#,
    r#"{"bool":[]}"#,
    r#"{"match_all":{},"term":{"a":"b"}}"#,
    r#"{ "match_all" : {} , "match_none" : {}}"#,
    r#"{"match_all":{},"x":1}"#,
];

/// Queries that only a cluster can judge.
const OTHER_QUERIES: [&str; 7] = [
    r#"{"no_such_query":{}}"#,
    r#"{"":{}}"#,
    r#"{"bool":{"no_such_clause":[]}}"#,
    r#"{"bool":{"filter":[{"term":{"a":1,"b":2}}]}}"#,
    r#"{"term":{"a":{"x":1}}}"#,
    r#"{"bool":{"must":{}}}"#,
    r#"{"range":{"a":{"since":1}}}"#,
];

/// The aggregation that a bucket of time needs; `@` is the field.
const LATEST: &str = r#""aggregations":{"latest":{"max":{"field":"@"}}}"#;

/// Histograms by time, of five minutes at most.
const HISTOGRAMS: [&str; 8] = [
    r#""date_histogram":{"field":"@","fixed_interval":"5m"}"#,
    r#""date_histogram":{"fixed_interval":"300s","field":"@","time_zone":"UTC"}"#,
    r#""date_histogram":{"field":"@","calendar_interval":"1m"}"#,
    r#""date_histogram":{"field":"@","calendar_interval":"minute","time_zone":"+00:00"}"#,
    r#""histogram":{"field":"@","interval":300000}"#,
    r#""histogram":{"field":"@","interval":"60000"}"#,
    r#""composite":{"size":100,"sources":[{"t":{"terms":{"field":"host"}}},{"d":{"date_histogram":{"field":"@","fixed_interval":"5m"}}}]}"#,
    r#""composite":{"sources":[{"d":{"date_histogram":{"field":"@","fixed_interval":"5m","order":"asc"}}}]}"#,
];

/// Histograms that a datafeed does not take, or only beside other jobs.
const ODD_HISTOGRAMS: [&str; 16] = [
    r#""date_histogram":{"field":"@","fixed_interval":"7m"}"#,
    r#""date_histogram":{"field":"@","fixed_interval":"2h"}"#,
    r#""date_histogram":{"field":"@","calendar_interval":"month"}"#,
    r#""date_histogram":{"field":"@","calendar_interval":"1y"}"#,
    r#""date_histogram":{"field":"@","calendar_interval":"1d"}"#,
    r#""date_histogram":{"field":"@","fixed_interval":"5m","time_zone":"CET"}"#,
    r#""date_histogram":{"field":"@","fixed_interval":"5m","time_zone":"Etc/UTC"}"#,
    r#""date_histogram":{"field":"@","fixed_interval":"0s"}"#,
    r#""date_histogram":{"field":"@","fixed_interval":"1micros"}"#,
    r#""date_histogram":{"field":"@"}"#,
    r#""date_histogram":{"field":"@","fixed_interval":"1000000000000d"}"#,
    r#""histogram":{"field":"@","interval":0.5}"#,
    r#""composite":{"sources":[{"t":{"terms":{"field":"host"}}}]}"#,
    r#""composite":{"sources":[{"d":{"date_histogram":{"field":"@","fixed_interval":"5m","order":"desc"}}}]}"#,
    r#""composite":{"sources":[{"d":{"date_histogram":{"field":"@","fixed_interval":"5m","missing_bucket":true}}}]}"#,
    r#""composite":{"sources":[{"d":{"date_histogram":{"field":"@","fixed_interval":"5m"}}},{"e":{"date_histogram":{"field":"@","fixed_interval":"5m"}}}]}"#,
];

/// Aggregations as a whole that are no histogram by time; `H` is one with what it needs.
const ODD_AGGREGATIONS: [&str; 22] = [
    "{}",
    r#"{"a":{}}"#,
    r#"{"a":1}"#,
    r#"{"a":null}"#,
    r#"{"a":{"meta":{}}}"#,
    r#"{"a":{"meta":1}}"#,
    r#"{"a>b":{H}}"#,
    r#"{"":{H}}"#,
    r#"{"a":{H,"max":{"field":"x"}}}"#,
    r#"{"a":{H},"b":{"terms":{"field":"host"}}}"#,
    r#"{"a":{"terms":{"field":"host"}}}"#,
    r#"{"a":{"terms":{"field":"host"},"aggs":{"b":{H}}}}"#,
    r#"{"a":{"terms":{"field":"host"},"aggs":{"b":{H},"c":{"avg":{"field":"x"}}}}}"#,
    r#"{"a":{"terms":{"field":"host"},"aggs":{"b":{}},"aggregations":{}}}"#,
    r#"{"a":{"terms":{"field":"host"},"aggs":{"b":{H}},"aggregations":{"c":{H}}}}"#,
    r#"{"a":{"terms":{"field":"host"},"aggs":[]}}"#,
    r#"{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"}}}"#,
    r#"{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"},"aggs":{"x":{"max":{"field":"u"}}}}}"#,
    r#"{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"},"aggs":{"x":{"max":{"field":"t"}},"y":{"histogram":{"field":"u","interval":2}}}}}"#,
    r#"{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"},"aggs":{"x":{"max":{"field":"t"}},"y":{"terms":{"field":"u"},"aggs":{"z":{"avg":{"field":"v"}}}}}}}"#,
    r#"{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"},"aggs":{"x":{"max":{"field":"t"}},"y":{"terms":{"field":"u"},"aggs":{"z":{"composite":{"sources":[{"t":{"terms":{"field":"host"}}}]}}}}}}}"#,
    r#"{"a":{"filter":{"match_all":{}},"meta":{"x":1},"aggregations":{"b":{H}}}}"#,
];

/// Aggregations that only a cluster can judge.
const OTHER_AGGREGATIONS: [&str; 4] = [
    r#"{"a":{"no_such_aggregation":{}}}"#,
    r#"{"a":{"date_histogram":{"field":"t","fixed_interval":"x"}}}"#,
    r#"{"a":{"date_histogram":{"field":"t","no_such_setting":1}}}"#,
    r#"{"a":{"date_histogram":{"field":"t","calendar_interval":"5m"}}}"#,
];

const SCRIPT_FIELDS: [&str; 10] = [
    "{}",
    r#"{"total":{"script":"doc['a'].value"}}"#,
    r#"{"b":{"script":{"source":"x","lang":"painless","params":{"zeta":1,"alpha":{"b":1.50,"a":2},"f":3}}},"a":{"script":{"id":"z"},"ignore_failure":true}}"#,
    r#"{"a":{"script":{"source":"x","lang":"expression","options":{"content_type":"y"}},"ignore_failure":"false"}}"#,
    r#"{"a":{"script":{"source":{"query":{"b":[1,2.50]}}}}}"#,
    r#"{"a":{"script":{"inline":"x"}},"é":{"script":{"stored":"y","params":{}}},"":{}}"#,
    r#"{"a":{"script":{"source":"x","options":{}}}}"#,
    r#"{"a":{"ignore_failure":""}}"#,
    r#"{"𝒳":{"script":""},"z":{},"￿":{}}"#,
    r#"{"a":{"script":{"source":"x","lang":""}}}"#,
];

const NO_SCRIPT_FIELDS: [&str; 20] = [
    r#"{"a":1}"#,
    r#"{"a":[]}"#,
    r#"{"a":null}"#,
    r#"{"a":{"x":1}}"#,
    r#"{"a":{"script":{}}}"#,
    r#"{"a":{"script":{"source":1}}}"#,
    r#"{"a":{"script":null}}"#,
    r#"{"a":{"script":["x"]}}"#,
    r#"{"a":{"script":1}}"#,
    r#"{"a":{"script":true,"ignore_failure":true}}"#,
    r#"{"a":{"ignore_failure":"yes"}}"#,
    r#"{"a":{"ignore_failure":null}}"#,
    r#"{"a":{"ignore_failure":{}}}"#,
    r#"{"a":{"script":{"source":"x","id":"y"}}}"#,
    r#"{"a":{"script":{"source":"x","sorce":"y"}}}"#,
    r#"{"a":{"script":{"source":"x","params":1}}}"#,
    r#"{"a":{"script":{"id":"x","lang":"painless"}}}"#,
    r#"{"a":{"script":{"id":"x","options":{"content_type":"y"}}}}"#,
    r#"{"a":{"script":{"source":"x","options":{"b":"y"}}}}"#,
    r#"{"a":{"script":{"lang":"painless"}}}"#,
];

const RUNTIME_MAPPINGS: [&str; 7] = [
    "{}",
    r#"{"day":{"type":"keyword","script":{"source":"emit('x')"}}}"#,
    r#"{"zeta":{"zz":1,"type":"a","alpha":{"zz":1,"bb":[2.50]}},"f":{"type":"b"},"ab":{"type":1}}"#,
    r#"{"a":{}}"#,
    r#"{"a":{"type":null}}"#,
    r#"{"a":"long"}"#,
    r#"{"a":{"type":"long"},"b":[]}"#,
];

const INDEX_OPTIONS: [&str; 22] = [
    "{}",
    r#"{"expand_wildcards":["open"],"ignore_unavailable":true,"allow_no_indices":false,"ignore_throttled":false}"#,
    r#"{"expand_wildcards":"all"}"#,
    r#"{"expand_wildcards":"none"}"#,
    r#"{"expand_wildcards":["open","none","hidden"]}"#,
    r#"{"expandWildcards":"closed,open,","allowNoIndices":"false"}"#,
    r#"{"expand_wildcards":[]}"#,
    r#"{"expand_wildcards":""}"#,
    r#"{"expand_wildcards":null,"ignore_unavailable":null}"#,
    r#"{"x":1,"y":{"z":[null]},"ignore_unavailable":"true"}"#,
    r#"{"expand_wildcards":"OPEN"}"#,
    r#"{"expand_wildcards":["open,closed"]}"#,
    r#"{"expand_wildcards":[null]}"#,
    r#"{"expand_wildcards":1}"#,
    r#"{"expand_wildcards":[["open"]]}"#,
    r#"{"expand_wildcards":{"a":1}}"#,
    r#"{"expand_wildcards":[""]}"#,
    r#"{"ignore_unavailable":"yes"}"#,
    r#"{"ignore_unavailable":""}"#,
    r#"{"allow_no_indices":1}"#,
    r#"{"ignore_throttled":[true]}"#,
    r#"{"ignore_throttled":{}}"#,
];

const CHUNKING: [&str; 14] = [
    r#"{"mode":"auto"}"#,
    r#"{"mode":"OFF"}"#,
    r#"{"mode":"manual","time_span":"3h"}"#,
    r#"{"time_span":"3600000ms","mode":"Manual"}"#,
    r#"{"mode":"manual","time_span":"1500micros"}"#,
    "{}",
    r#"{"mode":"manual"}"#,
    r#"{"mode":"auto","time_span":"1h"}"#,
    r#"{"time_span":"0s","mode":"off"}"#,
    r#"{"time_span":"0s","mode":"manual"}"#,
    r#"{"mode":"manual","time_span":"-1"}"#,
    r#"{"time_span":"1h"}"#,
    r#"{"mode":"x"}"#,
    r#"{"mode":"auto","x":1}"#,
];

const DELAYED_DATA: [&str; 13] = [
    r#"{"enabled":true}"#,
    r#"{"enabled":false}"#,
    r#"{"enabled":true,"check_window":"24h"}"#,
    r#"{"check_window":"12h","enabled":"true"}"#,
    r#"{"enabled":false,"check_window":"1s"}"#,
    "{}",
    r#"{"check_window":"2h"}"#,
    r#"{"enabled":true,"check_window":"1s"}"#,
    r#"{"enabled":true,"check_window":"25h"}"#,
    r#"{"check_window":"0s","enabled":true}"#,
    r#"{"enabled":true,"check_window":"-1"}"#,
    r#"{"enabled":1}"#,
    r#"{"enabled":true,"window":"2h"}"#,
];

impl Generator {
    pub(super) fn add_datafeed(&mut self, job: &mut Members, id: &str) {
        if !self.chance(20) || !self.allows((7, 15), (99, 0)) {
            return;
        }
        self.kind("datafeed");
        let mut datafeed = Members::default();
        if !self.chance(2) {
            let indices = self.indices();
            datafeed.add(if self.chance(90) { "indices" } else { "indexes" }, indices);
        }
        if self.chance(3) {
            let indices = self.indices();
            datafeed.add(if self.chance(50) { "indices" } else { "indexes" }, indices);
        }
        if self.chance(30) {
            datafeed.add("datafeed_id", Json::text(self.id()));
        }
        if self.chance(15) {
            let named = if self.chance(95) { id.to_owned() } else { self.id() };
            datafeed.add("job_id", Json::text(named));
        }
        if self.chance(50) {
            let query = self.mostly(&QUERIES, 6, &NO_QUERIES, 3, &OTHER_QUERIES);
            datafeed.add("query", query);
        }
        if self.chance(25) {
            self.add_aggregations(&mut datafeed, job);
        }
        self.add_numbers(&mut datafeed);
        for (name, percent, valid) in [
            ("chunking_config", 20, (&CHUNKING[..], 5)),
            ("delayed_data_check_config", 20, (&DELAYED_DATA[..], 5)),
            ("indices_options", 20, (&INDEX_OPTIONS[..], 10)),
            ("runtime_mappings", 10, (&RUNTIME_MAPPINGS[..], 3)),
        ] {
            if self.chance(percent) {
                let (all, fine) = valid;
                let chosen = if self.chance(93) {
                    all.get(..fine).unwrap_or(all)
                } else {
                    all
                };
                datafeed.add(name, Json::token(self.text_of(chosen)));
            }
        }
        if self.chance(15) {
            let fields = self.mostly(&SCRIPT_FIELDS, 12, &NO_SCRIPT_FIELDS, 0, &[]);
            datafeed.add("script_fields", fields);
        }
        if self.chance(2) {
            datafeed.add("config_type", self.description());
        }
        if self.chance(2) {
            datafeed.add("project_routing", self.description());
        }
        job.add("datafeed_config", self.shuffled(datafeed));
    }

    fn indices(&mut self) -> Json {
        let lists = [
            r#"["logs-*"]"#,
            r#"["logs-web","metrics-*"]"#,
            r#""logs""#,
            r#"["other:logs-*","-x",1,true,1.50]"#,
        ];
        if self.chance(97) {
            return Json::token(self.text_of(&lists));
        }
        Json::token(self.text_of(&[
            "[]",
            r#"[""]"#,
            r#"["a",""]"#,
            r#"["a",null]"#,
            r#""""#,
            r#"[["a"]]"#,
            "1",
            "[{}]",
        ]))
    }

    /// One of the first; so many times of a hundred one of the second, or of the third.
    fn mostly(
        &mut self,
        fine: &[&'static str],
        percent: u32,
        wrong: &[&'static str],
        others: u32,
        other: &[&'static str],
    ) -> Json {
        if self.chance(percent) {
            self.kind("wrong clause");
            return Json::token(self.text_of(wrong));
        }
        if self.chance(others) {
            self.kind("cluster's clause");
            return Json::token(self.text_of(other));
        }
        Json::token(self.text_of(fine))
    }

    fn add_aggregations(&mut self, datafeed: &mut Members, job: &mut Members) {
        self.kind("aggregations");
        let name = if self.chance(60) { "aggregations" } else { "aggs" };
        if self.chance(4) {
            datafeed.add("aggs", Json::token(r#"{"a":{"terms":{"field":"host"}}}"#));
        }
        let histogram = if self.chance(88) {
            self.text_of(&HISTOGRAMS)
        } else {
            self.text_of(&ODD_HISTOGRAMS)
        };
        let with_latest = format!("{histogram},{LATEST}");
        let whole = match self.below(20) {
            0..=3 => self.text_of(&ODD_AGGREGATIONS).to_owned(),
            5 => self.text_of(&OTHER_AGGREGATIONS).to_owned(),
            _ => r#"{"buckets":{H}}"#.to_owned(),
        };
        let whole = whole.replace('H', &with_latest).replace('@', "event.time");
        datafeed.add(name, Json::token(whole));
        // Most jobs are made for it.
        if self.chance(85)
            && let Some(Json::Object(analysis)) = job.member_mut("analysis_config")
        {
            analysis
                .retain(|(name, _)| !["latency", "bucket_span", "summary_count_field_name"].contains(&name.as_str()));
            analysis.push(("bucket_span".to_owned(), Json::text("15m")));
            analysis.push(("summary_count_field_name".to_owned(), Json::text("doc_count")));
        }
    }

    fn add_numbers(&mut self, datafeed: &mut Members) {
        for (name, percent, fine, odd) in [
            (
                "query_delay",
                25,
                &["60s", "90s", "0", "1m", "2000micros"][..],
                &["-1", "5micros", "1500ms", "x"][..],
            ),
            (
                "frequency",
                25,
                &["150s", "5m", "10m", "1h"],
                &["0s", "1500ms", "-1", "5"],
            ),
        ] {
            if self.chance(percent) {
                let span = match self.below(20) {
                    0 => Json::text(self.text_of(odd)),
                    1 => self.time(),
                    _ => Json::text(self.text_of(fine)),
                };
                datafeed.add(name, span);
            }
        }
        for (name, percent, fine, odd) in [
            (
                "scroll_size",
                15,
                &["1000", "0", "\"500\"", "2.7"][..],
                &["-1", "\"x\"", "-0.5"][..],
            ),
            (
                "max_empty_searches",
                15,
                &["10", "-1", "1", "-1.5"],
                &["0", "-2", "0.5"],
            ),
        ] {
            if self.chance(percent) {
                let number = match self.below(20) {
                    0 => Json::token(self.text_of(odd)),
                    1 => self.whole_number(),
                    _ => Json::token(self.text_of(fine)),
                };
                datafeed.add(name, number);
            }
        }
    }
}
