package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a server warns of when it starts. */
class ExposureTest {
  private static final Path FILE = Path.of("file");
  private static final AuthConfig TOKENS = new AuthConfig(Optional.of(FILE), false);
  private static final TlsConfig TLS = TlsConfig.of(FILE, FILE);

  @Test
  void onThisMachineAloneNothingIsExposed() {
    for (String host : new String[] {"127.0.0.1", "localhost", "::1"}) {
      assertEquals("", exposure(host, AuthConfig.defaults(), TlsConfig.defaults()));
    }
  }

  @Test
  void onANetworkOneSentenceSaysWhatIsMissing() {
    assertEquals(
        "listening on 0.0.0.0 without TLS and without authorisation: whoever reaches it can read"
            + " rows and administer tables",
        exposure("0.0.0.0", AuthConfig.defaults(), TlsConfig.defaults()));
    assertEquals(
        "listening on 0.0.0.0 without authorisation: whoever reaches it can read rows and"
            + " administer tables",
        exposure("0.0.0.0", AuthConfig.defaults(), TLS));
    assertEquals(
        "listening on 0.0.0.0 without TLS: tokens and rows cross the network in the clear",
        exposure("0.0.0.0", TOKENS, TlsConfig.defaults()));
    assertEquals("", exposure("0.0.0.0", TOKENS, TLS));
    assertEquals(
        "",
        exposure(
            "0.0.0.0",
            AuthConfig.defaults(),
            TLS.withClients(FILE, TlsConfig.ClientAuth.REQUIRED)));
  }

  private static String exposure(String host, AuthConfig auth, TlsConfig tls) {
    ServerConfig config =
        ServerConfig.builder().listen(ListenConfig.at(host, 0)).auth(auth).tls(tls).build();
    return Exposure.of(config).orElse("");
  }
}
