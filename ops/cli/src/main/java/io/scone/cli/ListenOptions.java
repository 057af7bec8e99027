package io.scone.cli;

import io.scone.server.ListenConfig;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where a server listens; a mixin. */
final class ListenOptions {
  private static final ListenConfig DEFAULTS = ListenConfig.defaults();

  @Option(
      names = "--tcp",
      arity = "1",
      paramLabel = "true|false",
      showDefaultValue = Visibility.ALWAYS,
      description = "Listen on --host and --port.")
  private boolean tcp = true;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "The name or address to listen on; 0.0.0.0 for every interface.")
  private String host = DEFAULTS.tcp().orElseThrow().host();

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The port to listen on; 0 for any free one.")
  private int port = DEFAULTS.tcp().orElseThrow().port();

  @Option(
      names = "--unix-socket",
      paramLabel = "PATH",
      description = "A Unix socket to listen on, too or (--tcp false) instead. Without TLS.")
  private Path unixSocket;

  @Option(
      names = "--unix-socket-mode",
      paramLabel = "OCTAL",
      description = "Permissions of the Unix socket; who may write may connect.")
  private FileMode unixSocketMode = new FileMode(ListenConfig.DEFAULT_PERMISSIONS);

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      description = "Threads that carry the connections.")
  private int eventLoops = DEFAULTS.eventLoops();

  ListenConfig config() {
    return new ListenConfig(
        tcp ? Optional.of(new ListenConfig.Tcp(host, port)) : Optional.empty(),
        Optional.ofNullable(unixSocket)
            .map(path -> new ListenConfig.UnixSocket(path, unixSocketMode.permissions())),
        eventLoops);
  }
}
