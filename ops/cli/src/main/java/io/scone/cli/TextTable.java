package io.scone.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Prints a table in columns as wide as their widest cell; numbers stand to the right. */
final class TextTable {
  private TextTable() {}

  static void print(List<String> columns, List<List<String>> rows, PrintWriter out) {
    int[] widths = new int[columns.size()];
    boolean[] numeric = new boolean[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              columns.get(i).length(),
              rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
      numeric[i] = rows.stream().allMatch(row -> row.get(column).matches("[-+]?[0-9][0-9.,e+%-]*"));
    }
    print(columns, widths, numeric, out);
    out.println("-".repeat(Arrays.stream(widths).sum() + 2 * (widths.length - 1)));
    rows.forEach(row -> print(row, widths, numeric, out));
  }

  /** Returns a number for a cell, with commas between thousands. */
  static String number(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** Returns a whole number for a cell, with commas between thousands. */
  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static void print(List<String> cells, int[] widths, boolean[] numeric, PrintWriter out) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : "  ");
      line.append(numeric[i] ? padding + cells.get(i) : cells.get(i) + padding);
    }
    out.println(line.toString().stripTrailing());
  }
}
