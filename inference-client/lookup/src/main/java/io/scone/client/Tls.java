package io.scone.client;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/**
 * How a client makes sure of a server, and proves who it is: TLS. Files are PEM, and are read when
 * the client is built. Immutable.
 */
public final class Tls {
  private final Path authorities;
  private final Path certificate;
  private final Path key;
  private final String serverName;

  private Tls(Path authorities, Path certificate, Path key, String serverName) {
    this.authorities = authorities;
    this.certificate = certificate;
    this.key = key;
    this.serverName = serverName;
  }

  /** Returns TLS that trusts the certificate authorities that Java itself trusts. */
  public static Tls trustingDefaults() {
    return new Tls(null, null, null, null);
  }

  /** Returns TLS that trusts the certificate authorities of a file and no others. */
  public static Tls trusting(Path authorities) {
    return new Tls(authorities, null, null, null);
  }

  /**
   * Returns this with a certificate of the client's own, for a server that asks for one.
   *
   * @param certificate the certificate, followed by those between it and its authority
   * @param key its private key, PKCS #8, not encrypted
   */
  public Tls withCertificate(Path certificate, Path key) {
    return new Tls(authorities, certificate, key, serverName);
  }

  /** Returns this expecting a name in the server's certificate other than its address. */
  public Tls withServerName(String serverName) {
    return new Tls(authorities, certificate, key, serverName);
  }

  /** Returns the name expected instead of the address, or null. */
  String serverName() {
    return serverName;
  }

  /** Returns what it trusts, for a sentence. */
  String trusted() {
    return authorities == null ? "the authorities that Java trusts" : authorities.toString();
  }

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException if one cannot be read or is not what it should be
   */
  SslContext context() {
    SslContextBuilder builder = GrpcSslContexts.forClient();
    if (authorities != null) {
      check(authorities);
      try {
        builder.trustManager(authorities.toFile());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(authorities + " holds no certificates in PEM", e);
      }
    }
    if (certificate != null) {
      check(certificate);
      check(key);
      try {
        builder.keyManager(certificate.toFile(), key.toFile());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            certificate + " and " + key + " are not a certificate and its PKCS #8 key in PEM", e);
      }
    }
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static void check(Path file) {
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException("cannot read " + file);
    }
  }
}
