//! Reads a job's datafeed, and applies the rules that Elasticsearch applies while it parses it (jobs-api.md §5.1).

use super::super::datafeed::{Chunking, Datafeed, DelayedDataCheck, clauses};
use super::super::parts::lower_case;
use super::super::rulebook::Rule;
use super::super::texts::Texts;
use super::super::{rules, values};
use super::{Read, Reader, refused};
use crate::es::error::Exception;
use crate::es::index_options::IndexOptions;
use crate::xcontent::json::{Member, Node};

/// The name of the parser.
const PARSER: &str = "datafeed_config";
/// The value that means no limit.
const NO_MAXIMUM: i64 = -1;

impl<'a> Reader<'a> {
    pub(super) fn datafeed(&self, object: Node<'a>) -> Read<Datafeed<'a>> {
        let mut datafeed = Datafeed::default();
        for Member { name, value, .. } in object.members() {
            let read = self.datafeed_field(&mut datafeed, &name, value);
            self.in_field(read, PARSER, &name)?;
        }
        self.complete(object)?;
        Ok(datafeed)
    }

    fn datafeed_field(&self, datafeed: &mut Datafeed<'a>, name: &str, value: Node<'a>) -> Read<()> {
        match name {
            "chunking_config" => {
                datafeed.chunking = self.chunking(value)?;
                return Ok(());
            }
            "delayed_data_check_config" => {
                datafeed.delayed_data_check = Some(self.delayed_data_check(value)?);
                return Ok(());
            }
            "script_fields" => {
                datafeed.script_fields = Some(self.script_fields(value)?);
                return Ok(());
            }
            _ => {}
        }
        let end = self.complete(value)?;
        let checked = self.simple_field(datafeed, name, value);
        checked.map_err(|exception| refused(end, exception))
    }

    /// A field that is read whole before anything in it is looked at.
    fn simple_field(&self, datafeed: &mut Datafeed<'a>, name: &str, value: Node<'a>) -> Result<(), Exception> {
        match name {
            "datafeed_id" => datafeed.datafeed_id = value.as_text(),
            "job_id" => datafeed.job_id = value.as_text(),
            "indices" | "indexes" => datafeed.indices = Texts::of(value),
            "runtime_mappings" => datafeed.runtime_mappings = Some(value),
            "project_routing" => datafeed.has_project_routing = true,
            "query" => {
                clauses::check_query(value, self.rules)?;
                datafeed.query = Some(value);
            }
            "aggregations" | "aggs" => {
                clauses::check_aggregations(value, self.rules)?;
                if datafeed.aggregations.is_some() {
                    self.rules.refuse(Rule::DatafeedAggregationsTwice, &[])?;
                }
                datafeed.aggregations = Some(value);
            }
            "indices_options" => {
                let read = IndexOptions::of_object(value, self.rules.api);
                datafeed.index_options = Some(read.map_err(|exception| exception.by(Rule::DatafeedIndexOptions.id()))?);
            }
            "query_delay" => {
                datafeed.query_delay = self.time_value(name, value);
                rules::datafeed::check_query_delay(datafeed.query_delay, self.rules)?;
            }
            "frequency" => {
                datafeed.frequency = self.time_value(name, value);
                rules::datafeed::check_frequency(datafeed.frequency, self.rules)?;
            }
            "scroll_size" => {
                datafeed.scroll_size = values::integer(value, self.reading(name)).ok();
                rules::datafeed::check_least(Rule::ScrollSizeMinimum, datafeed.scroll_size, self.rules)?;
            }
            "max_empty_searches" => {
                let given = values::integer(value, self.reading(name)).ok();
                datafeed.max_empty_searches = given.filter(|given| *given != NO_MAXIMUM);
                rules::datafeed::check_least(Rule::MaxEmptySearchesMinimum, datafeed.max_empty_searches, self.rules)?;
            }
            // `config_type` is read and does not matter.
            _ => {}
        }
        Ok(())
    }

    fn chunking(&self, object: Node<'a>) -> Read<Option<Chunking>> {
        let mode = object.member("mode").map(lower_case).unwrap_or_default();
        let span = object
            .member("time_span")
            .and_then(|span| self.time_value("time_span", span));
        self.built(object, "chunking_config", ["mode", "time_span"], || {
            rules::datafeed::check_chunking(&mode, span, self.rules)
        })?;
        Ok(match (mode.as_ref(), span) {
            ("manual", Some(span)) => Some(Chunking::Manual(span)),
            ("off", _) => Some(Chunking::Off),
            _ => Some(Chunking::Auto),
        })
    }

    fn delayed_data_check(&self, object: Node<'a>) -> Read<DelayedDataCheck> {
        let window = object.member("check_window");
        let check = DelayedDataCheck {
            is_enabled: object.member("enabled").is_some_and(values::boolean),
            check_window: window.and_then(|window| self.time_value("check_window", window)),
        };
        self.built(object, "delayed_data_check_config", ["enabled", "check_window"], || {
            // One that nobody looks into is not looked at.
            let window = check.check_window.filter(|_| check.is_enabled);
            rules::datafeed::check_window(window, self.rules)
        })?;
        Ok(check)
    }
}
