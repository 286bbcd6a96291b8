import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.elasticsearch.ml.Detector;
import co.elastic.clients.json.JsonpSerializable;
import co.elastic.clients.json.JsonpUtils;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest5_client.Rest5ClientTransport;
import co.elastic.clients.transport.rest5_client.low_level.ResponseException;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.StringReader;
import java.net.URI;

/** What a Java client does with a job from its creation to its deletion: its arguments are URL and the file of jobs. */
final class LifeScript {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JacksonJsonpMapper MAPPER = new JacksonJsonpMapper(JSON);
    private static final String CHANGE = "{\"description\":\"changed\",\"groups\":[\"a-group\"]}";

    private final ElasticsearchClient client;
    private final JsonNode jobs;

    private LifeScript(String url, JsonNode jobs) {
        client = new ElasticsearchClient(new Rest5ClientTransport(Rest5Client.builder(URI.create(url)).build(), MAPPER));
        this.jobs = jobs;
    }

    private interface Call {
        JsonpSerializable make() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        new LifeScript(arguments[0], JSON.readTree(new File(arguments[1]))).live();
        // The client's threads would go on.
        System.exit(0);
    }

    private void live() {
        step("validate job", () -> client.ml().validate(request -> request.withJson(job("complete"))));
        step("validate invalid job", () -> client.ml().validate(request -> request.withJson(job("invalid"))));
        step("validate detector", () -> client.ml().validateDetector(request -> request.detector(detector("complete"))));
        step("validate invalid detector", () -> client.ml().validateDetector(request -> request.detector(detector("invalid"))));
        step("list no jobs", () -> client.ml().getJobs());
        create("create job", "complete");
        create("create another job", "deprecated");
        get("get job", "complete");
        step("list jobs", () -> client.ml().getJobs());
        update("update job", "complete", CHANGE);
        get("get jobs of a group", "a-group");
        update("update job in vain", "complete", "{\"groups\":[\"deprecated\"]}");
        update("update no job", "none", CHANGE);
        step("open job", () -> client.ml().openJob(request -> request.jobId("complete")));
        delete("delete job");
        get("get deleted job", "complete");
        delete("delete deleted job");
        step("list what is left", () -> client.ml().getJobs());
    }

    private StringReader job(String name) {
        return new StringReader(jobs.get(name).toString());
    }

    private Detector detector(String name) {
        String text = jobs.get(name).get("analysis_config").get("detectors").get(0).toString();
        return Detector.of(detector -> detector.withJson(new StringReader(text)));
    }

    private void create(String step, String id) {
        step(step, () -> client.ml().putJob(request -> request.jobId(id).withJson(job(id))));
    }

    private void get(String step, String id) {
        step(step, () -> client.ml().getJobs(request -> request.jobId(id)));
    }

    private void update(String step, String id, String change) {
        step(step, () -> client.ml().updateJob(request -> request.jobId(id).withJson(new StringReader(change))));
    }

    private void delete(String step) {
        step(step, () -> client.ml().deleteJob(request -> request.jobId("complete")));
    }

    /** Makes a call and writes down what came of it: a line of JSON on standard output. */
    private void step(String name, Call call) {
        ObjectNode shown = JSON.createObjectNode().put("step", name);
        try {
            shown.set("body", JSON.readTree(JsonpUtils.toJsonString(call.make(), MAPPER)));
        } catch (ElasticsearchException exception) {
            shown.put("exception", exception.getClass().getSimpleName()).put("status", exception.status());
            shown.putObject("body").set("error", error(exception));
        } catch (ResponseException exception) {
            // A status that the client does not expect of Elasticsearch, such as 501.
            shown.put("exception", "ResponseException").put("status", exception.getResponse().getStatusCode());
            shown.set("body", body(exception));
        } catch (Exception exception) {
            shown.put("exception", exception.getClass().getSimpleName()).put("message", String.valueOf(exception));
        }
        System.out.println(shown);
    }

    private static JsonNode body(ResponseException exception) {
        try {
            return JSON.readTree(exception.getResponse().getEntity().getContent());
        } catch (java.io.IOException unreadable) {
            return JSON.getNodeFactory().textNode(unreadable.toString());
        }
    }

    private static JsonNode error(ElasticsearchException exception) {
        return JSON.createObjectNode().put("type", exception.error().type()).put("reason", exception.error().reason());
    }
}
