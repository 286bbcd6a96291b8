package conformance;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How long it takes to answer a request many times, without the pipes.
 *
 * @param wall  nanoseconds that passed
 * @param cpu   nanoseconds of all threads, so those that collect garbage and compile, too
 */
record Timing(long wall, long cpu) {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    static Timing of(Server server, Question question, int times) throws Exception {
        long cpu = PROCESS.getProcessCpuTime();
        long wall = System.nanoTime();
        for (int count = 0; count < times; count++) {
            if (server.answer(question).status() != 200) {
                throw new IllegalArgumentException("refused, which is another way through the server");
            }
        }
        return new Timing(System.nanoTime() - wall, PROCESS.getProcessCpuTime() - cpu);
    }

    String line() {
        return wall + "\t" + cpu;
    }
}
