package io.scone.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory that this process may use.
 *
 * @param machine bytes of the whole machine
 * @param limit bytes that the container or control group allows; the machine's where none does
 * @param heap bytes that Java's heap may grow to
 */
record MemoryCheck(long machine, long limit, long heap) implements Check {
  /** Less than this holds no more than the smallest table beside Java and the libraries. */
  private static final long LEAST = Bytes.GIB;

  /** Enough for training and serving at the size of the quickstart, by estimate. */
  private static final long COMFORTABLE = 4 * Bytes.GIB;

  private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d+) kB$");

  static MemoryCheck ofThisProcess() {
    // Java's own number is already the least of the machine's and of what a container allows.
    long limit =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return new MemoryCheck(machine(limit), limit, Runtime.getRuntime().maxMemory());
  }

  private static long machine(long otherwise) {
    try {
      Matcher total = TOTAL.matcher(Files.readString(Path.of("/proc/meminfo")));
      return total.find() ? Long.parseLong(total.group(1)) << 10 : otherwise;
    } catch (IOException e) {
      return otherwise;
    }
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Finding look() {
    String found =
        Bytes.format(limit)
            + (limit < machine ? " allowed of " + Bytes.format(machine) : "")
            + ", up to "
            + Bytes.format(heap)
            + " of it for Java's heap";
    if (limit < LEAST) {
      return Finding.problem(
          found, "Give this machine or container " + Bytes.format(LEAST) + " at the very least.");
    }
    if (heap > limit / 4 * 3) {
      return Finding.warning(
          found,
          "Lower -Xmx in SCONE_JAVA_OPTS: tables and models live outside the heap, and need most.");
    }
    if (limit < COMFORTABLE) {
      return Finding.warning(
          found,
          "Give it " + Bytes.format(COMFORTABLE) + " for the quickstart; small tables need less.");
    }
    return Finding.ok(found);
  }
}
