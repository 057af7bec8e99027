package io.scone.cli;

import io.scone.server.DrainConfig;
import picocli.CommandLine.Option;

/** How a server stops; a mixin. */
final class DrainOptions {
  @Option(
      names = "--drain-timeout",
      paramLabel = "TIME",
      description = "How long calls under way may take to end when the server stops.")
  private TimeSpan timeout = new TimeSpan(DrainConfig.defaults().timeout());

  DrainConfig config() {
    return new DrainConfig(timeout.duration());
  }
}
