package cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Starts nodes and ends with whoever started it. Spoken on standard input and output, everything else is on standard
 * error:
 *
 * <pre>
 *   (started)       ready http://127.0.0.1:PORT [http://127.0.0.1:PORT ...]
 *   stop N          stopped N
 *   start N         ready ..., as above
 *   (bad command)   failed REASON
 *   (end of input)  the nodes are closed, exit status 0
 * </pre>
 */
public final class Launcher {
    private static final long CLOSING_PATIENCE_MILLIS = 10_000;

    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        // Nodes log to the console, which must not get between the answers.
        System.setOut(System.err);
        BlockingQueue<String> commands = new LinkedBlockingQueue<>();
        endWithParent();
        startDaemon(() -> readUntilEnd(commands));
        try {
            Nodes nodes = new Nodes(Options.of(arguments));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(nodes)));
            nodes.startAll();
            answers.println("ready " + nodes.urls());
            while (true) {
                answers.println(answer(nodes, commands.take()));
            }
        } catch (Throwable failure) {
            failure.printStackTrace();
            // Below the stack traces once more, where whoever reads the end of the log sees it.
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                System.err.println("could not start: " + cause);
            }
            System.exit(1);
        }
    }

    private static String answer(Nodes nodes, String command) {
        try {
            String[] words = command.split(" ");
            int number = Integer.parseInt(words[1]);
            switch (words[0]) {
                case "stop" -> {
                    nodes.stop(number);
                    return "stopped " + number;
                }
                case "start" -> {
                    nodes.start(number);
                    nodes.awaitReady();
                    return "ready " + nodes.urls();
                }
                default -> {
                    return "failed unknown command " + command;
                }
            }
        } catch (Exception failure) {
            failure.printStackTrace();
            return "failed " + failure;
        }
    }

    /** The pipe ends when its other end is closed, which the system does for a parent that was killed. */
    private static void readUntilEnd(BlockingQueue<String> commands) {
        try (BufferedReader input = new BufferedReader(new InputStreamReader(System.in))) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                commands.add(line);
            }
        } catch (IOException broken) {
            broken.printStackTrace();
        }
        System.exit(0);
    }

    /** Catches what the pipe can't: another child of the same parent that inherited its other end. */
    private static void endWithParent() {
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(0)));
    }

    private static void close(Nodes nodes) {
        startDaemon(() -> {
            try {
                Thread.sleep(CLOSING_PATIENCE_MILLIS);
            } catch (InterruptedException goOn) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(1);
        });
        nodes.close();
    }

    private static void startDaemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }
}
