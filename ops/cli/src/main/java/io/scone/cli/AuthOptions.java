package io.scone.cli;

import io.scone.server.AuthConfig;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Who may call a server; a mixin. */
final class AuthOptions {
  @Option(
      names = "--auth-tokens",
      paramLabel = "FILE",
      description =
          "The tokens that callers have to bring: on each line 'read' or 'admin' and a token's"
              + " SHA-256. Without it everyone may call.")
  private Path tokens;

  @Option(
      names = "--admin-on-unix-socket-only",
      arity = "1",
      paramLabel = "true|false",
      showDefaultValue = Visibility.ALWAYS,
      description = "Refuse the administration of tables over TCP.")
  private boolean adminOnUnixSocketOnly;

  AuthConfig config() {
    return new AuthConfig(Optional.ofNullable(tokens), adminOnUnixSocketOnly);
  }
}
