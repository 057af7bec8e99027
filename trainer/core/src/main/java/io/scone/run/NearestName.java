package io.scone.run;

import java.util.Collection;

/** The known name that is nearest to a mistyped one. */
public final class NearestName {
  private NearestName() {}

  /** Returns {@code ; did you mean NAME?} for the nearest name, or nothing where none is near. */
  public static String suggest(String name, Collection<String> known) {
    String best = null;
    int bestDistance = Math.max(2, name.length() / 2);
    for (String candidate : known) {
      int distance = editDistance(name, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best == null ? "" : "; did you mean " + best + "?";
  }

  private static int editDistance(String left, String right) {
    int[] row = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int substituted = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[right.length()];
  }
}
