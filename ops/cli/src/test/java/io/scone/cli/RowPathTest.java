package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.client.SconeClient;
import io.scone.client.TokenWindows;
import io.scone.export.RandomBundle;
import io.scone.inference.Bundle;
import io.scone.inference.Device;
import io.scone.inference.FgramRows;
import io.scone.inference.MainModel;
import io.scone.inference.MissingRowsException;
import io.scone.inference.OnMissingRows;
import io.scone.inference.PromptChunks;
import io.scone.inference.RowFetching;
import io.scone.inference.RowSource;
import io.scone.inference.RowStatistics;
import io.scone.inference.Sequences;
import io.scone.inference.ServedRows;
import io.scone.inference.TokenWindow;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows on their way to a model: a real one, and a cache server that is a process of its own. */
@Timeout(120)
class RowPathTest {
  private static final String TEXT =
      "To be, or not to be, that is the question: Whether 'tis nobler in the mind to suffer";
  private static final int[] TOKENS = RandomBundle.tokens(TEXT);
  private static final int STEPS = 40;

  @TempDir static Path directory;
  private static Bundle bundle;
  private static MainModel model;

  @BeforeAll
  static void open() throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, 160, 32, 2, 4),
            new ModelConfig.Fgram(4, 1, 4));
    bundle = RandomBundle.create(directory, config, new int[][] {TOKENS}, 1);
    SconeRun.done("precompute --bundle " + bundle.directory());
    model = MainModel.open(bundle, Device.CPU, 1);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void whatIsFetchedAheadGivesTheSameTokensAndSpareSteps() throws Exception {
    try (CacheServerProcess server = serve("ahead.log", 0)) {
      awaitContinuations(server.address());
      int[][] plain;
      try (ServedRows rows = connect(server.address(), 0, 0, OnMissingRows.FAIL)) {
        plain = new Decoding(rows).steps(STEPS).tokens();
        RowStatistics statistics = rows.statistics();
        assertEquals(STEPS, statistics.steps());
        assertEquals(STEPS, statistics.stepsWaited());
        assertEquals(0, statistics.prefetched() + statistics.cached() + statistics.missing());
        assertEquals(3 * STEPS, statistics.awaited());
        assertTrue(statistics.stepsWait().toNanos() > 0 && statistics.chunks() > 3);
      }
      for (long cacheBytes : new long[] {0, 1 << 20}) {
        try (ServedRows rows = connect(server.address(), 64, cacheBytes, OnMissingRows.FAIL)) {
          assertArrayEquals(plain, new Decoding(rows).steps(STEPS).tokens());
          RowStatistics statistics = rows.statistics();
          // The cache fills by itself, and may have all before the first step.
          long known = statistics.prefetched() + statistics.cached();
          assertTrue(known > statistics.awaited(), statistics::toString);
          assertTrue(statistics.stepsWaited() < STEPS, statistics::toString);
        }
      }
    }
  }

  @Test
  void aServerThatDiesFailsTheSequencesThatNeedItAndNoOthers() throws Exception {
    CacheServerProcess server = serve("dies.log", 0);
    try (ServedRows rows = connect(server.address(), 8, 1 << 20, OnMissingRows.FAIL)) {
      int[] known = Arrays.copyOf(TOKENS, 4);
      int[] unknown = Arrays.copyOfRange(TOKENS, 40, 44);
      int matches = rows.step(List.of(window(known))).matches();
      rows.fetchAhead();
      server.kill();
      MissingRowsException e =
          assertThrows(
              MissingRowsException.class, () -> rows.step(List.of(window(known), window(unknown))));
      assertArrayEquals(new int[] {1}, e.windows());
      assertTrue(e.getMessage().contains("cannot be reached"), e::getMessage);
      assertEquals(matches, rows.step(List.of(window(known))).matches());

      PromptChunks prompt = new PromptChunks(rows, TOKENS, 0, 8);
      assertThrows(MissingRowsException.class, prompt::next);
    }
  }

  @Test
  void aServerThatDiesCostsTokensTheirRowsUntilItIsBackWhereThatIsWanted() throws Exception {
    CacheServerProcess server = serve("falls.log", 0);
    try (ServedRows rows = connect(server.address(), 8, 0, OnMissingRows.TOKEN_EMBEDDING)) {
      Decoding decoding = new Decoding(rows).steps(5);
      assertEquals(0, rows.statistics().missing());
      server.kill();
      decoding.steps(10);
      RowStatistics away = rows.statistics();
      assertTrue(away.missing() > 0, away::toString);
      assertEquals(15, away.steps());

      try (CacheServerProcess again = serve("back.log", server.port())) {
        assertEquals(server.address(), again.address());
        long missing;
        do {
          Thread.sleep(20); // the connection comes back by itself
          missing = rows.statistics().missing();
          rows.step(List.of(window(TOKENS)));
          rows.fetchAhead();
        } while (rows.statistics().missing() > missing);
        FgramRows found = rows.find(List.of(new TokenWindow(TOKENS, 0)));
        assertTrue(found.matches() > TOKENS.length / 2);
      }
    }
  }

  private static CacheServerProcess serve(String log, int port) throws IOException {
    return CacheServerProcess.start(
        directory.resolve(log), port, "--table", bundle.table().toString());
  }

  private static ServedRows connect(
      String address, int ahead, long cacheBytes, OnMissingRows onMissing) throws IOException {
    return ServedRows.connect(
        SconeClient.builder(address).rowCache(cacheBytes),
        bundle.manifest(),
        new RowFetching(ahead, onMissing));
  }

  /** Waits until the server has sorted its f-grams by their beginnings. */
  private static void awaitContinuations(String address) throws InterruptedException {
    try (SconeClient client = SconeClient.connect(address)) {
      TokenWindows window = new TokenWindows().add(TOKENS, 0, 3, 3, 8);
      while (client.match(window).continuations(0).count() == 0) {
        Thread.sleep(5);
      }
    }
  }

  /** Returns the window of the last of some tokens. */
  private static TokenWindow window(int... tokens) {
    return TokenWindow.of(tokens, tokens.length - 1, tokens.length, 3);
  }

  /** Three sequences that a model goes on with side by side, always with the likeliest token. */
  private static final class Decoding {
    private final RowSource rows;
    private final Sequences sequences = model.begin(3, 160);
    private final List<List<Integer>> tokens = new ArrayList<>();

    Decoding(RowSource rows) {
      this.rows = rows;
      for (int slot = 0; slot < 3; slot++) {
        int[] prompt = Arrays.copyOfRange(TOKENS, 10 * slot, 25 + 13 * slot);
        tokens.add(new ArrayList<>(Arrays.stream(prompt).boxed().toList()));
        PromptChunks chunks = new PromptChunks(rows, prompt, 0, 8);
        FloatBuffer logits = null;
        while (chunks.hasNext()) {
          PromptChunks.Chunk chunk = chunks.next();
          logits = sequences.prefill(slot, chunk.tokens(), chunk.rows(), 1);
        }
        tokens.get(slot).add(likeliest(logits, 0));
      }
    }

    Decoding steps(int count) {
      for (int step = 0; step < count; step++) {
        List<TokenWindow> windows =
            tokens.stream()
                .map(all -> window(all.stream().mapToInt(Integer::intValue).toArray()))
                .toList();
        int[] last = tokens.stream().mapToInt(all -> all.get(all.size() - 1)).toArray();
        FloatBuffer logits = sequences.decode(last, rows.step(windows), this::meanwhile);
        for (int slot = 0; slot < 3; slot++) {
          tokens.get(slot).add(likeliest(logits, slot));
        }
      }
      return this;
    }

    /** Takes as long as a larger model would, so that what was asked for comes meanwhile. */
    private void meanwhile() {
      rows.fetchAhead();
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    int[][] tokens() {
      sequences.close();
      return tokens.stream()
          .map(all -> all.stream().mapToInt(Integer::intValue).toArray())
          .toArray(int[][]::new);
    }

    private static int likeliest(FloatBuffer logits, int slot) {
      int offset = slot * RandomBundle.VOCABULARY;
      return IntStream.range(0, RandomBundle.VOCABULARY)
          .reduce((a, b) -> logits.get(offset + b) > logits.get(offset + a) ? b : a)
          .getAsInt();
    }
  }
}
