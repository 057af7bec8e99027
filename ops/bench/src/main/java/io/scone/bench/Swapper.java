package io.scone.bench;

import io.scone.client.SconeException;
import io.scone.client.TableAdmin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The operator of a soak: exchanges the version of a table that is served for the other of two. */
final class Swapper implements Runnable {
  private final TableAdmin admin;
  private final String table;
  private final List<Path> directories;
  private final Duration every;
  private final Tally tally;
  private final Runnable afterSwap;
  private final long until;

  /**
   * Makes one.
   *
   * @param directories the two versions; the first is the one that is served
   * @param afterSwap is run after each swap, with one version loaded
   * @param until when it ends, in the time of {@link System#nanoTime()}
   */
  Swapper(
      TableAdmin admin,
      String table,
      List<Path> directories,
      Duration every,
      Tally tally,
      Runnable afterSwap,
      long until) {
    this.admin = admin;
    this.table = table;
    this.directories = directories;
    this.every = every;
    this.tally = tally;
    this.afterSwap = afterSwap;
    this.until = until;
  }

  @Override
  public void run() {
    long next = System.nanoTime() + every.toNanos();
    for (int number = 1; next < until; number++) {
      try {
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
        swap(directories.get(number % directories.size()));
        tally.swapped();
        afterSwap.run();
      } catch (SconeException e) {
        tally.failed(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      next = Math.max(next + every.toNanos(), System.nanoTime());
    }
  }

  private void swap(Path directory) {
    String version =
        admin
            .load(table, directory.toAbsolutePath().toString())
            .getInfo()
            .getVersion()
            .getVersion();
    String previous = admin.activate(table, version).getPreviousVersion();
    admin.unload(table, previous);
  }
}
