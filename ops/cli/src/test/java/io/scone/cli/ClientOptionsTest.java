package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.scone.client.SconeClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class ClientOptionsTest {
  @TempDir private Path directory;

  @Command(name = "direct")
  private static final class Direct {
    @Mixin private ClientOptions options;
  }

  private static final class Between {
    @Mixin private ClientOptions options;
  }

  @Command(name = "nested")
  private static final class Nested {
    @Mixin private Between between;
  }

  @Test
  void anAddressIsThatOfAServerOrOfReplicasOrOfShards() {
    assertEquals("localhost:7411", direct().builder("localhost").address());
    assertEquals("a:1,b:2", direct().builder("a:1,b:2").address());
    assertEquals("a:1;b:2,c:3", direct().builder("a:1;b:2,c:3").address());
  }

  @Test
  void anAddressThatIsNoneIsBadUsageInAnyCommand() {
    Nested nested = new Nested();
    new CommandLine(nested).parseArgs();
    for (ClientOptions options : new ClientOptions[] {direct(), nested.between.options}) {
      ParameterException e =
          assertThrows(ParameterException.class, () -> options.builder("host:x"));
      assertEquals(
          "'host:x' is not an address; give host:port, such as localhost:7411, dns:///name:port or"
              + " unix:/path",
          e.getMessage());
    }
  }

  @Test
  void optionsThatDoNotGoTogetherAreBadUsage() {
    assertUsage(
        "Give --tls-client-certificate and --tls-client-key together.",
        direct("--tls", "--tls-client-key", "key"));
    assertUsage(
        "The options --tls-... need --tls or --tls-authority.",
        direct("--tls-server-name", "cache"));
  }

  @Test
  void filesAreReadWhenTheClientIsMade() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "text");
    assertRefused(
        "cannot read missing.pem", direct("--tls-authority", "missing.pem").builder("localhost"));
    assertRefused(
        text + " and " + text + " are not a certificate and its PKCS #8 key in PEM",
        direct(
                "--tls",
                "--tls-client-certificate",
                text.toString(),
                "--tls-client-key",
                text.toString())
            .builder("localhost"));
  }

  private static ClientOptions direct(String... arguments) {
    Direct direct = new Direct();
    new CommandLine(direct).parseArgs(arguments);
    return direct.options;
  }

  private static void assertUsage(String sentence, ClientOptions options) {
    ParameterException e =
        assertThrows(ParameterException.class, () -> options.builder("localhost"));
    assertEquals(sentence, e.getMessage());
  }

  private static void assertRefused(String sentence, SconeClientBuilder builder) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
    assertEquals(sentence, e.getMessage());
  }
}
