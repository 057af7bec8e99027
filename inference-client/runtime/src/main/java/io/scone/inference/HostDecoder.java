package io.scone.inference;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** A decoder that runs the model as for any other tokens. */
final class HostDecoder implements Decoder {
  private final Step step;

  HostDecoder(Step step) {
    this.step = step;
  }

  @Override
  public FloatBuffer decode(int[] tokens, int[] lengths, FgramRows rows, Runnable meanwhile) {
    meanwhile.run();
    int count = tokens.length;
    int[][] each = Arrays.stream(tokens).mapToObj(token -> new int[] {token}).toArray(int[][]::new);
    int[] wanted = new int[count];
    Arrays.fill(wanted, 1);
    return step.run(0, each, Arrays.copyOf(lengths, count), rows, wanted);
  }

  @Override
  public void close() {}
}
