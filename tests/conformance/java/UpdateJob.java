package conformance;

import java.io.IOException;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.ToXContent;
import org.elasticsearch.xcontent.XContentFactory;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xpack.core.ml.action.PutJobAction;
import org.elasticsearch.xpack.core.ml.action.UpdateJobAction;
import org.elasticsearch.xpack.core.ml.job.config.Job;

/** Update anomaly detection job, of a job whose stored document comes with the question. */
final class UpdateJob extends Handler {
    private RestRequest current;
    private Job last;

    UpdateJob() {
        super("update_job", RestRequest.Method.POST, "/_ml/anomaly_detectors/{job_id}/_update");
    }

    /** Makes the body of a request the document of the job that is updated next. */
    void isStored(RestRequest document) {
        current = document;
        last = null;
    }

    /** The document that the server would store of the job of the last request. */
    byte[] stored() throws IOException {
        var builder = XContentFactory.jsonBuilder();
        last.toXContent(builder, ToXContent.EMPTY_PARAMS);
        return BytesReference.toBytes(BytesReference.bytes(builder));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) throws IOException {
        String id = request.param("job_id");
        UpdateJobAction.Request parsed;
        try (XContentParser parser = request.contentParser()) {
            parsed = UpdateJobAction.Request.parseRequest(id, parser);
        }
        request.paramAsTime("timeout", null);
        request.paramAsTime("master_timeout", null);
        return channel -> new RestToXContentListener<>(channel).onResponse(new PutJobAction.Response(updated(parsed)));
    }

    /** What the server does with a parsed request, once it has looked the job up. */
    private Job updated(UpdateJobAction.Request request) throws IOException {
        try (XContentParser parser = current.contentParser()) {
            Job.Builder job = Job.LENIENT_PARSER.apply(parser, null);
            last = request.getJobUpdate().mergeWithJob(job.build(), null);
        }
        return last;
    }
}
