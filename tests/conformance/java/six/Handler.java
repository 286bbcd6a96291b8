package conformance;

import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;

/** A handler before 7.0: it takes settings, and is told its routes. */
abstract class Handler extends BaseRestHandler {
    private final String name;
    final RestRequest.Method method;
    final String path;

    Handler(String name, RestRequest.Method method, String path) {
        super(Settings.EMPTY);
        this.name = name;
        this.method = method;
        this.path = path;
    }

    @Override
    public String getName() {
        return name;
    }
}
