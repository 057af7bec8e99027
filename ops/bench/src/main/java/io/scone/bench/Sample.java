package io.scone.bench;

import java.io.Serializable;
import org.HdrHistogram.Histogram;

/**
 * What one store did in one cell in one round.
 *
 * @param nanos the latencies of its calls
 * @param serverCpuSeconds the processor time of the serving process
 */
record Sample(long positions, long rows, double seconds, Histogram nanos, double serverCpuSeconds)
    implements Serializable {
  double positionsPerSecond() {
    return positions / seconds;
  }

  double rowsPerSecond() {
    return rows / seconds;
  }
}
