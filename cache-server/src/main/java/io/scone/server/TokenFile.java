package io.scone.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;

/** The file of the tokens that callers may bring, and what was last read from it. */
final class TokenFile {
  private final Path path;
  private volatile AccessTokens tokens;

  private TokenFile(Path path) {
    this.path = path;
  }

  /**
   * Reads a file, and reads it again when it changes.
   *
   * @throws IOException if the file cannot be used; the message is a sentence
   */
  static TokenFile open(Path path, Reloader reloader) throws IOException {
    TokenFile file = new TokenFile(path);
    reloader.watch(List.of(path), file::take);
    return file;
  }

  /** Returns the tokens as they are now. */
  AccessTokens tokens() {
    return tokens;
  }

  private void take(List<byte[]> contents) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          "others than its owner may write " + path + ", and so let themselves in: chmod go-w it");
    }
    try {
      tokens = AccessTokens.parse(new String(contents.get(0), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new IOException("cannot use the tokens in " + path + ": " + e.getMessage(), e);
    }
  }
}
