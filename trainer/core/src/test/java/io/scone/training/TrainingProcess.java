package io.scone.training;

import io.scone.distributed.Peers;
import io.scone.distributed.Rendezvous;
import io.scone.progress.Progress;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One process of a training job, of those that a test starts. */
final class TrainingProcess {
  static final ModelConfig MODEL =
      new ModelConfig(
          new ModelConfig.Main(TrainingFiles.VOCABULARY, 32, 32, 2, 2),
          new ModelConfig.Fgram(4, 0, 1, 2, ModelConfig.Combine.RESIDUAL, 200));

  private TrainingProcess() {}

  /** Trains: the files' directory, the run's, the steps, and whether in little memory. */
  public static void main(String[] arguments) throws IOException {
    train(
        TrainingFiles.open(Path.of(arguments[0])),
        Path.of(arguments[1]),
        Long.parseLong(arguments[2]),
        Boolean.parseBoolean(arguments[3]),
        Rendezvous.of(System.getenv()));
  }

  /**
   * Trains as one process of a job, from the last checkpoint if there is one.
   *
   * @param little whether in little memory: an update in two passes, blocks computed again
   */
  static TrainingReport train(
      TrainingData data, Path run, long steps, boolean little, Rendezvous place)
      throws IOException {
    // So few f-grams are left that many batches have none.
    int passes = little ? 2 : 1;
    TrainingConfig recipe =
        new TrainingConfig(steps, 8 / passes, passes, 3e-3, 3, 0.1, 1, 7, 0.5, 10, 0.05, 0.98, 0.8);
    RunOptions options = new RunOptions(ComputeDevice.CPU, 1, 1, 0, 1 << 18, 5, 2, little);
    try (Peers peers = Trainer.join(place, options);
        Trainer trainer =
            Trainer.open(run, MODEL, recipe, data, InitialWeights.DRAWN, options, peers, true)) {
      return trainer.train(Progress.NONE);
    }
  }

  /** Starts the processes of a job. */
  static List<Process> start(int size, Path files, Path run, long steps, boolean little)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              TrainingProcess.class.getName(),
              files.toString(),
              run.toString(),
              Long.toString(steps),
              Boolean.toString(little));
      new Rendezvous(rank, size, rank, size, "127.0.0.1", port).putInto(builder.environment());
      builder.redirectErrorStream(true);
      builder.redirectOutput(run.resolveSibling(run.getFileName() + "-" + rank + ".out").toFile());
      processes.add(builder.start());
    }
    return processes;
  }
}
