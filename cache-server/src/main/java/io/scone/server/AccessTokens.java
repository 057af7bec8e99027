package io.scone.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The tokens that callers may bring, each with its rights.
 *
 * <p>It holds their SHA-256 hashes: tokens are long and random, so that a hash does not lead back
 * to its token.
 */
final class AccessTokens {
  private static final String HASH_ALGORITHM = "SHA-256";
  private static final String HASH = "[0-9a-fA-F]{64}";

  private final List<Grant> grants;

  private AccessTokens(List<Grant> grants) {
    this.grants = List.copyOf(grants);
  }

  /** A right of a token, whose hash is in lower-case hexadecimal digits. */
  private record Grant(String hash, Right right) {}

  /** Returns the set of one token with one right. */
  static AccessTokens of(String token, Right right) {
    return new AccessTokens(List.of(new Grant(hash(token), right)));
  }

  /**
   * Reads a file of tokens: on each line a right, {@code read} or {@code admin}, and a token's
   * SHA-256 in hexadecimal digits; what follows a {@code #} is a comment. A token that stands on
   * several lines has several rights.
   *
   * @throws IllegalArgumentException if a line is none of that; the message does not repeat the
   *     line, for it may hold a token
   */
  static AccessTokens parse(String text) {
    List<Grant> grants = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (!line.isEmpty()) {
        grants.add(grant(line.split("\\s+"), i + 1));
      }
    }
    if (grants.isEmpty()) {
      throw new IllegalArgumentException("it holds no token");
    }
    return new AccessTokens(grants);
  }

  private static Grant grant(String[] words, int lineNumber) {
    for (Right right : Right.values()) {
      if (words.length == 2 && words[0].equals(right.toString()) && words[1].matches(HASH)) {
        return new Grant(words[1].toLowerCase(Locale.ROOT), right);
      }
    }
    throw new IllegalArgumentException(
        "line "
            + lineNumber
            + " is not 'read' or 'admin' and the SHA-256 of a token in 64 hexadecimal digits");
  }

  /**
   * Returns the rights of a token, none if it is not known, in a time that does not tell how much
   * of it is right.
   */
  Set<Right> rightsOf(String token) {
    byte[] hash = hash(token).getBytes(StandardCharsets.US_ASCII);
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (Grant grant : grants) {
      if (MessageDigest.isEqual(grant.hash().getBytes(StandardCharsets.US_ASCII), hash)) {
        rights.add(grant.right());
      }
    }
    return rights;
  }

  private static String hash(String token) {
    try {
      MessageDigest digest = MessageDigest.getInstance(HASH_ALGORITHM);
      return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + HASH_ALGORITHM, e);
    }
  }
}
