package io.scone.cli;

import io.scone.server.DrainConfig;
import picocli.CommandLine.Option;

/** How a server stops; a mixin. */
final class DrainOptions {
  private static final DrainConfig DEFAULTS = DrainConfig.defaults();

  @Option(
      names = "--drain-delay",
      paramLabel = "TIME",
      description =
          "How long the server still takes requests after its health has turned NOT_SERVING.")
  private TimeSpan delay = new TimeSpan(DEFAULTS.delay());

  @Option(
      names = "--drain-timeout",
      paramLabel = "TIME",
      description = "How long calls under way may take to end when the server stops.")
  private TimeSpan timeout = new TimeSpan(DEFAULTS.timeout());

  DrainConfig config() {
    return new DrainConfig(delay.duration(), timeout.duration());
  }
}
