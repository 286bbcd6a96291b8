import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.elasticsearch._types.Refresh;
import co.elastic.clients.elasticsearch._types.SortOrder;
import co.elastic.clients.elasticsearch._types.Time;
import co.elastic.clients.elasticsearch.core.BulkRequest;
import co.elastic.clients.elasticsearch.nodes.info.NodesInfoMetric;
import co.elastic.clients.json.JsonpSerializable;
import co.elastic.clients.json.JsonpUtils;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.endpoints.BooleanResponse;
import co.elastic.clients.transport.rest5_client.Rest5ClientTransport;
import co.elastic.clients.transport.rest5_client.low_level.Request;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.StringReader;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** What every client does, in Java: its arguments are URL, the URL of an upstream that is unavailable at first, and the file of jobs. */
final class Script {
    private static final String INDEX = "clients";
    private static final int MEGABYTES = 4;
    /** Above this many characters a body is told by its length and hash. */
    private static final int LONGEST_BODY = 64 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JacksonJsonpMapper MAPPER = new JacksonJsonpMapper(JSON);

    private final Rest5Client lowLevel;
    private final ElasticsearchClient client;
    /** What the cluster has warned of since the step began. */
    private List<String> warnings = List.of();

    private Script(String url, boolean compresses) {
        lowLevel = Rest5Client.builder(URI.create(url)).setCompressionEnabled(compresses).build();
        Rest5ClientTransport transport = new Rest5ClientTransport(lowLevel, MAPPER);
        client = new ElasticsearchClient(transport).withTransportOptions(options -> options.onWarnings(shown -> {
            warnings = shown;
            return false;
        }));
    }

    private interface Call {
        Object make() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        JsonNode jobs = JSON.readTree(new File(arguments[2]));
        Script script = new Script(arguments[0], false);
        script.step("info", () -> script.client.info());
        script.step("ping", () -> script.client.ping());
        script.createJobs(jobs);
        script.writeAndRead();
        script.scroll();
        script.largeBodies();
        new Script(arguments[0], true).compressed();
        script.look();
        script.step("fifty calls", script::fiftyCalls);
        script.step("delete by query", () -> script.client.deleteByQuery(request -> request.index(INDEX)
                .query(query -> query.term(term -> term.field("group.keyword").value("g1")))));
        script.step("delete document", () -> script.client.delete(request -> request.index(INDEX).id("0")));
        script.step("nodes", () -> script.client.nodes().info(request -> request.metric(NodesInfoMetric.Http)));
        Script impatient = new Script(arguments[1], false);
        impatient.step("retries", () -> impatient.client.count(request -> request.index(INDEX)));
        script.step("delete index", () -> script.client.indices().delete(request -> request.index(INDEX)));
        // The client's threads would go on.
        System.exit(0);
    }

    private void createJobs(JsonNode jobs) {
        create("create job", "complete", jobs);
        create("create job again", "complete", jobs);
        create("create invalid job", "invalid", jobs);
        create("create deprecated job", "deprecated", jobs);
        step("get job", () -> client.ml().getJobs(request -> request.jobId("complete")));
        step("open job", () -> client.ml().openJob(request -> request.jobId("complete")));
        step("delete job", () -> client.ml().deleteJob(request -> request.jobId("complete")));
    }

    private void create(String name, String id, JsonNode jobs) {
        step(name, () -> client.ml().putJob(request ->
                request.jobId(id).withJson(new StringReader(jobs.get(id).toString()))));
    }

    private void writeAndRead() {
        step("create index", this::createIndex);
        step("create index again", this::createIndex);
        step("index", () -> index("é/ü", Map.of("number", -1)));
        step("create document", () -> client.create(request -> request.index(INDEX).id("0").document(Map.of("number", 0))));
        step("create document again", () -> client.create(request -> request.index(INDEX).id("0").document(Map.of("number", 0))));
        step("get", () -> client.get(request -> request.index(INDEX).id("é/ü"), Map.class));
        step("get of none", () -> client.get(request -> request.index(INDEX).id("none"), Map.class));
        step("exists", () -> client.exists(request -> request.index(INDEX).id("0")));
        step("exists of none", () -> client.exists(request -> request.index(INDEX).id("none")));
        step("bulk", () -> client.bulk(bulk(INDEX, 20, "the text")));
        step("search", () -> client.search(request -> request.index(INDEX)
                .query(query -> query.range(range -> range.number(number -> number.field("number").gte(3.0))))
                .sort(sort -> sort.field(field -> field.field("number").order(SortOrder.Desc)))
                .aggregations("groups", groups -> groups.terms(terms -> terms.field("group.keyword"))), Map.class));
        step("search in no index", () -> client.search(request -> request.index("none"), Map.class));
        step("count", () -> client.count(request -> request.index(INDEX)));
    }

    private Object createIndex() throws Exception {
        return client.indices().create(request -> request.index(INDEX)
                .settings(settings -> settings.numberOfShards("1").numberOfReplicas("0")));
    }

    private Object index(String id, Map<String, ?> document) throws Exception {
        return client.index(request -> request.index(INDEX).id(id).refresh(Refresh.True).document(document));
    }

    private static BulkRequest bulk(String index, int count, String text) {
        BulkRequest.Builder bulk = new BulkRequest.Builder().refresh(Refresh.True);
        for (int number = 0; number < count; number++) {
            String id = Integer.toString(number);
            // A map of Java's own has another order in every run.
            ObjectNode document = JSON.createObjectNode().put("number", number).put("group", "g" + number % 3).put("text", text);
            bulk.operations(operation -> operation.index(action -> action.index(index).id(id).document(document)));
        }
        return bulk.build();
    }

    private void scroll() {
        String[] scroll = new String[1];
        Time kept = Time.of(time -> time.time("1m"));
        step("scroll, first page", () -> {
            var page = client.search(request -> request.index(INDEX).size(8).scroll(kept)
                    .sort(sort -> sort.doc(doc -> doc)), Map.class);
            scroll[0] = page.scrollId();
            return page;
        });
        for (String name : List.of("second", "third", "last")) {
            step("scroll, " + name + " page", () -> {
                var page = client.scroll(request -> request.scrollId(scroll[0]).scroll(kept), Map.class);
                scroll[0] = page.scrollId();
                return page;
            });
        }
        step("clear scroll", () -> client.clearScroll(request -> request.scrollId(scroll[0])));
    }

    private void largeBodies() {
        String index = INDEX + "-large";
        step("create index of large documents", () -> client.indices().create(request -> request.index(index)
                .withJson(new StringReader("{\"mappings\":{\"dynamic\":false}}"))));
        Map<String, String> large = Map.of("unsearched", "ä".repeat(MEGABYTES << 19));
        step("index large document", () -> client.index(request -> request.index(index).id("large").document(large)));
        step("get large document", () -> client.get(request -> request.index(index).id("large"), Map.class));
        step("large bulk", () -> client.bulk(bulk(index, 2000, "x".repeat(2000))).errors());
    }

    private void compressed() {
        step("compressed bulk", () -> client.bulk(bulk(INDEX, 200, "the text")));
        step("compressed search", () -> client.search(request -> request.index(INDEX).size(200)
                .sort(sort -> sort.field(field -> field.field("number"))), Map.class));
        step("compressed index", () -> index("gzip", Map.of("text", "x".repeat(100_000))));
        step("compressed get", () -> client.get(request -> request.index(INDEX).id("gzip"), Map.class));
    }

    private void look() {
        step("cat count", () -> client.cat().count(request -> request.index(INDEX)).countRecords().get(0).count());
        step("health", () -> client.cluster().health(request -> request.index(INDEX)));
        step("mapping", () -> client.indices().getMapping(request -> request.index(INDEX)));
        step("no such path", () -> lowLevel.performRequest(new Request("GET", "/_no/such/path?pretty")).getStatusCode());
    }

    /** The client looks for the product's name in each answer, and throws where it is missing (checklist line 107). */
    private Object fiftyCalls() throws Exception {
        int answered = 0;
        for (int call = 0; call < 50; call++) {
            client.count(request -> request.index(INDEX));
            answered++;
        }
        return Map.of("200", answered);
    }

    /** Makes a call, and writes down what came of it in a line of JSON on standard output. */
    private void step(String name, Call call) {
        ObjectNode written = JSON.createObjectNode().put("step", name);
        warnings = List.of();
        try {
            written.set("body", shortened(call.make()));
        } catch (ElasticsearchException exception) {
            written.put("exception", "ElasticsearchException").put("status", exception.status());
            written.set("body", shortened(exception.response()));
        } catch (Exception exception) {
            written.put("exception", exception.getClass().getSimpleName());
            // The rest of a message quotes the address.
            written.put("message", exception.getMessage().replaceAll("http://127\\.0\\.0\\.1:\\d+", "(address)"));
        }
        ArrayNode shown = written.putArray("warnings");
        warnings.forEach(shown::add);
        System.out.println(written);
    }

    private static JsonNode shortened(Object answer) {
        String text = text(answer);
        if (text.length() > LONGEST_BODY) {
            return JSON.createObjectNode().put("length", text.length()).put("hash", text.hashCode());
        }
        try {
            return JSON.readTree(text);
        } catch (java.io.IOException exception) {
            return JSON.getNodeFactory().textNode(text);
        }
    }

    private static String text(Object answer) {
        if (answer instanceof BooleanResponse found) {
            return Boolean.toString(found.value());
        }
        if (answer instanceof JsonpSerializable serializable) {
            return JsonpUtils.toJsonString(serializable, MAPPER);
        }
        return JSON.valueToTree(answer).toString();
    }
}
