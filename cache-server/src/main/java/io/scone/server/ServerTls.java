package io.scone.server;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.AdvancedTlsX509TrustManager.Verification;
import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server shows of itself in TLS, and the authorities by which it believes its clients.
 *
 * <p>Both follow their files while the server runs; a connection keeps what it began with.
 */
final class ServerTls {
  private static final byte[] SAMPLE = {1, 2, 3};

  private final TlsConfig config;
  private final AdvancedTlsX509KeyManager identity = new AdvancedTlsX509KeyManager();
  private final AdvancedTlsX509TrustManager clients;
  private volatile Instant expiry;

  private ServerTls(TlsConfig config) {
    this.config = config;
    try {
      this.clients =
          AdvancedTlsX509TrustManager.newBuilder()
              .setVerification(Verification.CERTIFICATE_ONLY_VERIFICATION)
              .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has X.509", e);
    }
  }

  /**
   * Reads the files of a configuration that has them, and reads them again when they change.
   *
   * @throws IOException if one of them cannot be used; the message is a sentence
   */
  static ServerTls open(TlsConfig config, Reloader reloader) throws IOException {
    ServerTls tls = new ServerTls(config);
    List<Path> files = new ArrayList<>();
    files.add(config.certificate().orElseThrow());
    files.add(config.key().orElseThrow());
    config.clientCa().ifPresent(files::add);
    reloader.watch(files, tls::take);
    return tls;
  }

  /** Returns what a listener needs. */
  ServerCredentials credentials() {
    TlsServerCredentials.Builder builder =
        TlsServerCredentials.newBuilder()
            .keyManager(identity)
            .clientAuth(
                switch (config.clientAuth()) {
                  case NONE -> TlsServerCredentials.ClientAuth.NONE;
                  case OPTIONAL -> TlsServerCredentials.ClientAuth.OPTIONAL;
                  case REQUIRED -> TlsServerCredentials.ClientAuth.REQUIRE;
                });
    if (config.clientCa().isPresent()) {
      builder.trustManager(clients);
    }
    return builder.build();
  }

  private void take(List<byte[]> contents) throws IOException {
    Path certificateFile = config.certificate().orElseThrow();
    Path keyFile = config.key().orElseThrow();
    X509Certificate[] chain = certificates(certificateFile, contents.get(0));
    checkValidity(certificateFile, chain[0]);
    PrivateKey key = key(keyFile, contents.get(1));
    if (!belongTogether(chain[0], key)) {
      throw new IOException(
          "the key in " + keyFile + " is not that of the certificate in " + certificateFile);
    }
    if (config.clientCa().isPresent()) {
      Path file = config.clientCa().get();
      try {
        clients.updateTrustCredentials(certificates(file, contents.get(2)));
      } catch (GeneralSecurityException e) {
        throw new IOException("cannot use the certificates in " + file + ": " + e, e);
      }
    }
    identity.updateIdentityCredentials(chain, key);
    expiry = chain[0].getNotAfter().toInstant();
  }

  /** Returns when the certificate that is shown expires. */
  Instant expiry() {
    return expiry;
  }

  private static X509Certificate[] certificates(Path file, byte[] content) throws IOException {
    try {
      X509Certificate[] chain =
          CertificateUtils.getX509Certificates(new ByteArrayInputStream(content));
      if (chain.length > 0) {
        return chain;
      }
    } catch (CertificateException e) {
      throw new IOException(file + " holds no certificate in PEM: " + e.getMessage(), e);
    }
    throw new IOException(file + " holds no certificate in PEM");
  }

  private static void checkValidity(Path file, X509Certificate certificate) throws IOException {
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException e) {
      throw new IOException(
          "the certificate in " + file + " expired at " + certificate.getNotAfter().toInstant(), e);
    } catch (CertificateNotYetValidException e) {
      throw new IOException(
          "the certificate in "
              + file
              + " is not valid before "
              + certificate.getNotBefore().toInstant(),
          e);
    }
  }

  private static PrivateKey key(Path file, byte[] content) throws IOException {
    try {
      return CertificateUtils.getPrivateKey(new ByteArrayInputStream(content));
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw new IOException(
          file + " holds no private key in PEM that is PKCS #8 and not encrypted", e);
    }
  }

  /** Says whether what the key signs is what the certificate vouches for. */
  private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    try {
      Signature signature =
          Signature.getInstance(
              key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
      signature.initSign(key);
      signature.update(SAMPLE);
      byte[] signed = signature.sign();
      signature.initVerify(certificate);
      signature.update(SAMPLE);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // the two are not even of one kind
    }
  }
}
