package io.scone.training;

/**
 * The part of every batch that one process of a job takes; all of it where there is only one.
 *
 * @param batch the windows of a batch, which the processes divide evenly
 * @param rank the number of the process, from 0
 * @param processes their number
 */
record Share(int batch, int rank, int processes) {
  /** Checks that the batch can be divided. */
  Share {
    if (batch % processes != 0) {
      throw new IllegalArgumentException(
          "a batch of "
              + batch
              + " windows cannot be divided evenly among "
              + processes
              + " processes: train with a batch, or with as many processes, that it can");
    }
  }

  /** Takes whole batches. */
  static Share whole(int batch) {
    return new Share(batch, 0, 1);
  }

  /** Returns which window of each batch is the first of this process's. */
  int first() {
    return rank * windows();
  }

  /** Returns the windows of each batch that are this process's. */
  int windows() {
    return batch / processes;
  }
}
