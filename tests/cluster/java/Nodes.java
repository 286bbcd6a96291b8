package cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The nodes of this JVM: together one cluster. */
final class Nodes {
    private final Options options;
    private final List<Integer> transportPorts;
    private final Map<Integer, Integer> httpPorts = new LinkedHashMap<>();
    private final Map<Integer, ServerNode> running = new LinkedHashMap<>();

    Nodes(Options options) throws IOException {
        this.options = options;
        // Several nodes look for each other at known ports, which anybody may take before the nodes do. One looks for
        // nobody, and binds whichever is free.
        this.transportPorts = options.nodes == 1 ? List.of(0) : freePorts(options.nodes);
    }

    void startAll() throws Exception {
        for (int number = 0; number < options.nodes; number++) {
            start(number);
        }
        awaitReady();
    }

    /** Starts a node; one that ran before comes back on its port and with its data. */
    synchronized void start(int number) throws Exception {
        if (number < 0 || number >= options.nodes || running.containsKey(number)) {
            throw new IllegalArgumentException("there is no stopped node " + number);
        }
        Files.createDirectories(home(number).resolve("config"));
        ServerNode node = ServerNode.start(settings(number), options.modules);
        running.put(number, node);
        httpPorts.put(number, node.port());
    }

    synchronized void stop(int number) throws Exception {
        ServerNode node = running.remove(number);
        if (node == null) {
            throw new IllegalArgumentException("there is no running node " + number);
        }
        node.close();
    }

    void awaitReady() throws Exception {
        Readiness readiness = new Readiness(options);
        for (int number : running.keySet()) {
            readiness.await(url(number), running.size());
        }
    }

    String urls() {
        return httpPorts.keySet().stream().map(this::url).collect(Collectors.joining(" "));
    }

    /** Ends everything; what fails on the way keeps nothing else from ending. */
    synchronized void close() {
        for (ServerNode node : running.values()) {
            try {
                node.close();
            } catch (Exception failure) {
                failure.printStackTrace();
            }
        }
        if (options.temporary) {
            remove(options.home);
        }
    }

    private String url(int number) {
        return (options.authority == null ? "http" : "https") + "://127.0.0.1:" + httpPorts.get(number);
    }

    private Path home(int number) {
        return options.home.resolve("node-" + number);
    }

    private Map<String, String> settings(int number) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("path.home", home(number).toString());
        settings.put("cluster.name", "backing");
        settings.put("node.name", "node-" + number);
        settings.put("network.host", "127.0.0.1");
        int firstTime = options.port == 0 ? 0 : options.port + number;
        settings.put("http.port", String.valueOf(httpPorts.getOrDefault(number, firstTime)));
        settings.put("transport.port", String.valueOf(transportPorts.get(number)));
        // Starting must not wait for an election that needs the nodes started after it.
        settings.put("discovery.initial_state_timeout", "0s");
        // A full disk would make the indices read-only.
        settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
        if (options.nodes == 1) {
            settings.put("discovery.type", "single-node");
        } else {
            String names = IntStream.range(0, options.nodes).mapToObj(n -> "node-" + n).collect(Collectors.joining(","));
            String role = ServerNode.IS_OPENSEARCH ? "cluster_manager" : "master";
            settings.put("cluster.initial_" + role + "_nodes", names);
            settings.put("discovery.seed_hosts",
                    transportPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
        }
        settings.putAll(options.settings);
        return settings;
    }

    /** Ports that are free now; held open together, as the system may else give the same one twice. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int taken = 0; taken < count; taken++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    private static void remove(Path folder) {
        try (var inside = Files.walk(folder)) {
            inside.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException | java.io.UncheckedIOException alreadyGone) {
            // Whoever started this JVM removes the folder too and may have been faster.
        }
    }
}
