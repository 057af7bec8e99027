package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.client.Matches;
import io.scone.client.SconeClient;
import io.scone.client.TokenWindows;
import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.row.Dtype;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * A table on disk whose every row is its version's seed and a checksum of its key, so that a row in
 * the wrong place gives itself away.
 */
final class ChecksummedTable {
  private static final int VOCABULARY = 50;
  private static final int MAX_NGRAM = 4;
  private static final int DIM = 4;
  private static final int FGRAMS = 2000;
  private static final int TEXT_TOKENS = 80;

  private final long seed;
  private final TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
  private final Path directory;
  private final String version;

  /** Builds a table; another seed gives other f-grams. */
  ChecksummedTable(Path directory, long seed) throws IOException {
    this.seed = seed;
    this.directory = directory;
    Random random = new Random(seed);
    while (keys.size() < FGRAMS) {
      int[] fgram = random.ints(2 + random.nextInt(MAX_NGRAM - 1), 0, VOCABULARY).toArray();
      for (int n = 2; n <= fgram.length; n++) {
        keys.add(FgramKey.encode(fgram, fgram.length - n, n));
      }
    }
    String none = new Fingerprint().finish();
    TableSpec spec = new TableSpec(none, none, none, VOCABULARY, MAX_NGRAM, DIM, Dtype.F32, "test");
    try (TableWriter writer = TableWriter.create(directory, spec)) {
      for (byte[] key : keys) {
        writer.add(key, 1, row(key));
      }
      version = writer.publish().contentFingerprint();
    }
  }

  Path directory() {
    return directory;
  }

  String version() {
    return version;
  }

  /** Returns random text; about every other position ends one of the f-grams. */
  int[] text(Random random) {
    return random.ints(TEXT_TOKENS, 0, VOCABULARY).toArray();
  }

  /** Matches random text and checks the reply. */
  void assertServes(SconeClient client, Random random) {
    int[] text = text(random);
    assertServed(text, client.match(TokenWindows.of(text)));
  }

  /** Checks that matches are exactly those of this table in a text, with its rows. */
  void assertServed(int[] text, Matches matches) {
    assertEquals(version, matches.servedBy().getVersion());
    int match = 0;
    for (int i = 0; i < text.length; i++) {
      int length = longestMatch(text, i);
      if (length > 0) {
        assertEquals(i, matches.position(match));
        assertEquals(length, matches.length(match));
        byte[] key = FgramKey.encode(text, i - length + 1, length);
        assertEquals(row(key), matches.rows().bytes(matches.rowIndex(match++)));
      }
    }
    assertEquals(match, matches.count());
    assertTrue(match > 0);
  }

  private int longestMatch(int[] text, int position) {
    for (int length = Math.min(MAX_NGRAM, position + 1); length >= 2; length--) {
      if (keys.contains(FgramKey.encode(text, position - length + 1, length))) {
        return length;
      }
    }
    return 0;
  }

  private ByteBuffer row(byte[] key) {
    CRC32C checksum = new CRC32C();
    checksum.update(key);
    return ByteBuffer.allocate(DIM * Float.BYTES).putLong(seed).putLong(checksum.getValue()).flip();
  }
}
