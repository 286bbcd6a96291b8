//! The ids of the rules: what the code that applies a rule and the row that holds its knowledge know each other by.

/// Declares the rules, each with its id.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident => $id:literal,)*) => {
        /// A rule of the call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(in super::super) enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// Every rule.
            pub(in super::super) const ALL: &[Self] = &[$(Self::$name,)*];

            /// The id.
            pub(in super::super) const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

rules! {
    /// A request has a body.
    BodyAbsent => "body.absent",
    /// A body is one JSON value, in Elasticsearch's dialect of JSON.
    BodySyntax => "body.syntax",
    /// No object has two members of one name.
    BodyDuplicateName => "body.duplicate_name",
    /// A body is an object.
    BodyObject => "body.object",
    /// Every member is one that the version knows.
    BodyUnknownField => "body.unknown_field",
    /// What an object requires is there.
    BodyMissingField => "body.missing_field",
    /// Every value is of a kind that its field takes.
    BodyKind => "body.kind",
    /// A list holds what its field takes, each element by itself; one scalar directly before an object is passed
    /// over.
    BodyList => "body.list",
    /// A value of an enumeration is one of its words.
    ValueWord => "value.word",
    /// A number, or the text of one, is one that 64 bits hold, or 32 where the field is an int.
    ValueNumber => "value.number",
    /// A time value is a whole number with one of the units nanos, micros, ms, s, m, h and d, or 0 or -1 without one.
    ValueTime => "value.time",
    /// A byte size is a number with one of the units b, kb, mb, gb, tb and pb, or their first letters.
    ValueSize => "value.size",
    /// A delimiter is one UTF-16 unit.
    ValueCharacter => "value.character",
    /// A version is one that Elasticsearch reads.
    ValueVersion => "value.version",
    /// A time format is epoch, `epoch_ms` or a pattern of Java's `DateTimeFormatter` that gives a whole timestamp.
    ValueTimeFormat => "value.time_format",
    /// The id of a task is the name of a node, a colon and a number.
    ValueTaskId => "value.task_id",
    /// A time as a number is one that 64 bits hold.
    ValueTimestamp => "value.timestamp",
    /// An analyzer has a tokenizer and, as lists, `char_filter` and filter, and nothing else.
    ValueAnalyzer => "value.analyzer",
    /// A list in the settings of an analyzer's component holds texts, numbers and booleans only.
    ValueSettings => "value.settings",
    /// A detector has a `field_name`, `by_field_name` or `over_field_name`, unless its function counts events or
    /// looks at the time.
    DetectorNoField => "detector.no_field",
    /// A detector has a function.
    DetectorNoFunction => "detector.no_function",
    /// A function that looks at values needs a `field_name`.
    DetectorFieldNameNeeded => "detector.field_name_needed",
    /// A function that counts events or looks at the time takes no `field_name`.
    DetectorFieldNameNotTaken => "detector.field_name_not_taken",
    /// A function that looks for rare values needs a `by_field_name`.
    DetectorByFieldNameNeeded => "detector.by_field_name_needed",
    /// `freq_rare` needs an `over_field_name`.
    DetectorOverFieldNameNeeded => "detector.over_field_name_needed",
    /// A function that leaves out empty buckets takes no `over_field_name`.
    DetectorOverFieldNameNotTaken => "detector.over_field_name_not_taken",
    /// No analysed field has one of these names.
    FieldNameWord => "field_name.word",
    /// The name of an analysed field has none of these characters.
    FieldNameCharacters => "field_name.characters",
    /// The conditions of a rule test the time only where the function has no value to test.
    DetectorValueCondition => "detector.value_condition",
    /// A rule has a scope only where its detector has a by, over or partition field.
    DetectorScopeWithoutFields => "detector.scope_without_fields",
    /// The scope of a rule names by, over or partition fields of its own detector.
    DetectorScopeField => "detector.scope_field",
    /// The by, over and partition fields of a detector are different ones.
    DetectorSameFieldTwice => "detector.same_field_twice",
    /// A by or over field has none of these names.
    DetectorReservedWord => "detector.reserved_word",
    /// A rule has a scope or a condition.
    CustomRuleEmpty => "custom_rule.empty",
    /// A rule that shifts the time says by how much.
    CustomRuleShiftWithoutAmount => "custom_rule.shift_without_amount",
    /// A rule that says by how much to shift the time has the action that does.
    CustomRuleAmountWithoutShift => "custom_rule.amount_without_shift",
    /// A bucket lasts some time.
    BucketSpanMinimum => "bucket_span.minimum",
    /// A bucket lasts whole seconds.
    BucketSpanWholeSeconds => "bucket_span.whole_seconds",
    /// The window after which models are pruned is a whole number of buckets.
    ModelPruneWindowWholeBuckets => "model_prune_window.whole_buckets",
    /// The window after which models are pruned is at least this many buckets.
    ModelPruneWindowTwoBuckets => "model_prune_window.two_buckets",
    /// Data is not late by less than nothing.
    LatencyMinimum => "latency.minimum",
    /// Data is late by whole seconds.
    LatencyWholeSeconds => "latency.whole_seconds",
    /// An analysis has a detector.
    AnalysisNoDetectors => "analysis.no_detectors",
    /// A detector uses the field of categories only where `categorization_field_name` makes it.
    AnalysisCategoryWithoutField => "analysis.category_without_field",
    /// Where there is a `categorization_field_name`, a detector uses the field of categories.
    AnalysisFieldWithoutCategory => "analysis.field_without_category",
    /// An analyzer of categories comes with a `categorization_field_name`.
    CategorizationAnalyzerWithoutField => "categorization_analyzer.without_field",
    /// Filters of categories and an analyzer of categories exclude each other.
    CategorizationFiltersWithAnalyzer => "categorization_filters.with_analyzer",
    /// Filters of categories come with a `categorization_field_name`.
    CategorizationFiltersWithoutField => "categorization_filters.without_field",
    /// No filter of categories comes twice.
    CategorizationFiltersTwice => "categorization_filters.twice",
    /// No filter of categories is empty.
    CategorizationFiltersEmpty => "categorization_filters.empty",
    /// A filter of categories is a text, which bytes of other formats than JSON are not.
    CategorizationFiltersBytes => "categorization_filters.bytes",
    /// A filter of categories is a regular expression of Java.
    CategorizationFiltersPattern => "categorization_filters.pattern",
    /// Categories are kept apart by partition only where there is a `categorization_field_name`.
    PerPartitionWithoutField => "per_partition.without_field",
    /// Where categories are kept apart by partition, the field of categories is no partition field.
    PerPartitionByCategory => "per_partition.by_category",
    /// Where categories are kept apart by partition, a detector that uses them has a `partition_field_name`.
    PerPartitionNoPartition => "per_partition.no_partition",
    /// Where categories are kept apart by partition, all detectors have the same `partition_field_name`.
    PerPartitionDiffers => "per_partition.differs",
    /// `stop_on_warn` is true only where categories are kept apart by partition.
    PerPartitionStopOnWarn => "per_partition.stop_on_warn",
    /// Summarised data is analysed by functions that can.
    SummaryCountFieldNameFunction => "summary_count_field_name.function",
    /// No by, over or partition field or influencer is inside another one, as far as neighbours in alphabetical order
    /// go.
    AnalysisNestedNames => "analysis.nested_names",
    /// A model has at least this much memory.
    ModelMemoryLimitMinimum => "model_memory_limit.minimum",
    /// The number of examples of a category is not negative.
    CategorizationExamplesLimitMinimum => "categorization_examples_limit.minimum",
    /// A job has an `analysis_config`.
    JobAnalysisConfigMissing => "job.analysis_config_missing",
    /// A job has a `data_description`, which may be empty.
    JobDataDescriptionMissing => "job.data_description_missing",
    /// The field of the time is not analysed as well.
    JobTimeFieldUsed => "job.time_field_used",
    /// Snapshots are taken at intervals of whole seconds.
    BackgroundPersistIntervalWholeSeconds => "background_persist_interval.whole_seconds",
    /// Snapshots are taken at intervals of at least this long.
    BackgroundPersistIntervalMinimum => "background_persist_interval.minimum",
    /// A number of days is not negative.
    JobDays => "job.days",
    /// The id of a job has this form.
    JobId => "job.id",
    /// The id of a job has at most this many characters.
    JobIdLength => "job.id_length",
    /// An id in the body is the one in the URL.
    JobIdInUrl => "job.id_in_url",
    /// The name of a group has this form.
    JobGroup => "job.group",
    /// The name of a group is a text, which bytes of other formats than JSON are not.
    JobGroupBytes => "job.group_bytes",
    /// No group of a job has the id of the job as its name.
    JobGroupNamedLikeJob => "job.group_named_like_job",
    /// The name of an index of results is empty or has this form.
    JobResultsIndexName => "job.results_index_name",
    /// Daily snapshots are thinned out no later than all are removed.
    JobDailyRetention => "job.daily_retention",
    /// No two detectors are the same in everything.
    JobSameDetectors => "job.same_detectors",
    /// What only the server sets is not sent.
    JobSetByServer => "job.set_by_server",
    /// The value of a rule's condition is a finite number: no index takes another one. Elasticsearch's parser reads
    /// it.
    JobNotFinite => "job.not_finite",
    /// The `job_id` of a datafeed is the id of its job.
    DatafeedJobId => "datafeed.job_id",
    /// The id of a datafeed has this form.
    DatafeedId => "datafeed.id",
    /// A datafeed reads at least one index, and none without a name.
    DatafeedIndices => "datafeed.indices",
    /// A query is not empty.
    DatafeedQueryEmpty => "datafeed.query_empty",
    /// A query is one clause, and every aggregation one aggregation with others below it.
    DatafeedClause => "datafeed.clause",
    /// Aggregations are not empty.
    DatafeedAggregationsEmpty => "datafeed.aggregations_empty",
    /// Aggregations have one of their two names.
    DatafeedAggregationsTwice => "datafeed.aggregations_twice",
    /// A query is not delayed by less than nothing.
    QueryDelayMinimum => "query_delay.minimum",
    /// A query is delayed by whole milliseconds.
    QueryDelayWholeMilliseconds => "query_delay.whole_milliseconds",
    /// A datafeed runs at intervals of some length.
    FrequencyMinimum => "frequency.minimum",
    /// A datafeed runs at intervals of whole seconds.
    FrequencyWholeSeconds => "frequency.whole_seconds",
    /// The number of documents that a search gives is not negative.
    ScrollSizeMinimum => "scroll_size.minimum",
    /// The number of searches without a result after which a datafeed stops is positive, or -1 for none.
    MaxEmptySearchesMinimum => "max_empty_searches.minimum",
    /// Chunks of the mode manual have a `time_span`.
    ChunkingTimeSpanNeeded => "chunking_config.time_span_needed",
    /// Chunks of other modes than manual have no `time_span`.
    ChunkingTimeSpanNotTaken => "chunking_config.time_span_not_taken",
    /// A chunk lasts some milliseconds.
    ChunkingTimeSpanMinimum => "chunking_config.time_span_minimum",
    /// The window in which late data is looked for has some length.
    CheckWindowMinimum => "check_window.minimum",
    /// The window in which late data is looked for is a day at most.
    CheckWindowMaximum => "check_window.maximum",
    /// The options for indices have wildcards that there are, and true or false.
    DatafeedIndexOptions => "indices_options.value",
    /// A field of a script has a script and `ignore_failure`.
    ScriptFieldsForm => "script_fields.form",
    /// A script has its source, or the id of one in the cluster.
    ScriptFieldsScript => "script_fields.script",
    /// A datafeed has fields of scripts or aggregations.
    ScriptFieldsWithAggregations => "script_fields.with_aggregations",
    /// A runtime field is an object with a type.
    RuntimeMappingsType => "runtime_mappings.type",
    /// Aggregated data is put into buckets by time.
    DatafeedHistogramMissing => "datafeed.histogram_missing",
    /// Nothing is aggregated beside the buckets by time.
    DatafeedHistogramAlone => "datafeed.histogram_alone",
    /// Buckets by time begin where those of UTC do.
    DatafeedHistogramTimeZone => "datafeed.histogram_time_zone",
    /// Buckets by time all have the same length.
    DatafeedHistogramVarying => "datafeed.histogram_varying",
    /// Buckets by time have an interval.
    DatafeedHistogramAbsent => "datafeed.histogram_absent",
    /// Buckets by time last some milliseconds.
    DatafeedHistogramMinimum => "datafeed.histogram_minimum",
    /// A thousand buckets by time last no longer than 64 bits count milliseconds.
    DatafeedChunkLength => "datafeed.chunk_length",
    /// A datafeed is not routed to projects, which this server does not know.
    DatafeedProjectRouting => "datafeed.project_routing",
    /// A job with a datafeed has no latency.
    DatafeedLatency => "datafeed.latency",
    /// A job whose datafeed aggregates has a `summary_count_field_name`.
    DatafeedSummaryCount => "datafeed.summary_count",
    /// Data is aggregated by a bucket span at most.
    DatafeedIntervalMaximum => "datafeed.interval_maximum",
    /// The interval of aggregated data divides the bucket span.
    DatafeedIntervalDivides => "datafeed.interval_divides",
    /// A datafeed runs at intervals that are a multiple of those of its aggregation.
    DatafeedFrequencyMultiple => "datafeed.frequency_multiple",
    /// The window in which late data is looked for is a bucket at least.
    CheckWindowBucket => "check_window.bucket",
    /// The window in which late data is looked for has no more than so many buckets.
    CheckWindowBuckets => "check_window.buckets",
    /// Aggregations have one histogram in all, and below it the latest time.
    DatafeedAggregationShape => "datafeed.aggregation_shape",
    /// The settings of an analyzer neither nest too deep nor have names too long to be written.
    JobAnalyzerExtent => "job.analyzer_extent",
    /// The parameters of the URL are ones that the call takes, with values that it reads.
    RequestParameter => "request.parameter",
}
