package io.scone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where a command's result goes: as text for people, or as JSON for programs. */
final class Console {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final PrintWriter out;
  private final boolean json;

  Console(PrintWriter out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /** Says whether the result is wanted as JSON. */
  boolean isJson() {
    return json;
  }

  /** Prints a line for people; nothing where JSON is wanted. */
  void line(String text) {
    if (!json) {
      out.println(text);
      out.flush();
    }
  }

  /** Prints a part of a line for people as it comes; nothing where JSON is wanted. */
  void stream(String text) {
    if (!json) {
      out.print(text);
      out.flush();
    }
  }

  /**
   * Prints a result: named values as a table of two columns, or as one JSON object.
   *
   * @param values by JSON name, in the order to print; `_` becomes a space for people
   */
  void result(Map<String, ?> values) {
    if (json) {
      json(values);
      return;
    }
    int width = values.keySet().stream().mapToInt(String::length).max().orElse(0);
    values.forEach(
        (name, value) ->
            out.printf("%-" + width + "s  %s%n", name.replace('_', ' '), format(value)));
    out.flush();
  }

  /**
   * Prints rows as a table, or as a JSON array of objects.
   *
   * @param columns the names of the columns
   * @param rows for each row one value a column; null where there is none
   */
  void table(List<String> columns, List<? extends List<?>> rows) {
    if (json) {
      json(objects(columns, rows));
      return;
    }
    TextTable.print(
        columns, rows.stream().map(r -> r.stream().map(Console::format).toList()).toList(), out);
    out.flush();
  }

  /** Returns the rows of a table as objects, for JSON. */
  static List<Map<String, Object>> objects(List<String> columns, List<? extends List<?>> rows) {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (List<?> row : rows) {
      Map<String, Object> object = new LinkedHashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        object.put(columns.get(i), row.get(i));
      }
      objects.add(object);
    }
    return objects;
  }

  /** Prints any value as JSON. */
  void json(Object value) {
    try {
      out.println(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a result that has no JSON form: " + value, e);
    }
    out.flush();
  }

  private static String format(Object value) {
    if (value == null) {
      return "-";
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return String.format(Locale.ROOT, Math.abs(number) >= 1000 ? "%,.0f" : "%.4g", number);
    }
    if (value instanceof Long || value instanceof Integer) {
      return String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
    }
    return String.valueOf(value);
  }
}
