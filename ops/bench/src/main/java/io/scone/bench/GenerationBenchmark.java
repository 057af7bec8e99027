package io.scone.bench;

import io.scone.client.SconeClient;
import io.scone.inference.FgramRows;
import io.scone.inference.MainModel;
import io.scone.inference.PromptChunks;
import io.scone.inference.RowSource;
import io.scone.inference.RowStatistics;
import io.scone.inference.Sequences;
import io.scone.inference.ServedRows;
import io.scone.inference.TokenWindow;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The comparison of generation with rows of a cache server to generation by the same graph without
 * any: the same model, the same text, in turn.
 *
 * <p>Sequences read real text, whatever the model of random weights would have chosen: what is
 * looked up is what real text looks up.
 */
public final class GenerationBenchmark {
  /** Steps of each system before the first round. */
  private static final int WARM_UP_STEPS = 100;

  /** Reading a prompt is short: the readings of a round. */
  private static final int PROMPTS = 5;

  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS = 1e9;

  private final GenerationData data;
  private final GenerationConfig config;
  private final MainModel model;
  private final RowSource served;
  private final Progress progress;

  private GenerationBenchmark(
      GenerationData data,
      GenerationConfig config,
      MainModel model,
      RowSource served,
      Progress progress) {
    this.data = data;
    this.config = config;
    this.model = model;
    this.served = served;
    this.progress = progress;
  }

  /**
   * Prepares the model and its table beside the text, starts the cache server, and measures.
   *
   * @param data where text and f-grams are, or what to make them of
   * @param command the command that measures, for the results
   * @throws IOException if the device cannot be used or the cache server does not start
   */
  public static GenerationResults run(
      DataConfig data,
      GenerationConfig config,
      Daemon.Launcher launcher,
      String command,
      Progress progress)
      throws IOException {
    BenchmarkData text = BenchmarkData.prepareFgrams(data, progress);
    GenerationData prepared = GenerationData.prepare(text, config, progress);
    try (Daemon daemon = launcher.start(prepared.table(), List.of("--residency", "ram"));
        ServedRows served =
            ServedRows.connect(
                SconeClient.builder(daemon.address()).rowCache(config.rowCache()),
                prepared.bundle().manifest());
        MainModel model = MainModel.open(prepared.bundle(), config.device(), config.threads())) {
      GenerationBenchmark benchmark =
          new GenerationBenchmark(prepared, config, model, served, progress);
      if (config.systems().contains(RowPath.SERVED)) {
        served.find(List.of(new TokenWindow(prepared.text(0, GenerationConfig.BEGINNING), 0)));
        CacheFill.await(served::cacheBytes);
      }
      List<GenerationResults.Result> results = new ArrayList<>();
      for (int batch : config.batches()) {
        results.addAll(benchmark.decode(batch));
      }
      PromptTimeline timeline = new PromptTimeline(served);
      List<GenerationResults.Prompt> prompts = benchmark.prompts(timeline);
      return new GenerationResults(
          Machine.current(),
          command,
          config.shape().toString(),
          config.precision().toString(),
          config.device().toString(),
          text.fgrams().length,
          config.rounds(),
          results,
          prompts,
          timeline.parts(),
          model.gpuMemoryUsed() >> 20);
    }
  }

  /** What a round of decoding took. */
  private static final class Round {
    private final long[] nanos;
    private final long matches;
    private final RowStatistics statistics;

    Round(long[] nanos, long matches, RowStatistics statistics) {
      this.nanos = nanos;
      this.matches = matches;
      this.statistics = statistics;
    }

    double percentileUs(double share) {
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      return sorted[(int) (share * (sorted.length - 1))] / NANOS_PER_MICRO;
    }

    double seconds() {
      return Arrays.stream(nanos).sum() / NANOS;
    }
  }

  private List<GenerationResults.Result> decode(int batch) {
    int[][] texts = new int[batch][];
    for (int i = 0; i < batch; i++) {
      texts[i] = data.text(i, GenerationConfig.BEGINNING + config.steps());
    }
    Map<RowPath, List<Round>> rounds = new LinkedHashMap<>();
    progress.begin("decoding " + batch, (long) config.rounds() * config.systems().size(), "runs");
    Map<RowPath, Sequences> sequences = new LinkedHashMap<>();
    try {
      for (RowPath system : config.systems()) {
        sequences.put(system, begin(system, batch, texts[0].length));
        rounds.put(system, new ArrayList<>());
        decode(system, sequences.get(system), texts, Math.min(WARM_UP_STEPS, config.steps()));
      }
      for (int round = 0; round < config.rounds(); round++) {
        for (RowPath system : config.systems()) {
          rounds.get(system).add(decode(system, sequences.get(system), texts, config.steps()));
          progress.advance(1);
        }
      }
    } finally {
      sequences.values().forEach(Sequences::close);
    }
    progress.end();
    return rounds.entrySet().stream()
        .map(entry -> result(entry.getKey(), batch, entry.getValue()))
        .toList();
  }

  private Sequences begin(RowPath system, int count, int capacity) {
    return system == RowPath.HOST_CACHE
        ? model.beginInHostMemory(count, capacity)
        : model.begin(count, capacity);
  }

  private RowSource rows(RowPath system) {
    return system == RowPath.SERVED ? served : RowSource.none();
  }

  private Round decode(RowPath system, Sequences sequences, int[][] texts, int steps) {
    RowSource rows = rows(system);
    sequences.clear();
    for (int slot = 0; slot < texts.length; slot++) {
      int[] beginning = Arrays.copyOf(texts[slot], GenerationConfig.BEGINNING);
      sequences.prefill(slot, beginning, rows.find(List.of(new TokenWindow(beginning, 0))), 0);
    }
    RowStatistics before = rows.statistics();
    long[] nanos = new long[steps];
    long matches = 0;
    for (int step = 0; step < steps; step++) {
      int at = GenerationConfig.BEGINNING + step;
      int[] tokens = new int[texts.length];
      long start = System.nanoTime();
      List<TokenWindow> windows = new ArrayList<>(texts.length);
      for (int slot = 0; slot < texts.length; slot++) {
        tokens[slot] = texts[slot][at];
        windows.add(TokenWindow.of(texts[slot], at, at + 1, rows.context()));
      }
      FgramRows found = rows.step(windows);
      chooseLikeliest(sequences.decode(tokens, found, rows::fetchAhead), texts.length);
      nanos[step] = System.nanoTime() - start;
      matches += found.matches();
    }
    return new Round(nanos, matches, rows.statistics().since(before));
  }

  /** Chooses as generation would; real text is read in place of what is chosen. */
  private int[] chooseLikeliest(FloatBuffer logits, int count) {
    int vocabulary = model.shape().vocabularySize();
    IntStream sequences = IntStream.range(0, count);
    return (count == 1 ? sequences : sequences.parallel())
        .map(i -> likeliest(logits, i * vocabulary, vocabulary))
        .toArray();
  }

  private static int likeliest(FloatBuffer logits, int offset, int vocabulary) {
    int best = 0;
    float most = Float.NEGATIVE_INFINITY;
    for (int token = 0; token < vocabulary; token++) {
      float logit = logits.get(offset + token);
      if (logit > most) {
        most = logit;
        best = token;
      }
    }
    return best;
  }

  private GenerationResults.Result result(RowPath system, int batch, List<Round> rounds) {
    Summary p50 = Summary.of(rounds.stream().map(round -> round.percentileUs(0.5)).toList());
    Summary p99 = Summary.of(rounds.stream().map(round -> round.percentileUs(0.99)).toList());
    double tokens = (double) batch * config.steps();
    Summary speed = Summary.of(rounds.stream().map(round -> tokens / round.seconds()).toList());
    double all = tokens * rounds.size();
    long steps = (long) config.steps() * rounds.size();
    long matches = rounds.stream().mapToLong(round -> round.matches).sum();
    List<RowStatistics> statistics = rounds.stream().map(round -> round.statistics).toList();
    long prefetched = statistics.stream().mapToLong(RowStatistics::prefetched).sum();
    long cached = statistics.stream().mapToLong(RowStatistics::cached).sum();
    long awaited = statistics.stream().mapToLong(RowStatistics::awaited).sum();
    long waited = statistics.stream().mapToLong(RowStatistics::stepsWaited).sum();
    double wait = statistics.stream().mapToLong(s -> s.stepsWait().toNanos()).sum();
    return new GenerationResults.Result(
        system.toString(),
        batch,
        p50.median(),
        p50.min(),
        p50.max(),
        p99.median(),
        speed.median(),
        matches / all,
        (double) waited / steps,
        wait / NANOS_PER_MICRO / steps,
        prefetched / all,
        (double) cached / Math.max(1, cached + awaited));
  }

  private List<GenerationResults.Prompt> prompts(PromptTimeline timeline) {
    Map<RowPath, List<Double>> millis = new LinkedHashMap<>();
    progress.begin("reading prompts", (long) config.rounds() * config.systems().size(), "runs");
    for (int round = 0; round <= config.rounds(); round++) { // the first warms up
      for (RowPath system : config.systems()) {
        try (Sequences sequences = begin(system, 1, config.prompt())) {
          double[] read = new double[PROMPTS];
          for (int i = 0; i < PROMPTS; i++) {
            read[i] =
                readPrompt(
                    sequences, data.text(round * PROMPTS + i, config.prompt()), system, timeline);
          }
          Arrays.sort(read);
          if (round > 0) {
            millis.computeIfAbsent(system, s -> new ArrayList<>()).add(read[PROMPTS / 2]);
            progress.advance(1);
          }
        }
      }
    }
    progress.end();
    return millis.entrySet().stream()
        .map(
            entry -> {
              Summary summary = Summary.of(entry.getValue());
              return new GenerationResults.Prompt(
                  entry.getKey().toString(),
                  config.prompt(),
                  summary.median(),
                  summary.min(),
                  summary.max());
            })
        .toList();
  }

  /** Reads a prompt and returns the milliseconds that it took. */
  private double readPrompt(
      Sequences sequences, int[] prompt, RowPath system, PromptTimeline timeline) {
    boolean isServed = system == RowPath.SERVED;
    sequences.clear();
    if (isServed) {
      timeline.begin();
    }
    long start = System.nanoTime();
    PromptChunks chunks =
        new PromptChunks(isServed ? timeline : rows(system), prompt, 0, config.chunk());
    while (chunks.hasNext()) {
      PromptChunks.Chunk chunk = chunks.next();
      sequences.prefill(0, chunk.tokens(), chunk.rows(), chunks.hasNext() ? 0 : 1);
      if (isServed) {
        timeline.done();
      }
    }
    return (System.nanoTime() - start) / NANOS_PER_MILLI;
  }
}
