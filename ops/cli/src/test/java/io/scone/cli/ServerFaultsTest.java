package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.client.Matches;
import io.scone.client.SconeClient;
import io.scone.client.SconeException;
import io.scone.client.TableAdmin;
import io.scone.client.TokenWindows;
import io.scone.v1.TableState;
import io.scone.v1.TableStatus;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of servers that are killed, and of tables that are damaged. */
class ServerFaultsTest {
  private static final int KILLS = 3;
  private static final int KILLS_OF_SWITCHES = 2;

  @TempDir private Path temporary;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<CacheServerProcess> servers = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException {
    stopped.set(true);
    servers.forEach(CacheServerProcess::close);
    threads.shutdown();
    assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS));
  }

  @Test
  void clientsOutliveAServerThatIsKilledUnderLoadAndNeverGetAWrongRow() throws Exception {
    ChecksummedTable table = new ChecksummedTable(temporary.resolve("table"), 1);
    CacheServerProcess server = start(0, "--table", table.directory().toString());
    String address = server.address();
    int port = server.port();
    try (SconeClient waiting =
            SconeClient.builder(address).waitForServer().deadline(Duration.ofSeconds(60)).build();
        SconeClient impatient = SconeClient.builder(address).failFast().build()) {
      List<Caller> callers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        callers.add(new Caller(waiting, table, i));
      }
      callers.add(new Caller(impatient, table, 3));
      List<Future<?>> ends = callers.stream().<Future<?>>map(threads::submit).toList();
      awaitAnswers(callers, ends);
      for (int i = 0; i < KILLS; i++) {
        server.kill();
        server = start(port, "--table", table.directory().toString());
        assertEquals(address, server.address());
        awaitAnswers(callers, ends);
      }
      stopped.set(true);
      for (Future<?> end : ends) {
        end.get(60, TimeUnit.SECONDS);
      }
      for (Caller caller : callers.subList(0, 3)) {
        assertEquals(List.of(), caller.failures); // whoever waits notices nothing but the time
      }
      List<String> failures = callers.get(3).failures;
      assertFalse(failures.isEmpty());
      for (String failure : failures) {
        assertTrue(
            failure.startsWith("the cache server at " + address + " cannot be reached: "), failure);
        assertEquals(1, failure.lines().count(), failure);
      }
    }
  }

  @Test
  void aServerKilledWhileVersionsAreSwitchedServesACompleteOneAgain() throws Exception {
    Path watched = temporary.resolve("watched");
    Path directory = Files.createDirectories(watched.resolve("wiki"));
    Map<String, ChecksummedTable> versions = new HashMap<>();
    List<ChecksummedTable> tables = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      ChecksummedTable table = new ChecksummedTable(directory.resolve("v" + i), i);
      tables.add(table);
      versions.put(table.version(), table);
    }
    int port = 0;
    for (int i = 0; i <= KILLS_OF_SWITCHES; i++) {
      CacheServerProcess server = start(port, "--watch", watched.toString());
      port = server.port();
      try (SconeClient client = SconeClient.connect(server.address());
          TableAdmin admin = SconeClient.builder(server.address()).buildAdmin()) {
        List<TableStatus> listed = admin.list();
        assertEquals(1, listed.size());
        assertEquals(TableState.TABLE_STATE_ACTIVE, listed.get(0).getState());
        tables.get(1).assertServes(client, new Random(i)); // the last one, as the directory says
        if (i == KILLS_OF_SWITCHES) {
          return;
        }
        AtomicInteger switches = new AtomicInteger();
        Future<?> swapping = threads.submit(() -> swap(admin, tables, switches));
        Future<?> matching = threads.submit(() -> match(client, versions));
        await(() -> switches.get() >= 5 || swapping.isDone());
        server.kill();
        for (Future<?> end : List.of(swapping, matching)) {
          end.get(60, TimeUnit.SECONDS); // by a failure of one sentence
        }
        assertTrue(switches.get() >= 5);
      }
    }
  }

  @Test
  void twoServersReadOneDirectoryAndNeitherMissesTheOther() throws Exception {
    ChecksummedTable table = new ChecksummedTable(temporary.resolve("table"), 1);
    CacheServerProcess one = start(0, "--table", table.directory().toString());
    CacheServerProcess other = start(0, "--table", table.directory().toString());
    try (SconeClient ofOne = SconeClient.connect(one.address());
        SconeClient ofOther = SconeClient.builder(other.address()).failFast().build()) {
      Caller caller = new Caller(ofOther, table, 1);
      List<Future<?>> ends = List.of(threads.submit(caller));
      table.assertServes(ofOne, new Random(2));
      awaitAnswers(List.of(caller), ends);
      one.kill();
      awaitAnswers(List.of(caller), ends);
      stopped.set(true);
      ends.get(0).get(60, TimeUnit.SECONDS);
      assertEquals(List.of(), caller.failures);
    }
  }

  @Test
  void aDamagedTableIsNotServedAndWhatIsServedStays() throws Exception {
    ChecksummedTable table = new ChecksummedTable(temporary.resolve("table"), 1);
    Path flipped = new ChecksummedTable(temporary.resolve("flipped"), 2).directory();
    try (RandomAccessFile file = new RandomAccessFile(rowFile(flipped).toFile(), "rw")) {
      long at = file.length() / 2;
      file.seek(at);
      int value = file.read();
      file.seek(at);
      file.write(value ^ 1);
    }
    Path cut = new ChecksummedTable(temporary.resolve("cut"), 3).directory();
    try (RandomAccessFile file = new RandomAccessFile(rowFile(cut).toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    CacheServerProcess server = start(0, "--table", "wiki=" + table.directory());
    try (SconeClient client = SconeClient.builder(server.address()).failFast().build();
        TableAdmin admin = SconeClient.builder(server.address()).buildAdmin()) {
      Caller caller = new Caller(client, table, 1);
      List<Future<?>> ends = List.of(threads.submit(caller));
      for (Path damaged : List.of(flipped, cut)) {
        String sentence = "table " + damaged + " is damaged: ";
        SconeException e =
            assertThrows(SconeException.class, () -> admin.load("wiki", damaged.toString()));
        assertTrue(e.getMessage().startsWith(sentence), e::getMessage);
        assertEquals(1, e.getMessage().lines().count());
        assertEquals("CANNOT_OPEN", e.reason()); // FAILED_PRECONDITION
        start(0, "--table", damaged.toString()).assertFails(sentence);
      }
      awaitAnswers(List.of(caller), ends);
      assertEquals(List.of(), caller.failures);
      assertEquals(1, admin.list().size());
    }
    assertFalse(server.log().contains("\tat "), server.log());
  }

  private CacheServerProcess start(int port, String... arguments) throws IOException {
    Path log = temporary.resolve("log" + servers.size());
    CacheServerProcess server = CacheServerProcess.start(log, port, arguments);
    servers.add(server);
    return server;
  }

  /** Switches between the versions until the server is gone. */
  private static void swap(
      TableAdmin admin, List<ChecksummedTable> tables, AtomicInteger switches) {
    try {
      for (int i = 0; i < 100_000; i++) {
        ChecksummedTable next = tables.get(i % 2);
        String loaded =
            admin.load("wiki", next.directory().toString()).getInfo().getVersion().getVersion();
        assertEquals(next.version(), loaded);
        String previous = admin.activate("wiki", loaded).getPreviousVersion();
        switches.incrementAndGet();
        admin.unload("wiki", previous);
      }
      throw new AssertionError("the server was not killed");
    } catch (SconeException e) {
      assertTrue(e.getMessage().startsWith("the cache server at "), e::getMessage);
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  /** Matches until the server is gone; every reply is wholly of the version it names. */
  private static void match(SconeClient client, Map<String, ChecksummedTable> versions) {
    Random random = new Random(4);
    try {
      for (int i = 0; i < 10_000_000; i++) {
        int[] text = versions.values().iterator().next().text(random);
        Matches matches = client.match(TokenWindows.of(text));
        versions.get(matches.servedBy().getVersion()).assertServed(text, matches);
      }
      throw new AssertionError("the server was not killed");
    } catch (SconeException e) {
      assertTrue(e.getMessage().startsWith("the cache server at "), e::getMessage);
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  /** Waits until every caller has had answers that it asked for after this. */
  private static void awaitAnswers(List<Caller> callers, List<Future<?>> ends)
      throws InterruptedException {
    for (Caller caller : callers) {
      int wanted = caller.answers.get() + 50;
      await(() -> caller.answers.get() >= wanted || ends.stream().anyMatch(Future::isDone));
    }
    for (Future<?> end : ends) {
      assertFalse(end.isDone(), () -> "a caller has ended: " + end);
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 6000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertTrue(condition.getAsBoolean(), "waited in vain");
  }

  private static Path rowFile(Path table) throws IOException {
    try (Stream<Path> files = Files.list(table.resolve("rows"))) {
      return files.filter(f -> f.toString().endsWith(".sst")).findFirst().orElseThrow();
    }
  }

  /** A thread that matches text until the test is over, and checks every row. */
  private final class Caller implements Runnable {
    private final SconeClient client;
    private final ChecksummedTable table;
    private final Random random;
    private final AtomicInteger answers = new AtomicInteger();
    private final List<String> failures = new ArrayList<>();

    Caller(SconeClient client, ChecksummedTable table, int seed) {
      this.client = client;
      this.table = table;
      this.random = new Random(seed);
    }

    @Override
    public void run() {
      while (!stopped.get()) {
        try {
          table.assertServes(client, random);
          answers.incrementAndGet();
        } catch (SconeException e) {
          failures.add(e.getMessage());
          pause();
        }
      }
    }

    private void pause() {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
