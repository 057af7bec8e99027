package io.scone.cli;

import io.scone.server.MetricsConfig;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Where a server's metrics can be read; a mixin. */
final class MetricsOptions {
  @Option(
      names = "--metrics-host",
      paramLabel = "HOST",
      description = "The name or address to answer /metrics, /healthz and /readyz on.")
  private String host = MetricsConfig.defaults().host();

  @Option(
      names = "--metrics-port",
      paramLabel = "N",
      description = "The port to answer them on, 0 for any free one; without it nobody does.")
  private Integer port;

  MetricsConfig config() {
    return new MetricsConfig(host, port == null ? OptionalInt.empty() : OptionalInt.of(port));
  }
}
