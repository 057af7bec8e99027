package io.scone.training;

import static org.bytedeco.pytorch.global.torch.eye;
import static org.bytedeco.pytorch.global.torch.kron;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.tril;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The sequences of a pack as causal attention takes them: each by itself, or several as one longer
 * sequence under a mask that keeps them apart.
 *
 * <p>A GPU's attention kernels work on tiles of dozens of tokens, so that f-grams of two to five
 * tokens by themselves would leave nearly all of each tile empty. Letters in shapes: U sequences of
 * n tokens, g of them side by side, H heads, D width.
 *
 * @param pack the sequences
 * @param size g, which divides U
 * @param causal what is added to the scores, [g*n, g*n]: 0 where a token sees another, else minus
 *     infinity; null where g is 1
 * @param last its rows of each sequence's last token, [g, g*n]
 */
record AttentionGroup(Pack pack, int size, Tensor causal, Tensor last) {
  /** Whole in the kernels' demands on masks, whose rows are to be multiples of 16. */
  private static final int SIZE = 16;

  /** Takes each sequence by itself. */
  static AttentionGroup alone(Pack pack) {
    return new AttentionGroup(pack, 1, null, null);
  }

  /** Takes short sequences as suits the device: side by side, and those left over alone. */
  static Stream<AttentionGroup> of(Pack pack, DeviceType device) {
    long grouped = device == DeviceType.CPU ? 0 : pack.sequences() / SIZE * SIZE;
    return Stream.concat(
        grouped == 0 ? Stream.of() : Stream.of(sideBySide(grouped, pack.length(), device)),
        grouped == pack.sequences()
            ? Stream.of()
            : Stream.of(alone(new Pack(pack.sequences() - grouped, pack.length()))));
  }

  /** Takes sequences 16 at a time; their number is a multiple of that. */
  static AttentionGroup sideBySide(long sequences, long length, DeviceType device) {
    // Made on the device: a copy from the host would wait for all that the GPU has yet to do.
    TensorOptions on = new TensorOptions(new Device(device));
    Tensor apart = eye(SIZE, on); // [g, g]
    Tensor causal = kron(apart, tril(ones(new long[] {length, length}, on))); // [g*n, g*n]
    Tensor last = kron(apart, ones(new long[] {1, length}, on)); // [g, g*n]
    return new AttentionGroup(
        new Pack(sequences, length), SIZE, added(causal, device), added(last, device));
  }

  /** Returns the tensors that attention reads beside its input. */
  Stream<Tensor> masks() {
    return causal == null ? Stream.of() : Stream.of(causal, last);
  }

  /**
   * Computes the attention of every token, or only of each sequence's last, to those before it.
   *
   * @param qkv queries, keys and values side by side, [U*n, 3D]
   * @return [U*n, D] or [U, D]
   */
  Tensor attention(Tensor qkv, int heads, boolean onlyLast) {
    long tokens = size * pack.length();
    Tensor part =
        qkv.view(pack.sequences() / size, tokens, 3, heads, -1) // [U/g, g*n, 3, H, D/H]
            .permute(2, 0, 3, 1, 4); // [3, U/g, H, g*n, D/H]
    Tensor q = part.select(0, 0); // [U/g, H, g*n, D/H]
    Tensor k = part.select(0, 1); // [U/g, H, g*n, D/H]
    Tensor v = part.select(0, 2); // [U/g, H, g*n, D/H]
    if (onlyLast) {
      long n = pack.length();
      q = q.slice(2, new LongOptional(n - 1), new LongOptional(tokens), n); // [U/g, H, g, D/H]
    }
    Tensor mask = onlyLast ? last : causal;
    Tensor a =
        scaled_dot_product_attention(
            q,
            k,
            v,
            mask == null ? new TensorOptional() : new TensorOptional(mask),
            0,
            mask == null && !onlyLast,
            new DoubleOptional(),
            false);
    return a.transpose(1, 2).reshape(-1, qkv.size(1) / 3); // [U*n or U, D]
  }

  /** Returns what attention adds to scores, given 1 where a token sees another and 0 elsewhere. */
  private static Tensor added(Tensor seen, DeviceType device) {
    ScalarType computed = device == DeviceType.CPU ? ScalarType.Float : ScalarType.BFloat16;
    return seen.log().to(computed); // 0 or minus infinity, exact in both
  }
}
