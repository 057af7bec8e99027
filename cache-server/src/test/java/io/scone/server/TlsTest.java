package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.scone.server.TlsConfig.ClientAuth;
import io.scone.table.TestTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates that the tests issue. */
class TlsTest {
  @TempDir private static Path tables;
  private static X509Bundle authority;
  private static X509Bundle otherAuthority;

  /** Has the authority's name, but a key of its own. */
  private static X509Bundle impostor;

  @TempDir private Path directory;
  private Path certificate;
  private Path key;

  @BeforeAll
  static void build() throws Exception {
    new TestTable(35, 100, 16).build(tables.resolve("table"));
    authority = authority("CN=authority");
    otherAuthority = authority("CN=other authority");
    impostor = authority("CN=authority");
  }

  @Test
  void aClientThatKnowsTheAuthorityIsServedAndOthersRefuseTheServer() throws Exception {
    try (CacheServer server = start(serverTls())) {
      assertServes(server, trusting(authority));
      assertFails(server, trusting(otherAuthority));
      ManagedChannel plain =
          NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
      assertThrows(StatusRuntimeException.class, () -> health(plain));
      plain.shutdownNow();
    }
  }

  @Test
  void aClientMustShowACertificateOfTheAuthorityWhereThatIsRequired() throws Exception {
    Path clientCa = write("client-ca.pem", authority.getCertificatePEM());
    X509Bundle client = issue(authority, "CN=client", Instant.now().plus(1, ChronoUnit.DAYS));
    X509Bundle stranger = issue(impostor, "CN=client", Instant.now().plus(1, ChronoUnit.DAYS));
    X509Bundle expired = issue(authority, "CN=client", Instant.now().minusSeconds(60));
    try (CacheServer server = start(serverTls().withClients(clientCa, ClientAuth.REQUIRED))) {
      assertServes(server, trusting(authority).keyManager(chain(client), key(client)));
      assertFails(server, trusting(authority));
      assertFails(server, trusting(authority).keyManager(chain(stranger), key(stranger)));
      assertFails(server, trusting(authority).keyManager(chain(expired), key(expired)));
    }
    try (CacheServer server = start(serverTls().withClients(clientCa, ClientAuth.OPTIONAL))) {
      assertServes(server, trusting(authority));
      assertServes(server, trusting(authority).keyManager(chain(client), key(client)));
      assertFails(server, trusting(authority).keyManager(chain(stranger), key(stranger)));
    }
  }

  @Test
  void aNewCertificateIsShownToNewConnectionsWhileOldOnesLive() throws Exception {
    try (CacheServer server = start(serverTls())) {
      ManagedChannel old = connect(server, trusting(authority));
      assertEquals(ServingStatus.SERVING, health(old));
      X509Bundle renewed =
          issue(otherAuthority, "CN=localhost", Instant.now().plus(1, ChronoUnit.DAYS));
      write("key.pem", renewed.getPrivateKeyPEM()); // does not fit the old certificate: a failure
      while (server.reloadFailures() == 0) {
        Thread.onSpinWait();
      }
      assertServes(server, trusting(authority));
      write("cert.pem", renewed.getCertificatePathPEM());
      while (!serves(server, trusting(otherAuthority))) {
        Thread.onSpinWait();
      }
      assertFails(server, trusting(authority));
      assertEquals(ServingStatus.SERVING, health(old));
      assertEquals(
          (double) renewed.getCertificate().getNotAfter().toInstant().getEpochSecond(),
          server.certificateExpiry());
      write("cert.pem", "nonsense");
      while (server.reloadFailures() == 1) {
        Thread.onSpinWait();
      }
      assertServes(server, trusting(otherAuthority));
      old.shutdownNow();
    }
  }

  @Test
  void whatCannotBeUsedIsOneSentenceAtStart() throws Exception {
    TlsConfig tls = serverTls();
    Instant past = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
    X509Bundle expired = issue(authority, "CN=localhost", past);
    write("cert.pem", expired.getCertificatePathPEM());
    write("key.pem", expired.getPrivateKeyPEM());
    assertRefused("the certificate in " + certificate + " expired at " + past, tls);
    tls = serverTls();
    write("key.pem", otherAuthority.getPrivateKeyPEM());
    assertRefused("the key in " + key + " is not that of the certificate in " + certificate, tls);
    write("key.pem", "nonsense");
    assertRefused(key + " holds no private key in PEM that is PKCS #8 and not encrypted", tls);
    write("cert.pem", "");
    assertRefused(certificate + " holds no certificate in PEM", tls);
    Files.delete(certificate);
    assertRefused("there is no file " + certificate, tls);
  }

  @Test
  void aCertificateThatExpiresWhileItServesIsRefusedByClients() throws Exception {
    Instant end = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
    TlsConfig tls = serverTls();
    X509Bundle brief = issue(authority, "CN=localhost", end);
    write("cert.pem", brief.getCertificatePathPEM());
    write("key.pem", brief.getPrivateKeyPEM());
    try (CacheServer server = start(tls)) {
      while (!Instant.now().isAfter(end)) {
        Thread.sleep(50);
      }
      assertFails(server, trusting(authority));
    }
  }

  private static X509Bundle authority(String name) throws Exception {
    return new CertificateBuilder()
        .subject(name)
        .setIsCertificateAuthority(true)
        .ecp256()
        .buildSelfSigned();
  }

  private static X509Bundle issue(X509Bundle issuer, String name, Instant end) throws Exception {
    return new CertificateBuilder()
        .subject(name)
        .addSanDnsName("localhost")
        .addSanIpAddress("127.0.0.1")
        .notBefore(Instant.now().minus(1, ChronoUnit.DAYS))
        .notAfter(end)
        .ecp256()
        .buildIssuedBy(issuer);
  }

  /** Writes the files of a server whose certificate is good, and returns their configuration. */
  private TlsConfig serverTls() throws Exception {
    X509Bundle server = issue(authority, "CN=localhost", Instant.now().plus(1, ChronoUnit.DAYS));
    certificate = write("cert.pem", server.getCertificatePathPEM());
    key = write("key.pem", server.getPrivateKeyPEM());
    return TlsConfig.of(certificate, key);
  }

  private Path write(String name, String text) throws IOException {
    Path written = Files.writeString(directory.resolve("written"), text);
    return Files.move(written, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static CacheServer start(TlsConfig tls) throws IOException {
    ServerConfig config =
        ServerConfig.builder()
            .listen(ListenConfig.at("127.0.0.1", 0))
            .tls(tls)
            .reload(new ReloadConfig(Duration.ofMillis(5)))
            .build();
    return CacheServer.start(config, Map.of("default", tables.resolve("table")));
  }

  private static void assertRefused(String sentence, TlsConfig tls) {
    IOException e = assertThrows(IOException.class, () -> start(tls));
    assertTrue(e.getMessage().startsWith(sentence), e.getMessage());
  }

  private static void assertServes(CacheServer server, TlsChannelCredentials.Builder credentials) {
    ManagedChannel channel = connect(server, credentials);
    assertEquals(ServingStatus.SERVING, health(channel));
    channel.shutdownNow();
  }

  private static void assertFails(CacheServer server, TlsChannelCredentials.Builder credentials) {
    ManagedChannel channel = connect(server, credentials);
    Status status = assertThrows(StatusRuntimeException.class, () -> health(channel)).getStatus();
    assertEquals(Status.Code.UNAVAILABLE, status.getCode(), status::toString);
    channel.shutdownNow();
  }

  private static boolean serves(CacheServer server, TlsChannelCredentials.Builder credentials) {
    ManagedChannel channel = connect(server, credentials);
    try {
      return health(channel) == ServingStatus.SERVING;
    } catch (StatusRuntimeException e) {
      return false;
    } finally {
      channel.shutdownNow();
    }
  }

  private static ManagedChannel connect(
      CacheServer server, TlsChannelCredentials.Builder credentials) {
    ChannelCredentials built = credentials.build();
    return NettyChannelBuilder.forAddress(server.address(), built).build();
  }

  private static ServingStatus health(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  private static TlsChannelCredentials.Builder trusting(X509Bundle authority) throws IOException {
    return TlsChannelCredentials.newBuilder().trustManager(pem(authority.getCertificatePEM()));
  }

  private static InputStream chain(X509Bundle bundle) {
    return pem(bundle.getCertificatePathPEM());
  }

  private static InputStream key(X509Bundle bundle) {
    return pem(bundle.getPrivateKeyPEM());
  }

  private static InputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }
}
