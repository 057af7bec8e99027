package io.scone.generation;

import io.scone.inference.MainModel;
import io.scone.inference.RowSource;
import io.scone.inference.RowStatistics;
import io.scone.inference.Sequences;
import io.scone.manifest.BundleManifest;
import io.scone.tokenizer.Tokenizer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Continues the prompts of many callers in one batch: requests join between two steps, and leave
 * when they are complete, given up, or failed. A thread of its own owns the model's sequences and
 * the row source, which stay the caller's to close, after the engine.
 *
 * <p>A prompt's continuation does not depend on what else is in the batch, as far as the runtime
 * computes each sequence alike: ONNX Runtime on a CPU in float32 does, bit for bit.
 *
 * <p>Safe for use by many threads.
 */
public final class GenerationEngine implements AutoCloseable {
  private final BundleManifest.MainModel shape;
  private final RowSource rows;
  private final Tokenizer tokenizer;
  private final Sequences sequences;
  private final RequestQueue queue;
  private final Scorer scorer;
  private final Scheduler scheduler;
  private final Thread thread;
  private final LongAdder refused = new LongAdder();
  private final LongAdder cancelled = new LongAdder();

  private GenerationEngine(
      MainModel model, RowSource rows, Tokenizer tokenizer, EngineConfig config) {
    this.shape = model.shape();
    this.rows = rows;
    this.tokenizer = tokenizer;
    this.sequences =
        model.begin(config.slots(), config.capacity() == 0 ? shape.context() : config.capacity());
    this.queue = new RequestQueue(config.queue());
    this.scorer = new Scorer(config.samplingThreads(), shape.vocabularySize());
    this.scheduler =
        new Scheduler(
            sequences, shape.vocabularySize(), rows, scorer, queue, config.prefillTokens());
    this.thread = new Thread(this::run, "scone-generation");
    thread.setDaemon(true);
  }

  /**
   * Starts an engine.
   *
   * @throws IllegalArgumentException if the slots are too many or longer than the model's context
   */
  public static GenerationEngine start(
      MainModel model, RowSource rows, Tokenizer tokenizer, EngineConfig config) {
    GenerationEngine engine = new GenerationEngine(model, rows, tokenizer, config);
    engine.thread.start();
    return engine;
  }

  /**
   * Gives a request to the engine, which tells the listener how it goes on.
   *
   * @throws IllegalArgumentException if the request can never be served; the message is a sentence
   * @throws OverloadedException if as many requests as may wait are waiting
   * @throws IllegalStateException if the engine is closed
   */
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener) {
    check(request);
    int maxSize = sequences.capacity() + 1; // the last token is not read
    SequenceGroup group =
        request.options().beams().isPresent()
            ? new BeamGroup(request, listener, tokenizer, maxSize)
            : new SampledGroup(request, listener, tokenizer, maxSize);
    try {
      queue.add(group);
    } catch (OverloadedException e) {
      refused.increment();
      throw e;
    }
    return () -> cancel(group);
  }

  private void cancel(SequenceGroup group) {
    group.cancel();
    if (queue.remove(group)) {
      cancelled.increment();
      group.listener().onFailure(new CancellationException("the request was cancelled"));
    }
  }

  private void check(GenerationRequest request) {
    int length = request.prompt().length;
    if (length == 0) {
      throw new IllegalArgumentException("the prompt is empty; give the text to continue");
    }
    if (length > capacity()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the prompt has %d tokens, the model's context is %d; shorten the prompt",
              length,
              capacity()));
    }
    for (int token : request.prompt()) {
      checkToken(token);
    }
    Sampling sampling = request.options().sampling();
    sampling.badWords().forEach(word -> word.forEach(this::checkToken));
    sampling.logitBias().keySet().forEach(this::checkToken);
    if (request.options().width() > sequences.count()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d sequences side by side are asked for, there is room for %d",
              request.options().width(),
              sequences.count()));
    }
  }

  private void checkToken(int token) {
    if (token < 0 || token >= shape.vocabularySize()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "token %d is outside the model's vocabulary of %d tokens",
              token,
              shape.vocabularySize()));
    }
  }

  /** Returns the tokenizer of the engine's model. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * Returns the most tokens that a prompt, or a prompt and all but the last token after it, has.
   */
  public int capacity() {
    return sequences.capacity();
  }

  /** Returns how many sequences are read side by side at most. */
  public int slots() {
    return sequences.count();
  }

  /** Returns how many requests may wait for slots. */
  public int queueCapacity() {
    return queue.capacity();
  }

  /** Says whether the engine takes requests: it was not closed, and its thread did not fail. */
  public boolean isOpen() {
    return !queue.isClosed();
  }

  /** Returns what the engine has done so far. */
  public EngineStatistics statistics() {
    return scheduler.statistics(refused.sum(), cancelled.sum());
  }

  /** Returns what the row source has done so far. */
  public RowStatistics rowStatistics() {
    return rows.statistics();
  }

  private void run() {
    try {
      while (!queue.isClosed()) {
        if (scheduler.isIdle()) {
          queue.await();
        } else {
          scheduler.step();
        }
      }
    } finally {
      IllegalStateException closed = new IllegalStateException("the engine is closed");
      List<SequenceGroup> left = queue.close();
      scheduler.abort(closed);
      left.forEach(group -> group.listener().onFailure(closed));
    }
  }

  /** Ends the step under way, fails all requests that are not complete, and frees the sequences. */
  @Override
  public void close() {
    List<SequenceGroup> left = queue.close();
    left.forEach(
        group -> group.listener().onFailure(new IllegalStateException("the engine is closed")));
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    scorer.close();
    scheduler.close();
  }
}
