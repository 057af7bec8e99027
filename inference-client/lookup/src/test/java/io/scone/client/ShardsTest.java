package io.scone.client;

import static io.scone.client.SameMatches.assertSame;
import static io.scone.client.SameMatches.assertSamePartial;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.scone.fgram.FgramShard;
import io.scone.v1.TableInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A table that was split, each shard behind a server of its own. */
class ShardsTest {
  private static final int SHARDS = 3;

  private final List<FgramService> shards = new ArrayList<>();
  private FgramService whole;
  private SconeClient plain;

  @BeforeEach
  void start() throws IOException {
    whole = new FgramService(3);
    plain = SconeClient.connect(whole.address());
    for (int i = 0; i < SHARDS; i++) {
      shards.add(new FgramService(3));
    }
    load(3, "version");
  }

  @AfterEach
  void stop() {
    plain.close();
    whole.close();
    shards.forEach(FgramService::close);
  }

  @Test
  void togetherTheyAnswerAsTheWholeTableDoes() {
    Random random = new Random(1);
    try (SconeClient client = client().build()) {
      for (int round = 0; round < 40; round++) {
        if (round == 20) {
          load(7, "next version");
          whole.load(7, "next version");
        }
        int[] text = text(random);
        assertSame(plain.match(TokenWindows.of(text)), client.match(TokenWindows.of(text)));
        List<int[]> fgrams = fgrams(random);
        FoundFgrams wanted = plain.lookup(fgrams);
        FoundFgrams found = client.lookup(fgrams);
        for (int i = 0; i < fgrams.size(); i++) {
          assertEquals(wanted.rowIndex(i), found.rowIndex(i));
        }
        assertEquals(wanted.rows().bytes(), found.rows().bytes());
        assertArrayEquals(plain.contains(fgrams), client.contains(fgrams));
      }
      TableInfo table = client.serverInfo().getTables(0);
      assertFalse(table.hasShard());
      assertEquals(whole.index().size(), table.getRowCount());
      assertEquals("next version", table.getVersion().getVersion());
    }
  }

  @Test
  void theyServeWhileAllOfThemSaySo() {
    try (SconeClient client = client().build()) {
      assertTrue(plain.isServing() && client.isServing());
      shards.get(1).serving(false);
      assertFalse(client.isServing());
      whole.serving(false);
      assertFalse(plain.isServing());
    }
  }

  @Test
  void aServerThatDoesNotServeItsShardIsNamedInOneSentence() {
    assertRefused(
        "shard 0 at " + shards.get(1).address() + " serves shard 1; give the shards in order",
        shards.get(1).address(),
        shards.get(0).address(),
        shards.get(2).address());
    assertRefused(
        "shard 2 at " + whole.address() + " serves a whole table, not a shard of one",
        shards.get(0).address(),
        shards.get(1).address(),
        whole.address());
    assertRefused(
        "shard 0 at "
            + shards.get(0).address()
            + " serves a shard of a table split into 3, and the addresses of 2 shards are given",
        shards.get(0).address(),
        shards.get(1).address());
    shards.get(2).loadShard(3, "other", 2, SHARDS);
    assertRefused(
        "shard 2 at "
            + shards.get(2).address()
            + " serves a shard of table version other, and others of version",
        shards.stream().map(FgramService::address).toArray(String[]::new));
    assertThrows(IllegalArgumentException.class, () -> SconeClient.sharded(List.of("one")));
  }

  @Test
  void withoutAShardACallFailsAndNamesIt() {
    try (SconeClient client = client().failFast().build()) {
      client.match(TokenWindows.of(1, 2, 3));
      shards.get(1).close();
      SconeException e =
          assertThrows(SconeException.class, () -> client.match(TokenWindows.of(1, 2, 3)));
      assertEquals(Status.Code.UNAVAILABLE, e.code());
      String sentence =
          "shard 1: the cache server at " + shards.get(1).address() + " cannot be reached: ";
      assertTrue(e.getMessage().startsWith(sentence), e::getMessage);
    }
  }

  @Test
  void partialAnswersSayWhichPositionsTheShardThatIsAwayWouldHaveAnswered() {
    Random random = new Random(2);
    shards.get(1).close();
    try (SconeClient client = client().failFast().allowPartial().build();
        SconeClient cached = client().failFast().allowPartial().rowCache(1 << 20).build()) {
      for (int round = 0; round < 10; round++) {
        int[] text = text(random);
        Matches all = plain.match(TokenWindows.of(text));
        Matches partial = client.match(TokenWindows.of(text));
        TreeSet<Integer> unknown = new TreeSet<>();
        for (int i = 0; i < partial.unknownCount(); i++) {
          unknown.add(partial.unknownPosition(i));
        }
        int match = 0;
        for (int i = 0; i < all.count(); i++) {
          int position = all.position(i);
          boolean away = FgramShard.of(text[position - 1], text[position], SHARDS) == 1;
          assertEquals(away, unknown.contains(position));
          if (!away) {
            assertEquals(position, partial.position(match));
            assertEquals(
                all.rows().bytes(all.rowIndex(i)), partial.rows().bytes(partial.rowIndex(match++)));
          }
        }
        assertEquals(match, partial.count());
        assertFalse(unknown.contains(0)); // nothing ends at the first token
        assertSamePartial(partial, cached.match(TokenWindows.of(text)));
        assertSamePartial(partial, cached.match(TokenWindows.of(text)));
      }
      assertThrows(SconeException.class, () -> client.lookup(List.of(new int[] {1, 2})));
      shards.forEach(FgramService::close);
      assertThrows(SconeException.class, () -> client.match(TokenWindows.of(1, 2, 3)));
    }
  }

  private SconeClientBuilder client() {
    return SconeClient.sharded(shards.stream().map(FgramService::address).toList());
  }

  private void load(long seed, String version) {
    for (int i = 0; i < SHARDS; i++) {
      shards.get(i).loadShard(seed, version, i, SHARDS);
    }
  }

  private static void assertRefused(String sentence, String... addresses) {
    try (SconeClient client = SconeClient.sharded(List.of(addresses)).build()) {
      SconeException e =
          assertThrows(SconeException.class, () -> client.match(TokenWindows.of(1, 2)));
      assertEquals(sentence, e.getMessage());
    }
  }

  private List<int[]> fgrams(Random random) {
    List<int[]> fgrams = new ArrayList<>();
    for (int i = random.nextInt(30); i >= 0; i--) {
      fgrams.add(
          random.nextBoolean()
              ? whole.fgrams().get(random.nextInt(whole.fgrams().size()))
              : random.ints(1 + random.nextInt(4), 0, FgramService.VOCABULARY).toArray());
    }
    return fgrams;
  }

  /** Returns text of which many positions end an f-gram; some of it is over the server's limits. */
  private int[] text(Random random) {
    int[] text = random.ints(5 + random.nextInt(100), 0, FgramService.VOCABULARY).toArray();
    for (int at = 0; at + FgramService.MAX_NGRAM < text.length; at += 1 + random.nextInt(9)) {
      int[] fgram = whole.fgrams().get(random.nextInt(whole.fgrams().size()));
      System.arraycopy(fgram, 0, text, at, fgram.length);
    }
    return text;
  }
}
