package io.scone.distributed;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a process stands among those of a training job, and where they meet: what launchers tell
 * each process in its environment.
 *
 * @param rank the number of this process, from 0
 * @param size the processes of the job
 * @param localRank its number among those of its machine, which is also that of its GPU
 * @param localSize the processes of its machine
 * @param host the machine of process 0
 * @param port the TCP port that process 0 listens on there
 */
public record Rendezvous(int rank, int size, int localRank, int localSize, String host, int port) {
  /** A job of one process. */
  public static final Rendezvous ALONE = new Rendezvous(0, 1, 0, 1, "localhost", 0);

  private static final String RANK = "RANK";
  private static final String SIZE = "WORLD_SIZE";
  private static final String LOCAL_RANK = "LOCAL_RANK";
  private static final String LOCAL_SIZE = "LOCAL_WORLD_SIZE";
  private static final String HOST = "MASTER_ADDR";
  private static final String PORT = "MASTER_PORT";

  // Only srun sets the size of a step; what else Slurm sets is there in a batch script as well,
  // which runs once.
  private static final String SLURM_SIZE = "SLURM_STEP_NUM_TASKS";

  private static final Pattern FIRST_NODE = Pattern.compile("([^,\\[]+)(?:\\[(\\w+))?.*");
  private static final Pattern FIRST_NUMBER = Pattern.compile("(\\d+).*");

  /** Checks that the numbers fit together. */
  public Rendezvous {
    check(RANK, rank, size);
    check(LOCAL_RANK, localRank, localSize);
    if (size > 1 && (port < 1 || port > 0xffff)) {
      throw new IllegalArgumentException(PORT + " is " + port + ", not in 1..65535");
    }
  }

  /**
   * Reads what a launcher has set: torchrun, Kubernetes' PyTorchJob and `scone train --nproc` set
   * RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT; Slurm's srun has
   * names of its own, and what it does not tell of the place to meet is taken from the job.
   *
   * @return the place of this process, or {@link #ALONE} if no launcher has started it
   * @throws IllegalArgumentException if a variable is missing or no number
   */
  public static Rendezvous of(Map<String, String> environment) {
    if (environment.containsKey(SIZE)) {
      return new Rendezvous(
          number(environment, RANK),
          number(environment, SIZE),
          environment.containsKey(LOCAL_RANK) ? number(environment, LOCAL_RANK) : 0,
          environment.containsKey(LOCAL_SIZE)
              ? number(environment, LOCAL_SIZE)
              : 1 + (environment.containsKey(LOCAL_RANK) ? number(environment, LOCAL_RANK) : 0),
          text(environment, HOST),
          number(environment, PORT));
    }
    return environment.containsKey(SLURM_SIZE) ? ofSlurm(environment) : ALONE;
  }

  /** Sets the variables that {@link #of} reads, for a process about to be started. */
  public void putInto(Map<String, String> environment) {
    environment.put(RANK, Integer.toString(rank));
    environment.put(SIZE, Integer.toString(size));
    environment.put(LOCAL_RANK, Integer.toString(localRank));
    environment.put(LOCAL_SIZE, Integer.toString(localSize));
    environment.put(HOST, host);
    environment.put(PORT, Integer.toString(port));
  }

  /** Says whether this is the process that writes checkpoints and reports. */
  public boolean isFirst() {
    return rank == 0;
  }

  private static Rendezvous ofSlurm(Map<String, String> environment) {
    return new Rendezvous(
        number(environment, "SLURM_PROCID"),
        number(environment, SLURM_SIZE),
        number(environment, "SLURM_LOCALID"),
        localSize(text(environment, "SLURM_STEP_TASKS_PER_NODE"), environment),
        environment.containsKey(HOST)
            ? environment.get(HOST)
            : firstNode(text(environment, "SLURM_STEP_NODELIST")),
        environment.containsKey(PORT)
            ? number(environment, PORT)
            : 20_000 + number(environment, "SLURM_JOB_ID") % 10_000);
  }

  /** Returns the tasks of this node; Slurm tells those of all, as in {@code 2(x3),1}. */
  private static int localSize(String tasksPerNode, Map<String, String> environment) {
    Matcher first = FIRST_NUMBER.matcher(tasksPerNode);
    int tasks = first.matches() ? Integer.parseInt(first.group(1)) : 1;
    return Math.max(tasks, number(environment, "SLURM_LOCALID") + 1);
  }

  /** Returns the first of nodes that Slurm lists, as in {@code node[03-05,09],other}. */
  private static String firstNode(String nodes) {
    Matcher first = FIRST_NODE.matcher(nodes);
    if (!first.matches()) {
      throw new IllegalArgumentException(
          "SLURM_STEP_NODELIST is '" + nodes + "', no list of nodes");
    }
    return first.group(2) == null ? first.group(1) : first.group(1) + first.group(2);
  }

  private static String text(Map<String, String> environment, String variable) {
    String value = environment.get(variable);
    if (value == null) {
      throw new IllegalArgumentException(
          "this process is one of several, and " + variable + " is not set in its environment");
    }
    return value;
  }

  private static int number(Map<String, String> environment, String variable) {
    String value = text(environment, variable);
    try {
      return Integer.parseInt(value.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          variable + " is '" + value + "' in the environment, not a whole number", e);
    }
  }

  private static void check(String name, int number, int count) {
    if (number < 0 || number >= count) {
      throw new IllegalArgumentException(
          name + " is " + number + ", and there are " + count + " processes, from 0");
    }
  }
}
