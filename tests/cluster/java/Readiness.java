package cluster;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Asks a node for the cluster's health until its nodes are in it. */
final class Readiness {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Options options;
    private final SSLContext trust;

    Readiness(Options options) throws Exception {
        this.options = options;
        this.trust = options.authority == null ? null : trusting(options.authority);
    }

    /** Waits until the node at this address answers and sees this many nodes, itself among them. */
    void await(String url, int nodes) throws Exception {
        URI health = URI.create(
                url + "/_cluster/health?wait_for_status=yellow&wait_for_nodes=ge(" + nodes + ")&timeout=5s");
        Instant deadline = Instant.now().plus(PATIENCE);
        String seen = "nothing";
        while (Instant.now().isBefore(deadline)) {
            try {
                int status = ask(health);
                if (status == HttpURLConnection.HTTP_OK) {
                    return;
                }
                seen = "status " + status;
            } catch (IOException failure) {
                seen = failure.toString();
            }
            Thread.sleep(PAUSE.toMillis());
        }
        throw new IllegalStateException(url + " was not ready in " + PATIENCE.toSeconds() + " s; last seen: " + seen);
    }

    private int ask(URI address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setConnectTimeout(10_000);
        connection.setReadTimeout(10_000);
        if (connection instanceof HttpsURLConnection secured && trust != null) {
            secured.setSSLSocketFactory(trust.getSocketFactory());
        }
        if (options.user != null) {
            byte[] user = options.user.getBytes(StandardCharsets.UTF_8);
            connection.setRequestProperty("Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
        }
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    private static SSLContext trusting(Path authority) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (var file = Files.newInputStream(authority)) {
            trusted.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
