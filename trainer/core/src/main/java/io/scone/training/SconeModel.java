package io.scone.training;

import static org.bytedeco.pytorch.global.torch.addmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.matmul;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.Reduction;

/**
 * The main model and the f-gram model as functions over their weights.
 *
 * <p>Both are GPT-2's transformer, and both work on {@link Pack}s: activations are [N, D], the
 * tokens of all sequences one after another, so that linear layers and norms see one matrix and
 * only attention looks at sequences. Letters in shapes: N tokens, D width, H heads, V vocabulary, B
 * sequences of T tokens in a batch, U distinct f-grams of n tokens.
 */
final class SconeModel {
  private static final double NORM_EPSILON = 1e-5;
  private static final long NOTHING_IGNORED = -1; // no token has this number
  private static final long NO_PADDING = -1; // nor has a vector

  private final ModelConfig config;
  private final Weights weights;
  private final Activations activations;

  /** Makes the models of that shape out of weights, which stay the caller's. */
  SconeModel(ModelConfig config, Weights weights) {
    this(config, weights, Activations.KEPT);
  }

  /** Makes the models with a way of going back through their losses. */
  SconeModel(ModelConfig config, Weights weights, Activations activations) {
    this.config = config;
    this.weights = weights;
    this.activations = activations;
  }

  /** Returns the mean cross entropy of a batch's next tokens, a scalar, in mixed precision. */
  Tensor loss(TrainingBatch batch) {
    return crossEntropy(batch, Reduction.Mean);
  }

  /** Returns the cross entropy of each of a batch's next tokens, [B*T], in mixed precision. */
  Tensor losses(TrainingBatch batch) {
    return crossEntropy(batch, Reduction.None);
  }

  private Tensor crossEntropy(TrainingBatch batch, Reduction reduction) {
    return Torch.autocast(
        weights.device(),
        () -> {
          Tensor logits = logits(inputEmbeddings(batch), batch.windows()); // [B*T, V]
          return cross_entropy_loss(
              logits,
              longs(batch.targets()),
              new TensorOptional(),
              reduction.value,
              NOTHING_IGNORED,
              0.0);
        });
  }

  /** Returns the main model's input embeddings of a batch, [B*T, D], without positions. */
  Tensor inputEmbeddings(TrainingBatch batch) {
    // Every token that the distinct inputs are made of is looked up at once: one gradient of T.
    Tensor e = activations.cut(tokenEmbeddings(batch.inputTokens())); // [U1 + N, D]
    if (batch.fgrams().isEmpty()) {
      return embedding(e, longs(batch.sources())); // [B*T, D]
    }
    long fgramTokens = e.size(0) - batch.distinctTokens();
    TensorVector parts = e.split_with_sizes(batch.distinctTokens(), fgramTokens);
    Tensor vectors = // of the memory, for each suffix
        config.hasMemory() ? embedding(memory(batch), longs(batch.memory().sources())) : null;
    Tensor rows = fgramRows(parts.get(1), batch.fgrams(), vectors); // [U, D]
    Tensor distinct = cat(new TensorVector(parts.get(0), rows)); // [U1 + U, D]
    return embedding(distinct, longs(batch.sources())); // [B*T, D]
  }

  /** Returns rows of the token embedding T, [N, D]. */
  Tensor tokenEmbeddings(long[] tokens) {
    return embedding(tokenEmbedding(), longs(tokens));
  }

  /** Returns the distinct vectors of the memory that a batch takes, [vectors, D]. */
  Tensor memory(TrainingBatch batch) {
    // Its gradient is sparse: a large memory has few vectors in a batch.
    return embedding(weights.memory(), longs(batch.memory().distinct()), NO_PADDING, false, true);
  }

  /**
   * Returns the rows of f-grams, [U, D], by themselves.
   *
   * @param e their tokens' embeddings, [N, D]
   * @param tokens their tokens, N
   * @param fgrams how they are packed
   */
  Tensor fgramRows(Tensor e, long[] tokens, List<Pack> fgrams) {
    if (!config.hasMemory()) {
      return fgramRows(e, fgrams, null);
    }
    long[] slots = SuffixHash.slots(tokens, fgrams, config.fgram().memory());
    return fgramRows(e, fgrams, embedding(weights.memory(), longs(slots)));
  }

  /**
   * Returns the rows of f-grams, [U, D].
   *
   * @param vectors what the memory has for each of their suffixes, [suffixes, D]; null without one
   */
  private Tensor fgramRows(Tensor e, List<Pack> fgrams, Tensor vectors) {
    List<Tensor> parts = new ArrayList<>(); // [U, D] each
    if (config.addsLastToken()) {
      parts.add(lastTokens(e, fgrams));
    }
    if (config.hasTransformer()) {
      parts.add(outputs(e, fgrams));
    }
    if (config.hasMemory()) {
      parts.add(sums(vectors, fgrams));
    }
    return parts.stream().reduce(Tensor::add).orElseThrow(); // [U, D]
  }

  /** Returns the sums of what the memory has for the suffixes of each f-gram, [U, D]. */
  private static Tensor sums(Tensor vectors, List<Pack> fgrams) {
    TensorVector parts =
        vectors.split_with_sizes(fgrams.stream().mapToLong(Pack::suffixes).toArray());
    for (int i = 0; i < fgrams.size(); i++) {
      Pack pack = fgrams.get(i);
      Tensor part = parts.get(i).view(pack.sequences(), pack.length() - 1, -1); // [U, n - 1, D]
      parts.put(i, part.sum(1)); // [U, D]
    }
    return join(parts); // [all U, D]
  }

  /** Returns the outputs of the f-gram model's transformer, [U, D]. */
  private Tensor outputs(Tensor e, List<Pack> fgrams) {
    ModelConfig.Fgram fgram = config.fgram();
    Tensor x = config.isProjected() ? matmul(e, weights.get(Weights.PROJECT_IN)) : e;
    x = addPositions(x, Weights.FGRAM, fgrams); // [N, the f-gram model's width]
    List<AttentionGroup> groups =
        fgrams.stream().flatMap(pack -> AttentionGroup.of(pack, weights.device())).toList();
    Tensor rows = blocks(Weights.FGRAM, fgram.layers(), fgram.heads(), x, groups, true);
    rows = norm(rows, Weights.FGRAM + "ln_f"); // [U, the f-gram model's width]
    return config.isProjected() ? matmul(rows, weights.get(Weights.PROJECT_OUT)) : rows; // [U, D]
  }

  /** Returns the logits after each token, [B*T, V], from input embeddings, [B*T, D]. */
  Tensor logits(Tensor e, Pack sequences) {
    ModelConfig.Main main = config.main();
    Tensor x = addPositions(e, "", List.of(sequences)); // [B*T, D]
    List<AttentionGroup> alone = List.of(AttentionGroup.alone(sequences));
    x = norm(blocks("", main.layers(), main.heads(), x, alone, false), "ln_f"); // [B*T, D]
    return matmul(x, tokenEmbedding().t()); // [B*T, V]
  }

  /** Returns T, [V, D]. */
  private Tensor tokenEmbedding() {
    return activations.shared(weights.get("wte.weight"));
  }

  private Tensor addPositions(Tensor e, String model, List<Pack> packs) {
    Tensor positions = weights.get(model + "wpe.weight"); // [context or K, D]
    TensorVector parts = split(e, packs.stream());
    for (int i = 0; i < packs.size(); i++) {
      Pack pack = packs.get(i);
      Tensor x = parts.get(i).view(pack.sequences(), pack.length(), -1); // [U, n, D]
      x = x.add(positions.narrow(0, 0, pack.length())); // [U, n, D]
      parts.put(i, x.view(pack.tokens(), -1)); // [U*n, D]
    }
    return join(parts); // [N, D]
  }

  /**
   * Returns the residual stream after all blocks, at all tokens or only at each sequence's last.
   */
  private Tensor blocks(
      String model,
      int layers,
      int heads,
      Tensor x,
      List<AttentionGroup> groups,
      boolean onlyLast) {
    activations.keep(groups.stream().flatMap(AttentionGroup::masks));
    x = activations.cut(x);
    for (int i = 0; i < layers; i++) {
      String block = model + "h." + i + ".";
      // Nobody looks at the other tokens after the last attention.
      boolean last = onlyLast && i == layers - 1;
      x = activations.block(x, in -> block(in, block, heads, groups, last)); // [N, D]; last [U, D]
    }
    return x;
  }

  private Tensor block(
      Tensor x, String block, int heads, List<AttentionGroup> groups, boolean onlyLast) {
    Tensor a = attention(norm(x, block + "ln_1"), block + "attn.", heads, groups, onlyLast);
    Tensor kept = onlyLast ? lastTokens(x, packs(groups).toList()) : x;
    x = kept.add(a); // [N or U, D]
    return x.add(mlp(norm(x, block + "ln_2"), block + "mlp.")); // [N or U, D]
  }

  private Tensor attention(
      Tensor x, String layer, int heads, List<AttentionGroup> groups, boolean onlyLast) {
    Tensor qkv = linear(x, layer + "c_attn"); // [N, 3D]
    TensorVector parts = split(qkv, packs(groups));
    for (int i = 0; i < groups.size(); i++) {
      Tensor a = groups.get(i).attention(parts.get(i), heads, onlyLast); // [U*n or U, D]
      parts.put(i, a);
    }
    return linear(join(parts), layer + "c_proj"); // [N or U, D]
  }

  private Tensor mlp(Tensor x, String layer) {
    return linear(gelu(linear(x, layer + "c_fc"), "tanh"), layer + "c_proj"); // [N, 4D] between
  }

  private Tensor linear(Tensor x, String layer) {
    return addmm(weights.get(layer + ".bias"), x, weights.get(layer + ".weight")); // [N, out]
  }

  private Tensor norm(Tensor x, String layer) {
    return layer_norm(
        x,
        new long[] {x.size(-1)},
        new TensorOptional(weights.get(layer + ".weight")),
        new TensorOptional(weights.get(layer + ".bias")),
        NORM_EPSILON,
        true);
  }

  private Tensor longs(long[] values) {
    return Torch.longs(weights.device(), values);
  }

  private static Stream<Pack> packs(List<AttentionGroup> groups) {
    return groups.stream().map(AttentionGroup::pack);
  }

  private static Tensor lastTokens(Tensor x, List<Pack> packs) {
    TensorVector parts = split(x, packs.stream());
    for (int i = 0; i < packs.size(); i++) {
      Pack pack = packs.get(i);
      Tensor part = parts.get(i).view(pack.sequences(), pack.length(), -1); // [U, n, D]
      parts.put(i, part.select(1, pack.length() - 1)); // [U, D]
    }
    return join(parts); // [all U, D]
  }

  private static TensorVector split(Tensor x, Stream<Pack> packs) {
    return x.split_with_sizes(packs.mapToLong(Pack::tokens).toArray());
  }

  private static Tensor join(TensorVector parts) {
    return parts.size() == 1 ? new Tensor(parts.get(0)) : cat(parts); // get() only borrows
  }
}
