package conformance;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.elasticsearch.common.xcontent.LoggingDeprecationHandler;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ObjectParser;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.elasticsearch.xpack.core.ml.job.config.Job;

/** Prints the fields that each parser of a job's and its datafeed's parts declares: a line with the parser's name and, in alphabetical order, the fields. */
public final class Fields {
    private static final String CONFIG = "org/elasticsearch/xpack/core/ml/job/config/";
    /** From 7.15 on a job may come with a datafeed. */
    private static final String DATAFEED = "org/elasticsearch/xpack/core/ml/datafeed/";
    /** No parser declares it. */
    private static final String UNKNOWN = "no_parser_has_this";

    private Fields() {}

    public static void main(String[] arguments) throws Exception {
        Server.configureLogging();
        Map<String, Parser> parsers = new TreeMap<>();
        boolean hasDatafeed = Reflection.declares(Job.class, "getDatafeedConfig", 0);
        File jar = new File(Job.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (JarFile file = new JarFile(jar)) {
            for (String name : file.stream().map(JarEntry::getName).sorted().toList()) {
                boolean isOfJob = name.startsWith(CONFIG) || hasDatafeed && name.startsWith(DATAFEED);
                if (isOfJob && name.endsWith(".class")) {
                    collect(Class.forName(name.substring(0, name.length() - 6).replace('/', '.')), parsers);
                }
            }
        }
        StringBuilder lines = new StringBuilder();
        parsers.forEach((name, parser) -> lines.append(name).append('\t').append(String.join(" ", parser.fields)).append('\n'));
        System.out.print(lines);
    }

    private record Parser(String variable, boolean isLenient, Collection<String> fields) {
        /** Of several parsers of one name a request's body is read by the one for requests, or else by the strict one. */
        int rank() {
            return variable.startsWith("REST_REQUEST") ? 2 : isLenient ? 0 : 1;
        }
    }

    private static void collect(Class<?> type, Map<String, Parser> parsers) throws Exception {
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                continue;
            }
            field.setAccessible(true);
            Object value = field.get(null);
            if (value instanceof ConstructingObjectParser<?, ?> || value instanceof ObjectParser<?, ?>) {
                var inner = (ObjectParser<?, ?>) (value instanceof ObjectParser<?, ?> ? value : read(value, "objectParser"));
                Parser found = new Parser(field.getName(), isLenient(value), declared(inner));
                String name = (String) read(inner, "name");
                parsers.merge(name, found, (known, other) -> other.rank() > known.rank() ? other : known);
            }
        }
    }

    /** From 7.11 on a parser has fields for each version of the API that a server speaks. */
    private static Collection<String> declared(ObjectParser<?, ?> parser) throws Exception {
        Map<?, ?> fields = (Map<?, ?>) read(parser, "fieldParserMap");
        Collection<String> names = new TreeSet<>();
        for (var entry : fields.entrySet()) {
            if (entry.getKey() instanceof String name) {
                names.add(name);
            } else if (entry.getKey() == Reflection.call(entry.getKey().getClass(), "current")) {
                ((Map<?, ?>) entry.getValue()).keySet().forEach(name -> names.add((String) name));
            }
        }
        return names;
    }

    private static boolean isLenient(Object parser) throws Exception {
        var body = new ByteArrayInputStream(("{\"" + UNKNOWN + "\":1}").getBytes(StandardCharsets.UTF_8));
        try (XContentParser tokens = JsonXContent.jsonXContent.createParser(
                NamedXContentRegistry.EMPTY, LoggingDeprecationHandler.INSTANCE, body)) {
            Reflection.call(parser, "apply", tokens, null);
            return true;
        } catch (Exception refused) {
            return !String.valueOf(refused.getMessage()).contains("unknown field [" + UNKNOWN + "]");
        }
    }

    private static Object read(Object object, String name) throws Exception {
        Field field = object.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
    }
}
