package io.scone.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final Rendezvous PLACE = new Rendezvous(5, 8, 1, 4, "node-0", 29500);

  @Test
  void withoutALauncherAProcessIsAlone() {
    assertEquals(Rendezvous.ALONE, Rendezvous.of(Map.of("PATH", "/bin")));
    // A batch script of Slurm's runs once, whatever the job's size.
    assertEquals(Rendezvous.ALONE, Rendezvous.of(Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "4")));
  }

  @Test
  void whatIsPutIntoAnEnvironmentIsWhatTorchrunSets() {
    Map<String, String> environment = new HashMap<>();
    PLACE.putInto(environment);
    assertEquals(
        Map.of(
            "RANK", "5",
            "WORLD_SIZE", "8",
            "LOCAL_RANK", "1",
            "LOCAL_WORLD_SIZE", "4",
            "MASTER_ADDR", "node-0",
            "MASTER_PORT", "29500"),
        environment);
    assertEquals(PLACE, Rendezvous.of(environment));
  }

  /** Kubernetes' PyTorchJob starts one process in a pod and numbers only pods. */
  @Test
  void aProcessWithoutALocalRankIsTheOnlyOneOfItsMachine() {
    assertEquals(
        new Rendezvous(1, 2, 0, 1, "job-master-0", 23456),
        Rendezvous.of(
            Map.of(
                "RANK", "1",
                "WORLD_SIZE", "2",
                "MASTER_ADDR", "job-master-0",
                "MASTER_PORT", "23456")));
  }

  @Test
  void slurmTellsTheTaskAndItsNodes() {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "SLURM_PROCID", "5",
                "SLURM_STEP_NUM_TASKS", "8",
                "SLURM_LOCALID", "1",
                "SLURM_STEP_TASKS_PER_NODE", "4(x2)",
                "SLURM_STEP_NODELIST", "gpu[03-04,09],login",
                "SLURM_JOB_ID", "123456"));
    assertEquals(new Rendezvous(5, 8, 1, 4, "gpu03", 23456), Rendezvous.of(environment));
    environment.put("SLURM_STEP_NODELIST", "alpha,beta");
    environment.put("MASTER_PORT", "4000");
    assertEquals(new Rendezvous(5, 8, 1, 4, "alpha", 4000), Rendezvous.of(environment));
  }

  @Test
  void whatIsMissingOrWrongIsNamed() {
    assertRefused("RANK is not set", Map.of("WORLD_SIZE", "2"));
    assertRefused("RANK is 'x' in the environment", Map.of("WORLD_SIZE", "2", "RANK", "x"));
    Map<String, String> environment = new HashMap<>();
    PLACE.putInto(environment);
    environment.put("RANK", "8");
    assertRefused("RANK is 8, and there are 8 processes", environment);
  }

  private static void assertRefused(String reason, Map<String, String> environment) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Rendezvous.of(environment)).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
