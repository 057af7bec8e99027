package io.scone.bench;

/**
 * The places of the distinct ones among many f-grams, by their ordinals. It is cleared in no time:
 * what it holds counts only for the generation that put it there. For use by one thread.
 */
final class Distinct {
  private final int[] generationOf;
  private final int[] placeOf;
  private int generation;

  Distinct(int ordinals) {
    generationOf = new int[ordinals];
    placeOf = new int[ordinals];
  }

  void clear() {
    generation++;
  }

  /** Returns the place of an ordinal: {@code next} if it had none. */
  int place(int ordinal, int next) {
    if (generationOf[ordinal] != generation) {
      generationOf[ordinal] = generation;
      placeOf[ordinal] = next;
    }
    return placeOf[ordinal];
  }
}
