package io.scone.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomBundle;
import io.scone.inference.Generation.StopReason;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ModelConfig;
import io.scone.training.ReferenceModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generation with a real bundle, which only this module can make. */
class GeneratorTest {
  private static final int CONTEXT = 24;
  private static final int[] PROMPT = {72, 101, 108, 108, 111};

  @TempDir static Path directory;
  private static MainModel model;
  private static Tokenizer tokenizer;
  private static RowSource rows;
  private static ReferenceModel reference;

  @BeforeAll
  static void open() throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, CONTEXT, 32, 2, 4),
            new ModelConfig.Fgram(3, 1, 4));
    int[] text = new Random(1).ints(4000, 0, 257).toArray();
    Bundle bundle = RandomBundle.create(directory, config, new int[][] {PROMPT, text}, 1);
    model = MainModel.open(bundle, 1);
    tokenizer = Tokenizers.load(bundle.tokenizer());
    rows =
        new ComputedRows(
            FgramFile.open(bundle.fgrams()).index(),
            FgramModel.open(bundle, 1),
            new RowCodec(Dtype.F32, 32));
    reference = ReferenceModel.load(directory.resolve("checkpoint"));
  }

  @AfterAll
  static void close() {
    reference.close();
    rows.close();
    tokenizer.close();
    model.close();
  }

  @Test
  void greedyGenerationTakesTheLikeliestTokenOfEveryStep() {
    Generation generation = generate(RowSource.none(), PROMPT, CONTEXT, Sampling.GREEDY);
    int[] tokens = Arrays.copyOf(PROMPT, PROMPT.length + generation.tokens().size());
    for (int i = 0; i < generation.tokens().size(); i++) {
      int size = PROMPT.length + i;
      int[] before = Arrays.copyOf(tokens, size);
      float[] logits = reference.logits(new int[][] {before}, new int[0], new float[0]);
      int likeliest = 0;
      for (int token = 0; token < RandomBundle.VOCABULARY; token++) {
        int last = (size - 1) * RandomBundle.VOCABULARY;
        likeliest = logits[last + token] > logits[last + likeliest] ? token : likeliest;
      }
      assertEquals(likeliest, generation.tokens().get(i));
      tokens[size] = likeliest;
    }
    assertEquals(0, generation.matches());
  }

  @Test
  void generationStopsAtItsLimitOrTheEndOfTheContext() {
    Generation limited = generate(rows, PROMPT, 3, Sampling.GREEDY);
    assertEquals(StopReason.MAX_TOKENS, limited.stopReason());
    assertEquals(3, limited.tokens().size());
    assertTrue(limited.matches() > 0);

    Generation full = generate(rows, PROMPT, 1000, Sampling.GREEDY);
    assertEquals(StopReason.CONTEXT, full.stopReason());
    // The last token needs no room: it is not read.
    assertEquals(CONTEXT + 1 - PROMPT.length, full.tokens().size());
    assertEquals(limited.tokens(), full.tokens().subList(0, 3));

    int[] whole = new Random(2).ints(CONTEXT, 0, 256).toArray();
    assertEquals(1, generate(rows, whole, 9, Sampling.GREEDY).tokens().size());
  }

  @Test
  void generationStopsAtTheEndOfText() {
    for (int seed = 0; seed < 1000; seed++) {
      Generation generation = generate(rows, PROMPT, 15, new Sampling(2, 0, 1, seed));
      assertEquals(-1, generation.tokens().indexOf(tokenizer.endOfText()));
      if (generation.stopReason() == StopReason.END_OF_TEXT) {
        return;
      }
    }
    throw new AssertionError("no seed ended the text");
  }

  @Test
  void theSameSeedGivesTheSameTextAndThePiecesMakeIt() {
    Sampling sampling = new Sampling(1.5, 40, 0.95, 9);
    List<String> pieces = new ArrayList<>();
    Generation generation =
        new Generator(model, rows, tokenizer).generate("Hello", 12, sampling, pieces::add);
    assertEquals(generation.text(), String.join("", pieces));
    int[] tokens = generation.tokens().stream().mapToInt(Integer::intValue).toArray();
    assertEquals(tokenizer.decode(tokens), generation.text());
    assertEquals(generation.text(), generate(rows, tokenizer.encode("Hello"), 12, sampling).text());
  }

  @Test
  void promptsThatCannotBeContinuedAreRefused() {
    assertRefused("the prompt is empty", new int[0], 1);
    assertRefused("the prompt has 25 tokens, the model's context is 24", new int[25], 1);
    assertRefused("token 257 is outside the model's vocabulary of 257", new int[] {1, 257}, 1);
    assertRefused("must be at least 1", PROMPT, 0);
  }

  private static void assertRefused(String sentence, int[] prompt, int maxTokens) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> generate(rows, prompt, maxTokens, Sampling.GREEDY));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  private static Generation generate(
      RowSource source, int[] prompt, int maxTokens, Sampling sampling) {
    return new Generator(model, source, tokenizer)
        .generate(prompt, maxTokens, sampling, piece -> {});
  }
}
