package io.scone.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The key that callers have to bring as a bearer token. */
public final class ApiKey {
  private static final String SCHEME = "Bearer ";

  private final byte[] key;

  /**
   * Makes a key.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public ApiKey(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("the API key is empty");
    }
    this.key = key.getBytes(StandardCharsets.UTF_8);
  }

  /** Says whether an Authorization header brings it, in a time that does not tell how nearly. */
  boolean isIn(String header) {
    return header != null
        && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(
            key, header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
  }
}
