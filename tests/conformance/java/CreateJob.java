package conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ToXContent;
import org.elasticsearch.xcontent.XContentFactory;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xpack.core.ml.action.PutJobAction;
import org.elasticsearch.xpack.core.ml.datafeed.DatafeedConfig;
import org.elasticsearch.xpack.core.ml.datafeed.DatafeedJobValidator;
import org.elasticsearch.xpack.core.ml.job.config.AnalysisConfig;
import org.elasticsearch.xpack.core.ml.job.config.CategorizationAnalyzerConfig;
import org.elasticsearch.xpack.core.ml.job.config.Job;
import org.elasticsearch.xpack.core.ml.utils.ToXContentParams;

/** Create anomaly detection job, up to where the server would look into the cluster. */
final class CreateJob extends Handler {
    /** When every job is created. */
    private static final long NOW = 1_500_000_000_000L;

    private final NamedXContentRegistry queries;
    private Job last;

    /** The parsers are those of the queries and aggregations that a datafeed may hold. */
    CreateJob(NamedXContentRegistry queries) {
        super("create_job", RestRequest.Method.PUT, "/_ml/anomaly_detectors/{job_id}");
        this.queries = queries;
    }

    void forgetTheLast() {
        last = null;
    }

    /** The document that the server would store of the job of the last request. */
    byte[] stored() throws IOException {
        var builder = XContentFactory.jsonBuilder();
        last.toXContent(builder, new ToXContent.MapParams(Map.of(ToXContentParams.FOR_INTERNAL_STORAGE, "true")));
        return BytesReference.toBytes(BytesReference.bytes(builder));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) throws IOException {
        String id = request.param("job_id");
        PutJobAction.Request parsed;
        try (XContentParser parser = request.contentParser()) {
            parsed = parse(request, id, parser);
        }
        request.paramAsTime("timeout", null);
        request.paramAsTime("master_timeout", null);
        return channel -> new RestToXContentListener<>(channel).onResponse(new PutJobAction.Response(created(parsed)));
    }

    /** From 7.15 on a request may hold a datafeed, and in its query that one's index options. */
    private static PutJobAction.Request parse(RestRequest request, String id, XContentParser parser) throws IOException {
        if (Reflection.declares(PutJobAction.Request.class, "parseRequest", 3)) {
            var options = IndicesOptions.fromRequest(request, SearchRequest.DEFAULT_INDICES_OPTIONS);
            return Reflection.callQuietly(PutJobAction.Request.class, "parseRequest", id, parser, options);
        }
        return Reflection.callQuietly(PutJobAction.Request.class, "parseRequest", id, parser);
    }

    /** What the server's job manager does with a parsed request. */
    private Job created(PutJobAction.Request request) {
        ActionRequestValidationException invalid = request.validate();
        if (invalid != null) {
            throw invalid;
        }
        Job.Builder builder = request.getJobBuilder();
        builder.validateAnalysisLimitsAndSetDefaults(null);
        if (Reflection.declares(Job.Builder.class, "validateModelSnapshotRetentionSettingsAndSetDefaults", 0)) {
            Reflection.callQuietly(builder, "validateModelSnapshotRetentionSettingsAndSetDefaults");
        }
        if (Reflection.declares(CategorizationAnalyzerConfig.class, "buildStandardCategorizationAnalyzer", 1)) {
            useStandardCategorizationAnalyzer(builder);
        }
        Job job = builder.build(new Date(NOW));
        if (Reflection.declares(Job.class, "getDatafeedConfig", 0)) {
            Optional<Object> datafeed = Reflection.callQuietly(job, "getDatafeedConfig");
            datafeed.ifPresent(config -> validate(config, job));
        }
        last = job;
        return last;
    }

    /** What the server asks of a datafeed beside its job before it stores the one, and of its aggregations after. */
    private void validate(Object datafeed, Job job) {
        Reflection.callQuietly(DatafeedJobValidator.class, "validate", datafeed, job, queries);
        Object aggregations = Reflection.callQuietly(datafeed, "getParsedAggregations", queries);
        if (aggregations != null) {
            Reflection.callQuietly(DatafeedConfig.class, "validateAggregations", aggregations);
        }
    }

    private static void useStandardCategorizationAnalyzer(Job.Builder builder) {
        AnalysisConfig config = builder.getAnalysisConfig();
        if (config.getCategorizationFieldName() == null || config.getCategorizationAnalyzerConfig() != null) {
            return;
        }
        CategorizationAnalyzerConfig standard = Reflection.callQuietly(CategorizationAnalyzerConfig.class,
                "buildStandardCategorizationAnalyzer", config.getCategorizationFilters());
        AnalysisConfig.Builder changed = new AnalysisConfig.Builder(config);
        changed.setCategorizationAnalyzerConfig(standard);
        changed.setCategorizationFilters(null);
        builder.setAnalysisConfig(changed);
    }
}
