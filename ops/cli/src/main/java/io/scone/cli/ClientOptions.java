package io.scone.cli;

import io.scone.client.BearerToken;
import io.scone.client.SconeClient;
import io.scone.client.SconeClientBuilder;
import io.scone.client.Tls;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a command reaches a cache server; a mixin of every command that calls one. */
final class ClientOptions {
  /** What separates the addresses of the shards of a split table. */
  static final String SHARDS = ";";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(names = "--tls", description = "Call the server over TLS, trusting what Java trusts.")
  private boolean tls;

  @Option(
      names = "--tls-authority",
      paramLabel = "FILE",
      description = "Call the server over TLS, trusting the authorities of this PEM file alone.")
  private Path authority;

  @Option(
      names = "--tls-client-certificate",
      paramLabel = "FILE",
      description = "This side's own certificate in PEM, for a server that asks for one.")
  private Path certificate;

  @Option(
      names = "--tls-client-key",
      paramLabel = "FILE",
      description = "The certificate's private key, PKCS #8 in PEM.")
  private Path key;

  @Option(
      names = "--tls-server-name",
      paramLabel = "NAME",
      description = "The name that the server's certificate is for, if not that of its address.")
  private String serverName;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Send the token that this file holds, for a server that wants one.")
  private Path tokenFile;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Send this token. Others on this machine can read a command line: rather set it in the"
              + " environment or the configuration file, or give --token-file.")
  private Secret token;

  /**
   * Returns a builder of a client.
   *
   * @param address a server's, or several of the shards of a table with semicolons between
   * @throws ParameterException if an address is malformed or the options do not go together
   */
  SconeClientBuilder builder(String address) {
    if ((certificate == null) != (key == null)) {
      throw usage("Give --tls-client-certificate and --tls-client-key together.");
    }
    if (token != null && tokenFile != null) {
      throw usage("Give --token or --token-file, not both.");
    }
    if (!isSecured() && (certificate != null || serverName != null)) {
      throw usage("The options --tls-... need --tls or --tls-authority.");
    }
    SconeClientBuilder builder;
    try {
      builder =
          address.contains(SHARDS)
              ? SconeClient.sharded(List.of(address.split(SHARDS, -1)))
              : SconeClient.builder(address);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    if (isSecured()) {
      builder.tls(tls());
    }
    if (token != null) {
      builder.token(BearerToken.of(token::value));
    } else if (tokenFile != null) {
      builder.token(BearerToken.ofFile(tokenFile));
    }
    return builder;
  }

  /** Says whether servers are called over TLS. */
  boolean isSecured() {
    return tls || authority != null;
  }

  private Tls tls() {
    Tls result = authority == null ? Tls.trustingDefaults() : Tls.trusting(authority);
    if (certificate != null) {
      result = result.withCertificate(certificate, key);
    }
    return serverName == null ? result : result.withServerName(serverName);
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
