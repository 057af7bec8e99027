package io.scone.bench;

import io.scone.mining.MiningOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * What of mining is measured.
 *
 * @param directory where corpora are made, mined and deleted again, one at a time
 * @param sizes the tokens to mine, ascending
 * @param options what to mine, and with what means
 */
public record MiningBenchmarkConfig(Path directory, List<Long> sizes, MiningOptions options) {
  public MiningBenchmarkConfig {
    sizes = sizes.stream().sorted().distinct().toList();
    if (sizes.isEmpty() || sizes.get(0) < 1) {
      throw new IllegalArgumentException("sizes must be positive, not " + sizes);
    }
  }
}
