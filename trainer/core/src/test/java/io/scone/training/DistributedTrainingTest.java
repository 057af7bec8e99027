package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.distributed.Rendezvous;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that train together, and one that does the same alone. */
@Timeout(120)
class DistributedTrainingTest {
  private static final long STEPS = 12;

  @TempDir static Path directory;
  private static TrainingData data;
  private static Path alone;

  @BeforeAll
  static void trainAlone() throws IOException {
    data = new TrainingFiles(directory).data();
    alone = directory.resolve("alone");
    TrainingProcess.train(data, alone, STEPS, false, Rendezvous.ALONE);
  }

  @Test
  void twoProcessesHaveTheLossesOfOne() throws Exception {
    for (boolean little : new boolean[] {false, true}) {
      Path run = directory.resolve("two-" + little);
      List<Process> processes = TrainingProcess.start(2, directory, run, STEPS, little);
      for (int rank = 0; rank < 2; rank++) {
        assertTrue(processes.get(rank).waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, processes.get(rank).exitValue(), output(run, rank));
      }
      assertSameLog(run);
    }
  }

  @Test
  void aProcessThatDiesStopsTheJob() throws Exception {
    Path run = directory.resolve("dying");
    List<Process> processes = TrainingProcess.start(2, directory, run, 1_000_000, false);
    while (Checkpoint.latest(run).isEmpty()) {
      assertTrue(processes.get(0).isAlive(), () -> output(run, 0));
      Thread.sleep(20);
    }
    processes.get(1).destroyForcibly();
    assertTrue(processes.get(0).waitFor(60, TimeUnit.SECONDS));
    assertNotEquals(0, processes.get(0).exitValue());
    String said = output(run, 0);
    assertTrue(said.contains("another process of the job has ended"), said);
  }

  @Test
  void aJobGoesOnWithAnotherNumberOfProcesses() throws Exception {
    Path run = directory.resolve("grown");
    // One process up to the end, of which the last two steps are forgotten.
    List<Process> one = TrainingProcess.start(1, directory, run, STEPS, false);
    assertTrue(one.get(0).waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, one.get(0).exitValue(), output(run, 0));
    Files.move(
        run.resolve("checkpoint-00000012"), directory.resolve("grown-checkpoint-of-the-end"));
    List<Process> processes = TrainingProcess.start(2, directory, run, STEPS, false);
    for (int rank = 0; rank < 2; rank++) {
      assertTrue(processes.get(rank).waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, processes.get(rank).exitValue(), output(run, rank));
    }
    assertSameLog(run);
  }

  /**
   * Asserts that a run's log says of losses, norms and validations what the lone process's does.
   */
  private static void assertSameLog(Path run) throws IOException {
    double[] expected = numbers(alone);
    assertTrue(expected.length > 2 * STEPS);
    assertArrayEquals(expected, numbers(run), 1e-5);
  }

  private static double[] numbers(Path run) throws IOException {
    List<Double> numbers = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve(TrainingLog.FILE))) {
      JsonNode entry = new JsonMapper().readTree(line);
      for (String name : List.of("loss", "gradient_norm")) {
        if (entry.has(name)) {
          numbers.add(entry.get(name).asDouble());
        }
      }
      for (JsonNode slice : entry.path("validation").path("slices")) {
        numbers.add(slice.get("tokens").asDouble());
        numbers.add(slice.get("loss").asDouble());
        numbers.add(slice.get("loss_without_rows").asDouble());
      }
    }
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static String output(Path run, int rank) {
    try {
      return Files.readString(run.resolveSibling(run.getFileName() + "-" + rank + ".out"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
