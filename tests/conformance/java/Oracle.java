package conformance;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Answers requests to create a job as one version of Elasticsearch would: a line in, a line out, in their order. A line
 * with a fourth part, a count, is answered with the time that it takes to answer the request so often; one with a fifth
 * part, the stored document of a job, is a request to update that job.
 */
public final class Oracle {
    private static final BlockingQueue<String> QUESTIONS = new ArrayBlockingQueue<>(1000);

    private Oracle() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.US_ASCII);
        // Whatever the server prints must not get between the answers.
        System.setOut(System.err);
        Thread reader = new Thread(Oracle::read, "questions");
        reader.setDaemon(true);
        reader.start();
        Server server = new Server();
        answers.println("ready");
        for (;;) {
            if (QUESTIONS.isEmpty()) {
                answers.flush();
            }
            answers.println(answer(server, QUESTIONS.take()));
        }
    }

    private static String answer(Server server, String line) {
        try {
            Question question = Question.of(line);
            String[] parts = line.split("\t", -1);
            return parts.length > 3 && !parts[3].isEmpty()
                    ? Timing.of(server, question, Integer.parseInt(parts[3])).line()
                    : server.answer(question).line();
        } catch (Throwable failure) {
            // A body that overflows the stack, say: the next one is none the worse for it.
            return Answer.none(failure).line();
        }
    }

    /** Whoever asks closes the pipe when it wants no more answers, and the system does when it has died. */
    private static void read() {
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                QUESTIONS.put(line);
            }
        } catch (Exception failure) {
            failure.printStackTrace();
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }
}
