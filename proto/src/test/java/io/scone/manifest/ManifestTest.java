package io.scone.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  private static final String FINGERPRINT = new Fingerprint().update("x").finish();
  static final TableManifest TABLE =
      new TableManifest(
          2,
          FINGERPRINT,
          FINGERPRINT,
          100,
          3,
          8,
          Dtype.F16,
          16,
          5,
          List.of(3L, 2L),
          FINGERPRINT,
          TableManifest.Shard.whole(FINGERPRINT),
          "scone 0.1.0");

  @TempDir Path directory;

  @BeforeEach
  void writeTable() throws IOException {
    TABLE.write(directory);
  }

  @Test
  void tableManifestSurvivesTheRoundTrip() throws IOException {
    assertEquals(TABLE, TableManifest.read(directory));
    assertTrue(TABLE.toJson().contains("\"row_counts_by_length\" : [ 3, 2 ]"));
  }

  @Test
  void bundleManifestSurvivesTheRoundTrip() throws IOException {
    BundleManifest bundle =
        new BundleManifest(
            1,
            FINGERPRINT,
            FINGERPRINT,
            FINGERPRINT,
            99,
            new BundleManifest.MainModel(100, 64, 8, 2, 2, Precision.of(Dtype.F16)),
            new BundleManifest.FgramModel(3, 16, 1, 2, Dtype.F32),
            Map.of("main.onnx", FINGERPRINT, "fgram.onnx", FINGERPRINT),
            "scone 0.1.0");
    bundle.write(directory);
    assertEquals(bundle, BundleManifest.read(directory));
  }

  @Test
  void aBaselinesManifestSurvivesTheRoundTrip() throws IOException {
    BundleManifest.MainModel main =
        new BundleManifest.MainModel(100, 64, 8, 2, 2, Precision.of(Dtype.F16));
    Map<String, String> files = Map.of("main.onnx", FINGERPRINT);
    BundleManifest baseline =
        new BundleManifest(1, FINGERPRINT, FINGERPRINT, null, 99, main, null, files, "scone 0.1.0");
    baseline.write(directory);
    assertEquals(baseline, BundleManifest.read(directory));
    assertFalse(baseline.hasFgrams());

    replace("\"fgrams_fingerprint\" : null", "\"fgrams_fingerprint\" : \"" + FINGERPRINT + "\"");
    String message =
        assertThrows(ManifestException.class, () -> BundleManifest.read(directory)).getMessage();
    assertTrue(message.endsWith("go together, and only one is null"), message);
  }

  @Test
  void nothingElseMayBeNull() throws IOException {
    replace("\"dtype\" : \"f16\"", "\"dtype\" : null");
    assertTrue(readFailure().contains("dtype"), readFailure());
    TABLE.write(directory);
    replace("\"dim\" : 8", "\"dim\" : null");
    assertTrue(readFailure().contains("null"), readFailure());
  }

  @Test
  void aMissingManifestIsAnIncompleteTable() throws IOException {
    Files.delete(directory.resolve("manifest.json"));
    assertTrue(readFailure().contains("is not a complete table: it has no manifest.json"));
  }

  @Test
  void anUnknownKeyIsNamed() throws IOException {
    replace("\"dim\"", "\"dimm\" : 1,\n  \"dim\"");
    assertTrue(readFailure().contains("dimm"), readFailure());
  }

  @Test
  void aMissingKeyIsNamed() throws IOException {
    replace("\"max_ngram\" : 3,", "");
    assertTrue(readFailure().contains("max_ngram"), readFailure());
  }

  @Test
  void anotherFormatVersionIsRefused() throws IOException {
    replace("\"format_version\" : 2", "\"format_version\" : 3");
    assertTrue(
        readFailure().endsWith("its format version is 3 and this release reads version 2"),
        readFailure());
  }

  @Test
  void fieldsThatDisagreeAreRefused() throws IOException {
    replace("\"row_count\" : 5", "\"row_count\" : 6");
    assertTrue(readFailure().endsWith("does not add up to row_count 6"), readFailure());
  }

  @Test
  void aShardThatIsNoneOfItsTablesIsRefused() throws IOException {
    replace("\"index\" : 0", "\"index\" : 1");
    assertTrue(readFailure().endsWith("shard index 1 is not in 0..0"), readFailure());
  }

  @Test
  void textThatIsNoJsonIsRefused() throws IOException {
    Files.writeString(directory.resolve("manifest.json"), "{");
    assertTrue(readFailure().contains("is not a table manifest"), readFailure());
  }

  private void replace(String old, String with) throws IOException {
    Path file = directory.resolve("manifest.json");
    Files.writeString(file, Files.readString(file).replace(old, with));
  }

  private String readFailure() {
    return assertThrows(ManifestException.class, () -> TableManifest.read(directory)).getMessage();
  }
}
