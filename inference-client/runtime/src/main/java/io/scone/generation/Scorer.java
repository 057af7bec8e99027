package io.scone.generation;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** The threads that choose the tokens of a step side by side. */
final class Scorer implements AutoCloseable {
  private final ForkJoinPool threads;
  private final ThreadLocal<Workspace> workspaces;

  Scorer(int threads, int vocabularySize) {
    this.threads = new ForkJoinPool(threads);
    this.workspaces = ThreadLocal.withInitial(() -> new Workspace(vocabularySize));
  }

  /** Gives each sequence the logits of its place. */
  void score(List<Sequence> sequences, FloatBuffer logits) {
    each(sequences.size(), (place, memory) -> sequences.get(place).score(logits, place, memory));
  }

  /** Works on the places from 0 side by side; the work must not fail. */
  void each(int places, BiConsumer<Integer, Workspace> work) {
    if (places == 1 || threads.getParallelism() == 1) {
      IntStream.range(0, places).forEach(place -> work.accept(place, workspace()));
    } else {
      threads
          .submit(
              () ->
                  IntStream.range(0, places)
                      .parallel()
                      .forEach(place -> work.accept(place, workspace())))
          .join();
    }
  }

  /** Returns the calling thread's own memory. */
  Workspace workspace() {
    return workspaces.get();
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
