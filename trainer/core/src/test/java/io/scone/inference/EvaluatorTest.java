package io.scone.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomBundle;
import io.scone.fgram.FgramIndex;
import io.scone.mining.FgramFile;
import io.scone.progress.Progress;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.training.ModelConfig;
import io.scone.training.ReferenceModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Evaluation with a real bundle, which only this module can make, against PyTorch. */
class EvaluatorTest {
  private static final int CONTEXT = 16;
  private static final int[] TEXT = new Random(3).ints(60, 0, 15).toArray();

  @TempDir static Path directory;
  private static MainModel model;
  private static FgramIndex index;
  private static RowSource rows;
  private static ReferenceModel reference;

  @BeforeAll
  static void open() throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, CONTEXT, 32, 2, 4),
            new ModelConfig.Fgram(4, 1, 4));
    Bundle bundle = RandomBundle.create(directory, config, new int[][] {TEXT}, 1);
    model = MainModel.open(bundle, Device.CPU, 1);
    index = FgramFile.open(bundle.fgrams()).index();
    rows = new ComputedRows(index, FgramModel.open(bundle, 1), new RowCodec(Dtype.F32, 32));
    reference = ReferenceModel.load(directory.resolve("checkpoint"));
  }

  @AfterAll
  static void close() {
    reference.close();
    rows.close();
    model.close();
  }

  /** Windows are read one after another, in parts, or side by side. */
  @ParameterizedTest
  @CsvSource({"16,16", "16,5", "16,48", "16,1000", "5,16", "5,6", "5,64", "2,1000", "16,1"})
  void everyTokenIsPredictedOnceFromItsWindow(int stride, int tokensAtOnce) throws Exception {
    assertEvaluated(List.of(new Stretch(0, TEXT.length)), stride, tokensAtOnce);
  }

  @ParameterizedTest
  @CsvSource({"16,16", "16,5", "7,48", "16,1000"})
  void stretchesDoNotSeeEachOther(int stride, int tokensAtOnce) throws Exception {
    List<Stretch> stretches =
        List.of(
            new Stretch(0, 2),
            new Stretch(1, 3),
            new Stretch(3, 7),
            new Stretch(9, 9),
            new Stretch(18, 33));
    assertEvaluated(stretches, stride, tokensAtOnce);
  }

  private static void assertEvaluated(List<Stretch> stretches, int stride, int tokensAtOnce)
      throws Exception {
    double expected = 0;
    long matches = 0;
    long matchedTokens = 0;
    for (Stretch stretch : stretches) {
      int first = (int) stretch.from();
      int last = (int) (stretch.from() + stretch.count() - 1);
      int predicted = first + 1;
      for (int start = first; predicted <= last; start += stride) {
        int end = Math.min(start + CONTEXT, last);
        int[] window = Arrays.copyOfRange(TEXT, start, end);
        double[][] surprises = surprises(window);
        for (; predicted <= end; predicted++) {
          int input = predicted - 1 - start;
          expected += surprises[input][TEXT[predicted]];
          long match = index.longestMatch(window, 0, input);
          if (match != FgramIndex.NONE) {
            matches++;
            matchedTokens += FgramIndex.length(match);
          }
        }
      }
    }
    Evaluation evaluation =
        new Evaluator(model, rows, tokensAtOnce)
            .evaluate(EvaluatorTest::read, stretches, 20, 200, stride, Progress.NONE);
    assertEquals(stretches.stream().mapToLong(s -> s.count() - 1).sum(), evaluation.tokens());
    assertEquals(expected, evaluation.negativeLogLikelihood(), 1e-3);
    assertEquals(matches, evaluation.matches());
    assertEquals(matchedTokens, evaluation.matchedTokens());
    assertTrue(matches > 10);
  }

  @Test
  void figuresFollowFromTheSums() {
    Evaluation evaluation = new Evaluation(10, 5, 40, 20, 4, 10);
    assertEquals(Math.exp(2), evaluation.tokenPerplexity());
    assertEquals(Math.exp(4), evaluation.wordPerplexity());
    assertEquals(0.5 / Math.log(2), evaluation.bitsPerByte());
    assertEquals(0.4, evaluation.matchRate());
    assertEquals(2.5, evaluation.meanMatchLength());
    assertTrue(Double.isNaN(new Evaluation(10, 0, 0, 20, 0, 0).wordPerplexity()));
    assertEquals(
        new Evaluation(13, 6, 42, 21.5, 5, 12),
        evaluation.plus(new Evaluation(3, 1, 2, 1.5, 1, 2)));
  }

  @Test
  void whatCannotBeEvaluatedIsRefused() {
    Evaluator evaluator = new Evaluator(model, rows);
    assertThrows(IllegalArgumentException.class, () -> new Stretch(0, 1));
    List<Stretch> text = List.of(new Stretch(0, 9));
    assertThrows(
        IllegalArgumentException.class,
        () -> evaluator.evaluate(EvaluatorTest::read, text, 1, 1, CONTEXT + 1, Progress.NONE));
  }

  private static void read(long from, int[] into, int offset, int count) {
    System.arraycopy(TEXT, (int) from, into, offset, count);
  }

  /** Returns for each token of a window what every next token would cost. */
  private static double[][] surprises(int[] window) {
    int[] positions =
        IntStream.range(0, window.length)
            .filter(i -> index.longestMatch(window, 0, i) != FgramIndex.NONE)
            .toArray();
    int[][] fgrams = new int[positions.length][];
    for (int i = 0; i < positions.length; i++) {
      int end = positions[i] + 1;
      int length = FgramIndex.length(index.longestMatch(window, 0, positions[i]));
      fgrams[i] = Arrays.copyOfRange(window, end - length, end);
    }
    float[] logits = reference.logits(new int[][] {window}, positions, reference.rows(fgrams));
    double[][] surprises = new double[window.length][RandomBundle.VOCABULARY];
    for (int i = 0; i < window.length; i++) {
      double sum = 0;
      for (int token = 0; token < RandomBundle.VOCABULARY; token++) {
        sum += Math.exp(logits[i * RandomBundle.VOCABULARY + token]);
      }
      for (int token = 0; token < RandomBundle.VOCABULARY; token++) {
        surprises[i][token] = Math.log(sum) - logits[i * RandomBundle.VOCABULARY + token];
      }
    }
    return surprises;
  }
}
