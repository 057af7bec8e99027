package io.scone.table;

import io.scone.manifest.BundleManifest;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.util.Collections;
import java.util.List;

/**
 * What a table is to be made of; it pins a build, so that a resumed one cannot mix two makings.
 *
 * @param modelFingerprint the trained model that makes the rows
 * @param tokenizerFingerprint the tokenizer of the f-grams' tokens
 * @param fgramsFingerprint the set of f-grams
 * @param vocabularySize tokens run from 0 to this, exclusive
 * @param maxNgram K, the most tokens in an f-gram
 * @param dim values in a row
 * @param dtype how the values are stored
 * @param shard which part of a split table it is to be; null for a whole table
 * @param madeBy the program and the release that makes the table
 */
public record TableSpec(
    String modelFingerprint,
    String tokenizerFingerprint,
    String fgramsFingerprint,
    int vocabularySize,
    int maxNgram,
    int dim,
    Dtype dtype,
    TableManifest.Shard shard,
    String madeBy) {
  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if no table can have them
   */
  public TableSpec {
    if (!Fingerprint.isWellFormed(fgramsFingerprint)) {
      throw new IllegalArgumentException(
          "fgrams_fingerprint '" + fgramsFingerprint + "' is not a fingerprint");
    }
    // The manifest checks the rest; an empty table is the smallest that has one.
    var unused =
        new TableManifest(
            TableManifest.FORMAT_VERSION,
            modelFingerprint,
            tokenizerFingerprint,
            vocabularySize,
            maxNgram,
            dim,
            dtype,
            new RowCodec(dtype, dim).rowBytes(),
            0,
            Collections.nCopies(Math.max(0, maxNgram - 1), 0L),
            new Fingerprint().finish(),
            shard == null ? TableManifest.Shard.whole(new Fingerprint().finish()) : shard,
            madeBy);
  }

  /** Makes the spec of a whole table. */
  public TableSpec(
      String modelFingerprint,
      String tokenizerFingerprint,
      String fgramsFingerprint,
      int vocabularySize,
      int maxNgram,
      int dim,
      Dtype dtype,
      String madeBy) {
    this(
        modelFingerprint,
        tokenizerFingerprint,
        fgramsFingerprint,
        vocabularySize,
        maxNgram,
        dim,
        dtype,
        null,
        madeBy);
  }

  /** Returns the spec of the whole table of a model's f-grams. */
  public static TableSpec of(BundleManifest model, Dtype dtype, String madeBy) {
    return new TableSpec(
        model.modelFingerprint(),
        model.tokenizerFingerprint(),
        model.fgramsFingerprint(),
        model.mainModel().vocabularySize(),
        model.fgramModel().maxNgram(),
        model.mainModel().dim(),
        dtype,
        madeBy);
  }

  /** Returns the codec of the rows. */
  public RowCodec rowCodec() {
    return new RowCodec(dtype, dim);
  }

  /** Returns the manifest of a table of this content. */
  TableManifest manifest(TableContent content) {
    String contentFingerprint = content.fingerprint();
    return new TableManifest(
        TableManifest.FORMAT_VERSION,
        modelFingerprint,
        tokenizerFingerprint,
        vocabularySize,
        maxNgram,
        dim,
        dtype,
        rowCodec().rowBytes(),
        content.rowCount(),
        content.rowCountsByLength(),
        contentFingerprint,
        shard == null ? TableManifest.Shard.whole(contentFingerprint) : shard,
        madeBy);
  }

  /** Returns the lines of the file that pins a build; equal specs have equal lines. */
  List<String> lines() {
    return List.of(
        "model_fingerprint " + modelFingerprint,
        "tokenizer_fingerprint " + tokenizerFingerprint,
        "fgrams_fingerprint " + fgramsFingerprint,
        "vocabulary_size " + vocabularySize,
        "max_ngram " + maxNgram,
        "dim " + dim,
        "dtype " + dtype,
        "shard " + (shard == null ? "whole" : shard),
        "made_by " + madeBy);
  }
}
