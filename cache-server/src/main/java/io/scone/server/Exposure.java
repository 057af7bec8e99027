package io.scone.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** What a server's configuration leaves open to whoever reaches it over the network. */
final class Exposure {
  private Exposure() {}

  /** Returns one sentence that says so; nothing where all is closed, or on this machine only. */
  static Optional<String> of(ServerConfig config) {
    Optional<ListenConfig.Tcp> tcp = config.listen().tcp();
    if (tcp.isEmpty() || isLoopback(tcp.get().host())) {
      return Optional.empty();
    }
    boolean encrypted = config.tls().certificate().isPresent();
    boolean authorised =
        config.auth().tokens().isPresent()
            || config.tls().clientAuth() == TlsConfig.ClientAuth.REQUIRED;
    String listening = "listening on " + tcp.get().host() + " without ";
    if (!authorised) {
      return Optional.of(
          listening
              + (encrypted ? "authorisation" : "TLS and without authorisation")
              + ": whoever reaches it can read rows"
              + (config.auth().adminOnUnixSocketOnly() ? "" : " and administer tables"));
    }
    return encrypted
        ? Optional.empty()
        : Optional.of(listening + "TLS: tokens and rows cross the network in the clear");
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // listening says what is wrong
    }
  }
}
