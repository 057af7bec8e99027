package io.scone.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomBundle;
import io.scone.generation.Beams.EarlyStopping;
import io.scone.inference.RowSource;
import io.scone.training.ReferenceModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Beam search with a real model, of whose tokens only a few may come, beside all sequences that
 * there are and beside the search as it is defined, without a cache of keys and values.
 */
@Timeout(120)
class BeamSearchTest {
  private static final int[] PROMPT = {72, 101, 108};
  private static final List<Integer> TOKENS = List.of(3, 50, 120, 201);

  /** So that the end of the text competes with the tokens. */
  private static final double END_BIAS = 1.0;

  @TempDir static Path directory;
  private static SmallModel model;
  private static ReferenceModel reference;
  private static final Map<List<Integer>, double[]> LOGPROBS = new HashMap<>();

  /** A sequence after the prompt; its score is a sum of log-probabilities, or divided by length. */
  private record Scored(List<Integer> tokens, double score) {}

  @BeforeAll
  static void open() throws Exception {
    model = SmallModel.create(directory, PROMPT);
    reference = ReferenceModel.load(directory.resolve("checkpoint"));
  }

  @AfterAll
  static void close() {
    reference.close();
    model.close();
  }

  @Test
  void manyBeamsFindTheBestOfAllSequences() {
    for (double lengthPenalty : new double[] {0, 1, 2, -1}) {
      int length = 4;
      List<Scored> all = new ArrayList<>();
      collect(List.of(), 0, length, lengthPenalty, all);
      all.sort(Comparator.comparingDouble(Scored::score).reversed());
      List<Generation> found = search(new Beams(64, lengthPenalty, EarlyStopping.NEVER), length, 5);
      assertSame(all.subList(0, 5), found);
    }
  }

  @Test
  void fewBeamsFindWhatTheDefinitionFinds() {
    boolean ended = false;
    for (EarlyStopping earlyStopping : EarlyStopping.values()) {
      for (double lengthPenalty : new double[] {0, 1, 1.5, -0.5}) {
        for (int width : new int[] {2, 3, 5}) {
          Beams beams = new Beams(width, lengthPenalty, earlyStopping);
          List<Scored> expected = define(beams, 9);
          assertSame(expected, search(beams, 9, width));
          ended |= expected.get(0).tokens().size() < 9;
        }
      }
    }
    assertTrue(ended);
  }

  private static void assertSame(List<Scored> expected, List<Generation> found) {
    assertEquals(
        expected.stream().map(Scored::tokens).toList(),
        found.stream().map(Generation::tokens).toList());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).score(), found.get(i).score(), 1e-4);
    }
  }

  private static List<Generation> search(Beams beams, int length, int sequences) {
    List<List<Integer>> others = new ArrayList<>();
    for (int token = 0; token < RandomBundle.VOCABULARY; token++) {
      if (!TOKENS.contains(token) && token != model.tokenizer().endOfText()) {
        others.add(List.of(token));
      }
    }
    GenerationOptions options =
        GenerationOptions.builder()
            .maxTokens(length)
            .sequences(sequences)
            .beams(beams)
            .sampling(
                Sampling.builder()
                    .badWords(others)
                    .logitBias(Map.of(model.tokenizer().endOfText(), END_BIAS))
                    .build())
            .build();
    try (GenerationEngine engine =
        model.engine(RowSource.none(), EngineConfig.ofSlots(beams.width()))) {
      return new Generator(engine).generate(PROMPT, options, piece -> {});
    }
  }

  /** Collects all sequences that end, or are as long as they may be. */
  private static void collect(
      List<Integer> tokens, double score, int length, double lengthPenalty, List<Scored> all) {
    if (tokens.size() == length) {
      all.add(new Scored(tokens, score / Math.pow(length, lengthPenalty)));
      return;
    }
    double[] logprobs = logprobs(tokens);
    int end = model.tokenizer().endOfText();
    all.add(
        new Scored(tokens, (score + logprobs[end]) / Math.pow(tokens.size() + 1, lengthPenalty)));
    for (int token : TOKENS) {
      collect(append(tokens, token), score + logprobs[token], length, lengthPenalty, all);
    }
  }

  private static List<Scored> define(Beams beams, int maxTokens) {
    int end = model.tokenizer().endOfText();
    List<Scored> running = List.of(new Scored(List.of(), 0));
    List<Scored> results = new ArrayList<>();
    for (int length = 1; ; length++) {
      double divisor = Math.pow(length, beams.lengthPenalty());
      List<Scored> next = new ArrayList<>();
      for (Scored beam : running) {
        double[] logprobs = logprobs(beam.tokens());
        Stream.concat(TOKENS.stream(), Stream.of(end))
            .forEach(
                token ->
                    next.add(
                        new Scored(append(beam.tokens(), token), beam.score() + logprobs[token])));
      }
      next.sort(Comparator.comparingDouble(Scored::score).reversed());
      List<Scored> best = next.subList(0, Math.min(2 * beams.width(), next.size()));
      running = new ArrayList<>();
      for (Scored each : best) {
        boolean ends = each.tokens().get(length - 1) == end;
        if (ends && best.indexOf(each) < beams.width()) {
          results.add(new Scored(each.tokens().subList(0, length - 1), each.score() / divisor));
        } else if (!ends && running.size() < beams.width()) {
          running.add(each);
        }
      }
      if (length == maxTokens) {
        running.forEach(each -> results.add(new Scored(each.tokens(), each.score() / divisor)));
      }
      results.sort(Comparator.comparingDouble(Scored::score).reversed());
      while (results.size() > beams.width()) {
        results.remove(beams.width());
      }
      if (length == maxTokens) {
        return results;
      }
      if (results.size() == beams.width()) {
        boolean any = beams.earlyStopping() == EarlyStopping.NEVER && beams.lengthPenalty() > 0;
        double reachable =
            running.get(0).score() / Math.pow(any ? maxTokens : length, beams.lengthPenalty());
        if (beams.earlyStopping() == EarlyStopping.FULL
            || reachable <= results.get(beams.width() - 1).score()) {
          return results;
        }
      }
    }
  }

  private static List<Integer> append(List<Integer> tokens, int token) {
    List<Integer> longer = new ArrayList<>(tokens);
    longer.add(token);
    return longer;
  }

  /** Returns the log-probabilities of what comes next, the end's with its bias. */
  private static double[] logprobs(List<Integer> tokens) {
    return LOGPROBS.computeIfAbsent(
        tokens,
        after -> {
          int[] sequence = new int[PROMPT.length + after.size()];
          System.arraycopy(PROMPT, 0, sequence, 0, PROMPT.length);
          for (int i = 0; i < after.size(); i++) {
            sequence[PROMPT.length + i] = after.get(i);
          }
          float[] logits = reference.logits(new int[][] {sequence}, new int[0], new float[0]);
          int vocabulary = RandomBundle.VOCABULARY;
          int last = (sequence.length - 1) * vocabulary;
          double sum = 0;
          for (int token = 0; token < vocabulary; token++) {
            sum += Math.exp(logits[last + token]);
          }
          double[] logprobs = new double[vocabulary];
          for (int token = 0; token < vocabulary; token++) {
            logprobs[token] = logits[last + token] - Math.log(sum);
          }
          logprobs[model.tokenizer().endOfText()] += END_BIAS;
          return logprobs;
        });
  }
}
