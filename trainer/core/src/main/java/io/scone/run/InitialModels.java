package io.scone.run;

import io.scone.files.AtomicFiles;
import io.scone.huggingface.Gpt2Checkpoint;
import io.scone.training.Checkpoint;
import io.scone.training.FgramCheckpoint;
import io.scone.training.InitialWeights;
import io.scone.training.PretrainedWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The trained models that a run's models start from, where its settings name any: `model.init_from`
 * and `fgram.init_from`.
 *
 * <p>The run takes their shapes and the main model's tokenizer from them. Once it has a checkpoint
 * they are not needed any more.
 */
public final class InitialModels {
  private static final String TOKENIZER = "tokenizer.json";

  private final Gpt2Checkpoint main;
  private final PretrainedWeights fgram;
  private final RunSettings named;

  private InitialModels(Gpt2Checkpoint main, PretrainedWeights fgram, RunSettings named) {
    this.main = main;
    this.fgram = fgram;
    this.named = named;
  }

  /**
   * Opens the models.
   *
   * @param settings those that name them
   * @param run the run's directory
   * @param resume whether the run goes on from its latest checkpoint, if it has one: the models
   *     that it began with are not opened then
   * @throws IOException if one is missing or malformed, or is no GPT-2; the message says which
   */
  public static InitialModels open(RunSettings settings, RunDirectory run, boolean resume)
      throws IOException {
    Optional<RunSettings> begun =
        resume && Checkpoint.isIn(run.path()) ? run.settings() : Optional.empty();
    String main = settings.mainInit();
    String fgram = settings.fgramInit();
    return new InitialModels(
        isNew(main, begun.map(RunSettings::mainInit)) ? Gpt2Checkpoint.open(Path.of(main)) : null,
        isNew(fgram, begun.map(RunSettings::fgramInit)) ? openFgram(Path.of(fgram)) : null,
        settings);
  }

  private static boolean isNew(String named, Optional<String> begun) {
    return named != null && !begun.equals(Optional.of(named));
  }

  private static PretrainedWeights openFgram(Path directory) throws IOException {
    return Gpt2Checkpoint.isIn(directory)
        ? Gpt2Checkpoint.open(directory)
        : FgramCheckpoint.open(directory);
  }

  /**
   * Returns the settings with what follows from the models: their shapes, how rows are made, and
   * the main model's tokenizer unless another is named.
   *
   * @throws IllegalArgumentException if a setting says otherwise
   * @throws IOException if the main model's tokenizer is wanted and cannot be read
   */
  public RunSettings fitted() throws IOException {
    RunSettings fitted = named;
    if (main != null) {
      fitted = shaped(fitted, "model", named.mainInit(), main.shape());
      fitted = fitted.atMost("model.context", main.shape().positions(), named.mainInit());
      if (fitted.data().tokenizer() == null) {
        fitted = fitted.tokenizer(main.tokenizer().toString(), named.mainInit());
      }
    }
    if (fgram != null) {
      fitted = shaped(fitted, "fgram", named.fgramInit(), fgram.shape());
      if (fgram.combine().isPresent()) {
        fitted = fitted.combine(fgram.combine().get(), named.fgramInit());
      }
      if (fgram.memory().isPresent()) {
        fitted = fitted.exactly("fgram.memory", fgram.memory().getAsInt(), named.fgramInit());
      }
      if (fitted.data().fgrams() == null) {
        fitted = fitted.atMost("data.max_n", fgram.shape().positions(), named.fgramInit());
      }
    }
    return fitted;
  }

  private static RunSettings shaped(
      RunSettings settings, String section, String from, PretrainedWeights.Shape shape) {
    return settings
        .exactly(section + ".dim", shape.dim(), from)
        .exactly(section + ".layers", shape.layers(), from)
        .exactly(section + ".heads", shape.heads(), from);
  }

  /** Returns the models' weights. */
  public InitialWeights weights() {
    return new InitialWeights(main, fgram);
  }

  /**
   * Copies the main model's tokenizer to where the run keeps what was made for it, and returns the
   * settings with the copy in its place: whoever exports or resumes the run needs it.
   */
  public RunSettings keepTokenizer(RunSettings settings, RunDirectory run) throws IOException {
    if (main == null || !main.tokenizer().toString().equals(settings.data().tokenizer())) {
      return settings;
    }
    Path kept = run.data().resolve(TOKENIZER);
    Files.createDirectories(run.data());
    AtomicFiles.write(kept, Files.readAllBytes(main.tokenizer()));
    return settings.tokenizer(kept.toString(), settings.mainInit());
  }
}
