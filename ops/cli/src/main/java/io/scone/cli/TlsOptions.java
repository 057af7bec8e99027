package io.scone.cli;

import io.scone.server.TlsConfig;
import io.scone.server.TlsConfig.ClientAuth;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Encryption of a server's TCP connections; a mixin. */
final class TlsOptions {
  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "The server's certificate, with those that lead to its authority, in PEM. Without it"
              + " connections are not encrypted.")
  private Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "The private key of --tls-cert, in PEM: PKCS #8, not encrypted.")
  private Path key;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description = "The certificates of the authorities of clients, in PEM.")
  private Path clientCa;

  @Option(
      names = "--tls-client-auth",
      paramLabel = "none|optional|required",
      description =
          "Whether clients show a certificate. Default: required with --tls-client-ca, else none.")
  private ClientAuth clientAuth;

  TlsConfig config() {
    ClientAuth byDefault = clientCa == null ? ClientAuth.NONE : ClientAuth.REQUIRED;
    return new TlsConfig(
        Optional.ofNullable(certificate),
        Optional.ofNullable(key),
        Optional.ofNullable(clientCa),
        clientAuth == null ? byDefault : clientAuth);
  }
}
