package io.scone.bench;

import io.scone.progress.Progress;
import io.scone.training.TrainingData;
import io.scone.training.TrainingSpeed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Measures training: a main model alone and with f-gram models, in turn, over real text. */
public final class TrainingBenchmark {
  private TrainingBenchmark() {}

  /**
   * Measures after a round of warm-up.
   *
   * @param data the text, prepared where it is not yet
   * @param command the command as it was typed
   */
  public static TrainingResults run(
      DataConfig data, TrainingBenchmarkConfig config, String command, Progress progress)
      throws IOException {
    BenchmarkData text = BenchmarkData.prepareFgrams(data, progress);
    TrainingData corpus = TrainingData.open(text.path("mined.tokens"), null, text.fgramFile());
    List<Contender> systems = new ArrayList<>();
    try {
      for (int layers : config.fgramLayers()) {
        systems.add(Contender.open(corpus, config, layers, progress));
      }
      progress.begin("training", (config.rounds() + 1L) * systems.size(), "rounds");
      for (int round = 0; round <= config.rounds(); round++) {
        for (Contender system : systems) {
          system.run(config.steps(), round > 0);
          progress.advance(1);
        }
      }
      progress.end();
      List<TrainingResults.Result> results = new ArrayList<>();
      for (Contender system : systems) {
        results.add(system.result(config.steps()));
      }
      return new TrainingResults(
          Machine.current(),
          command,
          config.shape().toString(),
          config.options().device().toString(),
          config.rounds(),
          results);
    } finally {
      systems.forEach(Contender::close);
    }
  }

  /** A model in training and its rounds. */
  private record Contender(String name, TrainingSpeed speed, List<TrainingSpeed.Round> rounds) {
    static Contender open(
        TrainingData corpus, TrainingBenchmarkConfig config, int layers, Progress progress)
        throws IOException {
      TrainingData data = layers == 0 ? corpus.baseline() : corpus;
      return new Contender(
          layers == 0 ? "baseline" : "fgram-" + layers,
          TrainingSpeed.open(
              config.model(layers, corpus.corpus().vocabularySize(), corpus.fgrams().maxNgram()),
              config.recipe(),
              data,
              config.options(),
              progress),
          new ArrayList<>());
    }

    void run(int steps, boolean counts) {
      TrainingSpeed.Round round = speed.run(steps);
      if (counts) {
        rounds.add(round);
      }
    }

    TrainingResults.Result result(int steps) {
      Summary tokens = summary(round -> round.tokens() / round.seconds());
      Map<String, Double> stages = new LinkedHashMap<>();
      speed.stages(steps).forEach((stage, seconds) -> stages.put(stage, 1e3 * seconds / steps));
      return new TrainingResults.Result(
          name,
          speed.parameters(false),
          speed.parameters(true),
          tokens.median(),
          tokens.min(),
          tokens.max(),
          summary(round -> round.flops() / round.seconds() / 1e12).median(),
          rounds.stream().mapToLong(TrainingSpeed.Round::peakBytes).max().orElse(0),
          summary(round -> (double) round.fgrams() / steps).median(),
          summary(round -> (double) round.fgramTokens() / steps).median(),
          stages);
    }

    private Summary summary(ToDoubleFunction<TrainingSpeed.Round> of) {
      return Summary.of(rounds.stream().mapToDouble(of).boxed().toList());
    }

    void close() {
      speed.close();
    }
  }
}
