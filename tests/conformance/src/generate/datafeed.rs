//! `datafeed_config`, which a job may hold from 7.15 on (create-job.md §2.9).

use super::{
    Generator,
    json::{Json, Members},
};

impl Generator {
    /// Seldom, as the product refuses it.
    pub(super) fn add_datafeed(&mut self, job: &mut Members, id: &str) {
        if !self.chance(1) || !self.allows((7, 15), (99, 0)) {
            return;
        }
        self.kind("datafeed");
        let mut datafeed = Members::default();
        if !self.chance(10) {
            datafeed.add("indices", Json::texts(["logs-*"]));
        }
        if self.chance(30) {
            datafeed.add("datafeed_id", Json::text(self.id()));
        }
        if self.chance(20) {
            datafeed.add(
                "job_id",
                Json::text(if self.chance(80) { id.to_owned() } else { self.id() }),
            );
        }
        if self.chance(30) {
            datafeed.add("query", Json::object([("match_all", Json::Object(Vec::new()))]));
        }
        if self.chance(30) {
            datafeed.add("query_delay", self.time());
        }
        job.add("datafeed_config", self.shuffled(datafeed));
    }
}
