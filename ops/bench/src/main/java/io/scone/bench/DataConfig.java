package io.scone.bench;

import static java.util.stream.Collectors.toMap;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark works on.
 *
 * @param directory where it is prepared, once, and found by later runs
 * @param corpus text files, or one {@code .tokens} file of GPT-2 tokens; empty if the directory is
 *     prepared already
 * @param fgrams the most f-grams to mine
 * @param dim values in a row
 * @param dtype how the values are stored
 * @param threads how many prepare it
 */
public record DataConfig(
    Path directory, List<Path> corpus, int fgrams, int dim, Dtype dtype, int threads) {
  public DataConfig {
    corpus = List.copyOf(corpus);
    if (fgrams < 1) {
      throw new IllegalArgumentException("the number of f-grams must be positive, not " + fgrams);
    }
    if (dim < 1 || new RowCodec(dtype, dim).rowBytes() < RowPattern.MIN_ROW_BYTES) {
      throw new IllegalArgumentException(
          "rows of %d x %s are too short to tell them apart; they need %d bytes"
              .formatted(dim, dtype, RowPattern.MIN_ROW_BYTES));
    }
  }

  int rowBytes() {
    return new RowCodec(dtype, dim).rowBytes();
  }

  /**
   * Returns what a directory was prepared for.
   *
   * @param lines those of the file that pins it
   */
  static DataConfig prepared(Path directory, List<String> lines) {
    Map<String, String> settings =
        lines.stream()
            .map(line -> line.split(" ", 2))
            .collect(toMap(pair -> pair[0], pair -> pair[1]));
    return new DataConfig(
        directory,
        List.of(),
        Integer.parseInt(settings.get("fgrams")),
        Integer.parseInt(settings.get("dim")),
        Dtype.of(settings.get("dtype")),
        1);
  }

  /** Returns the lines of the file that pins a directory to what it was prepared for. */
  List<String> lines() {
    return List.of("fgrams " + fgrams, "dim " + dim, "dtype " + dtype);
  }
}
