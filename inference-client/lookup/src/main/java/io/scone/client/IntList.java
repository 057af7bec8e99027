package io.scone.client;

import java.io.IOException;
import java.util.Arrays;

/** A list of numbers that grows, such as those of a repeated field as they are read. */
final class IntList {
  private static final int[] EMPTY = {};

  private int[] values = EMPTY;
  private int size;

  /** Adds a number. */
  void add(int value) {
    reserve(1);
    values[size++] = value;
  }

  /** Returns the number at an index. */
  int get(int index) {
    return values[index];
  }

  /** Adds the number that the reader stands at. */
  void add(WireReader in) throws IOException {
    add(in.readInt());
  }

  /** Adds the packed numbers that the reader stands at. */
  void addPacked(WireReader in) throws IOException {
    int outside = in.enter();
    reserve(in.left()); // a number takes a byte or more
    while (in.left() > 0) {
      values[size++] = in.readInt();
    }
    in.leave(outside);
  }

  /** Gives the numbers away; the list must not be used any more. */
  int[] take() {
    return values.length == size ? values : Arrays.copyOf(values, size);
  }

  private void reserve(int more) {
    if (values.length - size < more) {
      int doubled = (int) Math.min(2L * size, Integer.MAX_VALUE - 8);
      values = Arrays.copyOf(values, Math.max(doubled, Math.addExact(size, more)));
    }
  }
}
