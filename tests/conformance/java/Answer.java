package conformance;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What the server answered.
 *
 * @param status  0 where it has not answered; the body says why
 * @param stored  the document it would store; empty where it stores none
 */
record Answer(int status, String contentType, byte[] body, byte[] stored) {
    static Answer none(Throwable failure) {
        return new Answer(0, "", failure.toString().getBytes(StandardCharsets.UTF_8), new byte[0]);
    }

    String line() {
        byte[] type = contentType.getBytes(StandardCharsets.UTF_8);
        return status + "\t" + coded(type) + "\t" + coded(body) + "\t" + coded(stored);
    }

    private static String coded(byte[] part) {
        return Base64.getEncoder().encodeToString(part);
    }
}
