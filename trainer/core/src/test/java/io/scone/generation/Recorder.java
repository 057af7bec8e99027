package io.scone.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A listener that keeps what it is told. */
final class Recorder implements GenerationListener {
  private final CompletableFuture<List<Generation>> result = new CompletableFuture<>();
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final List<TokenLogprobs> prompt = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  @Override
  public void onPrompt(List<TokenLogprobs> logprobs) {
    prompt.addAll(logprobs);
  }

  @Override
  public void onPiece(int sequence, String piece, List<TokenLogprobs> logprobs) {
    text.append(piece);
    begun.complete(null);
  }

  @Override
  public void onComplete(List<Generation> generations) {
    result.complete(generations);
  }

  @Override
  public void onFailure(RuntimeException failure) {
    result.completeExceptionally(failure);
  }

  /** Waits until there is text. */
  void awaitText() {
    begun.orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** Waits for the end, and throws what the request failed with. */
  List<Generation> await() {
    try {
      return result.get(60, TimeUnit.SECONDS);
    } catch (CancellationException e) {
      throw e;
    } catch (Exception e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    }
  }

  /** Returns the log-probabilities of the prompt. */
  List<TokenLogprobs> prompt() {
    return prompt;
  }
}
