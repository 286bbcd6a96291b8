//! What stands around the body: the query and the header fields.

use super::Generator;
use crate::case::Case;

const QUERIES: [&str; 66] = [
    "pretty",
    "pretty=true",
    "pretty=x",
    "timeout=5s&pretty",
    "format=json",
    "pretty&x=1",
    "timeout=30s",
    "master_timeout=1m",
    "timeout=1s&master_timeout=2h",
    "timeout=x",
    "master_timeout=5",
    "timeout=",
    "timeout",
    "timeuot=1s",
    "master_timeou=1s",
    "x=y",
    "b=1&a=2",
    "human=false",
    "error_trace=false",
    "pretty=false",
    "timeout=1s&timeout=2s",
    "timeout=%31s",
    "wait_for_active_shards=1",
    "expand_wildcards=all",
    "allow_no_indices=true",
    "ignore_unavailable=false",
    "expand_wildcards=bad",
    "expand_wildcards=",
    "expand_wildcards=open,hidden",
    "expand_wildcards=none,all",
    "expand_wildcards=open,,closed",
    "expand_wildcards=%20open",
    "expand_wildcards=OPEN",
    "expand_wildcards=open,bad&ignore_unavailable=maybe",
    "ignore_unavailable=maybe",
    "ignore_unavailable=",
    "ignore_unavailable",
    "allow_no_indices=1",
    "allow_no_indices=True",
    "allow_no_indices=&x=1",
    "ignore_throttled=yes",
    "ignore_throttled=",
    "ignore_throttled=false",
    "ignore_throttled=true",
    "timeout=x&ignore_throttled=yes",
    "ignore_throttled=no&allow_no_indices=no&expand_wildcards=no",
    "job_id=other",
    "source=%7B%7D",
    "timeout=-1",
    "x=1&timeout=bad",
    "human",
    "human=true&pretty",
    "human=x",
    "error_trace",
    "error_trace=x",
    "error_trace&pretty&timeout=x",
    "pretty=x&error_trace",
    "format=yaml",
    "format=smile",
    "format=cbor&human=x",
    "filter_path=job_id,*_config.detectors",
    "filter_path=**.function&pretty",
    "filter_path=-groups,%20-**.time_field&human",
    "filter_path=custom_settings.**",
    "filter_path=-",
    "filter_path=nothing&format=yaml",
];

const CONTENT_TYPES: [&str; 14] = [
    "application/vnd.elasticsearch+json;compatible-with=7",
    "application/vnd.elasticsearch+json; compatible-with=8",
    "application/vnd.elasticsearch+json",
    "application/vnd.elasticsearch+json;compatible-with=9",
    "application/json; charset=UTF-8",
    "Application/JSON",
    "application/json;charset=utf-8",
    "text/plain",
    "application/x-ndjson",
    "application/octet-stream",
    "application/json ; a=b",
    "text/json",
    "application/xml",
    "a",
];

impl Generator {
    /// Gives a case what stands around its body.
    pub(super) fn dress(&mut self, case: &mut Case) {
        if self.chance(6) {
            self.kind("query");
            self.text_of(&QUERIES).clone_into(&mut case.query);
        }
        if self.chance(3) {
            self.kind("content type");
            case.content_type = (!self.chance(15)).then(|| self.text_of(&CONTENT_TYPES).to_owned());
        }
        if self.chance(2) {
            self.kind("accept");
            let types = [
                "application/json",
                "*/*",
                "text/plain",
                "application/json, text/html",
                "application/vnd.elasticsearch+json;compatible-with=8",
                "application/vnd.elasticsearch+json;compatible-with=9",
                "application/yaml",
                "a",
            ];
            case.accept = Some(self.text_of(&types).to_owned());
        }
    }
}
