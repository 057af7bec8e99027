package io.scone.bench;

import io.scone.progress.Progress;
import java.util.LinkedHashMap;
import java.util.Map;

/** A stopwatch of the tasks of long work. */
final class StageTimes implements Progress {
  private static final double NANOS = 1e9;

  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private String task;
  private long begun;

  @Override
  public void begin(String task, long total, String unit) {
    this.task = task;
    this.begun = System.nanoTime();
  }

  @Override
  public void advance(long units) {}

  @Override
  public void note(String text) {}

  @Override
  public void end() {
    seconds.merge(task, (System.nanoTime() - begun) / NANOS, Double::sum);
  }

  /** Returns what each task took, in the order in which they began. */
  Map<String, Double> seconds() {
    return seconds;
  }
}
