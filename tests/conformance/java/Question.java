package conformance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One request: what a client would send.
 *
 * @param job  the stored document of the job that it updates; null where it creates one
 */
record Question(String target, Map<String, List<String>> headers, byte[] body, byte[] job) {
    /**
     * Reads the tab-separated, base64-coded target, header fields (one a line) and body; and, after a part that is not
     * read here, the job.
     */
    static Question of(String line) {
        String[] parts = line.split("\t", -1);
        byte[] job = parts.length > 4 ? decoded(parts[4]) : null;
        return new Question(text(parts[0]), headers(text(parts[1])), decoded(parts[2]), job);
    }

    /** The document of the job as a request of its own, so that the server's own reader can be asked for it. */
    Question ofJob() {
        return new Question("/", headers("content-type:application/json"), job, null);
    }

    String method() {
        return job == null ? "PUT" : "POST";
    }

    private static Map<String, List<String>> headers(String fields) {
        Map<String, List<String>> headers = new HeaderMap();
        for (String field : fields.split("\n")) {
            int colon = field.indexOf(':');
            if (colon > 0) {
                String name = field.substring(0, colon);
                List<String> values = new ArrayList<>(headers.get(name));
                values.add(field.substring(colon + 1));
                headers.put(name, values);
            }
        }
        return headers;
    }

    /** The same request without what is at fault: fields of its head, or its parameters. */
    Question without(RuntimeException fault) throws Exception {
        Set<String> fields = switch (fault.getClass().getSimpleName()) {
            case "MediaTypeHeaderException" -> Reflection.call(fault, "getFailedHeaderNames");
            case "ContentTypeHeaderException" -> Set.of("Content-Type");
            default -> Set.of();
        };
        Map<String, List<String>> rest = new HeaderMap();
        rest.putAll(headers);
        fields.forEach(rest::remove);
        if (rest.size() < headers.size()) {
            return new Question(target, rest, body, job);
        }
        String path = target.split("[?]", 2)[0];
        if (path.equals(target)) {
            throw fault;
        }
        return new Question(path, headers, body, job);
    }

    private static String text(String part) {
        return new String(decoded(part), StandardCharsets.UTF_8);
    }

    private static byte[] decoded(String part) {
        return Base64.getDecoder().decode(part);
    }

    /** As the server's own: names without regard to case, and no values for a name that was not sent. */
    private static final class HeaderMap extends TreeMap<String, List<String>> {
        HeaderMap() {
            super(String.CASE_INSENSITIVE_ORDER);
        }

        @Override
        public List<String> get(Object name) {
            List<String> values = super.get(name);
            return values == null ? List.of() : values;
        }
    }
}
