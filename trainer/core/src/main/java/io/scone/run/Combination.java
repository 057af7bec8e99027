package io.scone.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One of the runs that settings with several values stand for.
 *
 * @param name the words that others of the runs have with other values, parted by commas; it can
 *     name a file
 * @param words presets and settings as they are given for one run
 */
public record Combination(String name, List<String> words) {
  /** Checks nothing. */
  public Combination {
    words = List.copyOf(words);
  }

  /**
   * Returns all combinations of the values of words, those of the last word varying first. A word
   * has the values that commas part: {@code data.max_n=3,4} has two, and so has {@code
   * small-100k,small-500k}. What takes a list, as {@code data.corpus}, has one.
   *
   * @throws IllegalArgumentException if no word has several values, a setting is not known or two
   *     runs would have one name
   */
  public static List<Combination> of(List<String> words) {
    List<Combination> all = List.of(new Combination("", List.of()));
    for (String word : words) {
      List<String> alternatives = alternatives(word);
      List<Combination> longer = new ArrayList<>();
      for (Combination combination : all) {
        for (String alternative : alternatives) {
          longer.add(combination.with(alternative, alternatives.size() > 1));
        }
      }
      all = longer;
    }
    if (all.size() == 1) {
      throw new IllegalArgumentException(
          "no setting has several values: part them by commas, as in data.max_n=3,4");
    }
    Set<String> names = new HashSet<>();
    for (Combination combination : all) {
      if (!names.add(combination.name)) {
        throw new IllegalArgumentException("two runs would be named " + combination.name);
      }
    }
    return all;
  }

  private Combination with(String word, boolean named) {
    List<String> longer = new ArrayList<>(words);
    longer.add(word);
    String part = word.replaceAll("[^\\w.=+-]", "-"); // a path has what no name may have
    return new Combination(
        named ? name + (name.isEmpty() ? "" : ",") + part : name, List.copyOf(longer));
  }

  private static List<String> alternatives(String word) {
    int equals = word.indexOf('=');
    String name = word.substring(0, Math.max(0, equals));
    if (equals >= 0 && !name.equals("fgram") && RunSettings.isList(name)) {
      return List.of(word);
    }
    return Arrays.stream(word.substring(equals + 1).split(",", -1))
        .map(value -> word.substring(0, equals + 1) + value)
        .toList();
  }
}
