package conformance;

import java.util.List;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;

/** A handler from 7.x on: it says its routes itself. */
abstract class Handler extends BaseRestHandler {
    private final String name;
    private final RestRequest.Method method;
    private final String path;

    Handler(String name, RestRequest.Method method, String path) {
        this.name = name;
        this.method = method;
        this.path = path;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public List<Route> routes() {
        return List.of(new Route(method, path));
    }
}
