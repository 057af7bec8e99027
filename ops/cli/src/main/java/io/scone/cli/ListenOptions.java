package io.scone.cli;

import io.scone.server.ListenConfig;
import picocli.CommandLine.Option;

/** Where a server listens; a mixin. */
final class ListenOptions {
  private static final ListenConfig DEFAULTS = ListenConfig.defaults();

  @Option(
      names = "--host",
      description = "The name or address to listen on; 0.0.0.0 for every interface.")
  private String host = DEFAULTS.host();

  @Option(names = "--port", description = "The port to listen on; 0 for any free one.")
  private int port = DEFAULTS.port();

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      description = "Threads that carry the connections.")
  private int eventLoops = DEFAULTS.eventLoops();

  ListenConfig config() {
    return new ListenConfig(host, port, eventLoops);
  }
}
