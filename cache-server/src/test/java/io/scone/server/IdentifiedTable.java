package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.fgram.FgramKey;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import io.scone.table.TestTable;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A table on disk whose every row says which table and which f-gram it belongs to, so that a row in
 * the wrong reply gives itself away.
 */
final class IdentifiedTable {
  private static final int DIM = 4;

  private final TestTable fgrams;
  private final long seed;
  private final Path directory;
  private final TableManifest manifest;

  /** Builds a table; another seed gives other f-grams. */
  IdentifiedTable(Path directory, long seed) throws IOException {
    this(directory, seed, TestTable.MODEL);
  }

  IdentifiedTable(Path directory, long seed, String model) throws IOException {
    this.fgrams = new TestTable(seed, 1000, DIM);
    this.seed = seed;
    this.directory = directory;
    TableSpec like = fgrams.spec();
    TableSpec spec =
        new TableSpec(
            model,
            like.tokenizerFingerprint(),
            like.fgramsFingerprint(),
            like.vocabularySize(),
            like.maxNgram(),
            DIM,
            Dtype.F32,
            "test");
    try (TableWriter writer = TableWriter.create(directory, spec)) {
      for (byte[] key : fgrams.rows().keySet()) {
        writer.add(key, 1, row(key));
      }
      manifest = writer.publish();
    }
  }

  Path directory() {
    return directory;
  }

  TableManifest manifest() {
    return manifest;
  }

  String version() {
    return manifest.contentFingerprint();
  }

  /** Returns the windows of one random text that matches this table's f-grams. */
  MatchRequest windows(Random random) {
    MatchRequest.Builder request = MatchRequest.newBuilder();
    for (int token : fgrams.text(random, 60)) {
      request.addTokens(token);
    }
    return request.build();
  }

  /** Returns the tokens of the first f-grams. */
  List<int[]> firstFgrams(int count) {
    return fgrams.rows().keySet().stream().limit(count).map(FgramKey::decode).toList();
  }

  /** Returns the row of an f-gram. */
  ByteBuffer row(byte[] key) {
    long hash = seed;
    for (byte each : key) {
      hash = hash * 0x100000001b3L + each;
    }
    return ByteBuffer.allocate(DIM * Float.BYTES).putLong(seed).putLong(hash).flip();
  }

  /** Checks a reply that says it is of this table: its matches and its rows are this table's. */
  void assertServed(MatchRequest request, MatchResponse reply) {
    assertEquals(version(), reply.getServedBy().getVersion());
    assertEquals(manifest.modelFingerprint(), reply.getServedBy().getModelFingerprint());
    int[] text = request.getTokensList().stream().mapToInt(Integer::intValue).toArray();
    ByteBuffer rows = reply.getRows().asReadOnlyByteBuffer();
    int match = 0;
    for (int i = 0; i < text.length; i++) {
      int length = fgrams.longestMatch(text, 0, i);
      if (length > 0) {
        assertEquals(i, reply.getPositions(match));
        assertEquals(length, reply.getMatchLengths(match));
        int row = reply.getRowIndices(match++) * DIM * Float.BYTES;
        byte[] key = FgramKey.encode(text, i - length + 1, length);
        assertEquals(row(key), rows.slice(row, DIM * Float.BYTES));
      }
    }
    assertEquals(match, reply.getPositionsCount());
    assertTrue(match > 0);
  }
}
