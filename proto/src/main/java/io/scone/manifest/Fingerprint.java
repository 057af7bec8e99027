package io.scone.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A running SHA-256 of content; its result, `sha256:` and 64 hexadecimal digits, names it. */
public final class Fingerprint {
  private static final String PREFIX = "sha256:";
  private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9a-f]{64}");

  private final MessageDigest digest;

  /** Starts an empty fingerprint. */
  public Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Adds the remaining bytes of the buffer, which is left at its limit. */
  public Fingerprint update(ByteBuffer bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds bytes. */
  public Fingerprint update(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds the UTF-8 bytes of a text. */
  public Fingerprint update(String text) {
    return update(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the fingerprint of all that was added and starts anew. */
  public String finish() {
    return PREFIX + HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the fingerprint of a file's content. */
  public static String of(Path file) throws IOException {
    Fingerprint fingerprint = new Fingerprint();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        fingerprint.digest.update(buffer, 0, read);
      }
    }
    return fingerprint.finish();
  }

  /** Says whether a text has the form of a fingerprint. */
  public static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
  }
}
