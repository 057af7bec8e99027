package io.scone.generation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Continues prompts and waits for the texts: the engine for callers that have nothing else to do.
 * Safe for use by many threads.
 */
public final class Generator {
  private final GenerationEngine engine;

  /** Makes a generator over an engine, which stays the caller's to close. */
  public Generator(GenerationEngine engine) {
    this.engine = engine;
  }

  /**
   * Continues a prompt.
   *
   * @param listener gets the text of the first sequence piece by piece as it comes, in whole
   *     characters
   * @return as many continuations as the options ask for
   * @throws IllegalArgumentException if the request can never be served
   */
  public List<Generation> generate(
      String prompt, GenerationOptions options, Consumer<String> listener) {
    return generate(engine.tokenizer().encode(prompt), options, listener);
  }

  /**
   * Continues a prompt given as tokens.
   *
   * @param listener gets the text of the first sequence piece by piece as it comes, in whole
   *     characters
   * @return as many continuations as the options ask for
   * @throws IllegalArgumentException if the request can never be served
   */
  public List<Generation> generate(
      int[] prompt, GenerationOptions options, Consumer<String> listener) {
    Pending pending = new Pending(listener);
    engine.submit(new GenerationRequest(prompt, options), pending);
    return pending.await();
  }

  /**
   * Continues many prompts, given as tokens, side by side.
   *
   * @param results gets the continuations of each prompt, in the order of the prompts
   * @throws IllegalArgumentException if a request can never be served; those before it were
   */
  public void generateAll(
      List<int[]> prompts, GenerationOptions options, Consumer<List<Generation>> results) {
    Deque<Pending> underWay = new ArrayDeque<>();
    try {
      for (int[] prompt : prompts) {
        // As many wait as have slots: the next prompt is ready when a slot is free.
        while (underWay.size() >= 2 * engine.slots()) {
          results.accept(underWay.remove().await());
        }
        underWay.add(submit(prompt, options, underWay, results));
      }
      while (!underWay.isEmpty()) {
        results.accept(underWay.remove().await());
      }
    } finally {
      underWay.forEach(Pending::cancel);
    }
  }

  /** Gives a request to the engine once fewer wait than may. */
  private Pending submit(
      int[] prompt,
      GenerationOptions options,
      Deque<Pending> underWay,
      Consumer<List<Generation>> results) {
    while (true) {
      try {
        Pending pending = new Pending(piece -> {});
        pending.handle = engine.submit(new GenerationRequest(prompt, options), pending);
        return pending;
      } catch (OverloadedException e) {
        if (underWay.isEmpty()) {
          throw e; // others keep the engine busy
        }
        results.accept(underWay.remove().await());
      }
    }
  }

  /** A request under way. */
  private static final class Pending implements GenerationListener {
    private final CompletableFuture<List<Generation>> result = new CompletableFuture<>();
    private final Consumer<String> pieces;
    private GenerationHandle handle = () -> {};

    Pending(Consumer<String> pieces) {
      this.pieces = pieces;
    }

    @Override
    public void onPiece(int sequence, String text, List<TokenLogprobs> logprobs) {
      if (sequence == 0 && !text.isEmpty()) {
        pieces.accept(text);
      }
    }

    @Override
    public void onComplete(List<Generation> generations) {
      result.complete(new ArrayList<>(generations));
    }

    @Override
    public void onFailure(RuntimeException failure) {
      result.completeExceptionally(failure);
    }

    void cancel() {
      handle.cancel();
    }

    List<Generation> await() {
      try {
        return result.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
  }
}
