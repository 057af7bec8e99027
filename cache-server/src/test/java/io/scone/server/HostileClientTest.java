package io.scone.server;

import static io.scone.server.RawHttp2.PREFACE;
import static io.scone.server.RawHttp2.SETTINGS;
import static io.scone.server.RawHttp2.call;
import static io.scone.server.RawHttp2.frame;
import static io.scone.server.RawHttp2.joined;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.MatchRequest;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server among clients that speak no HTTP/2, or that come only to go. */
class HostileClientTest {
  private static final int CONNECTIONS = 10_000;
  private static final int AT_ONCE = 200;
  private static final int READ_MILLIS = 30_000;
  private static final long MOST_MEMORY_KILOBYTES = 1 << 20;

  @TempDir private static Path temporary;
  private static IdentifiedTable table;
  private static ServerProcess server;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws Exception {
    table = new IdentifiedTable(temporary.resolve("table"), 1);
    server = ServerProcess.start(table.directory(), Duration.ZERO);
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void garbageOnTheSocketEndsItsOwnConnectionOnly() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      byte[] garbage = new byte[1 + random.nextInt(1 << 14)];
      random.nextBytes(garbage);
      List<byte[]> sent =
          List.of(
              garbage,
              Arrays.copyOf(PREFACE, 1 + random.nextInt(PREFACE.length - 1)),
              joined(PREFACE, frame(0xffffff, 0, 0, 1)), // a frame of 16 MiB
              joined(PREFACE, SETTINGS, garbage),
              // Headers that are no HPACK, and data of a stream that was never opened.
              joined(PREFACE, SETTINGS, frame(100, 1, 4, 1), Arrays.copyOf(garbage, 100)),
              joined(PREFACE, SETTINGS, frame(5, 0, 0, 1), new byte[] {0, 127, -1, -1, -1}),
              // A call whose message is said to take 1 MiB and never comes.
              joined(PREFACE, SETTINGS, call(1), frame(5, 0, 0, 1), new byte[] {0, 0, 16, 0, 0}));
      for (byte[] bytes : sent) {
        assertCloses(bytes);
      }
      assertServes(random);
    }
    assertMemoryBounded();
  }

  @Test
  void aMessageSaidToTakeTwoGibibytesIsRefusedBeforeItComes() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
        socket.setSoTimeout(READ_MILLIS);
        byte[] length = {0, 127, -1, -1, -1};
        socket
            .getOutputStream()
            .write(joined(PREFACE, SETTINGS, call(1), frame(5, 0, 0, 1), length));
        DataInputStream in = new DataInputStream(socket.getInputStream());
        boolean answered = false;
        while (!answered) {
          int payload = in.readUnsignedByte() << 16 | in.readUnsignedShort();
          boolean headers = in.readUnsignedByte() == 1;
          boolean last = (in.readUnsignedByte() & 1) != 0;
          answered = headers && last && in.readInt() == 1;
          in.skipNBytes(payload + (headers && last ? 0 : 4));
        }
      }
    }
    assertServes(new Random(5));
    assertMemoryBounded();
  }

  @Test
  void millionsOfPositionsAreRefused() throws Exception {
    MatchRequest.Builder request = MatchRequest.newBuilder();
    for (int i = 0; i < 3_000_000; i++) {
      request.addTokens(1);
    }
    MatchRequest millions = request.build();
    MatchRequest more = MatchRequest.newBuilder(millions).mergeFrom(millions).build();
    for (int i = 0; i < 10; i++) {
      Status status = refusal(millions);
      assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode(), status::toString);
      assertTrue(status.getDescription().contains("max_request_bytes"), status::toString);
      // Over four times the limit, the transport does not even take the message in.
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal(more).getCode());
    }
    assertServes(new Random(2));
    assertMemoryBounded();
  }

  @Test
  void tenThousandConnectionsThatComeAndGoLeaveNothingBehind() throws Exception {
    assertServes(new Random(3));
    long before = descriptors();
    for (int i = 0; i < CONNECTIONS / AT_ONCE; i++) {
      List<Socket> sockets = new ArrayList<>();
      try {
        for (int j = 0; j < AT_ONCE; j++) {
          Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
          sockets.add(socket);
          if (j % 2 == 0) {
            socket.getOutputStream().write(PREFACE);
          }
          if (j % 3 != 0) {
            socket.setSoLinger(true, 0); // it is reset, not closed
          }
        }
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    }
    assertServes(new Random(4));
    for (int i = 0; i < 3000 && descriptors() > before; i++) {
      Thread.sleep(10); // until it has noticed the last of them
    }
    long after = descriptors();
    assertTrue(after <= before, () -> before + " descriptors before, " + after + " after");
    assertMemoryBounded();
  }

  private static void assertServes(Random random) {
    MatchRequest request = table.windows(random);
    table.assertServed(request, EmbeddingServiceGrpc.newBlockingStub(channel).match(request));
  }

  /** Sends bytes and nothing more; the server may say why it closes, and closes. */
  private static void assertCloses(byte[] bytes) throws IOException {
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(READ_MILLIS);
      OutputStream out = socket.getOutputStream();
      try {
        out.write(bytes);
        socket.shutdownOutput();
        byte[] said = socket.getInputStream().readAllBytes();
        assertTrue(said.length < 1 << 12);
      } catch (SocketException e) {
        // It was closed with bytes unread, which resets it.
      }
    }
  }

  private static Status refusal(MatchRequest request) {
    return assertThrows(
            StatusRuntimeException.class,
            () -> EmbeddingServiceGrpc.newBlockingStub(channel).match(request))
        .getStatus();
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(process().resolve("fd"))) {
      return open.count();
    }
  }

  /** Checks the most memory that the server has ever had. */
  private static void assertMemoryBounded() throws IOException {
    String most =
        Files.readAllLines(process().resolve("status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .findFirst()
            .orElseThrow();
    assertTrue(Long.parseLong(most.replaceAll("\\D", "")) < MOST_MEMORY_KILOBYTES, most);
  }

  private static Path process() {
    return Path.of("/proc", Long.toString(server.process().pid()));
  }
}
