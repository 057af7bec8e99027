package io.scone.generation;

import io.scone.inference.FgramRows;
import io.scone.inference.MissingRowsException;
import io.scone.inference.PromptChunks;
import io.scone.inference.RowSource;
import io.scone.inference.Sequences;
import io.scone.inference.TokenWindow;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * The batch of an engine, step by step: a step reads one token of every sequence under way, then
 * some of the prompts that wait, whose sequences join the next step.
 *
 * <p>One thread steps. What failed to get its rows, or leaves no token to choose, fails alone.
 */
final class Scheduler implements AutoCloseable {
  /*
   * Prompts are read one at a time, into a slot that no other request may need, in chunks that do not depend on what
   * else is in the batch: so a request gives the same bits alone and among others. All slots that a
   * request will need are free before its prompt is begun.
   */

  private final Sequences cache;
  private final RowSource rows;
  private final Scorer scorer;
  private final RequestQueue queue;
  private final int prefillTokens;
  private final int vocabularySize;
  private final Slots slots;

  /** The requests whose prompts were begun: the last one's may not be read to its end. */
  private final List<SequenceGroup> groups = new ArrayList<>();

  private final List<Prompt> prompts = new ArrayList<>();
  private final Counters counters = new Counters();

  /** A prompt that is being read. */
  private record Prompt(SequenceGroup group, PromptChunks chunks) {}

  /** What was done, for all threads to read. */
  private static final class Counters {
    private final LongAdder steps = new LongAdder();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder decodedTokens = new LongAdder();
    private final LongAdder completed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private volatile int sequences;
    private volatile long cachedTokens;
  }

  Scheduler(
      Sequences cache,
      int vocabularySize,
      RowSource rows,
      Scorer scorer,
      RequestQueue queue,
      int prefillTokens) {
    this.cache = cache;
    this.vocabularySize = vocabularySize;
    this.rows = rows;
    this.scorer = scorer;
    this.queue = queue;
    this.prefillTokens = prefillTokens;
    this.slots = new Slots(cache);
  }

  /** Says whether there is nothing to do. */
  boolean isIdle() {
    return groups.isEmpty() && queue.size() == 0;
  }

  /** Does one step. */
  void step() {
    dropCancelled();
    List<Prompt> planned = plan(); // first, so that their rows come while the others are decoded
    if (slots.size() > 0) {
      decode();
    }
    planned.forEach(this::prefill);
    counters.sequences = slots.size();
    long cached = 0;
    for (int slot = 0; slot < cache.count(); slot++) {
      cached += cache.length(slot);
    }
    counters.cachedTokens = cached;
  }

  private void dropCancelled() {
    for (SequenceGroup group : List.copyOf(groups)) {
      if (group.isCancelled()) {
        fail(group, new CancellationException("the request was cancelled"));
      }
    }
  }

  /** Returns what to read of prompts in this step, and begins to find its rows. */
  private List<Prompt> plan() {
    List<Prompt> planned = new ArrayList<>(prompts);
    int tokens = planned.stream().mapToInt(this::nextChunk).sum();
    while (tokens < prefillTokens && (planned.isEmpty() || isReadWith(planned))) {
      SequenceGroup group = admit();
      if (group == null) {
        break;
      }
      Prompt prompt = begin(group);
      if (prompt != null) {
        planned.add(prompt);
        tokens += nextChunk(prompt);
      }
    }
    return planned;
  }

  /** Says whether this step reads the last of some prompts to its end. */
  private boolean isReadWith(List<Prompt> planned) {
    SequenceGroup last = planned.get(planned.size() - 1).group();
    return last.read() + nextChunk(planned.get(planned.size() - 1)) == last.prompt().length;
  }

  private int nextChunk(Prompt prompt) {
    SequenceGroup group = prompt.group();
    return Math.min(prefillTokens, group.prompt().length - group.read());
  }

  /** Takes the first request that waits, if there are slots for it. */
  private SequenceGroup admit() {
    SequenceGroup first = queue.peek();
    int taken = groups.stream().mapToInt(SequenceGroup::width).sum();
    if (first == null || first.options().width() > cache.count() - taken || !queue.remove(first)) {
      return null;
    }
    groups.add(first);
    return first;
  }

  private Prompt begin(SequenceGroup group) {
    try {
      Prompt prompt = new Prompt(group, new PromptChunks(rows, group.prompt(), 0, prefillTokens));
      prompts.add(prompt);
      return prompt;
    } catch (RuntimeException e) {
      fail(group, e);
      return null;
    }
  }

  /** Reads one token of every sequence and goes on by what comes after it. */
  private void decode() {
    FgramRows found = findRows();
    List<Sequence> active = slots.active();
    if (active.isEmpty()) {
      return;
    }
    int[] tokens = new int[active.size()];
    for (int slot = 0; slot < tokens.length; slot++) {
      TokenHistory history = active.get(slot).history();
      tokens[slot] = history.token(history.size() - 1);
    }
    for (int match = 0; match < found.matches(); match++) {
      active.get(found.position(match)).matched(1);
    }
    try {
      scorer.score(active, cache.decode(tokens, found, rows::fetchAhead));
    } catch (RuntimeException e) {
      failAll(e);
      return;
    }
    counters.steps.increment();
    counters.decodedTokens.add(tokens.length);
    forEachUnderWay(group -> group.advance(slots));
  }

  /** Returns the rows of all sequences; those that cannot have theirs leave. */
  private FgramRows findRows() {
    while (slots.size() > 0) {
      List<Sequence> active = slots.active();
      try {
        return rows.step(active.stream().map(this::lastToken).toList());
      } catch (MissingRowsException e) {
        Set<Sequence> failed = new HashSet<>();
        Arrays.stream(e.windows()).forEach(window -> failed.add(active.get(window)));
        groups.stream()
            .filter(group -> group.running().stream().anyMatch(failed::contains))
            .toList()
            .forEach(group -> fail(group, e));
      } catch (RuntimeException e) {
        failAll(e);
      }
    }
    return FgramRows.none();
  }

  private TokenWindow lastToken(Sequence sequence) {
    return sequence.history().last(rows.context());
  }

  /** Reads the next chunk of a prompt; its sequences join once it was the last. */
  private void prefill(Prompt prompt) {
    SequenceGroup group = prompt.group();
    if (!groups.contains(group)) {
      return;
    }
    try {
      PromptChunks.Chunk chunk = prompt.chunks().next();
      if (group.slot() < 0) {
        group.beginPrompt(slots.size() + unused());
        cache.clear(group.slot());
      }
      int length = chunk.tokens().length;
      int wanted = group.options().promptLogprobs() ? length : prompt.chunks().hasNext() ? 0 : 1;
      FloatBuffer logits = cache.prefill(group.slot(), chunk.tokens(), chunk.rows(), wanted);
      tellPrompt(group, logits, wanted);
      group.readPrompt(length, chunk.rows().matches());
      counters.promptTokens.add(length);
      if (group.isPromptRead()) {
        prompts.remove(prompt);
        if (group.options().promptLogprobs()) {
          group.listener().onPrompt(group.promptLogprobs());
        }
        group.begin(last(logits, wanted), scorer.workspace(), slots);
        clear(group);
        finish(group);
      }
    } catch (RuntimeException e) {
      fail(group, e);
    }
  }

  /** Adds the log-probabilities of the tokens that the wanted positions predict. */
  private void tellPrompt(SequenceGroup group, FloatBuffer logits, int wanted) {
    if (!group.options().promptLogprobs()) {
      return;
    }
    int top = group.options().logprobs().orElseThrow();
    int first = group.read() + 1;
    int count = Math.min(wanted, group.prompt().length - first);
    TokenLogprobs[] told = new TokenLogprobs[Math.max(0, count)];
    scorer.each(
        told.length,
        (place, workspace) -> {
          float[] loaded = workspace.load(logits, place);
          int token = group.prompt()[first + place];
          told[place] = workspace.likeliest(top).of(token, loaded[token]);
        });
    group.promptLogprobs().addAll(Arrays.asList(told));
  }

  /** Returns how many slots after the active ones beams may take yet. */
  private int unused() {
    return groups.stream()
        .filter(SequenceGroup::isPromptRead)
        .mapToInt(group -> group.width() - group.running().size())
        .sum();
  }

  /** Empties the slot that a prompt was read into, unless a sequence goes on there. */
  private void clear(SequenceGroup group) {
    if (group.slot() >= slots.size()) {
      cache.clear(group.slot());
    }
  }

  private FloatBuffer last(FloatBuffer logits, int wanted) {
    int from = (wanted - 1) * vocabularySize;
    return logits.slice(from, vocabularySize);
  }

  /** Does something with each request whose sequences are under way; what fails leaves. */
  private void forEachUnderWay(Consumer<SequenceGroup> work) {
    for (SequenceGroup group : List.copyOf(groups)) {
      if (group.running().isEmpty()) {
        continue;
      }
      try {
        work.accept(group);
        finish(group);
      } catch (RuntimeException e) {
        fail(group, e);
      }
    }
  }

  private void finish(SequenceGroup group) {
    if (group.isDone()) {
      groups.remove(group);
      counters.completed.increment();
    }
  }

  private void failAll(RuntimeException failure) {
    for (SequenceGroup group : List.copyOf(groups)) {
      if (!group.running().isEmpty()) {
        fail(group, failure);
      }
    }
  }

  /** Takes a request out of the batch and tells its listener why. */
  private void fail(SequenceGroup group, RuntimeException failure) {
    groups.remove(group);
    prompts.removeIf(prompt -> prompt.group() == group);
    group.running().forEach(slots::leave);
    clear(group);
    (failure instanceof CancellationException ? counters.cancelled : counters.failed).increment();
    try {
      group.listener().onFailure(failure);
    } catch (RuntimeException e) {
      // It fails to hear that it failed: there is nobody else to tell.
    }
  }

  /** Fails all requests that are under way. */
  void abort(RuntimeException failure) {
    List.copyOf(groups).forEach(group -> fail(group, failure));
  }

  /** Returns what was done. */
  EngineStatistics statistics(long refused, long cancelledBefore) {
    return new EngineStatistics(
        queue.size(),
        counters.sequences,
        counters.cachedTokens,
        counters.steps.sum(),
        counters.promptTokens.sum(),
        counters.decodedTokens.sum(),
        counters.completed.sum(),
        counters.failed.sum(),
        counters.cancelled.sum() + cancelledBefore,
        refused);
  }

  @Override
  public void close() {
    cache.close();
  }
}
