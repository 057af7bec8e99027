package io.scone.server;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether TCP connections are encrypted, and whom the server believes there.
 *
 * @param certificate the server's certificate and those that lead to its authority, PEM; without it
 *     connections are plain
 * @param key the certificate's private key, PKCS #8 in PEM
 * @param clientCa the certificates of the authorities of clients, PEM
 * @param clientAuth whether clients have to show a certificate
 */
public record TlsConfig(
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<Path> clientCa,
    ClientAuth clientAuth) {
  /** Whether clients have to show a certificate. */
  public enum ClientAuth {
    /** They are not asked. */
    NONE,
    /** They need not, but one that is shown must be valid. */
    OPTIONAL,
    /** They must. */
    REQUIRED;

    /** Returns its name as settings have it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if one part is there without another that it needs
   */
  public TlsConfig {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          "TLS takes a certificate and its key: the "
              + (key.isPresent() ? "certificate" : "key")
              + " is missing");
    }
    if (clientCa.isPresent() && certificate.isEmpty()) {
      throw new IllegalArgumentException(
          "clients show certificates over TLS only: give the server a certificate and its key");
    }
    if (clientCa.isPresent() != (clientAuth != ClientAuth.NONE)) {
      throw new IllegalArgumentException(
          clientCa.isPresent()
              ? "there is an authority of clients, but no client is asked for a certificate"
              : "clients are asked for certificates, but there is no authority to check them by");
    }
  }

  /** Returns the configuration of plain connections. */
  public static TlsConfig defaults() {
    return new TlsConfig(Optional.empty(), Optional.empty(), Optional.empty(), ClientAuth.NONE);
  }

  /** Returns the configuration that encrypts and asks clients for no certificate. */
  public static TlsConfig of(Path certificate, Path key) {
    return new TlsConfig(
        Optional.of(certificate), Optional.of(key), Optional.empty(), ClientAuth.NONE);
  }

  /** Returns this configuration with clients that show a certificate of an authority. */
  public TlsConfig withClients(Path clientCa, ClientAuth clientAuth) {
    return new TlsConfig(certificate, key, Optional.of(clientCa), clientAuth);
  }
}
