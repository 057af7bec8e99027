package io.scone.bench;

import io.scone.bench.GenerationResults.Part;
import io.scone.inference.FgramRows;
import io.scone.inference.RowSource;
import io.scone.inference.RowStatistics;
import io.scone.inference.TokenWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A source of rows that notes when those of the parts of a prompt were asked for and when they were
 * there, beside when the model was free for them.
 */
final class PromptTimeline implements RowSource {
  private static final double NANOS = 1e3;

  private final RowSource rows;
  private final List<Part> parts = new ArrayList<>();
  private long start;
  private int done;

  /** Makes a timeline of a source, which stays the caller's. */
  PromptTimeline(RowSource rows) {
    this.rows = rows;
  }

  /** Begins the reading of a prompt. */
  void begin() {
    parts.clear();
    done = 0;
    start = System.nanoTime();
  }

  /** Notes that the model has read the next part. */
  void done() {
    Part part = parts.get(done);
    parts.set(done++, new Part(part.tokens(), part.askedUs(), part.freeUs(), part.rowsUs(), now()));
  }

  /** Returns the parts of the prompt read last. */
  List<Part> parts() {
    return List.copyOf(parts);
  }

  private double now() {
    return (System.nanoTime() - start) / NANOS;
  }

  @Override
  public Supplier<FgramRows> begin(TokenWindow part, boolean last) {
    int number = parts.size();
    parts.add(new Part(part.tokens().length - part.context(), now(), 0, 0, 0));
    Supplier<FgramRows> found = rows.begin(part, last);
    return () -> {
      double free = now();
      FgramRows got = found.get();
      Part asked = parts.get(number);
      parts.set(number, new Part(asked.tokens(), asked.askedUs(), free, now(), 0));
      return got;
    };
  }

  @Override
  public int context() {
    return rows.context();
  }

  @Override
  public FgramRows find(List<TokenWindow> windows) {
    return rows.find(windows);
  }

  @Override
  public FgramRows step(List<TokenWindow> windows) {
    return rows.step(windows);
  }

  @Override
  public void fetchAhead() {
    rows.fetchAhead();
  }

  @Override
  public RowStatistics statistics() {
    return rows.statistics();
  }

  @Override
  public void close() {
    rows.close();
  }
}
