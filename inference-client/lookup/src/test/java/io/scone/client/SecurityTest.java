package io.scone.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a client and a server make sure of each other. */
class SecurityTest {
  private static final TokenWindows WINDOWS = TokenWindows.of(1, 2, 3);

  @TempDir static Path directory;

  private static X509Bundle authority;
  private static Path authorityFile;

  @BeforeAll
  static void makeAuthority() throws Exception {
    authority =
        new CertificateBuilder()
            .subject("CN=authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    authorityFile =
        Files.writeString(directory.resolve("ca.pem"), authority.getRootCertificatePEM());
  }

  @Test
  void aServerWhoseAuthorityIsTrustedIsCalled() throws Exception {
    try (FgramService service = secured(certificate("localhost"), ClientAuth.NONE);
        SconeClient client = client(service, Tls.trusting(authorityFile))) {
      client.match(WINDOWS);
    }
  }

  @Test
  void aServerOfAnotherAuthorityIsNot() throws Exception {
    try (FgramService service = secured(certificate("localhost"), ClientAuth.NONE);
        SconeClient client = client(service, Tls.trustingDefaults())) {
      assertFails(
          "the cache server at "
              + service.address()
              + " is not trusted: its certificate was issued by none of the authorities that Java"
              + " trusts",
          client);
    }
  }

  @Test
  void aCertificateThatHasExpiredIsNotTaken() throws Exception {
    X509Bundle expired =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .notBefore(Instant.now().minus(Duration.ofDays(9)))
            .notAfter(Instant.now().minus(Duration.ofDays(1)))
            .buildIssuedBy(authority);
    try (FgramService service = secured(expired, ClientAuth.NONE);
        SconeClient client = client(service, Tls.trusting(authorityFile))) {
      assertFails(
          "the cache server at "
              + service.address()
              + " is not trusted: its certificate has expired (",
          client);
    }
  }

  @Test
  void aCertificateForAnotherNameIsTakenOnlyIfThatNameIsExpected() throws Exception {
    try (FgramService service = secured(certificate("cache.test"), ClientAuth.NONE);
        SconeClient expecting =
            client(service, Tls.trusting(authorityFile).withServerName("cache.test"));
        SconeClient client = client(service, Tls.trusting(authorityFile))) {
      expecting.match(WINDOWS);
      assertFails(
          "the cache server at " + service.address() + " is not trusted: its certificate does not",
          client);
    }
  }

  @Test
  void aServerThatWantsACertificateGetsTheClients() throws Exception {
    X509Bundle mine = certificate("client");
    Path chain = Files.writeString(directory.resolve("client.pem"), mine.getCertificatePathPEM());
    Path key = Files.writeString(directory.resolve("client.key"), mine.getPrivateKeyPEM());
    Tls tls = Tls.trusting(authorityFile);
    try (FgramService service = secured(certificate("localhost"), ClientAuth.REQUIRE);
        SconeClient client = client(service, tls.withCertificate(chain, key));
        SconeClient unknown = client(service, tls)) {
      client.match(WINDOWS);
      assertFails("the cache server at " + service.address() + " cannot be reached: ", unknown);
    }
  }

  @Test
  void oneWithTlsAndOneWithoutSaySo() throws Exception {
    try (FgramService secured = secured(certificate("localhost"), ClientAuth.NONE);
        FgramService open = new FgramService(3);
        SconeClient plain = SconeClient.builder(secured.address()).failFast().build();
        SconeClient client = client(open, Tls.trusting(authorityFile))) {
      assertFails("; it may want TLS", plain);
      assertFails("it does not speak TLS", client);
    }
  }

  @Test
  void filesThatAreNotWhatTheyShouldBeAreNamedWhenTheClientIsBuilt() throws Exception {
    Path missing = directory.resolve("missing.pem");
    Path text = Files.writeString(directory.resolve("text.pem"), "text");
    SconeClientBuilder builder = SconeClient.builder("localhost");
    assertRefused("cannot read " + missing, builder.tls(Tls.trusting(missing)));
    assertRefused(text + " holds no certificates in PEM", builder.tls(Tls.trusting(text)));
    assertRefused(
        text + " and " + text + " are not a certificate and its PKCS #8 key in PEM",
        builder.tls(Tls.trustingDefaults().withCertificate(text, text)));
  }

  @Test
  void theTokenIsSentWithEveryCallAndAskedForEachTime() throws Exception {
    AtomicReference<String> token = new AtomicReference<>("secret");
    try (FgramService service = new FgramService(3)) {
      service.authorization = "Bearer secret";
      try (SconeClient client =
              SconeClient.builder(service.address()).token(BearerToken.of(token::get)).build();
          SconeClient none = SconeClient.connect(service.address())) {
        client.match(WINDOWS);
        token.set("other");
        SconeException e = assertThrows(SconeException.class, () -> client.match(WINDOWS));
        assertEquals(Status.Code.UNAUTHENTICATED, e.code());
        assertTrue(e.getMessage().endsWith("does not take this client's token: wrong token"));
        SconeException without = assertThrows(SconeException.class, () -> none.match(WINDOWS));
        assertEquals(
            "the cache server at "
                + service.address()
                + " wants a token, and this client was given none",
            without.getMessage());
      }
    }
  }

  @Test
  void aFileOfATokenIsReadAgainWhenItChanges() throws Exception {
    Path file = Files.writeString(directory.resolve("token"), "old\n");
    BearerToken token = BearerToken.ofFile(file);
    assertFalse(token.toString().contains("old"));
    try (FgramService service = new FgramService(3);
        SconeClient client = SconeClient.builder(service.address()).token(token).build()) {
      service.authorization = "Bearer old";
      client.match(WINDOWS);
      service.authorization = "Bearer new";
      Files.writeString(file, "new\n");
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(9)));
      client.match(WINDOWS);
      Files.delete(file);
      SconeException e = assertThrows(SconeException.class, () -> client.match(WINDOWS));
      assertEquals(Status.Code.UNAUTHENTICATED, e.code());
      assertTrue(e.getMessage().contains("cannot read " + file), e::getMessage);
    }
  }

  @Test
  void aUnixSocketIsAnAddress() throws Exception {
    callOverUnixSocket();
  }

  @Test
  void aUnixSocketIsNotAskedForTheOptionsOfTcp() throws Exception {
    Logger netty = Logger.getLogger(Bootstrap.class.getName());
    List<String> warnings = new CopyOnWriteArrayList<>();
    Handler collector =
        new Handler() {
          @Override
          public void publish(LogRecord log) {
            warnings.add(log.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    netty.addHandler(collector);
    try {
      callOverUnixSocket();
      assertEquals(List.of(), warnings);
      openWithKeepAlive();
      assertTrue(warnings.toString().contains("SO_KEEPALIVE"), "Netty's warnings go elsewhere");
    } finally {
      netty.removeHandler(collector);
    }
  }

  private static void callOverUnixSocket() throws Exception {
    Path socket = directory.resolve("scone.sock");
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try (FgramService service =
            new FgramService(
                3,
                NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                    .channelType(EpollServerDomainSocketChannel.class)
                    .bossEventLoopGroup(loops)
                    .workerEventLoopGroup(loops));
        SconeClient client = SconeClient.connect("unix:" + socket)) {
      client.match(WINDOWS);
      assertTrue(service.requests.get() > 0);
    } finally {
      loops.shutdownGracefully().awaitUninterruptibly();
    }
  }

  /** Does what Netty warns of. */
  private static void openWithKeepAlive() {
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    new Bootstrap()
        .group(loops)
        .channel(EpollDomainSocketChannel.class)
        .handler(new ChannelInboundHandlerAdapter())
        .option(ChannelOption.SO_KEEPALIVE, true)
        .register()
        .awaitUninterruptibly();
    loops.shutdownGracefully().awaitUninterruptibly(); // closes it
  }

  private static X509Bundle certificate(String name) throws Exception {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .addSanDnsName(name)
        .buildIssuedBy(authority);
  }

  private static FgramService secured(X509Bundle certificate, ClientAuth clients) throws Exception {
    SslContextBuilder ssl =
        SslContextBuilder.forServer(
                certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
            .trustManager(authority.getRootCertificate())
            .clientAuth(clients);
    return new FgramService(
        3,
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sslContext(GrpcSslContexts.configure(ssl).build()));
  }

  private static SconeClient client(FgramService service, Tls tls) {
    return SconeClient.builder(service.address()).tls(tls).failFast().build();
  }

  private static void assertFails(String sentence, SconeClient client) {
    SconeException e = assertThrows(SconeException.class, () -> client.match(WINDOWS));
    assertEquals(Status.Code.UNAVAILABLE, e.code());
    assertTrue(e.getMessage().contains(sentence), e::getMessage);
  }

  private static void assertRefused(String sentence, SconeClientBuilder builder) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
    assertEquals(sentence, e.getMessage());
  }
}
