package cluster;

import static cluster.Reflection.call;
import static cluster.Reflection.create;
import static cluster.Reflection.exists;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** One running node of whichever server lies on the class path. */
final class ServerNode {
    static final boolean IS_OPENSEARCH = exists("org.opensearch.node.Node");

    /** From here on the server loads its modules itself, from a folder, and takes no list of classes. */
    private static final boolean LOADS_FROM_FOLDER = exists("org.elasticsearch.plugins.PluginsLoader");

    /** Modules by class name less its ending, which differs by version. A kind has some of these. */
    private static final List<String> MODULES = List.of(
            "transport.Netty4", "analysis.common.CommonAnalysis", "search.aggregations.matrix.MatrixAggregation",
            "geo.Geo", "ingest.common.IngestCommon", "painless.Painless", "script.expression.Expression",
            "script.mustache.Mustache", "index.mapper.MapperExtras", "join.ParentJoin", "percolator.Percolator",
            "index.rankeval.RankEval", "index.reindex.Reindex", "reindex.Reindex",
            "plugin.repository.url.URLRepository", "security.OpenSearchSecurity");

    private final Object node;

    private ServerNode(Object node) {
        this.node = node;
    }

    static ServerNode start(Map<String, String> settings, Path modules) throws Exception {
        if (LOADS_FROM_FOLDER) {
            call(type("common.logging.LogConfigurator"), "configureESLogging");
        }
        Object empty = Reflection.field(type("common.settings.Settings"), null, "EMPTY");
        Supplier<String> name = () -> settings.get("node.name");
        Object environment =
                call(type("node.InternalSettingsPreparer"), "prepareEnvironment", empty, settings, null, name);
        Class<?> node = type("node.Node");
        ServerNode started = new ServerNode(LOADS_FROM_FOLDER
                ? create(node, environment, loader(modules))
                : create(node, environment, modulesOnTheClassPath(), true));
        call(started.node, "start");
        if (LOADS_FROM_FOLDER) {
            RootPage.register(started);
        }
        return started;
    }

    int port() throws Exception {
        Object bound = call(instance("http.HttpServerTransport"), "boundAddress");
        return (int) call(call(bound, "publishAddress"), "getPort");
    }

    /** What the running node holds as the given class. */
    Object instance(String className) throws Exception {
        return call(call(node, "injector"), "getInstance", type(className));
    }

    void close() throws Exception {
        call(node, "close");
    }

    /** A class both vendors have, by its name less the vendor's root. */
    static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName(named(name));
    }

    private static String named(String name) {
        return (IS_OPENSEARCH ? "org.opensearch." : "org.elasticsearch.") + name;
    }

    private static Object loader(Path modules) throws Exception {
        Class<?> loader = type("plugins.PluginsLoader");
        Object bundles;
        try {
            bundles = call(loader, "loadModulesBundles", modules, false);
        } catch (NoSuchMethodException eight) {
            bundles = call(loader, "loadModulesBundles", modules);
        }
        // The last argument leaves the module system's exports out: the server is on the class path, not a module.
        return call(loader, "createPluginsLoader", bundles, Set.of(), Map.of(), false);
    }

    private static List<Object> modulesOnTheClassPath() throws Exception {
        List<Object> modules = new ArrayList<>();
        for (String name : MODULES) {
            for (String ending : List.of("ModulePlugin", "Plugin")) {
                String className = named(name + ending);
                if (exists(className)) {
                    modules.add(module(className));
                    break;
                }
            }
        }
        return modules;
    }

    /** OpenSearch wants a description of each module from 3 on, the class itself before; Elasticsearch 7 the class. */
    private static Object module(String className) throws Exception {
        Class<?> version = type("Version");
        Object current = Reflection.field(version, null, "CURRENT");
        boolean wantsDescription = IS_OPENSEARCH && version.getField("major").getByte(current) >= 3;
        return wantsDescription
                ? create(type("plugins.PluginInfo"), className, "class path", "NA", current, "21", className, List.of(), false)
                : Class.forName(className);
    }
}
