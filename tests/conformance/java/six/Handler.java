package conformance;

import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.rest.BaseRestHandler;

/** A handler before 7.0: it takes settings, and is told its routes. */
abstract class Handler extends BaseRestHandler {
    Handler() {
        super(Settings.EMPTY);
    }

    @Override
    public String getName() {
        return "create_job";
    }
}
