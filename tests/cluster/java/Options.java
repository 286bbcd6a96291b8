package cluster;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the command line asks for: pairs of a name and a value. */
final class Options {
    /** Each node has a folder of its own in here. */
    Path home;
    /** Whether the home is to be removed at the end. */
    boolean temporary;
    int nodes = 1;
    /** The first node's HTTP port, the others have those after it; 0 lets the system choose each. */
    int port;
    /** The folder of modules that Elasticsearch 8 and later load for themselves. */
    Path modules;
    /** {@code name:password} of a user who may ask for the cluster's health. */
    String user;
    /** The authority that signed the nodes' certificates; given, they answer HTTPS. */
    Path authority;
    final Map<String, String> settings = new LinkedHashMap<>();

    static Options of(String... arguments) {
        Options options = new Options();
        for (int at = 0; at + 1 < arguments.length; at += 2) {
            options.take(arguments[at], arguments[at + 1]);
        }
        return options;
    }

    private void take(String name, String value) {
        switch (name) {
            case "--home" -> home = Path.of(value);
            case "--temporary" -> temporary = Boolean.parseBoolean(value);
            case "--nodes" -> nodes = Integer.parseInt(value);
            case "--port" -> port = Integer.parseInt(value);
            case "--modules" -> modules = Path.of(value);
            case "--user" -> user = value;
            case "--authority" -> authority = Path.of(value);
            case "--setting" -> {
                int equals = value.indexOf('=');
                settings.put(value.substring(0, equals), value.substring(equals + 1));
            }
            default -> throw new IllegalArgumentException("unknown option " + name);
        }
    }
}
