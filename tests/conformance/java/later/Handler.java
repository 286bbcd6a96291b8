package conformance;

import java.util.List;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;

/** A handler from 7.x on: it says its routes itself. */
abstract class Handler extends BaseRestHandler {
    @Override
    public String getName() {
        return "create_job";
    }

    @Override
    public List<Route> routes() {
        return List.of(new Route(RestRequest.Method.PUT, "/_ml/anomaly_detectors/{job_id}"));
    }
}
