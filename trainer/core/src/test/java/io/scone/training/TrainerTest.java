package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.progress.Progress;
import io.scone.table.FileChecksums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final ModelConfig MODEL =
      new ModelConfig(
          new ModelConfig.Main(TrainingFiles.VOCABULARY, 32, 32, 2, 2),
          new ModelConfig.Fgram(4, 0, 1, 2, ModelConfig.Combine.RESIDUAL, 200));
  private static final RunOptions OPTIONS =
      new RunOptions(ComputeDevice.CPU, 1, 1, 0, 1 << 18, 5, 2, false);

  @TempDir static Path directory;
  private static TrainingData data;

  @BeforeAll
  static void writeFiles() throws IOException {
    data = new TrainingFiles(directory).data();
  }

  @Test
  void aRunThatIsStoppedAndResumedEqualsOneThatIsNot() throws IOException {
    TrainingConfig recipe = recipe(12, 2);
    Path whole = directory.resolve("whole");
    TrainingReport report = train(whole, MODEL, recipe, data, false);

    Path stopped = directory.resolve("stopped");
    assertThrows(Stop.class, () -> open(stopped, recipe, false).train(new StopAfter(8)));
    assertEquals(List.of("checkpoint-00000005"), checkpoints(stopped));
    // What a kill in the midst of a checkpoint leaves must not matter.
    Path partial = stopped.resolve("checkpoint-00000010.partial");
    Files.createDirectories(partial);
    Files.writeString(partial.resolve("model.safetensors"), "half");
    TrainingReport resumed = train(stopped, MODEL, recipe, data, true);

    assertEquals(losses(whole), losses(stopped));
    assertEquals(report.validation(), resumed.validation());
    for (String file :
        List.of("model.safetensors", "optimizer.safetensors", "model.json", "training.json")) {
      assertArrayEquals(
          Files.readAllBytes(report.checkpoint().resolve(file)),
          Files.readAllBytes(resumed.checkpoint().resolve(file)),
          file);
    }
    assertEquals(List.of("checkpoint-00000010", "checkpoint-00000012"), checkpoints(stopped));
  }

  @Test
  void aRunThatComputesActivationsAgainHasTheSameLosses() throws IOException {
    Path kept = directory.resolve("kept");
    train(kept, MODEL, recipe(12, 2), data, false);
    Path again = directory.resolve("again");
    RunOptions options = OPTIONS.withActivationCheckpointing(true);
    try (Trainer trainer = Trainer.open(again, MODEL, recipe(12, 2), data, options, false)) {
      trainer.train(Progress.NONE);
    }
    assertSameLosses(kept, again);
  }

  @Test
  void gradientsOfSmallerBatchesAddUpToThoseOfALargerOne() throws IOException {
    Path together = directory.resolve("together");
    train(together, MODEL, recipe(12, 1).withBatch(8, 1), data, false);
    Path inTurn = directory.resolve("in-turn");
    train(inTurn, MODEL, recipe(12, 1).withBatch(4, 2), data, false);
    assertSameLosses(together, inTurn);
  }

  @Test
  void trainingLearnsWithTheRows() throws IOException {
    TrainingReport report = train(directory.resolve("learns"), MODEL, recipe(150, 1), data, false);
    Validation validation = report.validation();
    // The language's own perplexity is 8.2.
    assertTrue(validation.perplexity() < 9, validation.toString());
    assertTrue(validation.perplexityWithoutRows() > validation.perplexity(), validation.toString());
    assertEquals(data.validation().tokenCount() - 1, validation.tokens());
    assertEquals(150 * 4 * 32, report.tokens());
    assertSlicesAddUp(validation);
  }

  private static void assertSlicesAddUp(Validation validation) {
    long tokens = 0;
    double with = 0;
    double without = 0;
    for (Validation.Slice slice : validation.slices()) {
      assertTrue(slice.matchLength() >= 1 && slice.matchLength() <= 4, slice.toString());
      assertEquals(slice.matchLength() == 1, slice.minCount() == 0, slice.toString());
      tokens += slice.tokens();
      with += slice.tokens() * slice.loss();
      without += slice.tokens() * slice.lossWithoutRows();
    }
    assertEquals(validation.tokens(), tokens);
    assertEquals(Math.log(validation.perplexity()), with / tokens, 1e-6);
    assertEquals(Math.log(validation.perplexityWithoutRows()), without / tokens, 1e-6);
  }

  @Test
  void anFgramModelOfAnotherWidthIsTrainedAndResumed() throws IOException {
    ModelConfig.Fgram narrow = new ModelConfig.Fgram(4, 24, 1, 2, ModelConfig.Combine.REPLACE);
    ModelConfig config = new ModelConfig(MODEL.main(), narrow);
    TrainingReport whole = train(directory.resolve("n"), config, recipe(7, 1), data, false);
    Path stopped = directory.resolve("narrow");
    try (Trainer trainer = Trainer.open(stopped, config, recipe(7, 1), data, OPTIONS, false)) {
      assertThrows(Stop.class, () -> trainer.train(new StopAfter(6)));
    }
    TrainingReport resumed = train(stopped, config, recipe(7, 1), data, true);
    Path weights = resumed.checkpoint().resolve("model.safetensors");
    assertEquals(-1, Files.mismatch(whole.checkpoint().resolve("model.safetensors"), weights));
    Safetensors tensors = Safetensors.open(weights);
    assertEquals(List.of(32L, 24L), tensors.shape("fgram.project_in.weight"));
    assertEquals(List.of(24L, 32L), tensors.shape("fgram.project_out.weight"));
    assertEquals(List.of(4L, 24L), tensors.shape("fgram.wpe.weight"));
  }

  @Test
  void aBaselineIsTheSameMainModelWithoutFgrams() throws IOException {
    TrainingReport report =
        train(directory.resolve("base"), MODEL.baseline(), recipe(5, 1), data.baseline(), false);
    TrainingReport scone = train(directory.resolve("scone"), MODEL, recipe(5, 1), data, false);
    assertEquals(scone.mainParameters(), report.mainParameters());
    assertEquals(0, report.fgramParameters());
    assertNull(report.validation().perplexityWithoutRows());
    assertEquals(List.of(), report.validation().slices());
    try (ReferenceModel model = ReferenceModel.load(report.checkpoint())) {
      assertEquals(
          3 * TrainingFiles.VOCABULARY,
          model.logits(new int[][] {{1, 2, 3}}, new int[0], new float[0]).length);
    }
  }

  @Test
  void aBaselinesPredictionsArePartedByTheFgramsItIsGiven() throws IOException {
    Validation without =
        train(directory.resolve("b1"), MODEL.baseline(), recipe(5, 1), data.baseline(), false)
            .validation();
    Validation given =
        train(directory.resolve("b2"), MODEL.baseline(), recipe(5, 1), data, false).validation();
    assertEquals(without.perplexity(), given.perplexity());
    assertNull(given.perplexityWithoutRows());
    double loss = 0;
    for (Validation.Slice slice : given.slices()) {
      assertNull(slice.lossWithoutRows());
      loss += slice.tokens() * slice.loss();
    }
    assertEquals(Math.log(given.perplexity()), loss / given.tokens(), 1e-5);
  }

  @Test
  void validationIsTheLossOfTheReferenceModelOverAllWindows() throws IOException {
    TrainingReport report = train(directory.resolve("v"), MODEL, recipe(5, 1), data, false);
    int count = (int) data.validation().tokenCount();
    int[] tokens = new int[count];
    data.validation().read(0, tokens, 0, count);
    double sum = 0;
    try (ReferenceModel model = ReferenceModel.load(report.checkpoint())) {
      for (int begin = 0; begin < count - 1; begin += 32) {
        sum += negativeLogLikelihood(model, tokens, begin, Math.min(32, count - 1 - begin));
      }
    }
    double expected = Math.exp(sum / (count - 1));
    assertEquals(expected, report.validation().perplexity(), 1e-4 * expected);
  }

  @Test
  void aRunIsOnlyResumedAsWhatItWas() throws IOException {
    Path run = directory.resolve("strict");
    train(run, MODEL, recipe(5, 1), data, false);
    assertRefused(run, MODEL, recipe(5, 1), data, false, "is there already");
    assertRefused(run, MODEL, recipe(6, 1), data, true, "its recipe.steps is 5, not 6");
    assertRefused(run, MODEL.baseline(), recipe(5, 1), data.baseline(), true, "its fgram is {");
    TrainingData other =
        new TrainingData(
            data.corpus(),
            "sha256:other",
            null,
            data.fgrams(),
            data.fgramsFingerprint(),
            data.fgramCounts());
    assertRefused(run, MODEL, recipe(5, 1), other, true, "its corpus_fingerprint is sha256:");
    TrainingReport again = train(run, MODEL, recipe(5, 1), data, true);
    assertEquals(5, again.steps());
  }

  @Test
  void partsThatDoNotFitAreRefusedBeforeAnythingIsWritten() {
    Path run = directory.resolve("misfit");
    ModelConfig.Main main = MODEL.main();
    ModelConfig otherVocabulary =
        new ModelConfig(new ModelConfig.Main(65, 32, 32, 2, 2), MODEL.fgram());
    ModelConfig otherK = new ModelConfig(main, new ModelConfig.Fgram(5, 1, 2));
    ModelConfig longContext =
        new ModelConfig(new ModelConfig.Main(64, 100_000, 32, 2, 2), MODEL.fgram());
    assertRefused(run, otherVocabulary, recipe(5, 1), data, false, "vocabulary of 65");
    assertRefused(run, otherK, recipe(5, 1), data, false, "takes 5");
    assertRefused(run, MODEL, recipe(5, 1), data.baseline(), false, "there are no f-grams");
    assertRefused(run, longContext, recipe(5, 1), data, false, "shorter context");
    TrainingConfig large = recipe(5, 1000);
    assertRefused(run, MODEL, large, data, false, "one update takes 4000: take more text");
    assertFalse(Files.exists(run));
  }

  @Test
  void aLossThatIsNoNumberEndsTheRunWithAdvice() throws IOException {
    Path run = directory.resolve("broken");
    assertThrows(Stop.class, () -> open(run, recipe(9, 1), false).train(new StopAfter(6)));
    Path weights = run.resolve("checkpoint-00000005").resolve("model.safetensors");
    Safetensors read = Safetensors.open(weights);
    Map<String, Safetensors.Source> broken = new LinkedHashMap<>();
    for (String name : read.names()) {
      float[] values = read.floats(name);
      values[0] = Float.NaN;
      long[] shape = read.shape(name).stream().mapToLong(Long::longValue).toArray();
      broken.put(name, Safetensors.Source.of(values, shape));
    }
    Safetensors.write(weights, broken);
    FileChecksums.write(weights.getParent());
    String message =
        assertThrows(IllegalStateException.class, () -> train(run, MODEL, recipe(9, 1), data, true))
            .getMessage();
    assertTrue(message.contains("at step 6 (looked at every 1): train with a lower"), message);
    assertTrue(message.endsWith("the last good checkpoint is " + weights.getParent()), message);
    assertEquals(List.of("checkpoint-00000005"), checkpoints(run));
  }

  @Test
  void aDamagedCheckpointIsRefused() throws IOException {
    Path run = directory.resolve("damaged");
    TrainingReport report = train(run, MODEL, recipe(5, 1), data, false);
    Path weights = report.checkpoint().resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);
    String message =
        assertThrows(IOException.class, () -> open(run, recipe(5, 1), true).close()).getMessage();
    assertTrue(message.contains("model.safetensors is not what was written"), message);
  }

  @Test
  void aRunLeavesItsMeasuresAsLinesEventsAndPictures() throws IOException {
    Path run = directory.resolve("measured");
    train(run, MODEL, recipe(4, 1), data, false);
    List<String> files;
    try (Stream<Path> entries = Files.list(run)) {
      files = entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
    assertEquals("checkpoint-00000004", files.get(0));
    assertTrue(files.get(1).startsWith("events.out.tfevents."), files.toString());
    assertEquals(
        List.of("log.jsonl", "loss.png", "perplexity.png", "tokens_per_second.png"),
        files.subList(2, files.size()));
    assertTrue(ImageIO.read(run.resolve("loss.png").toFile()).getWidth() > 0);
  }

  private static TrainingConfig recipe(long steps, int accumulation) {
    return new TrainingConfig(steps, 4, accumulation, 3e-3, 3, 0.1, 1, 7, 0.5, 10, 0.05, 0.1, 0.8);
  }

  private static Trainer open(Path run, TrainingConfig recipe, boolean resume) throws IOException {
    return Trainer.open(run, MODEL, recipe, data, OPTIONS, resume);
  }

  private static TrainingReport train(
      Path run, ModelConfig model, TrainingConfig recipe, TrainingData data, boolean resume)
      throws IOException {
    try (Trainer trainer = Trainer.open(run, model, recipe, data, OPTIONS, resume)) {
      return trainer.train(Progress.NONE);
    }
  }

  private static void assertRefused(
      Path run,
      ModelConfig model,
      TrainingConfig recipe,
      TrainingData data,
      boolean resume,
      String reason) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Trainer.open(run, model, recipe, data, OPTIONS, resume).close())
            .getMessage();
    assertTrue(message.contains(reason), message);
  }

  private static double negativeLogLikelihood(
      ReferenceModel model, int[] tokens, int begin, int length) {
    int[] window = new int[length];
    System.arraycopy(tokens, begin, window, 0, length);
    List<int[]> fgrams = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      int longest = 0;
      for (int n = 2; n <= Math.min(4, i + 1); n++) {
        longest = data.fgrams().find(window, i - n + 1, n) >= 0 ? n : longest;
      }
      if (longest > 0) {
        positions.add(i);
        fgrams.add(Arrays.copyOfRange(window, i - longest + 1, i + 1));
      }
    }
    float[] logits =
        model.logits(
            new int[][] {window},
            positions.stream().mapToInt(Integer::intValue).toArray(),
            model.rows(fgrams.toArray(int[][]::new)));
    double sum = 0;
    for (int i = 0; i < length; i++) {
      double total = 0;
      for (int t = 0; t < TrainingFiles.VOCABULARY; t++) {
        total += Math.exp(logits[i * TrainingFiles.VOCABULARY + t]);
      }
      int target = tokens[begin + i + 1];
      sum += Math.log(total) - logits[i * TrainingFiles.VOCABULARY + target];
    }
    return sum;
  }

  private static List<String> checkpoints(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("checkpoint"))
          .sorted()
          .toList();
    }
  }

  /** Returns all that the log says of each step, but for speed. */
  private static List<String> losses(Path run) throws IOException {
    List<String> losses = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      JsonNode entry = new JsonMapper().readTree(line);
      if (entry.has("loss")) {
        losses.add(entry.get("step") + " " + entry.get("loss") + " " + entry.get("gradient_norm"));
      }
    }
    return losses;
  }

  /** Asserts that two runs' logs tell the same losses and norms but for rounding. */
  private static void assertSameLosses(Path expected, Path actual) throws IOException {
    List<double[]> values = new ArrayList<>();
    for (Path run : List.of(expected, actual)) {
      values.add(
          losses(run).stream()
              .flatMap(line -> Arrays.stream(line.split(" ")))
              .mapToDouble(Double::parseDouble)
              .toArray());
    }
    assertTrue(values.get(0).length > 0);
    assertArrayEquals(values.get(0), values.get(1), 1e-5);
  }

  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Stops a run from outside after some steps. */
  private static final class StopAfter implements Progress {
    private int steps;
    private boolean training;

    StopAfter(int steps) {
      this.steps = steps;
    }

    @Override
    public void begin(String task, long total, String unit) {
      training = task.equals("train");
    }

    @Override
    public void advance(long units) {
      if (training && --steps == 0) {
        throw new Stop();
      }
    }

    @Override
    public void note(String text) {}

    @Override
    public void end() {}
  }
}
