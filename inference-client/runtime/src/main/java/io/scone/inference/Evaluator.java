package io.scone.inference;

import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures how well a model predicts a text, in windows of the model's context. Each token of a
 * stretch but the first is predicted once, in the first window that holds it, from all tokens of
 * the window before it; no f-gram reaches over the start of a window, as in training.
 *
 * <p>It does not own what it is made of. Not safe for use by more than one thread.
 */
public final class Evaluator {
  /** The most logits computed at once: 128 MiB of them. */
  private static final int MAX_LOGITS = 1 << 25;

  /** The most tokens read at once: more are no faster. */
  private static final int MAX_TOKENS = 4096;

  private final MainModel model;
  private final RowSource rows;
  private final int tokensAtOnce;

  /** Makes an evaluator over an open model and the source of its rows. */
  public Evaluator(MainModel model, RowSource rows) {
    this(model, rows, Math.min(MAX_TOKENS, MAX_LOGITS / model.shape().vocabularySize()));
  }

  Evaluator(MainModel model, RowSource rows, int tokensAtOnce) {
    this.model = model;
    this.rows = rows;
    this.tokensAtOnce = Math.max(1, tokensAtOnce);
  }

  /**
   * Evaluates a text.
   *
   * @param tokens the text
   * @param stretches its parts, which do not see each other
   * @param words its words before it was tokenized
   * @param utf8Bytes its bytes before it was tokenized
   * @param stride by how many tokens each window starts after the one before it, at most the
   *     model's context: a smaller one gives each prediction more context and takes longer
   * @throws IOException if the tokens cannot be read
   */
  public Evaluation evaluate(
      TokenReader tokens,
      List<Stretch> stretches,
      long words,
      long utf8Bytes,
      int stride,
      Progress progress)
      throws IOException {
    int context = model.shape().context();
    if (stride < 1 || stride > context) {
      throw new IllegalArgumentException(
          "the stride is " + stride + ", it must be in 1 to the model's context, " + context);
    }
    long predicted = stretches.stream().mapToLong(stretch -> stretch.count() - 1).sum();
    progress.begin("evaluating", predicted, "tokens");
    Sums sums = new Sums();
    List<Window> windows = new ArrayList<>();
    stretches.forEach(stretch -> addWindows(windows, stretch, context, stride));
    // Windows are read beside others of about their size, so that few places are padding.
    Map<Integer, List<Window>> byCapacity =
        windows.stream()
            .collect(
                Collectors.groupingBy(
                    window -> capacity(window.size(), context), TreeMap::new, Collectors.toList()));
    for (Map.Entry<Integer, List<Window>> alike : byCapacity.entrySet()) {
      List<Window> all = alike.getValue();
      int batch = Math.max(1, tokensAtOnce / alike.getKey());
      int whole = all.size() / batch * batch;
      score(all.subList(0, whole), batch, alike.getKey(), tokens, sums, progress);
      int rest = all.size() - whole;
      score(all.subList(whole, all.size()), rest, alike.getKey(), tokens, sums, progress);
    }
    progress.end();
    return new Evaluation(
        predicted, words, utf8Bytes, sums.negativeLogLikelihood, sums.matches, sums.matchedTokens);
  }

  /** Returns the context or the smallest half, quarter and so on of it that has room. */
  private static int capacity(int size, int context) {
    int capacity = context;
    while (capacity / 2 >= size) {
      capacity /= 2;
    }
    return capacity;
  }

  /**
   * A stretch of the text that is read from an empty context.
   *
   * @param from its first token
   * @param size its tokens
   * @param scored after how many of its last tokens the next one is predicted
   */
  private record Window(long from, int size, int scored) {
    int firstScored() {
      return size - scored;
    }
  }

  private static void addWindows(List<Window> windows, Stretch stretch, int context, int stride) {
    long inputs = stretch.count() - 1;
    long scoredTo = 0;
    for (long from = 0; scoredTo < inputs; from += stride) {
      long end = Math.min(from + context, inputs);
      windows.add(new Window(stretch.from() + from, (int) (end - from), (int) (end - scoredTo)));
      scoredTo = end;
    }
  }

  /** What the scored predictions add up to. */
  private static final class Sums {
    /** Each thread's copy of a position's logits: arrays are read faster than buffers. */
    private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[0]);

    private double negativeLogLikelihood;
    private long matches;
    private long matchedTokens;

    void add(FgramRows rows, BitSet scored) {
      for (int match = 0; match < rows.matches(); match++) {
        if (scored.get(rows.position(match))) {
          matches++;
          matchedTokens += rows.length(match);
        }
      }
    }

    /** Adds the predictions of tokens and returns how many they are. */
    int add(FloatBuffer logits, int[] targets) {
      if (targets.length == 0) {
        return 0;
      }
      int vocabulary = logits.remaining() / targets.length;
      // Summed up in order, so that the result does not depend on the threads.
      for (double each :
          IntStream.range(0, targets.length)
              .parallel()
              .mapToDouble(i -> surprise(logits, i * vocabulary, vocabulary, targets[i]))
              .toArray()) {
        negativeLogLikelihood += each;
      }
      return targets.length;
    }

    /** Returns the negative log of a token's probability. */
    private static double surprise(FloatBuffer logits, int offset, int vocabulary, int target) {
      float[] values = SCRATCH.get();
      if (values.length < vocabulary) {
        values = new float[vocabulary];
        SCRATCH.set(values);
      }
      logits.get(offset, values, 0, vocabulary);
      return LogSumExp.of(values, vocabulary) - values[target];
    }
  }

  /** Scores windows, {@code batch} of them side by side; their number is a multiple of it. */
  private void score(
      List<Window> windows,
      int batch,
      int capacity,
      TokenReader tokens,
      Sums sums,
      Progress progress)
      throws IOException {
    if (windows.isEmpty()) {
      return;
    }
    try (Sequences sequences = model.begin(batch, capacity)) {
      for (int first = 0; first < windows.size(); first += batch) {
        List<Window> group = windows.subList(first, first + batch);
        List<int[]> texts = new ArrayList<>();
        for (Window window : group) {
          int[] text = new int[window.size() + 1]; // the token after the last is predicted too
          tokens.read(window.from(), text, 0, text.length);
          texts.add(text);
        }
        sequences.clear();
        int step = tokensAtOnce / batch; // a part of one window, or all of several
        int longest = group.stream().mapToInt(Window::size).max().orElseThrow();
        for (int at = 0; at < longest; at += step) {
          progress.advance(score(group, texts, at, step, sequences, sums));
        }
      }
    }
  }

  /** Reads the next {@code step} tokens of windows and returns how many predictions were scored. */
  private int score(
      List<Window> windows, List<int[]> texts, int at, int step, Sequences sequences, Sums sums) {
    int count = windows.size();
    List<TokenWindow> withContext = new ArrayList<>(count);
    int[][] added = new int[count][];
    int[] wanted = new int[count];
    BitSet scored = new BitSet(); // which of the added tokens, counted through all windows
    IntStream.Builder targets = IntStream.builder();
    int position = 0;
    for (int i = 0; i < count; i++) {
      int[] text = texts.get(i);
      int end = Math.min(at + step, windows.get(i).size());
      withContext.add(TokenWindow.of(text, at, end, rows.context()));
      added[i] = Arrays.copyOfRange(text, at, end);
      wanted[i] = Math.min(end - at, Math.max(0, end - windows.get(i).firstScored()));
      position += end - at;
      scored.set(position - wanted[i], position);
      Arrays.stream(text, end - wanted[i] + 1, end + 1).forEach(targets);
    }
    FgramRows found = rows.find(withContext);
    FloatBuffer logits = sequences.append(added, found, wanted);
    sums.add(found, scored);
    return sums.add(logits, targets.build().toArray());
  }
}
