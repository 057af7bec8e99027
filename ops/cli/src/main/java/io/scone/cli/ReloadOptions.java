package io.scone.cli;

import io.scone.server.ReloadConfig;
import picocli.CommandLine.Option;

/** How a server takes up changed files; a mixin. */
final class ReloadOptions {
  @Option(
      names = "--reload-interval",
      paramLabel = "TIME",
      description = "How often certificates, keys and tokens are looked at for changes.")
  private TimeSpan interval = new TimeSpan(ReloadConfig.defaults().interval());

  ReloadConfig config() {
    return new ReloadConfig(interval.duration());
  }
}
