package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.scone.manifest.Fingerprint;
import io.scone.table.TestTable;
import io.scone.v1.ActivateTableRequest;
import io.scone.v1.ActivateTableResponse;
import io.scone.v1.DescribeTableRequest;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.LoadTableRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.RollbackTableRequest;
import io.scone.v1.RollbackTableResponse;
import io.scone.v1.TableSelector;
import io.scone.v1.TableServiceGrpc;
import io.scone.v1.TableServiceGrpc.TableServiceBlockingStub;
import io.scone.v1.TableState;
import io.scone.v1.TableStatus;
import io.scone.v1.UnloadTableRequest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The administration of tables, as a caller over the network sees it. */
class TableServiceTest {
  @TempDir private Path temporary;
  private IdentifiedTable first;
  private IdentifiedTable second;
  private CacheServer server;
  private ManagedChannel channel;
  private TableServiceBlockingStub admin;

  @BeforeEach
  void start() throws IOException {
    first = new IdentifiedTable(temporary.resolve("1"), 1);
    second = new IdentifiedTable(temporary.resolve("2"), 2);
    server =
        CacheServer.start(
            ServerConfig.builder()
                .listen(ListenConfig.at("127.0.0.1", 0))
                .limits(new RequestLimits(1000, 100, 3200, 20000, 8))
                .build(),
            Map.of("wiki", first.directory()));
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
    admin = TableServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void aLoadedVersionServesOnceItIsActiveAndTheOneBeforeItCanBeHadBack() {
    TableStatus loaded = load("wiki", second.directory());
    assertEquals(TableState.TABLE_STATE_LOADED, loaded.getState());
    assertEquals(second.version(), loaded.getInfo().getVersion().getVersion());
    assertEquals(second.directory().toString(), loaded.getDirectory());
    assertServedBy(first);

    ActivateTableResponse activated = activate("wiki", second.version());
    assertEquals(first.version(), activated.getPreviousVersion());
    assertEquals(TableState.TABLE_STATE_ACTIVE, activated.getTable().getState());
    assertServedBy(second);
    assertEquals(List.of(second.version(), first.version()), versions());
    assertEquals(TableState.TABLE_STATE_LOADED, describe("wiki", first.version()).getState());

    RollbackTableResponse rolledBack = rollBack("wiki");
    assertEquals(second.version(), rolledBack.getPreviousVersion());
    assertEquals(first.version(), rolledBack.getTable().getInfo().getVersion().getVersion());
    assertServedBy(first);
    rollBack("wiki");
    assertServedBy(second);
  }

  @Test
  void toActivateTheActiveVersionChangesNothing() {
    load("wiki", second.directory());
    activate("wiki", second.version());
    assertEquals(second.version(), activate("wiki", second.version()).getPreviousVersion());
    rollBack("wiki");
    assertServedBy(first);
  }

  @Test
  void anUnloadedVersionIsGoneWhenTheReplyComes() throws IOException {
    load("wiki", second.directory());
    unload("wiki", second.version());
    assertEquals(List.of(), OpenFiles.under(second.directory()));
    assertEquals(List.of(first.version()), versions());
    load("wiki", second.directory());
    assertServedBy(first);
  }

  @Test
  void anotherTableIsServedUnderItsOwnNameAfterTheDefaultOne() {
    load("a", second.directory());
    assertFails(
        Status.Code.NOT_FOUND,
        "UNKNOWN_TABLE",
        "there is no table 'a'; there are [wiki]",
        () -> match("a", ""));
    assertEquals("", activate("a", second.version()).getPreviousVersion());
    assertEquals(second.version(), match("a", ""));
    assertServedBy(first);
    assertEquals(List.of(first.version(), second.version()), versions());
    assertEquals(first.version(), describe("", "").getInfo().getVersion().getVersion());
    assertEquals(
        first.version(), describe("", first.version()).getInfo().getVersion().getVersion());
  }

  @Test
  void aTableOfAnotherModelMayReplaceATableAndFailsThoseWhoPinTheOldModel() throws IOException {
    String model = new Fingerprint().update("other").finish();
    IdentifiedTable other = new IdentifiedTable(temporary.resolve("other"), 3, model);
    assertEquals(first.version(), match("wiki", TestTable.MODEL));
    load("wiki", other.directory());
    activate("wiki", other.version());
    assertEquals(other.version(), match("wiki", model));
    assertFails(
        Status.Code.FAILED_PRECONDITION,
        "OTHER_MODEL",
        "table 'wiki' was made by model " + model + ", not by model " + TestTable.MODEL,
        () -> match("wiki", TestTable.MODEL));
  }

  @Test
  void whatCannotBeLoadedIsRefusedWithTheReasonAndDisturbsNothing() throws IOException {
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED_REQUEST",
        "'Wiki' is no name of a table: 1 to 128 of a-z, 0-9, '-', '_' and '.'",
        () -> load("Wiki", second.directory()));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED_REQUEST",
        "'here' is no absolute path",
        () -> load("wiki", Path.of("here")));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED_REQUEST",
        "'in?two?lines' is no absolute path",
        () -> load("wiki", Path.of("in\ntwo\u2028lines")));
    assertFails(
        Status.Code.FAILED_PRECONDITION,
        "CANNOT_OPEN",
        temporary.resolve("in?two")
            + " is not a complete table: it has no manifest.json; finish making it, or name another"
            + " directory",
        () -> load("wiki", temporary.resolve("in\rtwo")));
    Path nowhere = temporary.resolve("nowhere");
    assertFails(
        Status.Code.FAILED_PRECONDITION,
        "CANNOT_OPEN",
        nowhere
            + " is not a complete table: it has no manifest.json; finish making it, or name another"
            + " directory",
        () -> load("wiki", nowhere));
    assertFails(
        Status.Code.ALREADY_EXISTS,
        "VERSION_LOADED",
        "version " + first.version() + " of table 'wiki' is loaded already",
        () -> load("wiki", first.directory()));
    new TestTable(5, 100, 1000).build(temporary.resolve("wide"));
    assertFails(
        Status.Code.FAILED_PRECONDITION,
        "CANNOT_OPEN",
        "a row of table 'wiki' takes 4000 bytes, more than the limit max_row_bytes of 3200",
        () -> load("wiki", temporary.resolve("wide")));
    damage(second.directory());
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> load("wiki", second.directory()));
    assertEquals(Status.Code.FAILED_PRECONDITION, e.getStatus().getCode());
    String damage = "table " + second.directory() + " is damaged: ";
    assertTrue(e.getStatus().getDescription().startsWith(damage), e::toString);
    assertEquals(List.of(first.version()), versions());
    assertServedBy(first);
    assertEquals(List.of(), OpenFiles.under(second.directory()));
  }

  @Test
  void whatIsNotThereIsNotFound() {
    String unknown = "there is no version 'x' of table 'wiki'; there are [" + first.version() + "]";
    assertFails(Status.Code.NOT_FOUND, "UNKNOWN_VERSION", unknown, () -> activate("wiki", "x"));
    assertFails(Status.Code.NOT_FOUND, "UNKNOWN_VERSION", unknown, () -> unload("wiki", "x"));
    assertFails(Status.Code.NOT_FOUND, "UNKNOWN_VERSION", unknown, () -> describe("wiki", "x"));
    String noTable = "there is no table 'x'; there are [wiki]";
    assertFails(
        Status.Code.NOT_FOUND, "UNKNOWN_TABLE", noTable, () -> activate("x", first.version()));
    assertFails(
        Status.Code.NOT_FOUND, "UNKNOWN_TABLE", noTable, () -> unload("x", first.version()));
    assertFails(Status.Code.NOT_FOUND, "UNKNOWN_TABLE", noTable, () -> describe("x", ""));
    assertFails(Status.Code.NOT_FOUND, "UNKNOWN_TABLE", noTable, () -> rollBack("x"));
  }

  @Test
  void whatIsInUseOrMissingItsPastIsAFailedPrecondition() {
    assertFails(
        Status.Code.FAILED_PRECONDITION,
        "VERSION_ACTIVE",
        "version "
            + first.version()
            + " of table 'wiki' is active; activate another before unloading it",
        () -> unload("wiki", first.version()));
    assertFails(
        Status.Code.FAILED_PRECONDITION,
        "NO_EARLIER_VERSION",
        "no version of table 'wiki' that was active before is loaded",
        () -> rollBack("wiki"));
  }

  private TableStatus load(String table, Path directory) {
    return admin
        .loadTable(
            LoadTableRequest.newBuilder()
                .setTable(table)
                .setDirectory(directory.toString())
                .build())
        .getTable();
  }

  private ActivateTableResponse activate(String table, String version) {
    return admin.activateTable(
        ActivateTableRequest.newBuilder().setTable(table).setVersion(version).build());
  }

  private RollbackTableResponse rollBack(String table) {
    return admin.rollbackTable(RollbackTableRequest.newBuilder().setTable(table).build());
  }

  private void unload(String table, String version) {
    var unused =
        admin.unloadTable(
            UnloadTableRequest.newBuilder().setTable(table).setVersion(version).build());
  }

  private TableStatus describe(String table, String version) {
    return admin
        .describeTable(
            DescribeTableRequest.newBuilder().setTable(table).setVersion(version).build())
        .getTable();
  }

  private List<String> versions() {
    return admin.listTables(ListTablesRequest.getDefaultInstance()).getTablesList().stream()
        .map(table -> table.getInfo().getVersion().getVersion())
        .toList();
  }

  /** Asserts that requests, and what the server says of itself, are of that version. */
  private void assertServedBy(IdentifiedTable table) {
    var stub = EmbeddingServiceGrpc.newBlockingStub(channel);
    MatchRequest request = table.windows(new Random(1));
    table.assertServed(request, stub.match(request));
    assertEquals(
        table.version(),
        stub.getServerInfo(GetServerInfoRequest.getDefaultInstance())
            .getTables(0)
            .getVersion()
            .getVersion());
  }

  /** Returns the version that serves a request of that table and model. */
  private String match(String table, String model) {
    return EmbeddingServiceGrpc.newBlockingStub(channel)
        .match(
            MatchRequest.newBuilder()
                .setSelector(TableSelector.newBuilder().setTable(table).setModelFingerprint(model))
                .build())
        .getServedBy()
        .getVersion();
  }

  private static void assertFails(
      Status.Code code, String reason, String sentence, Executable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call);
    assertEquals(code, e.getStatus().getCode(), e::toString);
    assertEquals(sentence, e.getStatus().getDescription());
    ErrorInfo info =
        StatusProto.fromThrowable(e).getDetailsList().stream()
            .filter(detail -> detail.is(ErrorInfo.class))
            .map(
                detail -> {
                  try {
                    return detail.unpack(ErrorInfo.class);
                  } catch (IOException unreadable) {
                    throw new AssertionError(unreadable);
                  }
                })
            .findFirst()
            .orElseThrow();
    assertEquals(reason, info.getReason());
  }

  private static void damage(Path table) throws IOException {
    try (Stream<Path> files = Files.list(table.resolve("rows"))) {
      Path rows = files.filter(f -> f.toString().endsWith(".sst")).findFirst().orElseThrow();
      try (RandomAccessFile file = new RandomAccessFile(rows.toFile(), "rw")) {
        file.seek(1000);
        int value = file.read();
        file.seek(1000);
        file.write(~value);
      }
    }
  }
}
