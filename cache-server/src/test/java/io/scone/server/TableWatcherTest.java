package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.scone.table.Durable;
import io.scone.table.TestTable;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.TableInfo;
import io.scone.v1.TableStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a watched directory makes of a catalog. */
@Timeout(60)
class TableWatcherTest {
  @TempDir private Path directory;
  private TableCatalog catalog;
  private TableWatcher watcher;

  @BeforeEach
  void open() throws IOException {
    catalog = new TableCatalog(CatalogConfig.defaults(), RequestLimits.defaults());
    watcher = new TableWatcher(directory, Duration.ofDays(1), catalog);
  }

  @AfterEach
  void close() {
    watcher.close();
    catalog.close();
  }

  @Test
  void theLastVersionInNaturalOrderIsServed() throws IOException {
    IdentifiedTable nine = table("wiki/v9", 9);
    watcher.read();
    assertEquals(List.of(nine.version()), versions());
    table("wiki/v2", 2);
    IdentifiedTable ten = table("wiki/v10", 10);
    table("wiki/.v11", 11);
    Files.createDirectory(directory.resolve("wiki/v12")); // not complete
    watcher.read();
    assertEquals(List.of(ten.version(), nine.version()), versions());
    IdentifiedTable other = table("code/1", 1);
    watcher.read();
    assertEquals(List.of(ten.version(), other.version(), nine.version()), versions());
  }

  @Test
  void currentNamesTheVersionToServe() throws IOException {
    IdentifiedTable one = table("wiki/1", 1);
    IdentifiedTable two = table("wiki/2", 2);
    Path current = Files.writeString(directory.resolve("wiki/CURRENT"), "1\n");
    watcher.read();
    assertEquals(List.of(one.version()), versions());
    Files.writeString(current, "");
    watcher.read();
    assertEquals(List.of(one.version()), versions());
    Files.writeString(current, "3");
    watcher.read();
    assertEquals(List.of(one.version()), versions());
    IdentifiedTable three = table("wiki/3", 3);
    watcher.read();
    assertEquals(List.of(three.version(), one.version()), versions());
    Files.delete(current);
    Files.createSymbolicLink(current, Path.of("2"));
    watcher.read();
    assertEquals(two.version(), versions().get(0));
  }

  @Test
  void whatAnOperatorActivatesStaysUntilThereIsANewerVersion() throws IOException {
    IdentifiedTable one = table("wiki/1", 1);
    watcher.read();
    IdentifiedTable two = table("wiki/2", 2);
    watcher.read();
    assertEquals(two.version(), versions().get(0));
    catalog.rollBack("wiki");
    watcher.read();
    assertEquals(one.version(), versions().get(0));
    IdentifiedTable three = table("wiki/3", 3);
    watcher.read();
    assertEquals(three.version(), versions().get(0));
  }

  @Test
  void aTableThatCannotBeOpenedDisturbsNothingAndTheOneBeforeItServes() throws IOException {
    IdentifiedTable one = table("wiki/1", 1);
    table("wiki/2", 2);
    Path rows = directory.resolve("wiki/2/rows");
    Durable.delete(rows);
    watcher.read();
    assertEquals(List.of(one.version()), versions());
    watcher.read();
    assertEquals(List.of(one.version()), versions());
    Durable.delete(directory.resolve("wiki/2"));
    IdentifiedTable mended = table("wiki/2", 3);
    watcher.read();
    assertEquals(List.of(mended.version(), one.version()), versions());
  }

  @Test
  void aVersionThatHasGoneIsUnloadedUnlessItIsActive() throws Exception {
    IdentifiedTable one = table("wiki/1", 1);
    watcher.read();
    IdentifiedTable two = table("wiki/2", 2);
    watcher.read();
    Durable.delete(one.directory());
    watcher.read();
    while (versions().contains(one.version())) {
      Thread.sleep(1);
    }
    assertEquals(List.of(), OpenFiles.under(directory.resolve("wiki/1")));
    Durable.delete(two.directory());
    watcher.read();
    assertEquals(List.of(two.version()), versions());
  }

  @Test
  void twoServersThatBeginWithAnEmptyDirectoryServeWhatAppearsInIt() throws Exception {
    try (Watching one = new Watching(Duration.ofDays(1)); // is told by events
        Watching other = new Watching(Duration.ofMillis(5))) { // reads again and again
      for (Watching server : List.of(one, other)) {
        assertEquals(ServingStatus.NOT_SERVING, server.health(""));
        assertEquals(ServingStatus.NOT_SERVING, server.health("scone.v1.EmbeddingService"));
        assertEquals(ServingStatus.SERVING, server.health("scone.v1.TableService"));
      }
      IdentifiedTable first = table("wiki/1", 1);
      one.awaitServed(first);
      other.awaitServed(first);
      IdentifiedTable second = table("wiki/2", 2);
      one.awaitServed(second);
      other.awaitServed(second);
      while (one.health("") != ServingStatus.SERVING || other.health("") != ServingStatus.SERVING) {
        Thread.sleep(1);
      }
    }
  }

  @Test
  void whatIsNoTableOfAVersionIsPassedOver() throws IOException {
    new TestTable(1, 100, 4).build(directory.resolve("flat"));
    table("Upper/1", 2);
    Files.writeString(directory.resolve("file"), "text");
    watcher.read();
    assertTrue(versions().isEmpty());
  }

  private IdentifiedTable table(String name, long seed) throws IOException {
    return new IdentifiedTable(directory.resolve(name), seed);
  }

  private List<String> versions() {
    return catalog.list().stream()
        .map(TableStatus::getInfo)
        .map(info -> info.getVersion().getVersion())
        .toList();
  }

  /** A server that watches the directory, and a client of it. */
  private final class Watching implements AutoCloseable {
    private final CacheServer server;
    private final ManagedChannel channel;

    Watching(Duration interval) throws IOException {
      server =
          CacheServer.start(
              ServerConfig.builder()
                  .listen(ListenConfig.at("127.0.0.1", 0))
                  .catalog(new CatalogConfig(1, Optional.of(directory), interval, Map.of()))
                  .build(),
              Map.of());
      channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
    }

    ServingStatus health(String service) {
      return HealthGrpc.newBlockingStub(channel)
          .check(HealthCheckRequest.newBuilder().setService(service).build())
          .getStatus();
    }

    /** Waits until the server says that it serves a table; from then on it does. */
    void awaitServed(IdentifiedTable table) throws InterruptedException {
      var stub = EmbeddingServiceGrpc.newBlockingStub(channel);
      List<TableInfo> tables = List.of();
      while (tables.isEmpty() || !tables.get(0).getVersion().getVersion().equals(table.version())) {
        Thread.sleep(1);
        tables = stub.getServerInfo(GetServerInfoRequest.getDefaultInstance()).getTablesList();
      }
      var request = table.windows(new Random(1));
      table.assertServed(request, stub.match(request));
    }

    @Override
    public void close() {
      channel.shutdownNow();
      server.close();
    }
  }
}
