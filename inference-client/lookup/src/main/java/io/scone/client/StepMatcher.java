package io.scone.client;

import io.scone.v1.TableInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Matches of sequences that grow token by token: a step is answered from the rows of likely tokens,
 * which came during the step before, and from the row cache, and waits for the server only for what
 * neither knows.
 *
 * <p>A step makes one call for what is not known, of all sequences together, if there is anything;
 * and after it, where there are no more than {@value #MOST_SEQUENCES} sequences, {@link
 * #fetchAhead} makes one that nothing waits for, for the rows of the next step's likely tokens.
 * Sequences are known by their tokens alone and may come and go. For use by one thread.
 */
public final class StepMatcher {
  /** Steps that rows fetched ahead are kept for, should their sequence not be in the next one. */
  private static final int KEPT_STEPS = 4;

  /** The most windows of which it is kept what may come after them. */
  private static final int MOST_AHEAD = 256;

  /** Of more sequences than this most steps wait anyway, and longer for rows that nobody wants. */
  private static final int MOST_SEQUENCES = 4;

  /**
   * Where the row cache lacks fewer tokens than this, fetching ahead in every step costs more than
   * waiting for those it lacks.
   */
  private static final double FEW_UNCACHED = 1.0 / 32;

  /** What one token adds to the share: about the last 64 count. */
  private static final double SHARE_OF_ONE = 1.0 / 64;

  private final SconeClient client;
  private final RowCache cache;
  private final TableInfo table;
  private final int continuations;

  /** By the last K - 1 tokens of a sequence, or all it has: what may come after them. */
  private final Map<Ngram, Ahead> ahead =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Ngram, Ahead> eldest) {
          return size() > MOST_AHEAD; // of prompts that no step came after
        }
      };

  private CompletableFuture<Matches> latest = CompletableFuture.completedFuture(null);
  private volatile boolean answering = true;
  private long steps;

  /** The share of the latest tokens that the row cache did not know. */
  private double uncached = 1;

  /** What is left to do after the latest step; null where it was done. */
  private Runnable rest;

  /**
   * What was fetched ahead for a sequence.
   *
   * @param reply the call's
   * @param window the sequence's window in the call
   * @param step when the call was made
   */
  record Ahead(CompletableFuture<Matches> reply, int window, long step) {
    /** Returns the reply, or null if it is not here or failed. */
    Matches now() {
      return reply.isDone() && !reply.isCompletedExceptionally() ? reply.join() : null;
    }
  }

  /**
   * Makes a matcher.
   *
   * @param cache where rows are remembered, or null
   * @param continuations how many likely tokens of a sequence to fetch ahead; 0 for none
   */
  StepMatcher(SconeClient client, RowCache cache, TableInfo table, int continuations) {
    this.client = client;
    this.cache = cache;
    this.table = table;
    this.continuations = continuations;
  }

  /**
   * Begins to match a part of a prompt: the row cache is asked, and the server for what it lacks,
   * by another thread. With the last part, what may follow the prompt is fetched along.
   *
   * @param tokens the part's, which must not change before the future is done
   * @param context how many of the first tokens are only context
   * @param last whether the prompt ends with this part
   */
  public CompletableFuture<Matches> prompt(int[] tokens, int context, boolean last) {
    CompletableFuture<Matches> matches = client.matchLater(new TokenWindows().add(tokens, context));
    if (last && continuations > 0) {
      int reach = Math.min(table.getMaxNgram() - 1, tokens.length);
      fetchAfter(Arrays.copyOfRange(tokens, tokens.length - reach, tokens.length));
    }
    return matches;
  }

  /** Fetches what may follow some tokens, in a call of its own: the row cache answers no such. */
  private void fetchAfter(int[] tokens) {
    follow(
        client.matchLater(
            new TokenWindows().add(tokens, 0, tokens.length, tokens.length, continuations)));
    ahead.put(contextOf(tokens, 0, tokens.length), new Ahead(latest, 0, steps));
  }

  /**
   * Matches the last token of each window: the newest one of a sequence, after K - 1 tokens of its
   * context or as many as there are.
   *
   * @param windows the windows; their tokens must not change before the next step
   * @param patient whether to wait for the server; if not, what is not known stays unknown
   * @return what was found; it says what could not be because the server failed
   */
  public StepMatches step(TokenWindows windows, boolean patient) {
    steps++;
    ahead.values().removeIf(old -> old.step < steps - KEPT_STEPS);
    KnownFgrams known = cache == null ? null : cache.known();
    boolean fetches =
        continuations > 0 && windows.windows().size() <= MOST_SEQUENCES && uncached > FEW_UNCACHED;
    if (known != null && !fetches && known.isOlderThan(RowCache.CONFIRM_NANOS)) {
      known = null; // there is no call each step that would tell of another version
    }
    StepAnswers answers = new StepAnswers(windows.windows(), ahead, known, this::contextOf);
    answers.look();
    long begin = System.nanoTime();
    boolean waits = patient && answers.unknown() > 0;
    if (waits && !latest.isDone()) {
      // What is on its way is likely to have it, and sooner than a call that begins only now.
      try {
        client.await(latest);
      } catch (SconeException e) {
        // Then the next call tells.
      }
      answers.look();
    }
    SconeException failure = null;
    if (answers.unknown() > 0 && patient) {
      try {
        if (!answers.take(client.await(ask(answers)))) {
          // The table was replaced since: one call for all of it, so that all is of one version.
          answers.forget();
          answers.take(client.await(ask(answers)));
        }
      } catch (SconeException e) {
        failure = e;
      }
    }
    for (int i = 0; i < answers.size(); i++) {
      uncached += ((answers.isCached(i) ? 0 : 1) - uncached) * SHARE_OF_ONE;
    }
    rest = () -> finish(answers, windows.windows(), fetches, patient);
    client.meter().cached(answers.cached(), answers.awaited());
    return new StepMatches(answers, table, waits ? System.nanoTime() - begin : 0, failure);
  }

  /**
   * Does what is left of the latest step that nothing waits for: begins to fetch the rows of what
   * may come next, and has the row cache remember what came so. Best called as soon as the model
   * computes.
   */
  public void fetchAhead() {
    if (rest != null) {
      rest.run();
      rest = null;
    }
  }

  private void finish(
      StepAnswers answers, List<TokenWindows.Window> windows, boolean fetches, boolean patient) {
    if (fetches) {
      if (patient || latest.isDone()) {
        follow(client.matchLater(answers.request(continuations)));
        expect(answers, windows);
      }
    } else if (answers.unknown() > 0 && !patient && latest.isDone()) {
      follow(client.matchLater(answers.request(0))); // its end tells whether the server is back
    }
    answers.teach();
  }

  /** Says whether the last call that has ended did so well: the server is there. */
  public boolean isServerAnswering() {
    return answering;
  }

  private CompletableFuture<Matches> ask(StepAnswers answers) {
    follow(client.matchAsync(answers.request(0)));
    return latest;
  }

  private void follow(CompletableFuture<Matches> call) {
    latest = call;
    var unused = call.whenComplete((reply, failure) -> answering = failure == null);
  }

  /** Notes what the latest call is about, for the next step to look there. */
  private void expect(StepAnswers answers, List<TokenWindows.Window> windows) {
    for (int i = 0; i < windows.size(); i++) {
      TokenWindows.Window window = windows.get(i);
      ahead.put(
          contextOf(window.tokens, window.offset, window.offset + window.length),
          new Ahead(latest, answers.requestWindow(i), steps));
    }
  }

  /** Returns the last tokens before {@code end}, as many as an f-gram may reach back. */
  private Ngram contextOf(int[] tokens, int begin, int end) {
    int length = Math.min(table.getMaxNgram() - 1, end - begin);
    return new Ngram(tokens, end - length, length).copy();
  }
}
