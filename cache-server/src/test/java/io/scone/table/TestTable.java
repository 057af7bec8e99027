package io.scone.table;

import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** F-grams of random text and their rows, both from a seed: what tests build tables of. */
public final class TestTable {
  public static final int VOCABULARY = 50;
  public static final int MAX_NGRAM = 4;
  public static final String MODEL = new Fingerprint().update("model").finish();
  public static final String TOKENIZER = new Fingerprint().update("tokenizer").finish();
  private static final String FGRAMS = new Fingerprint().update("fgrams").finish();

  private final TableSpec spec;
  private final TreeMap<byte[], byte[]> rows = new TreeMap<>(FgramKey::compare);

  /** Makes up to {@code size} f-grams, closed under suffixes, with rows of {@code dim} floats. */
  public TestTable(long seed, int size, int dim) {
    this(seed, size, dim, VOCABULARY);
  }

  public TestTable(long seed, int size, int dim, int vocabulary) {
    this(dim, vocabulary);
    Random random = new Random(seed);
    while (rows.size() < size) {
      int[] fgram = random.ints(MAX_NGRAM, 0, vocabulary).toArray();
      int length = 2 + random.nextInt(MAX_NGRAM - 1);
      for (int n = 2; n <= length && rows.size() < size; n++) {
        add(FgramKey.encode(fgram, MAX_NGRAM - n, n), random);
      }
    }
  }

  private TestTable(int dim, int vocabulary) {
    spec =
        new TableSpec(
            MODEL, TOKENIZER, FGRAMS, vocabulary, MAX_NGRAM, dim, Dtype.F32, "scone test");
  }

  /** Makes {@code size} f-grams or a few more, closed under prefixes, too, as mined ones are. */
  public static TestTable closed(long seed, int size, int dim) {
    TestTable table = new TestTable(dim, VOCABULARY);
    Random random = new Random(seed);
    while (table.rows.size() < size) {
      int length = 2 + random.nextInt(MAX_NGRAM - 1);
      int[] fgram = random.ints(length, 0, VOCABULARY).toArray();
      for (int n = 2; n <= length; n++) {
        for (int from = 0; from + n <= length; from++) {
          table.add(FgramKey.encode(fgram, from, n), random);
        }
      }
    }
    return table;
  }

  private void add(byte[] key, Random random) {
    rows.computeIfAbsent(
        key,
        absent -> {
          byte[] row = new byte[spec.rowCodec().rowBytes()];
          random.nextBytes(row);
          return row;
        });
  }

  public TableSpec spec() {
    return spec;
  }

  /** Returns the rows by key, in key order. */
  public Map<byte[], byte[]> rows() {
    return rows;
  }

  /** Returns the row of the {@code length} tokens from {@code offset}, or null. */
  public byte[] row(int[] tokens, int offset, int length) {
    return rows.get(FgramKey.encode(tokens, offset, length));
  }

  /**
   * Returns the length of the longest f-gram that ends at a position, by trying every one; or 0.
   */
  public int longestMatch(int[] tokens, int start, int position) {
    for (int length = Math.min(MAX_NGRAM, position - start + 1); length >= 2; length--) {
      if (row(tokens, position - length + 1, length) != null) {
        return length;
      }
    }
    return 0;
  }

  /** Returns text in which about half of the positions end an f-gram. */
  public int[] text(Random random, int length) {
    List<byte[]> keys = new ArrayList<>(rows.keySet());
    int[] text = random.ints(length, 0, spec.vocabularySize()).toArray();
    for (int at = 0; at + MAX_NGRAM < length; at += 1 + random.nextInt(2 * MAX_NGRAM)) {
      int[] fgram = FgramKey.decode(keys.get(random.nextInt(keys.size())));
      System.arraycopy(fgram, 0, text, at, fgram.length);
    }
    return text;
  }

  /** Returns how often an f-gram is said to occur: one of few numbers, so that many are equal. */
  public static long count(byte[] key) {
    return 1L + Math.floorMod(Arrays.hashCode(key), 20);
  }

  /** Adds all rows that the build does not have yet. */
  void addTo(TableWriter writer) throws IOException {
    List<Map.Entry<byte[], byte[]>> all = new ArrayList<>(rows.entrySet());
    for (int i = (int) writer.rowsWritten(); i < all.size(); i++) {
      byte[] key = all.get(i).getKey();
      writer.add(key, count(key), ByteBuffer.wrap(all.get(i).getValue()));
    }
  }

  /** Builds the table. */
  public TableManifest build(Path directory) throws IOException {
    try (TableWriter writer = TableWriter.create(directory, spec)) {
      addTo(writer);
      return writer.publish();
    }
  }
}
