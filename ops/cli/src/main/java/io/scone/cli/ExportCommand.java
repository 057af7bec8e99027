package io.scone.cli;

import io.scone.export.BundleExporter;
import io.scone.manifest.BundleManifest;
import io.scone.manifest.Precision;
import io.scone.row.Dtype;
import io.scone.run.InferenceConfig;
import io.scone.run.RunDirectory;
import io.scone.run.RunManifest;
import io.scone.run.RunSettings;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.Checkpoint;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone export}: a trained checkpoint becomes a bundle. */
@Command(
    name = "export",
    description = {
      "Makes a bundle, which inference runs, of a trained checkpoint.",
      "Of a run of scone train, the tokenizer, the f-grams and the types are those of its settings"
          + " unless they are given. A baseline's bundle has no f-grams."
    })
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "The trained models: a checkpoint, or a run, whose latest is taken.")
  private Path checkpoint;

  @Option(
      names = "--tokenizer",
      paramLabel = "NAME",
      description = "The tokenizer they were trained with: gpt2, or a tokenizer.json.")
  private String tokenizer;

  @Option(
      names = "--fgrams",
      paramLabel = "FILE",
      description = "The f-grams they were trained with (fgrams.bin); none for a baseline.")
  private Path fgrams;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The bundle to make; it must not exist.")
  private Path out;

  @Option(
      names = "--dtype",
      converter = PrecisionConverter.class,
      paramLabel = "TYPE",
      description = {
        "What the main model is stored and computed in: f32, f16 or bf16; or int8 or int4, whose"
            + " weights have so few bits, and which compute in f32. f32, int8 and int4 are for"
            + " CPUs; f16, bf16, int8-f16 and int4-f16 are for GPUs. A CPU runs f16, slowly, and"
            + " bf16 not at all."
      })
  private Precision dtype;

  @Option(
      names = "--fgram-dtype",
      converter = DtypeConverter.class,
      paramLabel = "TYPE",
      description = {
        "What the f-gram model is stored and computed in: f32 to precompute on a CPU, f16 or bf16"
            + " on a GPU."
      })
  private Dtype fgramDtype;

  @Override
  public Integer call() throws IOException {
    RunDirectory run = RunDirectory.of(checkpoint);
    Optional<RunManifest> made = run.manifest();
    InferenceConfig types =
        run.settings().map(RunSettings::inference).orElse(InferenceConfig.DEFAULT);
    String tokens = named("--tokenizer", tokenizer, made.map(RunManifest::tokenizer));
    Path trained = Checkpoint.find(checkpoint);
    Checkpoint.verify(trained);
    Path ngrams = fgrams(trained, made);
    try (Tokenizer loaded = Tokenizers.of(tokens)) {
      BundleManifest manifest =
          BundleExporter.ofCheckpoint(trained)
              .main(dtype == null ? types.dtype() : dtype)
              .fgram(fgramDtype == null ? types.fgramDtype() : fgramDtype)
              .export(loaded, ngrams, out, Version.program());
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("bundle", out.toString());
      result.put("dtype", manifest.mainModel().precision().toString());
      result.put("model_fingerprint", manifest.modelFingerprint());
      result.put("tokenizer_fingerprint", manifest.tokenizerFingerprint());
      if (manifest.hasFgrams()) {
        result.put("fgrams_fingerprint", manifest.fgramsFingerprint());
      }
      common.console().result(result);
    }
    return 0;
  }

  /** Returns the f-grams' file, or null for a baseline. */
  private Path fgrams(Path trained, Optional<RunManifest> made) throws IOException {
    if (!ModelConfig.read(trained).isBaseline()) {
      return Path.of(named("--fgrams", fgrams, made.map(RunManifest::fgrams)));
    }
    if (fgrams != null || fgramDtype != null) {
      throw new ParameterException(
          spec.commandLine(),
          checkpoint
              + " is a baseline: it has no f-grams, so give neither --fgrams nor --fgram-dtype.");
    }
    return null;
  }

  /** Returns what an option names, or the run where it does not. */
  private String named(String option, Object given, Optional<String> ofTheRun) {
    if (given != null) {
      return given.toString();
    }
    return ofTheRun.orElseThrow(
        () ->
            new ParameterException(
                spec.commandLine(), checkpoint + " does not say its own: give " + option));
  }
}
