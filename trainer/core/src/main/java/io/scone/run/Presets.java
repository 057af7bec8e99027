package io.scone.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;

/** Settings that come with the program, by name: the file `presets.yaml`. */
public final class Presets {
  private static final JsonNode ALL = load();

  private Presets() {}

  /** Returns the names. */
  public static Set<String> names() {
    Set<String> names = new TreeSet<>();
    ALL.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /**
   * Returns the settings of a name, by section.
   *
   * @throws IllegalArgumentException if there are none; the message names the nearest
   */
  static JsonNode get(String name) {
    if (!ALL.has(name)) {
      throw new IllegalArgumentException(
          "there is no preset '" + name + "'" + NearestName.suggest(name, names()));
    }
    return ALL.get(name);
  }

  private static JsonNode load() {
    try (InputStream file = Presets.class.getResourceAsStream("presets.yaml")) {
      return new YAMLMapper().readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
