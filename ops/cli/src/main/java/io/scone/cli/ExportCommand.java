package io.scone.cli;

import io.scone.export.BundleExporter;
import io.scone.huggingface.Gpt2Exporter;
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
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone export}: a trained checkpoint becomes a bundle, or a GPT-2 for others to run. */
@Command(
    name = "export",
    description = {
      "Makes a bundle, which inference runs, of a trained checkpoint; or a model in Hugging Face's"
          + " format.",
      "Of a run of scone train, the tokenizer, the f-grams and the types are those of its settings"
          + " unless they are given. A baseline's bundle has no f-grams."
    })
final class ExportCommand implements Callable<Integer> {
  /** What a checkpoint becomes. */
  private enum Format {
    BUNDLE,
    HF;

    /** Returns the name used on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "The trained models: a checkpoint, or a run, whose latest is taken.")
  private Path checkpoint;

  @Option(
      names = "--format",
      defaultValue = "bundle",
      paramLabel = "FORMAT",
      description = {
        "'bundle', which inference runs; or 'hf': the main model alone, with its table off, as a"
            + " GPT-2 that Hugging Face's transformers loads (config.json, model.safetensors,"
            + " tokenizer.json)."
      })
  private Format format;

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
      description = "The directory to make; it must not exist.")
  private Path out;

  @Option(
      names = "--dtype",
      converter = PrecisionConverter.class,
      paramLabel = "TYPE",
      description = {
        "What the main model is stored and computed in: f32, f16 or bf16; or int8 or int4, whose"
            + " weights have so few bits, and which compute in f32. f32, int8 and int4 are for"
            + " CPUs; f16, bf16, int8-f16, int8-bf16, int4-f16 and int4-bf16 are for GPUs. A CPU runs"
            + " f16, slowly, and bf16 not at all."
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
    checkUsage();
    Path trained = Checkpoint.find(checkpoint);
    Checkpoint.verify(trained);
    RunDirectory run = RunDirectory.of(checkpoint);
    Optional<RunManifest> made = run.manifest();
    String tokens = named("--tokenizer", tokenizer, made.map(RunManifest::tokenizer));
    if (format == Format.HF) {
      writeGpt2(trained, tokens);
    } else {
      InferenceConfig types =
          run.settings().map(RunSettings::inference).orElse(InferenceConfig.DEFAULT);
      writeBundle(trained, tokens, fgrams(trained, made), types);
    }
    return 0;
  }

  private void checkUsage() {
    if (format == Format.HF && (fgrams != null || dtype != null || fgramDtype != null)) {
      throw usage(
          "--format hf writes the main model alone, in f32: give neither --fgrams, --dtype nor"
              + " --fgram-dtype.");
    }
  }

  private void writeBundle(Path trained, String tokens, Path ngrams, InferenceConfig types)
      throws IOException {
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
  }

  private void writeGpt2(Path trained, String tokens) throws IOException {
    try (Tokenizer loaded = Tokenizers.of(tokens)) {
      ModelConfig config = Gpt2Exporter.export(trained, loaded, out);
      if (!config.isBaseline()) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(
            "scone: a GPT-2 has no place for f-grams: what was written is the main model with its"
                + " table off");
        err.flush();
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("model", out.toString());
      result.put("dtype", Dtype.F32.toString());
      result.put("tokenizer_fingerprint", loaded.fingerprint());
      common.console().result(result);
    }
  }

  /** Returns the f-grams' file, or null for a baseline. */
  private Path fgrams(Path trained, Optional<RunManifest> made) throws IOException {
    if (!ModelConfig.read(trained).isBaseline()) {
      return Path.of(named("--fgrams", fgrams, made.map(RunManifest::fgrams)));
    }
    if (fgrams != null || fgramDtype != null) {
      throw usage(
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
    return ofTheRun.orElseThrow(() -> usage(checkpoint + " does not say its own: give " + option));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
