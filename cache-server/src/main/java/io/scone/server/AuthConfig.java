package io.scone.server;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may call a server.
 *
 * @param tokens the file of the tokens that callers bring, if they have to; {@code AccessTokens}
 *     says what is in it
 * @param adminOnUnixSocketOnly whether tables are administered over the Unix socket only
 */
public record AuthConfig(Optional<Path> tokens, boolean adminOnUnixSocketOnly) {
  /** Returns the configuration that lets everyone call. */
  public static AuthConfig defaults() {
    return new AuthConfig(Optional.empty(), false);
  }
}
