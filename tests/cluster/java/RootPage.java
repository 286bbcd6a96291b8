package cluster;

import static cluster.Reflection.call;
import static cluster.Reflection.create;
import static cluster.Reflection.field;
import static cluster.ServerNode.type;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Locale;

/** {@code GET /} of Elasticsearch 8 and later, where it belongs to a module that is not published. */
final class RootPage {
    private RootPage() {}

    static void register(ServerNode node) throws Exception {
        Object controller = field(
                type("http.AbstractHttpServerTransport"), node.instance("http.HttpServerTransport"), "dispatcher");
        Class<?> handlerType = type("rest.RestHandler");
        InvocationHandler answers = (proxy, method, arguments) -> {
            if (!method.getName().equals("handleRequest")) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            Object ok = field(type("rest.RestStatus"), null, "OK");
            call(arguments[1], "sendResponse", create(type("rest.RestResponse"), ok, "application/json", page(node)));
            return null;
        };
        Object handler = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, answers);
        for (String method : new String[] {"GET", "HEAD"}) {
            Object verb = field(type("rest.RestRequest$Method"), null, method);
            call(controller, "registerHandler", create(type("rest.RestHandler$Route"), verb, "/"), handler);
        }
    }

    private static String page(ServerNode node) throws Exception {
        Object clusterService = node.instance("cluster.service.ClusterService");
        Object state = call(clusterService, "state");
        Object build = call(type("Build"), "current");
        return String.format(
                Locale.ROOT,
                """
                {
                  "name" : "%s",
                  "cluster_name" : "%s",
                  "cluster_uuid" : "%s",
                  "version" : {
                    "number" : "%s",
                    "build_flavor" : "%s",
                    "build_type" : "%s",
                    "build_hash" : "%s",
                    "build_date" : "%s",
                    "build_snapshot" : %s,
                    "lucene_version" : "%s",
                    "minimum_wire_compatibility_version" : "%s",
                    "minimum_index_compatibility_version" : "%s"
                  },
                  "tagline" : "You Know, for Search"
                }
                """,
                call(clusterService, "getNodeName"),
                call(call(state, "getClusterName"), "value"),
                call(call(state, "metadata"), "clusterUUID"),
                call(build, "version"),
                call(build, "flavor"),
                call(call(build, "type"), "displayName"),
                call(build, "hash"),
                call(build, "date"),
                call(build, "isSnapshot"),
                field(Class.forName("org.apache.lucene.util.Version"), null, "LATEST"),
                call(build, "minWireCompatVersion"),
                call(build, "minIndexCompatVersion"));
    }
}
