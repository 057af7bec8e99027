package io.scone.cli;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The files of a server that speaks TLS and takes tokens: a certificate for 127.0.0.1 that is its
 * own authority, its key, and the tokens' hashes.
 */
record ServerSecrets(Path certificate, Path key, Path tokens) {
  /** Writes the files into a directory; tokens are named by their right. */
  static ServerSecrets write(Path directory, Map<String, String> tokens) throws Exception {
    X509Bundle certificate =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanIpAddress("127.0.0.1")
            .setIsCertificateAuthority(true)
            .ecp256()
            .buildSelfSigned();
    List<String> lines =
        tokens.entrySet().stream()
            .map(token -> token.getKey() + " " + sha256(token.getValue()))
            .toList();
    return new ServerSecrets(
        Files.writeString(directory.resolve("certificate.pem"), certificate.getCertificatePEM()),
        Files.writeString(directory.resolve("key.pem"), certificate.getPrivateKeyPEM()),
        Files.write(directory.resolve("tokens"), lines));
  }

  private static String sha256(String token) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
