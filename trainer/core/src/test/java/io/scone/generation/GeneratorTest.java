package io.scone.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomBundle;
import io.scone.generation.Generation.StopReason;
import io.scone.inference.RowSource;
import io.scone.training.ReferenceModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Generation with a real bundle, which only this module can make, one prompt at a time. */
@Timeout(120)
class GeneratorTest {
  private static final int[] PROMPT = {72, 101, 108, 108, 111};

  @TempDir static Path directory;
  private static SmallModel model;
  private static ReferenceModel reference;

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
  void greedyGenerationTakesTheLikeliestTokenOfEveryStep() {
    Generation generation = generate(RowSource.none(), PROMPT, options(1000));
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
    Generation limited = generate(PROMPT, options(3));
    assertEquals(StopReason.MAX_TOKENS, limited.stopReason());
    assertEquals(3, limited.tokens().size());
    assertTrue(limited.matches() > 0);

    Generation full = generate(PROMPT, options(1000));
    assertEquals(StopReason.CONTEXT, full.stopReason());
    // The last token needs no room: it is not read.
    assertEquals(SmallModel.CONTEXT + 1 - PROMPT.length, full.tokens().size());
    assertEquals(limited.tokens(), full.tokens().subList(0, 3));

    int[] whole = new Random(2).ints(SmallModel.CONTEXT, 0, 256).toArray();
    assertEquals(1, generate(whole, options(9)).tokens().size());
  }

  @Test
  void generationStopsAtTheEndOfTextButNotBeforeItsLeastLength() {
    int endOfText = model.tokenizer().endOfText();
    for (int seed = 0; seed < 1000; seed++) {
      Sampling sampling = Sampling.builder().temperature(2).seed(seed).build();
      GenerationOptions.Builder options =
          GenerationOptions.builder().maxTokens(15).sampling(sampling);
      Generation generation = generate(PROMPT, options.build());
      assertEquals(-1, generation.tokens().indexOf(endOfText));
      if (generation.stopReason() == StopReason.END_OF_TEXT) {
        int length = generation.tokens().size();
        Generation longer = generate(PROMPT, options.minTokens(length + 1).build());
        assertTrue(longer.tokens().size() > length);
        return;
      }
    }
    throw new AssertionError("no seed ended the text");
  }

  @Test
  void generationStopsBeforeAStopStringAndNoPieceHoldsAnyOfIt() {
    Sampling sampling = Sampling.builder().temperature(1).seed(3).build();
    GenerationOptions.Builder options =
        GenerationOptions.builder().maxTokens(40).sampling(sampling);
    String text = generate(PROMPT, options.build()).text();
    String stop = text.substring(12, 15); // three characters are at least three tokens here
    List<String> pieces = new ArrayList<>();
    Generation stopped =
        generate(model.rows(), PROMPT, options.stop(List.of("no such text", stop)).build(), pieces);
    assertEquals(StopReason.STOP_STRING, stopped.stopReason());
    assertEquals(text.substring(0, text.indexOf(stop)), stopped.text());
    assertEquals(stopped.text(), String.join("", pieces));
  }

  @Test
  void theSameSeedGivesTheSameTextAndThePiecesMakeIt() {
    Sampling sampling =
        Sampling.builder().temperature(1.5).topK(40).topP(0.95).minP(0.01).seed(9).build();
    GenerationOptions options =
        GenerationOptions.builder().maxTokens(12).sampling(sampling).build();
    List<String> pieces = new ArrayList<>();
    Generation generation =
        generate(model.rows(), model.tokenizer().encode("Hello"), options, pieces);
    assertEquals(generation.text(), String.join("", pieces));
    int[] tokens = generation.tokens().stream().mapToInt(Integer::intValue).toArray();
    assertEquals(model.tokenizer().decode(tokens), generation.text());
    assertEquals(generation.text(), generate(model.tokenizer().encode("Hello"), options).text());
  }

  @Test
  void severalSequencesDifferAndTheFirstIsTheOneThatComesAlone() {
    Sampling sampling = Sampling.builder().temperature(1).seed(4).build();
    GenerationOptions.Builder options =
        GenerationOptions.builder().maxTokens(10).sampling(sampling);
    Generation alone = generate(PROMPT, options.build());
    try (GenerationEngine engine = model.engine(model.rows(), EngineConfig.ofSlots(4))) {
      List<Generation> three =
          new Generator(engine).generate(PROMPT, options.sequences(3).build(), piece -> {});
      assertEquals(3, three.stream().map(Generation::tokens).distinct().count());
      assertEquals(alone.tokens(), three.get(0).tokens());
    }
  }

  @Test
  void logprobsAreThoseOfTheModel() {
    GenerationOptions options =
        GenerationOptions.builder().maxTokens(4).logprobs(3).promptLogprobs(true).build();
    List<TokenLogprobs> prompt = new ArrayList<>();
    List<Generation> generations = new ArrayList<>();
    try (GenerationEngine engine = model.engine(RowSource.none(), EngineConfig.ofSlots(1))) {
      Recorder recorder = new Recorder();
      engine.submit(new GenerationRequest(PROMPT, options), recorder);
      generations.addAll(recorder.await());
      prompt.addAll(recorder.prompt());
    }
    List<TokenLogprobs> all = new ArrayList<>(prompt);
    all.addAll(generations.get(0).logprobs());
    int[] tokens = all.stream().mapToInt(TokenLogprobs::token).toArray();
    assertTrue(Double.isNaN(all.get(0).logprob()));
    float[] logits = reference.logits(new int[][] {tokens}, new int[0], new float[0]);
    for (int i = 1; i < tokens.length; i++) {
      double[] expected = logprobs(logits, i - 1);
      assertEquals(expected[tokens[i]], all.get(i).logprob(), 1e-4);
      assertEquals(3, all.get(i).top().size());
      double last = 0;
      for (TokenLogprobs.Candidate candidate : all.get(i).top()) {
        assertEquals(expected[candidate.token()], candidate.logprob(), 1e-4);
        assertTrue(candidate.logprob() <= last);
        last = candidate.logprob();
      }
      double first = Arrays.stream(expected).max().orElseThrow();
      assertEquals(first, all.get(i).top().get(0).logprob(), 1e-4);
    }
  }

  @Test
  void promptsThatCannotBeContinuedAreRefused() {
    assertRefused("the prompt is empty", new int[0], options(1));
    assertRefused("the prompt has 25 tokens, the model's context is 24", new int[25], options(1));
    assertRefused(
        "token 257 is outside the model's vocabulary of 257", new int[] {1, 257}, options(1));
    assertRefused(
        "5 sequences side by side are asked for, there is room for 1",
        PROMPT,
        GenerationOptions.builder().sequences(5).build());
    assertRefused(
        "token 300 is outside",
        PROMPT,
        GenerationOptions.builder()
            .sampling(Sampling.builder().badWords(List.of(List.of(300))).build())
            .build());
  }

  @Test
  void whatLeavesNoTokenFailsWithASentence() {
    List<List<Integer>> all = new ArrayList<>();
    for (int token = 0; token < RandomBundle.VOCABULARY; token++) {
      all.add(List.of(token));
    }
    GenerationOptions options =
        GenerationOptions.builder().sampling(Sampling.builder().badWords(all).build()).build();
    RuntimeException e = assertThrows(RuntimeException.class, () -> generate(PROMPT, options));
    assertTrue(e.getMessage().endsWith("rule out every token"), e.getMessage());
  }

  private static double[] logprobs(float[] logits, int place) {
    int vocabulary = RandomBundle.VOCABULARY;
    double sum = 0;
    for (int token = 0; token < vocabulary; token++) {
      sum += Math.exp(logits[place * vocabulary + token]);
    }
    double[] logprobs = new double[vocabulary];
    for (int token = 0; token < vocabulary; token++) {
      logprobs[token] = logits[place * vocabulary + token] - Math.log(sum);
    }
    return logprobs;
  }

  private static GenerationOptions options(int maxTokens) {
    return GenerationOptions.builder().maxTokens(maxTokens).build();
  }

  private static void assertRefused(String sentence, int[] prompt, GenerationOptions options) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> generate(prompt, options));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  private static Generation generate(int[] prompt, GenerationOptions options) {
    return generate(model.rows(), prompt, options);
  }

  private static Generation generate(RowSource rows, int[] prompt, GenerationOptions options) {
    return generate(rows, prompt, options, new ArrayList<>());
  }

  private static Generation generate(
      RowSource rows, int[] prompt, GenerationOptions options, List<String> pieces) {
    try (GenerationEngine engine = model.engine(rows, EngineConfig.ofSlots(1))) {
      return new Generator(engine).generate(prompt, options, pieces::add).get(0);
    }
  }
}
