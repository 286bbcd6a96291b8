package conformance;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.xcontent.LoggingDeprecationHandler;
import org.elasticsearch.http.HttpChannel;
import org.elasticsearch.http.HttpRequest;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.xcontent.NamedXContentRegistry;

/** Requests from 7.x on: made of what the HTTP module has read, which are two interfaces. */
final class Requests {
    private static final String PARSER_CONFIGURATION = "org.elasticsearch.xcontent.XContentParserConfiguration";

    /** What the version's requests know of parsers: from 8.0 on a configuration, before it the registry. */
    private final Object parsing;

    Requests(NamedXContentRegistry registry) throws Exception {
        if (takesConfiguration()) {
            Object empty = Class.forName(PARSER_CONFIGURATION).getField("EMPTY").get(null);
            Object withRegistry = Reflection.call(empty, "withRegistry", registry);
            parsing = Reflection.call(withRegistry, "withDeprecationHandler", LoggingDeprecationHandler.INSTANCE);
        } else {
            parsing = registry;
        }
    }

    private static boolean takesConfiguration() {
        for (var method : RestRequest.class.getMethods()) {
            if (method.getName().equals("request") && method.getParameterTypes()[0].getName().equals(PARSER_CONFIGURATION)) {
                return true;
            }
        }
        return false;
    }

    /** Before 7.16 the controller takes the thread's context from its client. */
    static Object client() throws Exception {
        String older = "org.elasticsearch.client.node.NodeClient";
        if (!Reflection.exists(older)) {
            return null;
        }
        Settings settings = Settings.builder().put("node.name", "oracle").build();
        Class<?> threadPool = Class.forName("org.elasticsearch.threadpool.ThreadPool");
        Class<?> executors = Class.forName("[Lorg.elasticsearch.threadpool.ExecutorBuilder;");
        Object none = java.lang.reflect.Array.newInstance(executors.getComponentType(), 0);
        Object pool = threadPool.getConstructor(Settings.class, executors).newInstance(settings, none);
        return Class.forName(older).getConstructor(Settings.class, threadPool).newInstance(settings, pool);
    }

    static void register(RestController controller, Handler handler) {
        controller.registerHandler(handler);
    }

    RestRequest request(Question question) throws Exception {
        return Reflection.call(RestRequest.class, "request", parsing, read(question), openChannel());
    }

    private static HttpRequest read(Question question) throws Exception {
        BytesReference bytes = new BytesArray(question.body());
        Object body = bytes;
        if (Reflection.exists("org.elasticsearch.http.HttpBody")) {
            body = Reflection.call(Class.forName("org.elasticsearch.http.HttpBody"), "fromBytesReference", bytes);
        }
        Object content = body;
        return proxy(HttpRequest.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "method" -> RestRequest.Method.valueOf(question.method());
            case "uri" -> question.target();
            case "getHeaders" -> question.headers();
            case "content" -> bytes;
            case "body" -> content;
            case "hasContent" -> bytes.length() > 0;
            case "releaseAndCopy" -> proxy;
            case "protocolVersion" -> HttpRequest.HttpVersion.HTTP_1_1;
            case "rawPath" -> question.target().split("[?]", 2)[0];
            default -> method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, arguments) : null;
        });
    }

    private static HttpChannel openChannel() {
        return proxy(HttpChannel.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "isOpen" -> true;
            case "hashCode" -> 1;
            case "equals" -> proxy == arguments[0];
            default -> null;
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler calls) {
        return type.cast(Proxy.newProxyInstance(Requests.class.getClassLoader(), new Class<?>[] {type}, calls));
    }
}
