package io.scone.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.scone.fgram.FgramKey;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a table holds and what made it: the `manifest.json` of a table directory.
 *
 * @param formatVersion the layout of the directory; this release reads {@link #FORMAT_VERSION}
 * @param modelFingerprint the trained model that made the rows
 * @param tokenizerFingerprint the tokenizer of its tokens
 * @param vocabularySize tokens run from 0 to this, exclusive
 * @param maxNgram K, the most tokens in an f-gram
 * @param dim values in a row
 * @param dtype how the values are stored
 * @param rowBytes bytes in a row
 * @param rowCount rows in the table
 * @param rowCountsByLength rows per f-gram length; the first entry counts bigrams
 * @param contentFingerprint the fingerprint of every key's length in bytes (4 bytes big-endian),
 *     key and row, in key order
 * @param shard which part of a split table this is
 * @param madeBy the program and the release that made the table
 */
public record TableManifest(
    int formatVersion,
    String modelFingerprint,
    String tokenizerFingerprint,
    int vocabularySize,
    int maxNgram,
    int dim,
    Dtype dtype,
    int rowBytes,
    long rowCount,
    List<Long> rowCountsByLength,
    String contentFingerprint,
    Shard shard,
    String madeBy) {
  /** The manifest's file in a table's directory; a table that has it is complete. */
  public static final String FILE = ManifestFile.NAME;

  /** The layout this release writes and reads. */
  public static final int FORMAT_VERSION = 2;

  /**
   * A part of a table that was split; a whole table is the only part of itself.
   *
   * @param index which part, 0 to {@code count - 1}
   * @param count parts of the split table
   * @param tableFingerprint the content fingerprint of the table that was split
   */
  public record Shard(int index, int count, String tableFingerprint) {
    /** Checks that the fields agree with each other. */
    public Shard {
      Check.that(index >= 0 && index < count, "shard index %d is not in 0..%d", index, count - 1);
      Check.fingerprint("table_fingerprint", tableFingerprint);
    }

    /** Returns the only part of a table that was not split. */
    public static Shard whole(String contentFingerprint) {
      return new Shard(0, 1, contentFingerprint);
    }

    /** Says whether this is the whole table. */
    @JsonIgnore
    public boolean isWhole() {
      return count == 1;
    }
  }

  /** Checks that the fields agree with each other. */
  public TableManifest {
    Check.formatVersion(formatVersion, FORMAT_VERSION);
    Check.fingerprint("model_fingerprint", modelFingerprint);
    Check.fingerprint("tokenizer_fingerprint", tokenizerFingerprint);
    Check.fingerprint("content_fingerprint", contentFingerprint);
    Check.that(
        !shard.isWhole() || shard.tableFingerprint().equals(contentFingerprint),
        "a whole table is its own and only shard, but the shard is of %s",
        shard.tableFingerprint());
    Check.that(vocabularySize > 0, "vocabulary_size is %d", vocabularySize);
    Check.that(
        maxNgram >= FgramKey.MIN_TOKENS && maxNgram <= FgramKey.MAX_TOKENS,
        "max_ngram is %d, not in 2..255",
        maxNgram);
    Check.that(dim > 0, "dim is %d", dim);
    int wanted = new RowCodec(dtype, dim).rowBytes();
    Check.that(
        rowBytes == wanted, "row_bytes is %d, but %d x %s takes %d", rowBytes, dim, dtype, wanted);
    rowCountsByLength = List.copyOf(rowCountsByLength);
    Check.that(
        rowCountsByLength.size() == maxNgram - 1,
        "row_counts_by_length has %d entries for max_ngram %d",
        rowCountsByLength.size(),
        maxNgram);
    Check.that(
        rowCountsByLength.stream().mapToLong(Long::longValue).sum() == rowCount,
        "row_counts_by_length does not add up to row_count %d",
        rowCount);
  }

  /** Returns the codec of the table's rows. */
  public RowCodec rowCodec() {
    return new RowCodec(dtype, dim);
  }

  /**
   * Reads the manifest of a table directory.
   *
   * @throws ManifestException if it is missing, malformed or of another format
   */
  public static TableManifest read(Path directory) throws IOException {
    return ManifestFile.read(directory, TableManifest.class, "table");
  }

  /** Writes the manifest into a table directory. */
  public void write(Path directory) throws IOException {
    ManifestFile.write(directory, this);
  }

  /** Returns the manifest as JSON. */
  public String toJson() {
    return ManifestFile.toJson(this);
  }
}
