package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.training.ModelConfig.Combine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SconeModelTest {
  private static final int VOCABULARY = 7;
  private static final int CONTEXT = 12;
  private static final int MEMORY = 30;
  private static final ModelConfig CONFIG =
      new ModelConfig(
          new ModelConfig.Main(VOCABULARY, CONTEXT, 16, 2, 2),
          new ModelConfig.Fgram(4, 0, 2, 4, Combine.REPLACE, MEMORY));

  private static Weights weights;
  private static SconeModel model;
  private static SconeModel adding;

  @BeforeAll
  static void makeModel() {
    Torch.load(1);
    weights = Weights.initialize(CONFIG, 3, 1, DeviceType.CPU);
    model = new SconeModel(CONFIG, weights);
    ModelConfig.Fgram adds = new ModelConfig.Fgram(4, 0, 2, 4, Combine.ADD, MEMORY);
    adding = new SconeModel(new ModelConfig(CONFIG.main(), adds), weights);
  }

  @AfterAll
  static void close() {
    weights.close();
  }

  @Test
  void lossAndGradientsOfDistinctInputsEqualThoseOfEveryPositionOnItsOwn() {
    Random random = new Random(5);
    for (int round = 0; round < 5; round++) {
      FgramIndex index = randomFgrams(random);
      int sequences = 1 + random.nextInt(3);
      long count = sequences * (CONTEXT + 1L);
      int[] tokens = random.ints(count, 0, VOCABULARY).toArray();
      TrainingBatch batch = batch(tokens, index, sequences);

      Map<String, float[]> naive = gradients(() -> naiveLoss(tokens, sequences, index));
      Map<String, float[]> joint = gradients(() -> model.loss(batch));
      assertEquals(naive.keySet(), joint.keySet());
      naive.forEach((name, gradient) -> assertArrayEquals(gradient, joint.get(name), 2e-6f, name));
    }
  }

  @Test
  void gradientsOfActivationsThatAreComputedAgainAreTheSame() {
    Random random = new Random(6);
    for (Combine combine : Combine.values()) {
      ModelConfig config =
          new ModelConfig(CONFIG.main(), new ModelConfig.Fgram(4, 0, 2, 4, combine, MEMORY));
      try (Weights drawn = Weights.initialize(config, 3, 1, DeviceType.CPU)) {
        SconeModel keeping = new SconeModel(config, drawn);
        Activations activations = new RecomputedActivations(DeviceType.CPU);
        SconeModel recomputing = new SconeModel(config, drawn, activations);
        for (int round = 0; round < 2; round++) { // what a pass leaves must not reach the next
          TrainingBatch batch = randomBatch(random);
          Map<String, float[]> kept = gradients(drawn, () -> keeping.loss(batch), Tensor::backward);
          Map<String, float[]> again =
              gradients(
                  drawn,
                  () -> Torch.local(() -> recomputing.loss(batch)), // as a step: a loss is left
                  activations::backward);
          assertEquals(kept.keySet(), again.keySet());
          kept.forEach((name, values) -> assertArrayEquals(values, again.get(name), 1e-6f, name));
        }
      }
    }
  }

  private static TrainingBatch randomBatch(Random random) {
    FgramIndex index = randomFgrams(random);
    int[] tokens = random.ints(3 * (CONTEXT + 1L), 0, VOCABULARY).toArray();
    return batch(tokens, index, 3);
  }

  private static TrainingBatch batch(int[] tokens, FgramIndex index, int sequences) {
    byte[] lengths = matchLengths(tokens, index);
    return new TrainingBatch(
        new MatchedTokens(tokens, lengths, CONTEXT), Share.whole(sequences), MEMORY);
  }

  @Test
  void addedRowsAreTheLastTokensEmbeddingsPlusTheModelsOutputs() {
    long[] tokens = {1, 2, 3, 4, 5, 2, 1, 6, 3};
    List<Pack> packs = List.of(new Pack(3, 2), new Pack(1, 3));
    float[][] rows =
        Torch.scoped(
            () -> {
              Tensor e = model.tokenEmbeddings(tokens);
              Tensor last = model.tokenEmbeddings(new long[] {2, 4, 2, 3});
              return new float[][] {
                Torch.floats(model.fgramRows(e, tokens, packs).add(last)),
                Torch.floats(adding.fgramRows(e, tokens, packs))
              };
            });
    assertArrayEquals(rows[0], rows[1]);
  }

  @Test
  void residualRowsBeginAsTheLastTokensEmbeddings() {
    long[] tokens = {1, 2, 3, 4, 5, 2, 1, 6, 3};
    List<Pack> packs = List.of(new Pack(3, 2), new Pack(1, 3));
    for (int width : new int[] {0, 24}) {
      ModelConfig.Fgram residual = new ModelConfig.Fgram(4, width, 2, 4, Combine.RESIDUAL);
      ModelConfig config = new ModelConfig(CONFIG.main(), residual);
      try (Weights fresh = Weights.initialize(config, 3, 1, DeviceType.CPU)) {
        SconeModel begun = new SconeModel(config, fresh);
        float[][] rows =
            Torch.scoped(
                () ->
                    new float[][] {
                      Torch.floats(begun.tokenEmbeddings(new long[] {2, 4, 2, 3})),
                      Torch.floats(begun.fgramRows(begun.tokenEmbeddings(tokens), tokens, packs))
                    });
        assertArrayEquals(rows[0], rows[1]);
      }
    }
  }

  @Test
  void aMemoryAddsTheVectorsOfAllSuffixes() {
    ModelConfig.Fgram memory = new ModelConfig.Fgram(4, 0, 0, 4, Combine.RESIDUAL, 100);
    ModelConfig config = new ModelConfig(CONFIG.main(), memory);
    long[] tokens = {5, 3, 1, 5, 3, 3, 2};
    List<Pack> packs = List.of(new Pack(2, 2), new Pack(1, 3)); // 5 3, 1 5, 3 3 2
    long[] slots = SuffixHash.slots(tokens, packs, 100);
    long pair = (2 * SuffixHash.MULTIPLIER + 3) % 100; // of 3 2
    assertArrayEquals(
        new long[] {
          (3 * SuffixHash.MULTIPLIER + 5) % 100,
          (5 * SuffixHash.MULTIPLIER + 1) % 100,
          pair,
          (pair * SuffixHash.MULTIPLIER + 3) % 100
        },
        slots);
    try (Weights fresh = Weights.initialize(config, 3, 1, DeviceType.CPU)) {
      SconeModel begun = new SconeModel(config, fresh);
      Torch.scoped(() -> Torch.withoutGradients(() -> fresh.get(Weights.MEMORY).uniform_()));
      Supplier<Tensor> rows =
          () -> begun.fgramRows(begun.tokenEmbeddings(tokens), tokens, packs); // [3, D]
      float[] last = Torch.scoped(() -> Torch.floats(rows.get().select(0, 2)));
      float[] sum =
          Torch.scoped(
              () -> {
                Tensor vectors = fresh.get(Weights.MEMORY);
                return Torch.floats(
                    begun
                        .tokenEmbeddings(new long[] {2})
                        .select(0, 0)
                        .add(vectors.select(0, slots[2]).add(vectors.select(0, slots[3]))));
              });
      assertArrayEquals(sum, last, 1e-6f);
    }
  }

  /** As a GPU has them, though here on the CPU. */
  @Test
  void sequencesSideBySideAttendAsEachByItself() {
    long sequences = 32;
    for (long n = 2; n <= 5; n++) {
      Pack pack = new Pack(sequences, n);
      for (boolean onlyLast : new boolean[] {false, true}) {
        float[][] alone = attention(AttentionGroup.alone(pack), onlyLast);
        float[][] together =
            attention(AttentionGroup.sideBySide(sequences, n, DeviceType.CPU), onlyLast);
        assertArrayEquals(alone[0], together[0], 1e-6f);
        assertArrayEquals(alone[1], together[1], 1e-6f);
      }
    }
  }

  /** Returns what attention gives and the gradient of its input. */
  private static float[][] attention(AttentionGroup group, boolean onlyLast) {
    return Torch.scoped(
        () -> {
          torch.manual_seed(9);
          Tensor qkv = torch.randn(group.pack().tokens(), 3 * 8);
          qkv.requires_grad_(true);
          Tensor a = group.attention(qkv, 2, onlyLast);
          a.sin().sum().backward();
          return new float[][] {Torch.floats(a), Torch.floats(qkv.grad())};
        });
  }

  @Test
  void aBatchRunsEachDistinctInputOnce() {
    int[] tokens = {1, 2, 3, 1, 2, 3, 1, 2};
    byte[] lengths = {0, 0, 3, 2, 2, 3, 2, 0};
    TrainingBatch batch =
        new TrainingBatch(new MatchedTokens(tokens, lengths, 7), Share.whole(1), 0);
    assertArrayEquals(new long[] {1, 2, 3, 1, 1, 2, 1, 2, 3}, batch.inputTokens());
    assertEquals(2, batch.distinctTokens());
    assertEquals(List.of(new Pack(2, 2), new Pack(1, 3)), batch.fgrams());
    assertArrayEquals(new long[] {0, 1, 4, 2, 3, 4, 2}, batch.sources());
    assertArrayEquals(new long[] {2, 3, 1, 2, 3, 1, 2}, batch.targets());
  }

  @Test
  void processesThatShareABatchHaveTheSameVectorsOfTheMemory() {
    int[] tokens = {1, 2, 3, 1, 2, 3, 1, 2}; // two windows of three tokens and a target
    byte[] lengths = {0, 2, 3, 2, 2, 2, 2, 2}; // the first of a window has nothing before it
    List<TrainingBatch> parts =
        List.of(
            new TrainingBatch(new MatchedTokens(tokens, lengths, 3), new Share(2, 0, 2), 1000),
            new TrainingBatch(new MatchedTokens(tokens, lengths, 3), new Share(2, 1, 2), 1000));
    long[] slots = {slot(1, 2), slot(2, 3), slot(1, 2, 3), slot(3, 1)};
    assertArrayEquals(slots, parts.get(0).memory().distinct());
    assertArrayEquals(slots, parts.get(1).memory().distinct());
    assertArrayEquals(new long[] {0, 1, 2}, parts.get(0).memory().sources()); // 1 2, 1 2 3
    assertArrayEquals(new long[] {1, 3}, parts.get(1).memory().sources()); // 2 3, 3 1
  }

  private static long slot(long... suffix) {
    long[] slots = SuffixHash.slots(suffix, List.of(new Pack(1, suffix.length)), 1000);
    return slots[slots.length - 1];
  }

  @Test
  void aFreshModelPredictsAlmostUniformly() {
    int[] tokens = new Random(1).ints(2L * (CONTEXT + 1), 0, VOCABULARY).toArray();
    byte[] none = new byte[tokens.length];
    TrainingBatch batch =
        new TrainingBatch(new MatchedTokens(tokens, none, CONTEXT), Share.whole(2), MEMORY);
    double loss = Torch.scoped(() -> (double) model.loss(batch).item_float());
    assertEquals(Math.log(VOCABULARY), loss, 0.1);
  }

  /** Tags tokens without regard to windows, as a corpus is. */
  private static byte[] matchLengths(int[] tokens, FgramIndex index) {
    byte[] lengths = new byte[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      long match = index.longestMatch(tokens, 0, i);
      lengths[i] = (byte) (match == FgramIndex.NONE ? 0 : FgramIndex.length(match));
    }
    return lengths;
  }

  /** The loss with each position's f-gram found and run on its own. */
  private static Tensor naiveLoss(int[] tokens, int sequences, FgramIndex index) {
    List<Tensor> embeddings = new ArrayList<>();
    long[] targets = new long[sequences * CONTEXT];
    int matches = 0;
    for (int b = 0; b < sequences; b++) {
      int start = b * (CONTEXT + 1);
      for (int i = start; i < start + CONTEXT; i++) {
        targets[embeddings.size()] = tokens[i + 1];
        long match = index.longestMatch(tokens, start, i);
        int n = match == FgramIndex.NONE ? 1 : FgramIndex.length(match);
        long[] fgram = new long[n];
        for (int j = 0; j < n; j++) {
          fgram[j] = tokens[i - n + 1 + j];
        }
        Tensor e = model.tokenEmbeddings(fgram);
        embeddings.add(n == 1 ? e : model.fgramRows(e, fgram, List.of(new Pack(1, n))));
        matches += n > 1 ? 1 : 0;
      }
    }
    assertTrue(matches > 0);
    Tensor x = torch.cat(new TensorVector(embeddings.toArray(Tensor[]::new)));
    Tensor logits = model.logits(x, new Pack(sequences, CONTEXT));
    return torch.cross_entropy_loss(logits, Torch.longs(DeviceType.CPU, targets));
  }

  /** Returns the loss, under no name, and the gradient of every weight that it depends on. */
  private static Map<String, float[]> gradients(Supplier<Tensor> lossOf) {
    return gradients(weights, lossOf, Tensor::backward);
  }

  private static Map<String, float[]> gradients(
      Weights of, Supplier<Tensor> lossOf, Consumer<Tensor> backward) {
    return Torch.scoped(
        () -> {
          of.all().values().forEach(weight -> weight.mutable_grad().reset());
          Tensor loss = lossOf.get();
          backward.accept(loss);
          Map<String, float[]> gradients = new LinkedHashMap<>();
          gradients.put("", Torch.floats(loss));
          of.all()
              .forEach(
                  (name, weight) -> {
                    if (weight.grad().defined()) {
                      gradients.put(name, Torch.floats(weight.grad().to_dense()));
                    }
                  });
          return gradients;
        });
  }

  /** Returns a random set of f-grams that is closed under prefixes and suffixes. */
  private static FgramIndex randomFgrams(Random random) {
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    boolean[] pairs = new boolean[VOCABULARY * VOCABULARY];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = random.nextInt(3) > 0;
    }
    List<int[]> level = new ArrayList<>();
    for (int token = 0; token < VOCABULARY; token++) {
      level.add(new int[] {token});
    }
    for (int n = 2; n <= 4; n++) { // all paths along the pairs: closed by construction
      List<int[]> longer = new ArrayList<>();
      for (int[] suffix : level) {
        for (int token = 0; token < VOCABULARY; token++) {
          if (pairs[token * VOCABULARY + suffix[0]]) {
            int[] fgram = new int[n];
            fgram[0] = token;
            System.arraycopy(suffix, 0, fgram, 1, n - 1);
            keys.add(FgramKey.encode(fgram));
            longer.add(fgram);
          }
        }
      }
      level = longer;
    }
    FgramIndex.Builder builder = FgramIndex.builder(VOCABULARY, 4, keys.size());
    keys.forEach(key -> builder.add(FgramKey.decode(key)));
    return builder.build();
  }
}
