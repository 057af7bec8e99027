package io.scone.training;

import java.util.SplittableRandom;

/**
 * The order in which training sees the windows of a corpus: an endless sequence of epochs, each of
 * which has every window once, shuffled anew.
 *
 * <p>For use by one thread, which is quick while it stays within an epoch.
 */
final class WindowOrder {
  private final int[] order;
  private final long seed;
  private long epoch = -1;

  /** Makes the order that a seed gives a corpus of that many windows. */
  WindowOrder(int windows, long seed) {
    this.order = new int[windows];
    this.seed = seed;
  }

  /** Returns the window that is seen after {@code seen} others. */
  int window(long seen) {
    if (seen / order.length != epoch) {
      epoch = seen / order.length;
      shuffle();
    }
    return order[(int) (seen % order.length)];
  }

  private void shuffle() {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    SplittableRandom random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + epoch);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }
}
