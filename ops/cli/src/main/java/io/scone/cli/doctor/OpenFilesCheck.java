package io.scone.cli.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * How many files and connections this process may have open.
 *
 * @param limit the number, to which Java raises its own as far as it may
 */
record OpenFilesCheck(long limit) implements Check {
  /** A server's tables, a hundred clients and Java's own. */
  private static final long LEAST = 1024;

  /** Some thousands of clients. */
  private static final long COMFORTABLE = 4096;

  static OpenFilesCheck ofThisProcess() {
    return new OpenFilesCheck(
        ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
            .getMaxFileDescriptorCount());
  }

  @Override
  public String name() {
    return "open files";
  }

  @Override
  public Finding look() {
    String found = String.format(Locale.ROOT, "at most %,d", limit);
    String advice = "Raise it with ulimit -Hn 65536, or LimitNOFILE= of a systemd unit.";
    if (limit < LEAST) {
      return Finding.problem(found, advice);
    }
    return limit < COMFORTABLE ? Finding.warning(found, advice) : Finding.ok(found);
  }
}
