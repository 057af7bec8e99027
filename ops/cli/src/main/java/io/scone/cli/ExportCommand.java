package io.scone.cli;

import io.scone.export.BundleExporter;
import io.scone.manifest.BundleManifest;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scone export}: a trained checkpoint becomes a bundle. */
@Command(
    name = "export",
    description = "Makes a bundle, which inference runs, of a trained checkpoint.")
final class ExportCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "The trained models: a checkpoint, or a run, whose latest is taken.")
  private Path checkpoint;

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "NAME",
      description = "The tokenizer they were trained with: gpt2, or a tokenizer.json.")
  private String tokenizer;

  @Option(
      names = "--fgrams",
      required = true,
      paramLabel = "FILE",
      description = "The f-grams they were trained with (fgrams.bin).")
  private Path fgrams;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The bundle to make; it must not exist.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    try (Tokenizer loaded = Tokenizers.of(tokenizer)) {
      BundleManifest manifest =
          BundleExporter.export(
              Checkpoint.find(checkpoint), loaded, fgrams, out, Version.program());
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("bundle", out.toString());
      result.put("model_fingerprint", manifest.modelFingerprint());
      result.put("tokenizer_fingerprint", manifest.tokenizerFingerprint());
      result.put("fgrams_fingerprint", manifest.fgramsFingerprint());
      common.console().result(result);
    }
    return 0;
  }
}
