package io.scone.server;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;

/**
 * TLS and the rights of callers, as the listeners of a server need them; both follow their files.
 */
final class Security implements AutoCloseable {
  private final AuthConfig config;
  private final Reloader reloader;
  private ServerTls tls; // null where connections are plain
  private TokenFile tokens; // null where everyone may call

  private Security(AuthConfig config, Reloader reloader) {
    this.config = config;
    this.reloader = reloader;
  }

  /**
   * Reads the files.
   *
   * @throws IOException if one of them cannot be used; the message is a sentence
   */
  static Security open(ServerConfig config) throws IOException {
    Security security = new Security(config.auth(), new Reloader(config.reload().interval()));
    try {
      security.read(config);
      return security;
    } catch (IOException e) {
      security.close();
      throw e;
    }
  }

  /** Returns what the TCP listener needs for its connections. */
  ServerCredentials tcpCredentials() {
    return tls == null ? InsecureServerCredentials.create() : tls.credentials();
  }

  /** Has the TCP listener check the rights of its callers. */
  NettyServerBuilder guardTcp(NettyServerBuilder tcp) {
    NettyServerBuilder guarded = guard(tcp);
    return config.adminOnUnixSocketOnly() ? guarded.intercept(new NoAdministration()) : guarded;
  }

  /** Has a listener check the rights of its callers. */
  NettyServerBuilder guard(NettyServerBuilder listener) {
    return tokens == null ? listener : listener.intercept(new Authorization(tokens::tokens));
  }

  /** Returns how many times changed files could not be used. */
  long reloadFailures() {
    return reloader.failures();
  }

  /** Returns the seconds from 1970 until the server's certificate expires; NaN if it has none. */
  double certificateExpiry() {
    return tls == null ? Double.NaN : (double) tls.expiry().getEpochSecond();
  }

  /** Stops following the files. */
  @Override
  public void close() {
    reloader.close();
  }

  private void read(ServerConfig server) throws IOException {
    if (server.tls().certificate().isPresent()) {
      tls = ServerTls.open(server.tls(), reloader);
    }
    if (config.tokens().isPresent()) {
      tokens = TokenFile.open(config.tokens().get(), reloader);
    }
  }
}
