package conformance;

import java.util.List;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.indices.breaker.NoneCircuitBreakerService;
import org.elasticsearch.rest.AbstractRestChannel;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.search.SearchModule;
import org.elasticsearch.usage.UsageService;
import org.elasticsearch.xcontent.NamedXContentRegistry;

/** The server's own REST layer with two calls in it, in no node. */
final class Server {
    private final CreateJob createJob;
    private final UpdateJob updateJob = new UpdateJob();
    private final Requests requests;
    private final ThreadContext threadContext;
    private final RestController controller;

    Server() throws Exception {
        configureLogging();
        NamedXContentRegistry queries = registry();
        createJob = new CreateJob(queries);
        requests = new Requests(queries);
        Object client = Requests.client();
        threadContext = client == null ? new ThreadContext(Settings.EMPTY) : threadContextOf(client);
        controller = controller(client);
        Requests.register(controller, createJob);
        Requests.register(controller, updateJob);
    }

    Answer answer(Question question) throws Exception {
        createJob.forgetTheLast();
        updateJob.isStored(question.job() == null ? null : requests.request(question.ofJob()));
        try (ThreadContext.StoredContext ignored = threadContext.stashContext()) {
            Channel channel = dispatched(question);
            RestResponse response = channel.response;
            byte[] body = BytesReference.toBytes(response.content());
            // A job whose answer could not be made is not one to compare.
            byte[] stored = response.status().getStatus() == 200 ? stored(question) : new byte[0];
            return new Answer(response.status().getStatus(), response.contentType(), body, stored);
        }
    }

    private byte[] stored(Question question) throws Exception {
        return question.job() == null ? createJob.stored() : updateJob.stored();
    }

    /** As the server's HTTP transport does it: a head that makes no request is answered as the rest of it would be. */
    private Channel dispatched(Question question) throws Exception {
        RuntimeException refused = null;
        Question rest = question;
        Channel channel = null;
        while (channel == null) {
            try {
                channel = new Channel(requests.request(rest));
            } catch (RuntimeException fault) {
                refused = ExceptionsHelper.useOrSuppress(refused, fault);
                rest = rest.without(fault);
            }
        }
        if (refused == null) {
            controller.dispatchRequest(channel.request(), channel, threadContext);
        } else if (Reflection.declares(RestController.class, "dispatchBadRequest", 4)) {
            Reflection.call(controller, "dispatchBadRequest", channel.request(), channel, threadContext, refused);
        } else {
            Reflection.call(controller, "dispatchBadRequest", channel, threadContext, refused);
        }
        return channel;
    }

    private static final class Channel extends AbstractRestChannel {
        private RestResponse response;

        Channel(RestRequest request) {
            super(request, true);
        }

        @Override
        public void sendResponse(RestResponse sent) {
            response = sent;
        }
    }

    /** From 8.0 on the server's logging is a facade that is empty until it is configured. */
    static void configureLogging() throws Exception {
        if (Reflection.exists("org.elasticsearch.logging.internal.spi.LoggerFactory")) {
            Reflection.call(Class.forName("org.elasticsearch.common.logging.LogConfigurator"), "configureESLogging");
        }
    }

    /** The parsers of queries, which a datafeed may hold. */
    private static NamedXContentRegistry registry() throws Exception {
        SearchModule module;
        try {
            module = Reflection.create(SearchModule.class, Settings.EMPTY, List.of());
        } catch (NoSuchMethodException older) {
            module = Reflection.create(SearchModule.class, Settings.EMPTY, false, List.of());
        }
        return new NamedXContentRegistry(module.getNamedXContents());
    }

    private static ThreadContext threadContextOf(Object client) throws Exception {
        Object threadPool = Reflection.call(client, "threadPool");
        return (ThreadContext) Reflection.call(threadPool, "getThreadContext");
    }

    /** The constructor has changed often; its parameters of one type have not changed their meaning. */
    private static RestController controller(Object client) throws Exception {
        var constructor = RestController.class.getConstructors()[0];
        Class<?>[] types = constructor.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int at = 0; at < types.length; at++) {
            arguments[at] = switch (types[at].getSimpleName()) {
                case "Set" -> java.util.Set.of();
                case "NodeClient" -> client;
                case "CircuitBreakerService" -> new NoneCircuitBreakerService();
                case "UsageService" -> new UsageService();
                case "TelemetryProvider", "Tracer" -> types[at].getField("NOOP").get(null);
                default -> null;
            };
        }
        return (RestController) constructor.newInstance(arguments);
    }
}
