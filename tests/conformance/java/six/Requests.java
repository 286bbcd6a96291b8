package conformance;

import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.xcontent.NamedXContentRegistry;

/** Requests before 7.0: an abstract class that the HTTP module fills in. */
final class Requests {
    private final NamedXContentRegistry registry;

    Requests(NamedXContentRegistry registry) {
        this.registry = registry;
    }

    /** This version can do without a client. */
    static Object client() {
        return null;
    }

    static void register(RestController controller, Handler handler) {
        controller.registerHandler(handler.method, handler.path, handler);
    }

    RestRequest request(Question question) {
        return new RestRequest(registry, question.target(), question.headers()) {
            @Override
            public Method method() {
                return Method.valueOf(question.method());
            }

            @Override
            public String uri() {
                return question.target();
            }

            @Override
            public boolean hasContent() {
                return question.body().length > 0;
            }

            @Override
            protected BytesReference innerContent() {
                return new BytesArray(question.body());
            }
        };
    }
}
