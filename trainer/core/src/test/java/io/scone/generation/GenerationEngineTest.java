package io.scone.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.inference.FgramRows;
import io.scone.inference.MissingRowsException;
import io.scone.inference.RowSource;
import io.scone.inference.TokenWindow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many requests in one batch, with a real bundle. */
@Timeout(120)
class GenerationEngineTest {
  private static final int CONTEXT = 64;
  private static final int[] PROMPT = {72, 101, 108, 108, 111};

  @TempDir static Path directory;
  private static SmallModel model;

  @BeforeAll
  static void open() throws Exception {
    model = SmallModel.create(directory, CONTEXT, PROMPT);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  /** Prompts of all lengths, more than there are slots, some in several sequences or beams. */
  @Test
  void aRequestGivesTheSameAloneAndAmongOthers() {
    List<GenerationRequest> requests = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 24; i++) {
      int[] prompt = random.ints(1 + random.nextInt(50), 0, 256).toArray();
      GenerationOptions.Builder options =
          GenerationOptions.builder().maxTokens(1 + random.nextInt(20));
      Sampling.Builder sampling = Sampling.builder();
      switch (i % 4) {
        case 0 -> options.beams(new Beams(2 + i % 3, 1, Beams.EarlyStopping.HEURISTIC));
        case 1 -> {
          options.sequences(1 + i % 3).logprobs(2);
          sampling.temperature(1).topP(0.9).repetitionPenalty(1.2).seed(i);
        }
        default -> sampling.noRepeatNgram(2 * (i % 2));
      }
      requests.add(new GenerationRequest(prompt, options.sampling(sampling.build()).build()));
    }
    EngineConfig config = EngineConfig.ofSlots(6).withPrefillTokens(8).withQueue(100);
    List<List<Generation>> together = generate(config, requests);
    for (int i = 0; i < requests.size(); i++) {
      List<Generation> alone = generate(config, List.of(requests.get(i))).get(0);
      assertEquals(tokens(alone), tokens(together.get(i)), "request " + i);
      assertEquals(alone.get(0).logprobs(), together.get(i).get(0).logprobs());
      assertEquals(alone.get(0).matches(), together.get(i).get(0).matches());
    }
  }

  @Test
  void manyPromptsComeInOrder() {
    List<int[]> prompts =
        IntStream.range(0, 40)
            .mapToObj(i -> model.tokenizer().encode("Prompt " + "x".repeat(i % 7) + i))
            .toList();
    GenerationOptions options = GenerationOptions.builder().maxTokens(6).build();
    List<String> texts = new ArrayList<>();
    try (GenerationEngine engine =
        model.engine(model.rows(), EngineConfig.ofSlots(8).withQueue(2))) {
      Generator generator = new Generator(engine);
      generator.generateAll(prompts, options, each -> texts.add(each.get(0).text()));
      for (int i = 0; i < prompts.size(); i += 9) {
        assertEquals(
            generator.generate(prompts.get(i), options, piece -> {}).get(0).text(), texts.get(i));
      }
      assertEmpty(engine.statistics());
    }
    assertEquals(prompts.size(), texts.size());
  }

  @Test
  void aRequestMoreThanMayWaitIsRefusedAtOnce() throws Exception {
    CountDownLatch full = new CountDownLatch(1);
    try (GenerationEngine engine =
        model.engine(model.rows(), EngineConfig.ofSlots(1).withQueue(2))) {
      Recorder first = new Recorder();
      CountDownLatch begun = new CountDownLatch(1);
      engine.submit(
          request(3),
          new GenerationListener() {
            @Override
            public void onPiece(int sequence, String text, List<TokenLogprobs> logprobs) {
              begun.countDown();
              await(full); // the engine is busy for as long as this test wants
            }

            @Override
            public void onComplete(List<Generation> generations) {
              first.onComplete(generations);
            }

            @Override
            public void onFailure(RuntimeException failure) {
              first.onFailure(failure);
            }
          });
      begun.await();
      List<Recorder> waiting = List.of(new Recorder(), new Recorder());
      waiting.forEach(each -> engine.submit(request(3), each));
      assertThrows(OverloadedException.class, () -> engine.submit(request(3), new Recorder()));
      assertEquals(1, engine.statistics().refused());
      assertEquals(2, engine.statistics().waiting());
      full.countDown();
      first.await();
      waiting.forEach(Recorder::await);
    }
  }

  @Test
  void aRequestThatIsGivenUpLeavesTheBatch() {
    try (GenerationEngine engine = model.engine(model.rows(), EngineConfig.ofSlots(2))) {
      Recorder kept = new Recorder();
      Recorder given = new Recorder();
      Recorder waiting = new Recorder();
      engine.submit(request(50), kept);
      GenerationHandle handle = engine.submit(longRequest(), given);
      engine.submit(longRequest(), waiting).cancel();
      handle.cancel();
      assertThrows(CancellationException.class, given::await);
      assertThrows(CancellationException.class, waiting::await);
      assertEquals(50, kept.await().get(0).tokens().size());
      assertEquals(2, engine.statistics().cancelled());
      assertEmpty(engine.statistics());
    }
  }

  /** The rows of every f-gram after a certain token cannot be had; those of the others can. */
  @Test
  void rowsThatCannotBeHadFailTheirRequestsOnly() {
    int poison = 200;
    RowSource rows =
        new RowSource() {
          @Override
          public int context() {
            return model.rows().context();
          }

          @Override
          public FgramRows find(List<TokenWindow> windows) {
            int[] failed =
                IntStream.range(0, windows.size())
                    .filter(i -> IntStream.of(windows.get(i).tokens()).anyMatch(t -> t == poison))
                    .toArray();
            if (failed.length > 0) {
              throw new MissingRowsException(failed, new IllegalStateException("no such server"));
            }
            return model.rows().find(windows);
          }

          @Override
          public void close() {}
        };
    List<List<Integer>> noPoison = List.of(List.of(poison));
    GenerationOptions safe =
        GenerationOptions.builder()
            .maxTokens(30)
            .sampling(Sampling.builder().badWords(noPoison).build())
            .build();
    // Comes to the token after it began, by a bias that nothing outweighs.
    GenerationOptions poisoned =
        GenerationOptions.builder()
            .maxTokens(30)
            .sampling(Sampling.builder().logitBias(Map.of(poison, 100.0)).build())
            .build();
    try (GenerationEngine engine = model.engine(rows, EngineConfig.ofSlots(4))) {
      List<Recorder> good = List.of(new Recorder(), new Recorder());
      List<Recorder> bad = List.of(new Recorder(), new Recorder());
      engine.submit(new GenerationRequest(PROMPT, poisoned), bad.get(0));
      engine.submit(new GenerationRequest(PROMPT, safe), good.get(0));
      engine.submit(new GenerationRequest(new int[] {1, poison}, safe), bad.get(1));
      engine.submit(new GenerationRequest(PROMPT, safe), good.get(1));
      for (Recorder each : bad) {
        RuntimeException e = assertThrows(MissingRowsException.class, each::await);
        assertTrue(e.getMessage().endsWith("no such server"), e.getMessage());
      }
      good.forEach(each -> assertEquals(30, each.await().get(0).tokens().size()));
      assertEquals(2, engine.statistics().failed());
      assertEmpty(engine.statistics());
    }
  }

  @Test
  void aListenerThatFailsLosesItsRequestOnly() {
    try (GenerationEngine engine = model.engine(model.rows(), EngineConfig.ofSlots(2))) {
      Recorder failed = new Recorder();
      engine.submit(
          longRequest(),
          new GenerationListener() {
            @Override
            public void onPiece(int sequence, String text, List<TokenLogprobs> logprobs) {
              throw new IllegalStateException("nobody reads this");
            }

            @Override
            public void onComplete(List<Generation> generations) {
              failed.onComplete(generations);
            }

            @Override
            public void onFailure(RuntimeException failure) {
              failed.onFailure(failure);
            }
          });
      Recorder kept = new Recorder();
      engine.submit(request(20), kept);
      assertThrows(IllegalStateException.class, failed::await);
      assertEquals(20, kept.await().get(0).tokens().size());
    }
  }

  @Test
  void closingFailsWhatIsUnderWayAndWhatWaits() {
    GenerationEngine engine = model.engine(model.rows(), EngineConfig.ofSlots(1));
    Recorder underWay = new Recorder();
    Recorder waiting = new Recorder();
    CountDownLatch closing = new CountDownLatch(1);
    engine.submit(
        longRequest(),
        new GenerationListener() {
          @Override
          public void onPiece(int sequence, String text, List<TokenLogprobs> logprobs) {
            underWay.onPiece(sequence, text, logprobs);
            await(closing);
          }

          @Override
          public void onComplete(List<Generation> generations) {
            underWay.onComplete(generations);
          }

          @Override
          public void onFailure(RuntimeException failure) {
            underWay.onFailure(failure);
          }
        });
    underWay.awaitText();
    engine.submit(longRequest(), waiting);
    Thread closer = new Thread(engine::close);
    closer.start();
    assertThrows(IllegalStateException.class, waiting::await); // the queue closes first
    closing.countDown();
    assertThrows(IllegalStateException.class, underWay::await);
    assertThrows(IllegalStateException.class, () -> engine.submit(request(1), waiting));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static GenerationRequest request(int tokens) {
    GenerationOptions options =
        GenerationOptions.builder().maxTokens(tokens).minTokens(tokens).build();
    return new GenerationRequest(PROMPT, options);
  }

  private static GenerationRequest longRequest() {
    return request(CONTEXT);
  }

  private static void assertEmpty(EngineStatistics statistics) {
    assertEquals(0, statistics.waiting());
  }

  private static List<List<Integer>> tokens(List<Generation> generations) {
    return generations.stream().map(Generation::tokens).toList();
  }

  private static List<List<Generation>> generate(
      EngineConfig config, List<GenerationRequest> requests) {
    try (GenerationEngine engine = model.engine(model.rows(), config)) {
      List<Recorder> recorders = new ArrayList<>();
      for (GenerationRequest request : requests) {
        recorders.add(new Recorder());
        engine.submit(request, recorders.get(recorders.size() - 1));
      }
      return recorders.stream().map(Recorder::await).toList();
    }
  }
}
