package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.scone.fgram.FgramKey;
import io.scone.table.Residency;
import io.scone.v1.TableSelector;
import io.scone.v1.TableState;
import io.scone.v1.TableStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of versions while they are read. */
class TableCatalogTest {
  private static final TableSelector ANY = TableSelector.getDefaultInstance();

  @TempDir private Path temporary;
  private IdentifiedTable first;
  private IdentifiedTable second;
  private TableCatalog catalog;

  @BeforeEach
  void open() throws IOException {
    first = new IdentifiedTable(temporary.resolve("1"), 1);
    second = new IdentifiedTable(temporary.resolve("2"), 2);
    catalog = new TableCatalog(CatalogConfig.defaults(), RequestLimits.defaults());
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void aRequestUnderWayKeepsTheVersionItBeganWithUntilItEnds() throws Exception {
    catalog.serve("t", first.directory());
    TableLease lease = catalog.acquire(ANY);
    catalog.serve("t", second.directory());
    try (TableLease later = catalog.acquire(ANY)) {
      assertEquals(second.version(), later.table().version().getVersion());
    }
    CompletableFuture<Void> unloading = catalog.unload("t", first.version());
    assertEquals(
        TableState.TABLE_STATE_DRAINING, catalog.describe("t", first.version()).getState());
    assertFalse(unloading.isDone());
    assertFalse(OpenFiles.under(first.directory()).isEmpty());
    int ordinal = 0;
    for (int[] fgram : first.firstFgrams(100)) {
      byte[] row = new byte[lease.table().rowBytes()];
      lease.reader().read(ordinal++, fgram, 0, fgram.length, row, 0);
      assertEquals(first.row(FgramKey.encode(fgram)), ByteBuffer.wrap(row));
    }
    lease.close();
    unloading.get(20, TimeUnit.SECONDS);
    assertEquals(List.of(), OpenFiles.under(first.directory()));
    assertEquals(List.of(second.version()), versions(catalog));
  }

  @Test
  void aRequestThatNamesAVersionIsServedByItWhileItIsLoaded() throws Exception {
    catalog.serve("t", first.directory());
    catalog.serve("t", second.directory());
    for (IdentifiedTable each : List.of(first, second)) {
      try (TableLease lease = catalog.acquire(pinned(each))) {
        assertEquals(each.version(), lease.table().version().getVersion());
      }
    }
    catalog.unload("t", first.version()).get(20, TimeUnit.SECONDS);
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> catalog.acquire(pinned(first)));
    assertEquals(Status.Code.NOT_FOUND, e.getStatus().getCode());
  }

  private static TableSelector pinned(IdentifiedTable table) {
    return TableSelector.newBuilder().setVersion(table.version()).build();
  }

  @Test
  void aVersionThatDrainsCanBeLoadedAgain() throws Exception {
    catalog.serve("t", first.directory());
    TableLease lease = catalog.acquire(ANY);
    catalog.serve("t", second.directory());
    CompletableFuture<Void> unloading = catalog.unload("t", first.version());
    catalog.serve("t", first.directory());
    lease.close();
    unloading.get(20, TimeUnit.SECONDS);
    try (TableLease again = catalog.acquire(ANY)) {
      assertEquals(first.version(), again.table().version().getVersion());
    }
  }

  @Test
  @Timeout(60)
  void asManyReplacedVersionsStayLoadedAsAreConfigured() throws Exception {
    IdentifiedTable third = new IdentifiedTable(temporary.resolve("3"), 3);
    for (IdentifiedTable table : List.of(first, second, third)) {
      catalog.serve("t", table.directory());
    }
    awaitFreed(catalog, first);
    assertEquals(List.of(third.version(), second.version()), versions(catalog));
    CatalogConfig noBackup =
        new CatalogConfig(0, Optional.empty(), Duration.ofSeconds(1), Map.of());
    try (TableCatalog none = new TableCatalog(noBackup, RequestLimits.defaults())) {
      none.serve("t", first.directory());
      none.serve("t", second.directory());
      awaitFreed(none, first);
      assertThrows(StatusRuntimeException.class, () -> none.rollBack("t"));
    }
  }

  @Test
  void aVersionLoadedButNeverActivatedIsNoBackup() throws Exception {
    IdentifiedTable third = new IdentifiedTable(temporary.resolve("3"), 3);
    catalog.serve("t", first.directory());
    catalog.load("t", third.directory()).get(20, TimeUnit.SECONDS);
    catalog.serve("t", second.directory());
    assertEquals(List.of(second.version(), first.version(), third.version()), versions(catalog));
    assertEquals(
        first.version(), catalog.rollBack("t").active().getInfo().getVersion().getVersion());
    assertEquals(
        second.version(), catalog.rollBack("t").active().getInfo().getVersion().getVersion());
  }

  @Test
  void rowsAreHeldWhereTheTablesResidencySays() throws Exception {
    CatalogConfig config =
        new CatalogConfig(
            1,
            Optional.empty(),
            Duration.ofSeconds(1),
            Map.of(
                CatalogConfig.OTHER_TABLES,
                Residency.ram(),
                "some",
                Residency.ram(500 * 16),
                "none",
                Residency.disk()));
    try (TableCatalog mixed = new TableCatalog(config, RequestLimits.defaults())) {
      for (String name : List.of("all", "some", "none")) {
        mixed.serve(name, first.directory());
      }
      assertEquals(
          List.of(1000L, 500L, 0L),
          mixed.active().stream().map(served -> served.table().residentRows()).toList());
    }
  }

  @Test
  void closingGivesEverythingBack() throws Exception {
    catalog.serve("t", first.directory());
    catalog.serve("t", second.directory());
    catalog.close();
    assertEquals(List.of(), OpenFiles.under(temporary));
    assertThrows(IOException.class, () -> catalog.serve("t", first.directory()));
    assertEquals(List.of(), OpenFiles.under(temporary));
  }

  private static void awaitFreed(TableCatalog catalog, IdentifiedTable table) throws Exception {
    while (versions(catalog).contains(table.version())) {
      Thread.sleep(1);
    }
    assertEquals(List.of(), OpenFiles.under(table.directory()));
  }

  private static List<String> versions(TableCatalog catalog) {
    return catalog.list().stream()
        .map(TableStatus::getInfo)
        .map(info -> info.getVersion().getVersion())
        .toList();
  }
}
