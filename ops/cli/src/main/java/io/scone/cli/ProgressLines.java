package io.scone.cli;

import io.scone.progress.Progress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Shows long work as a line every ten seconds and one at its end, for logs. */
final class ProgressLines implements Progress {
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(10);

  private final PrintWriter out;
  private String task;
  private String unit;
  private String note;
  private long total;
  private long done;
  private long begun;
  private long shown;

  ProgressLines(PrintWriter out) {
    this.out = out;
  }

  @Override
  public synchronized void begin(String task, long total, String unit) {
    this.task = task;
    this.unit = unit;
    this.note = "";
    this.total = total;
    this.done = 0;
    this.begun = System.nanoTime();
    this.shown = begun;
  }

  @Override
  public synchronized void advance(long units) {
    done += units;
    long now = System.nanoTime();
    if (now - shown >= INTERVAL) {
      shown = now;
      show(now);
    }
  }

  @Override
  public synchronized void note(String text) {
    note = text;
  }

  @Override
  public synchronized void end() {
    show(System.nanoTime());
  }

  private void show(long now) {
    double seconds = (now - begun) / 1e9;
    double rate = done / Math.max(seconds, 1e-9);
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%s: %,d", task, done));
    if (total >= 0) {
      line.append(String.format(Locale.ROOT, " of %,d", total));
    }
    line.append(String.format(Locale.ROOT, " %s in %.1f s, %,.0f/s", unit, seconds, rate));
    if (done < total) {
      line.append(String.format(Locale.ROOT, ", %.0f s left", (total - done) / rate));
    }
    if (!note.isEmpty()) {
      line.append(", ").append(note);
    }
    out.println(line);
    out.flush();
  }
}
