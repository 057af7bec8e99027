package io.scone.training;

import io.scone.distributed.Peers;
import io.scone.distributed.Rendezvous;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * One training run of a main model and its f-gram model together, or of a baseline, in a directory
 * that gets its checkpoints and its log.
 *
 * <p>A run that is stopped at any moment goes on from its last checkpoint, and on a CPU with the
 * same number of threads it then does exactly what it would have done. For use by one thread.
 *
 * <p>Several processes may train together, each with a share of every batch: together they do, but
 * for rounding, what one would do. All see the run's directory, and the first writes to it.
 */
public final class Trainer implements AutoCloseable {
  private final Path run;
  private final ModelConfig config;
  private final TrainingConfig recipe;
  private final TrainingData data;
  private final RunOptions options;
  private final Peers peers;
  private final Share share;
  private final Weights weights;
  private final TrainingStep step;

  private volatile boolean stopping;
  private TrainingState state;
  private long loggedStep;
  private double loss = Double.NaN;

  private Trainer(
      Path run,
      ModelConfig config,
      TrainingData data,
      RunOptions options,
      Peers peers,
      TrainingState state,
      Weights weights) {
    this.run = run;
    this.config = config;
    this.recipe = state.recipe();
    this.data = data;
    this.options = options;
    this.state = state;
    this.loggedStep = state.step();
    this.peers = peers;
    this.share = new Share(recipe.batch(), peers.rank(), peers.size());
    this.weights = weights;
    this.step =
        new TrainingStep(config, recipe, weights, options, peers.average(weights.dense().values()));
  }

  /**
   * Meets the other processes of a job, and takes the device that this one computes on. The caller
   * closes what it returns after the trainer.
   *
   * @throws IllegalArgumentException if there is no such device
   * @throws IllegalStateException if the others do not come
   */
  public static Peers join(Rendezvous place, RunOptions options) {
    Torch.load(threads(options, place));
    return Peers.join(place, options.device().resolve());
  }

  /**
   * Prepares a run of one process whose weights are drawn.
   *
   * @see #open(Path, ModelConfig, TrainingConfig, TrainingData, InitialWeights, RunOptions, Peers,
   *     boolean)
   */
  public static Trainer open(
      Path run,
      ModelConfig config,
      TrainingConfig recipe,
      TrainingData data,
      RunOptions options,
      boolean resume)
      throws IOException {
    return open(run, config, recipe, data, InitialWeights.DRAWN, options, Peers.ALONE, resume);
  }

  /**
   * Prepares a run.
   *
   * @param run its directory; made if it does not exist
   * @param config the models' shapes
   * @param recipe how to train them
   * @param data what to train them on
   * @param initial what the weights are before the first step; a run that goes on need not be told
   *     again
   * @param options where, and with which reports
   * @param peers the processes of the job, which all do the same; they stay the caller's
   * @param resume whether to go on from the latest checkpoint in the directory, if there is one
   * @throws IllegalArgumentException if the parts do not fit together, if the processes cannot
   *     divide a batch or were given different things, if the directory holds a run that is not to
   *     be resumed, or if that run is of another model, recipe or data
   */
  public static Trainer open(
      Path run,
      ModelConfig config,
      TrainingConfig recipe,
      TrainingData data,
      InitialWeights initial,
      RunOptions options,
      Peers peers,
      boolean resume)
      throws IOException {
    data.check(config, recipe.windowsPerStep());
    recipe.checkProcesses(peers.size());
    initial.check(config);
    TrainingState begin = TrainingState.begin(recipe, data, initial);
    Optional<Checkpoint> latest = Checkpoint.latest(run);
    if (latest.isPresent()) {
      checkResumable(latest.get(), config, begin, resume);
    }
    Torch.load(threads(options, peers.place()));
    DeviceType device = options.device().resolve();
    TrainingState state = latest.isPresent() ? latest.get().state() : begin;
    if (!peers.agree((config + " " + state).hashCode())) {
      throw new IllegalArgumentException(
          "the processes of this job have different settings, data or checkpoints: give all the"
              + " same, and the run's directory on a file system that they share");
    }
    return latest.isPresent()
        ? resume(run, latest.get(), data, options, peers, device)
        : begin(run, config, begin, data, initial, options, peers, device);
  }

  private static Trainer begin(
      Path run,
      ModelConfig config,
      TrainingState begin,
      TrainingData data,
      InitialWeights initial,
      RunOptions options,
      Peers peers,
      DeviceType device)
      throws IOException {
    TrainingConfig recipe = begin.recipe();
    Weights fresh = Weights.initialize(config, recipe.seed(), recipe.fgramGain(), device);
    try {
      initial.copyInto(fresh);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    peers.broadcast(fresh.all().values()); // processors of other kinds draw a bit differently
    return new Trainer(run, config, data, options, peers, begin, fresh);
  }

  private static Trainer resume(
      Path run,
      Checkpoint latest,
      TrainingData data,
      RunOptions options,
      Peers peers,
      DeviceType device)
      throws IOException {
    Weights read = Weights.read(latest.directory(), latest.model(), device);
    Trainer trainer = new Trainer(run, latest.model(), data, options, peers, latest.state(), read);
    try {
      trainer.step.optimizer().read(latest.directory());
    } catch (IOException e) {
      trainer.close();
      throw e;
    }
    return trainer;
  }

  /** Returns the threads of an operation: processes that share a machine share its cores. */
  private static int threads(RunOptions options, Rendezvous place) {
    return options.threads() > 0 || place.localSize() == 1
        ? options.threads()
        : Math.max(1, Runtime.getRuntime().availableProcessors() / place.localSize());
  }

  /**
   * Trains to the last step, or until {@link #stop}, with a checkpoint at its end.
   *
   * @throws IllegalStateException if the loss is no longer finite
   */
  public TrainingReport train(Progress shown) throws IOException {
    Progress progress = peers.isFirst() ? shown : Progress.NONE;
    TrainingLog log = null;
    if (peers.isFirst()) {
      Files.createDirectories(run);
      log = new TrainingLog(run, state.step());
    }
    Windows windows =
        new Windows(data.corpus(), matchLengths(progress), context(), config.memory());
    WindowOrder order = new WindowOrder(windows.count(), recipe.seed());
    MatchDropout dropout = new MatchDropout(recipe.fgramDropout(), recipe.seed());
    List<Text> texts = texts(windows, progress);
    long firstStep = state.step();
    long firstBatch = state.step() * recipe.accumulation();
    long trainingNanos = 0;
    boolean stopped = false;
    progress.begin("train", (recipe.steps() - firstStep) * tokensPerStep(), "tokens");
    try (BatchFeed feed = new BatchFeed(windows, order, dropout, share, firstBatch)) {
      long begun = System.nanoTime();
      boolean last = state.step() == recipe.steps();
      while (!last) {
        long next = state.step() + 1;
        step.run(next, feed::next);
        state = state.atStep(next);
        progress.advance(tokensPerStep());
        stopped = peers.any(stopping);
        last = state.step() == recipe.steps() || stopped;
        boolean validate = !last && isDue(options.validationInterval());
        boolean checkpoint = last || isDue(options.checkpointInterval());
        if (validate || checkpoint || isDue(options.logInterval())) {
          logLoss(log, progress, begun);
          trainingNanos += System.nanoTime() - begun;
          if (validate) {
            validate(texts, log, Progress.NONE);
          }
          if (checkpoint) {
            writeCheckpoint();
          }
          begun = System.nanoTime(); // what is not training does not count
        }
      }
    } finally {
      progress.end();
    }
    Validation validation = stopped ? null : validate(texts, log, progress);
    if (!stopped && peers.isFirst()) {
      TrainingCharts.draw(run, progress); // a process that is going down cannot load what draws
    }
    return new TrainingReport(
        Checkpoint.find(run),
        state.step(),
        state.step() * tokensPerStep(),
        weights.count(false),
        weights.count(true),
        loss,
        (state.step() - firstStep) * tokensPerStep() / (trainingNanos / 1e9),
        validation);
  }

  /** Has {@link #train} end after the step under way. May be called by any thread. */
  public void stop() {
    stopping = true;
  }

  /** Frees the weights and the optimizer's moments. */
  @Override
  public void close() {
    step.close();
    weights.close();
  }

  private void writeCheckpoint() throws IOException {
    if (peers.isFirst()) {
      int kept = options.keptCheckpoints();
      Checkpoint.write(run, state, config, weights, step.optimizer(), kept);
    }
    peers.await(); // it is there for all of them
  }

  /** Says whether something that happens every so many steps, and at the end, happens now. */
  private boolean isDue(int interval) {
    return interval > 0 && state.step() % interval == 0;
  }

  /** Averages the loss since this was last done and logs it; only the first process has a log. */
  private void logLoss(TrainingLog log, Progress progress, long begun) throws IOException {
    long done = state.step();
    long steps = done - loggedStep;
    loggedStep = done;
    loss = peers.mean(step.takeLosses() / steps);
    double gradientNorm = step.gradientNorm();
    if (!Double.isFinite(loss) || !Double.isFinite(gradientNorm)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the loss is no longer a number at step %,d (looked at every %,d): train with a lower"
                  + " learning rate than %s; %s",
              done,
              steps,
              recipe.learningRate(),
              Checkpoint.lastGood(run)));
    }
    if (log == null) {
      return;
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("tokens", done * tokensPerStep());
    values.put("loss", loss);
    values.put("learning_rate", recipe.learningRate(done));
    values.put("gradient_norm", gradientNorm);
    values.put("tokens_per_second", steps * tokensPerStep() / seconds);
    log.add(done, values);
    progress.note(String.format(Locale.ROOT, "step %,d, loss %.3f", done, loss));
  }

  /**
   * Measures the model.
   *
   * @return how well it predicts the validation text, or null if there is none
   */
  private Validation validate(List<Text> texts, TrainingLog log, Progress progress)
      throws IOException {
    Map<String, Validation> validations = new LinkedHashMap<>();
    for (Text text : texts) {
      validations.put(text.name(), text.validator().run(progress));
    }
    if (log != null && !validations.isEmpty()) {
      log.add(state.step(), validations);
    }
    return validations.get(Text.HELD_OUT);
  }

  private MatchLengths matchLengths(Progress progress) throws IOException {
    return config.isBaseline()
        ? MatchLengths.NONE
        : MatchLengths.of(data.corpus(), data.fgrams(), data.fgramsFingerprint(), progress);
  }

  /**
   * A text that the model is measured on.
   *
   * @param name its key in the log
   */
  private record Text(String name, Validator validator) {
    static final String HELD_OUT = "validation";
    static final String TRAINED_ON = "training_sample";
  }

  /**
   * Returns the validation text and the beginning of the corpus, which shows beside it what the
   * model has learned by heart; neither if there is no validation text.
   */
  private List<Text> texts(Windows corpus, Progress progress) throws IOException {
    if (data.validation() == null) {
      return List.of();
    }
    MatchLengths matches =
        config.isBaseline()
            ? MatchLengths.NONE
            : MatchLengths.of(data.validation(), data.fgrams(), data.fgramsFingerprint(), progress);
    Windows heldOut = new Windows(data.validation(), matches, context(), config.memory());
    return List.of(
        new Text(Text.HELD_OUT, validator(heldOut)), new Text(Text.TRAINED_ON, validator(corpus)));
  }

  private Validator validator(Windows windows) {
    return new Validator(
        step.model(),
        windows,
        data.fgrams(),
        data.fgramCounts(),
        share.windows(),
        options.validationTokens(),
        peers);
  }

  private int context() {
    return config.main().context();
  }

  private long tokensPerStep() {
    return recipe.windowsPerStep() * context();
  }

  private static void checkResumable(
      Checkpoint checkpoint, ModelConfig config, TrainingState begin, boolean resume) {
    Path directory = checkpoint.directory();
    if (!resume) {
      throw new IllegalArgumentException(
          directory + " is there already: resume that run, or train into another directory");
    }
    String difference = Json.difference(checkpoint.model(), config);
    if (difference == null) {
      TrainingState begun = checkpoint.state().atStep(0);
      difference = Json.difference(begun, begin.startedLike(begun));
    }
    if (difference != null) {
      throw new IllegalArgumentException(
          directory + " cannot be resumed with other settings or data: its " + difference);
    }
  }
}
