package io.scone.cli;

import io.scone.inference.RowStatistics;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How a run's waits for rows are told. */
final class RowReport {
  private static final double NANOS = 1e9;

  private RowReport() {}

  /** Returns the fields of JSON. */
  static Map<String, Object> json(RowStatistics rows) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("steps", rows.steps());
    json.put("steps_waited", rows.stepsWaited());
    json.put("steps_wait_seconds", rows.stepsWait().toNanos() / NANOS);
    json.put("prefetched_tokens", rows.prefetched());
    json.put("cached_tokens", rows.cached());
    json.put("awaited_tokens", rows.awaited());
    json.put("prefetch_hit_rate", rate(rows.prefetchHitRate()));
    json.put("cache_hit_rate", rate(rows.cacheHitRate()));
    json.put("chunks", rows.chunks());
    json.put("chunks_waited", rows.chunksWaited());
    json.put("chunks_wait_seconds", rows.chunksWait().toNanos() / NANOS);
    json.put("missing_tokens", rows.missing());
    return json;
  }

  /** Returns a line of text. */
  static String line(RowStatistics rows) {
    return String.format(
        Locale.ROOT,
        "rows: %,d of %,d steps waited, %.1f ms in all; %.0f %% of tokens prefetched, %.0f %% of the"
            + " others cached; %,d of %,d prompt chunks waited, %.1f ms; %,d tokens without rows",
        rows.stepsWaited(),
        rows.steps(),
        rows.stepsWait().toNanos() / 1e6,
        percent(rows.prefetchHitRate()),
        percent(rows.cacheHitRate()),
        rows.chunksWaited(),
        rows.chunks(),
        rows.chunksWait().toNanos() / 1e6,
        rows.missing());
  }

  private static Double rate(double rate) {
    return Double.isNaN(rate) ? null : rate;
  }

  private static double percent(double rate) {
    return Double.isNaN(rate) ? 0 : 100 * rate;
  }
}
