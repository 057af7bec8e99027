package io.scone.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.files.AtomicFiles;
import io.scone.inference.Bundle;
import io.scone.inference.Device;
import io.scone.inference.FgramModel;
import io.scone.inference.MainModel;
import io.scone.manifest.BundleManifest;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.Precision;
import io.scone.mining.FgramFileWriter;
import io.scone.row.Dtype;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class BundleExporterTest {
  private static final int[][] TEXT = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
  private static final ModelConfig.Main MAIN =
      new ModelConfig.Main(RandomBundle.VOCABULARY, 16, 16, 1, 2);
  private static final ModelConfig.Fgram FGRAM = new ModelConfig.Fgram(3, 1, 2);

  @TempDir Path directory;
  private Tokenizer tokenizer;
  private Path fgrams;
  private Path bundle;

  @BeforeEach
  void writeParts() throws Exception {
    tokenizer = RandomBundle.tokenizer(directory);
    fgrams = RandomBundle.fgrams(directory, 3, TEXT, 1, tokenizer);
    bundle = directory.resolve("models").resolve("bundle");
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void aBundleHoldsItsPartsUnderTheirFingerprints() throws Exception {
    Path checkpoint = checkpoint(new ModelConfig(MAIN, FGRAM));
    BundleManifest manifest = export(checkpoint);
    assertEquals(manifest, Bundle.open(bundle).manifest());
    assertEquals(
        Fingerprint.of(checkpoint.resolve("model.safetensors")), manifest.modelFingerprint());
    assertEquals(tokenizer.fingerprint(), manifest.tokenizerFingerprint());
    assertEquals(Fingerprint.of(fgrams), manifest.fgramsFingerprint());
    assertEquals(Set.of("main.onnx", "fgram.onnx"), manifest.files().keySet());
    assertEquals(
        Set.of("manifest.json", "tokenizer.json", "fgrams.bin", "main.onnx", "fgram.onnx"),
        names(bundle));
    assertEquals(Set.of("bundle"), names(bundle.getParent()));
  }

  @Test
  void aBaselinesBundleHasNoFgrams() throws Exception {
    BundleExporter baseline = BundleExporter.ofCheckpoint(checkpoint(new ModelConfig(MAIN, null)));
    assertRefused("no place for the f-grams", () -> baseline.export(tokenizer, fgrams, bundle, ""));
    BundleManifest manifest = baseline.export(tokenizer, null, bundle, "test");
    assertFalse(manifest.hasFgrams());
    assertEquals(Set.of("manifest.json", "tokenizer.json", "main.onnx"), names(bundle));
    Bundle opened = Bundle.open(bundle);
    assertEquals(manifest, opened.manifest());
    IOException e = assertThrows(IOException.class, () -> FgramModel.open(opened, 1));
    assertEquals(bundle + " is a baseline: it has no f-grams, and so no rows", e.getMessage());
  }

  @Test
  void precisionDoesNotMakeAnotherModel() throws Exception {
    Path checkpoint = checkpoint(new ModelConfig(MAIN, FGRAM));
    BundleManifest half =
        BundleExporter.ofCheckpoint(checkpoint)
            .main(Precision.of(Dtype.BF16))
            .fgram(Dtype.F16)
            .export(tokenizer, fgrams, directory.resolve("half"), "test");
    assertEquals(Precision.of(Dtype.BF16), half.mainModel().precision());
    assertEquals(export(checkpoint).modelFingerprint(), half.modelFingerprint());
    for (String graph : Set.of("main.onnx", "fgram.onnx")) {
      long whole = Files.size(bundle.resolve(graph));
      assertEquals(0.5, (double) Files.size(directory.resolve("half").resolve(graph)) / whole, 0.1);
    }
    Bundle onGpus = Bundle.open(directory.resolve("half"));
    assertTrue(
        assertThrows(IOException.class, () -> MainModel.open(onGpus, Device.CPU, 1))
            .getMessage()
            .contains("computes in bf16, which ONNX Runtime does on GPUs only"));
  }

  @Test
  void randomWeightsMakeABundleOfTheirOwn() throws Exception {
    ModelConfig config = new ModelConfig(MAIN, FGRAM);
    BundleManifest one =
        BundleExporter.ofRandomWeights(config, 1)
            .export(tokenizer, fgrams, directory.resolve("one"), "test");
    BundleManifest two =
        BundleExporter.ofRandomWeights(config, 2)
            .export(tokenizer, fgrams, directory.resolve("two"), "test");
    assertNotEquals(one.modelFingerprint(), two.modelFingerprint());
    assertNotEquals(one.files(), two.files());
    try (MainModel model = MainModel.open(Bundle.open(directory.resolve("one")), Device.CPU, 1)) {
      assertEquals(MAIN.layers(), model.shape().layers());
    }
  }

  @Test
  void aKilledExportIsReplaced() throws Exception {
    Path left = Files.createDirectories(AtomicFiles.temporary(bundle));
    Files.writeString(left.resolve("main.onnx.data"), "half");
    export(checkpoint(new ModelConfig(MAIN, FGRAM)));
    assertEquals(Set.of("bundle"), names(bundle.getParent()));
  }

  @Test
  void anExistingBundleIsKept() throws Exception {
    Path checkpoint = checkpoint(new ModelConfig(MAIN, FGRAM));
    Files.createDirectories(bundle);
    assertThrows(FileAlreadyExistsException.class, () -> export(checkpoint));
  }

  @Test
  void partsThatDoNotBelongTogetherAreRefused() throws Exception {
    Path checkpoint = checkpoint(new ModelConfig(MAIN, FGRAM));
    assertRefused(
        "vocabulary of 257 tokens, and the tokenizer has 50257",
        () ->
            BundleExporter.ofCheckpoint(checkpoint)
                .export(Tokenizers.gpt2(), fgrams, bundle, "test"));

    assertRefused(
        "was trained with f-grams, and none are given",
        () -> BundleExporter.ofCheckpoint(checkpoint).export(tokenizer, null, bundle, "test"));
    Path others = directory.resolve("others.bin");
    write(others, 3, Tokenizers.gpt2().fingerprint());
    assertRefused(
        "was mined with the tokenizer",
        () -> BundleExporter.ofCheckpoint(checkpoint).export(tokenizer, others, bundle, "test"));
    write(others, 4, tokenizer.fingerprint());
    assertRefused(
        "holds f-grams of up to 4 tokens, and the f-gram model takes up to 3",
        () -> BundleExporter.ofCheckpoint(checkpoint).export(tokenizer, others, bundle, "test"));
  }

  @Test
  void modelsThatCannotRunAreRefused() throws Exception {
    Path odd = checkpoint(new ModelConfig(MAIN, new ModelConfig.Fgram(3, 1, 4)));
    assertRefused("f-gram model's heads have 4 values each", () -> export(odd));
    Path narrow = checkpoint(new ModelConfig(MAIN, FGRAM));
    assertRefused(
        "cannot be exported in int4: its width (dim) is 16, and blocks need a multiple of 32",
        () ->
            BundleExporter.ofCheckpoint(narrow)
                .main(Precision.of("int4"))
                .export(tokenizer, fgrams, bundle, "test"));
    Path other = checkpoint(new ModelConfig(MAIN, FGRAM));
    new ModelConfig(new ModelConfig.Main(RandomBundle.VOCABULARY, 17, 16, 1, 2), FGRAM)
        .write(other);
    assertRefused(
        "tensor 'wpe.weight' has the shape [16, 16], its model.json says [17, 16]",
        () -> export(other));
  }

  @Test
  void aChangedFileIsNoticedWhenItIsAskedFor() throws Exception {
    export(checkpoint(new ModelConfig(MAIN, FGRAM)));
    Files.writeString(bundle.resolve("fgram.onnx"), "x", StandardOpenOption.APPEND);
    Bundle opened = Bundle.open(bundle);
    opened.mainModel();
    IOException e = assertThrows(IOException.class, opened::fgramModel);
    assertTrue(e.getMessage().contains("is not the file this bundle was made with"));
    Files.delete(bundle.resolve("main.onnx"));
    assertTrue(
        assertThrows(IOException.class, () -> Bundle.open(bundle))
            .getMessage()
            .contains("it has no main.onnx"));
  }

  private Path checkpoint(ModelConfig config) throws IOException {
    return RandomCheckpoint.write(directory.resolve("checkpoint"), config, 1);
  }

  private BundleManifest export(Path checkpoint) throws IOException {
    return BundleExporter.ofCheckpoint(checkpoint).export(tokenizer, fgrams, bundle, "test");
  }

  private void assertRefused(String sentence, Executable export) {
    IOException e = assertThrows(IOException.class, export);
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
    assertFalse(Files.exists(bundle));
    assertFalse(Files.exists(AtomicFiles.temporary(bundle)));
  }

  private static void write(Path fgrams, int maxNgram, String tokenizer) throws IOException {
    try (FgramFileWriter writer =
        FgramFileWriter.create(fgrams, RandomBundle.VOCABULARY, maxNgram, tokenizer)) {
      writer.add(new int[] {1, 2}, 0, 2, 1);
      writer.publish();
    }
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
